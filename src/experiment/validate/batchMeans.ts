/**
 * Standard errors of figures whose samples depend on each other: the run is cut into batches long enough to be almost
 * independent, and the spread of their means tells (Law, Simulation Modeling and Analysis).
 */
import { assert } from '../../base/assert.ts';
import type { Estimate } from './check.ts';

export const BATCHES = 32;

/** The mean of values in order of time. @param values at least one for each batch; a rest that fills no batch is left out */
export function batchMeans(values: readonly number[], batches = BATCHES): Estimate {
  return batchRatio(
    values,
    values.map(() => 1),
    batches,
  );
}

/** A ratio of sums, such as total waiting to number of arrivals, from pairs in order of time. */
export function batchRatio(above: readonly number[], below: readonly number[], batches = BATCHES): Estimate {
  const length = Math.floor(above.length / batches);
  assert(above.length === below.length && length >= 1, `${above.length} samples fill ${batches} batches`);
  const sums = Array.from({ length: batches }, (_, batch) => {
    const from = batch * length;
    return [sumOf(above, from, from + length), sumOf(below, from, from + length)] as const;
  });
  const [total, weight] = sums.reduce(([a, b], [above, below]) => [a + above, b + below], [0, 0]);
  assert(weight > 0, 'a ratio to something');
  const value = total / weight;
  // the batches' deviations from the ratio, as the delta method has it
  const squares = sums.reduce((sum, [above, below]) => sum + (above - value * below) ** 2, 0);
  return { value, standardError: Math.sqrt((squares * batches) / (batches - 1)) / weight };
}

function sumOf(values: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i]!;
  return sum;
}
