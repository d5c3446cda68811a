/** Deflate's prefix codes (RFC 1951, 3.2): tables that read them, and the lengths and distances that they stand for. */

/** Reads a code from the next `bits` bits, first bit lowest: symbol × 16 + the code's own length; 0 where none begins so. */
export interface Codes {
  readonly bits: number;
  readonly table: Uint16Array;
}

/** The longest code. */
export const CODE_BITS_MAX = 15;

/**
 * The codes of these lengths, 0 for a symbol without one, assigned as 3.2.2 says.
 * @returns null if there are more codes of some length than can be
 */
export function codesOf(lengths: Uint8Array): Codes | null {
  const counts = new Uint16Array(CODE_BITS_MAX + 1);
  for (const length of lengths) if (length > 0) counts[length]!++;
  const next = new Uint16Array(CODE_BITS_MAX + 2);
  let bits = 0;
  let free = 1; // of the codes of a length, how many are neither given nor begun
  for (let length = 1; length <= CODE_BITS_MAX; length++) {
    free = 2 * free - counts[length]!;
    if (free < 0) return null;
    next[length + 1] = (next[length]! + counts[length]!) << 1;
    if (counts[length]! > 0) bits = length;
  }
  const table = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const code = reversed(next[length]!++, length);
    for (let at = code; at < table.length; at += 1 << length) table[at] = symbol * 16 + length;
  }
  return { bits, table };
}

function reversed(code: number, length: number): number {
  let out = 0;
  for (let i = 0; i < length; i++) out |= ((code >> i) & 1) << (length - 1 - i);
  return out;
}

/** What a symbol stands for: `base`, and as many more as so many extra bits say. */
export interface Stretches {
  readonly base: Uint16Array;
  readonly extraBits: Uint8Array;
}

function stretches(first: number, extraBits: readonly number[]): Stretches {
  const base = new Uint16Array(extraBits.length);
  let at = first;
  for (const [i, bits] of extraBits.entries()) {
    base[i] = at;
    at += 1 << bits;
  }
  return { base, extraBits: Uint8Array.from(extraBits) };
}

/** Of symbols 257 to 285 (3.2.5); the last is 258 alone. */
// prettier-ignore
export const LENGTHS = stretches(3, [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
LENGTHS.base[28] = 258;

/** Of distance symbols 0 to 29. */
// prettier-ignore
export const DISTANCES = stretches(1, [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]);

/** The order in which the lengths of the code of lengths come (3.2.7). */
export const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;

/** Lengths of the fixed codes (3.2.6). */
export const FIXED_LITERAL_LENGTHS = Uint8Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);
export const FIXED_DISTANCE_LENGTHS = new Uint8Array(30).fill(5);
