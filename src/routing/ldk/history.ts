/**
 * The history of a channel's liquidity bounds in buckets (LDK cfee4b755, `scoring.rs`, `bucketed_history`).
 *
 * Each new bound adds 1 (as 32/32) to the bucket of its offset, after all buckets have lost 1/2048: some 8,000 results
 * count. Buckets are narrow at the ends of the channel, where liquidity mostly is. A probability is the mean over all pairs of
 * a lower and an upper bucket, each pair weighted by (lower × upper)².
 */
import { successRatio } from './successProbability.ts';

export const BUCKETS = 32;
/** One result. */
const ONE = 32;
/** Positions in a channel. */
const TICKS = 2 ** 14;
/** Where each bucket starts, in 2^-14 of the capacity. */
// prettier-ignore
const STARTS = new Uint16Array([
  0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3072, 4096, 6144, 8192,
  10240, 12288, 13312, 14336, 15360, 15872, 16128, 16256, 16320, 16352, 16368, 16376, 16380, 16382, 16383, TICKS,
]);

/** A channel's position for an amount, 0 … 2^14. */
function positionOf(amountMsat: number, capacityMsat: number): number {
  // below 2^39 msat (5,500 sat × 10⁵) the product is exact
  return Math.min(TICKS, Math.floor((amountMsat * TICKS) / (capacityMsat + 1)));
}

function bucketOf(position: number): number {
  let bucket = 0;
  while (position >= STARTS[bucket + 1]!) bucket++;
  return bucket;
}

/** Counts an offset. @param buckets the 32 of one bound, changed in place */
export function trackOffset(buckets: Uint16Array, offsetMsat: number, capacityMsat: number): void {
  const position = positionOf(offsetMsat, capacityMsat);
  if (position >= TICKS) return;
  for (let i = 0; i < BUCKETS; i++) buckets[i] = Math.floor((buckets[i]! * 2047) / 2048);
  const bucket = bucketOf(position);
  buckets[bucket] = Math.min(0xffff, buckets[bucket]! + ONE);
}

/** Halves all buckets that many times. */
export function decayBuckets(buckets: Uint16Array, halvings: number): void {
  for (let i = 0; i < buckets.length; i++) buckets[i] = halvings > 16 ? 0 : buckets[i]! >> halvings;
}

/** The sum of all weights: below 32⁴ there is less than one whole result. */
function totalWeight(lower: Uint16Array, upper: Uint16Array): number {
  let total = 0;
  for (let i = 0; i < BUCKETS; i++) {
    if (lower[i] === 0) continue;
    for (let j = 0; j < BUCKETS - i; j++) total += (lower[i]! * upper[j]!) ** 2;
  }
  return total;
}

/**
 * How likely an amount goes through by the channel's history, or null where the history is too thin.
 * @param lower buckets of the lower bound's offset from 0 @param upper buckets of the upper bound's offset from the capacity
 */
export function historicalProbability(
  lower: Uint16Array,
  upper: Uint16Array,
  amountMsat: number,
  capacityMsat: number,
  linear: boolean,
): number | null {
  const position = positionOf(amountMsat, capacityMsat);
  if (position >= TICKS) return null;
  const total = totalWeight(lower, upper);
  if (total < ONE ** 4) return null;
  let likely = lower[0] === 0 ? 0 : ofFailures(lower[0]!, upper, position, total, linear);
  for (let i = 1; i < BUCKETS; i++) {
    if (lower[i] === 0) continue;
    const from = STARTS[i]!;
    for (let j = 0; j < BUCKETS - i; j++) {
      const to = STARTS[BUCKETS - j]! - 1;
      if (position >= to) break;
      const weight = (lower[i]! * upper[j]!) ** 2 / total;
      if (position < from) {
        likely += weight;
      } else {
        const { numerator, denominator } = successRatio(position, from, to, TICKS - 1, linear, true);
        likely += (weight * numerator) / denominator;
      }
    }
  }
  return likely;
}

/**
 * The part of the lowest bucket, which mostly stands for failures: of all upper bounds seen with it, only the one furthest
 * from the capacity counts, so that failures of ever lower amounts are not taken for evidence of the higher bounds.
 */
function ofFailures(lowest: number, upper: Uint16Array, position: number, total: number, linear: boolean): number {
  let weight = 0;
  let withAny = 0;
  let withWhole = -1;
  for (let j = 0; j < BUCKETS; j++) {
    if (upper[j]! >= ONE) withWhole = j;
    if (upper[j] !== 0) withAny = j;
    weight += (upper[j]! * lowest) ** 2;
  }
  const to = STARTS[BUCKETS - (withWhole === -1 ? withAny : withWhole)]! - 1;
  if (position >= to) return 0;
  const { numerator, denominator } = successRatio(position, 0, to, TICKS - 1, linear, true);
  return ((weight / total) * numerator) / denominator;
}
