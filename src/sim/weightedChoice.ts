/** Draws indices, each as likely as its weight: a binary search in the sums up to each. */
import { assert } from '../base/assert.ts';
import type { Rng } from '../base/random.ts';

/** @param weights at least one, none negative, not all 0 */
export function weightedChoice(weights: ArrayLike<number>, rng: Rng): () => number {
  const sums = new Float64Array(weights.length);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    assert(weights[i]! >= 0, `a weight that is not negative: ${weights[i]}`);
    total += weights[i]!;
    sums[i] = total;
  }
  assert(total > 0 && Number.isFinite(total), 'weights, not all 0');
  return () => {
    const drawn = rng.unit() * total;
    let [low, high] = [0, sums.length - 1];
    // the first whose sum is above what was drawn: an index of weight 0 never is
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
