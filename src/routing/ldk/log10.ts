/**
 * LDK's logarithm: −log₁₀ of a ratio in 2048ths, from a table over the highest bit of a number and the six bits after it
 * (LDK cfee4b755, `lightning/src/routing/log_approx.rs`).
 */
import { assert } from '../../base/assert.ts';
import { ln } from '../../base/math.ts';

/** Bits after the highest one that count. */
const LOWER_BITS = 6;
const COLUMNS = 2 ** LOWER_BITS;
/** 2^53 is the largest power of two that arguments reach. */
const ROWS = 54;
const LN10 = 2.302585092994046;

/** Row i, column j: ⌊2048 log₁₀ x + ½⌋ of x = 2^i × (64 + j) / 64, rounded down. */
const TABLE = new Uint16Array(ROWS * COLUMNS).map((_, entry) => {
  const row = entry >> LOWER_BITS;
  const column = entry & (COLUMNS - 1);
  const x = Math.floor(2 ** row * ((COLUMNS + column) / COLUMNS));
  return Math.floor((ln(x) / LN10) * 2048 + 0.5);
});

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
float[0] = 1;
/** Which half of a float holds its exponent on this machine. */
const HIGH_WORD = words[1] === 0 ? 0 : 1;

/**
 * @param x an integer in 1 … 2^53. One below 64 is looked up by all its bits, the highest included, as LDK does it: 24 counts
 * as 22, 3 as 2.
 */
function log10Times2048(x: number): number {
  if (x < COLUMNS) return TABLE[((31 - Math.clz32(x)) << LOWER_BITS) | x]!;
  float[0] = x;
  const high = words[HIGH_WORD]!;
  const row = (high >>> 20) - 1023;
  return TABLE[(row << LOWER_BITS) | ((high >>> (20 - LOWER_BITS)) & (COLUMNS - 1))]!;
}

/** −2048 log₁₀(numerator / denominator), for positive integers of which the first is not the greater. */
export function negativeLog10Times2048(numerator: number, denominator: number): number {
  assert(numerator >= 1 && denominator >= 1, 'a ratio of positive integers');
  return Math.max(0, log10Times2048(denominator) - log10Times2048(numerator));
}
