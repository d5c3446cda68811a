/** Fee rates in buckets, each a twentieth above the last: as fine as Bitcoin Core's estimator sees them (`fees.h`). */
import { assert } from '../base/assert.ts';

/** Sat per 1,000 virtual bytes: the least and the most that bids are told apart by. */
export const LEAST_BID_SAT_PER_KVB = 100;
export const MOST_BID_SAT_PER_KVB = 10_000_000;
const SPACING = 1.05;

/** The lower bounds of all buckets, integers, rising. A bid counts as its bucket's lower bound. */
export const BUCKET_SAT_PER_KVB: readonly number[] = bounds();

function bounds(): number[] {
  const list = [LEAST_BID_SAT_PER_KVB];
  // the products stay below 2^53 and are rounded down: the same on every machine
  for (let exact = LEAST_BID_SAT_PER_KVB * SPACING; exact <= MOST_BID_SAT_PER_KVB; exact *= SPACING) {
    list.push(Math.floor(exact));
  }
  return list;
}

/** The bucket of a bid, the highest for whatever is above all. @param satPerKvb not below the least */
export function bucketOf(satPerKvb: number): number {
  assert(satPerKvb >= LEAST_BID_SAT_PER_KVB, `a bid of ${LEAST_BID_SAT_PER_KVB} sat/kvB at least, not ${satPerKvb}`);
  return firstBucketAbove(satPerKvb) - 1;
}

/** The first bucket whose bound exceeds a rate; the number of buckets if none does. */
export function firstBucketAbove(satPerKvb: number): number {
  let [low, high] = [0, BUCKET_SAT_PER_KVB.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (BUCKET_SAT_PER_KVB[middle]! > satPerKvb) high = middle;
    else low = middle + 1;
  }
  return low;
}
