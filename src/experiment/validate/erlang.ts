/** The law of the time until the k-th block: Erlang's, the sum of k exponential intervals. */
import { exp } from '../../base/math.ts';

/** P(at least k blocks within a time). @param intervals the time in mean intervals */
export function chanceOfBlocks(k: number, intervals: number): number {
  let term = exp(-intervals);
  let fewer = 0;
  for (let n = 0; n < k; n++) {
    fewer += term;
    term *= intervals / (n + 1);
  }
  return 1 - fewer;
}

/** The density of the time of the k-th block, in mean intervals. */
export function blocksDensity(k: number, intervals: number): number {
  let density = exp(-intervals);
  for (let n = 1; n < k; n++) density *= intervals / n;
  return density;
}

/** The time, in mean intervals, within which k blocks come with that chance. */
export function blocksQuantile(k: number, chance: number): number {
  let [low, high] = [0, 4 * k + 40];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (chanceOfBlocks(k, middle) < chance) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
