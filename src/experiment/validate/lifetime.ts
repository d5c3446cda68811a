/**
 * V2: how many payments a channel carries until the first that does not fit. In a random walk that begins a units from one
 * wall and b from the other the first one beyond comes, in expectation, with payment (a + 1)(b + 1).
 */
import { z } from 'zod';
import { assert, present } from '../../base/assert.ts';
import type { Scenario } from '../scenario.ts';
import { count } from '../scenario/values.ts';
import { batchMeans } from './batchMeans.ts';
import { measurement } from './measurement.ts';
import { runTheory } from './theoryWorld.ts';

/**
 * Steps until a walk from `a` leaves 0 … `n`, with chance `up` of a step up: Feller, An Introduction to Probability Theory
 * I, XIV.3. @returns mean and variance; the variance for ½ only
 */
export function stepsUntilRuin(a: number, n: number, up: number): { mean: number; variance: number | null } {
  const b = n - a;
  if (up === 0.5) return { mean: a * b, variance: (a * b * (a ** 2 + b ** 2 - 2)) / 3 };
  const down = 1 - up;
  const ratio = down / up;
  return { mean: a / (down - up) - (n / (down - up)) * ((1 - ratio ** a) / (1 - ratio ** n)), variance: null };
}

export const lifetime = measurement({
  name: 'lifetime',
  unit: 'channels',
  parameters: {
    a: count(1, 10_000).describe('where the walk begins: the first end holds a − 1 units'),
    n: count(2, 20_000).describe('how far the walk goes: the channel has n − 2 units'),
    up: z.number().min(0.5).max(0.99).describe('chance of a payment to the first end'),
  },
  plan: (row, { scenario }) => {
    const { mean, variance } = stepsUntilRuin(row.a, row.n, row.up);
    return {
      label: `a = ${row.a}, N = ${row.n}, p = ${row.up}`,
      figures: [
        { name: 'mean payments until one fails', theory: mean },
        ...(variance === null ? [] : [{ name: 'mean of their square', theory: variance + mean ** 2 }]),
      ],
      run: (size, rng) => {
        const lives = Array.from({ length: size }, (_, copy) =>
          life(scenario(), row, mean, rng.stream('copy', copy).uint32()),
        );
        return [batchMeans(lives), ...(variance === null ? [] : [batchMeans(lives.map((payments) => payments ** 2))])];
      },
    };
  },
});

interface Row {
  readonly a: number;
  readonly n: number;
  readonly up: number;
}

/** A channel of its own in a world of its own. @returns payments up to the first that failed */
function life(base: Scenario, { a, n, up }: Row, mean: number, seed: number): number {
  const { world } = runTheory(
    base,
    [{ between: ['a', 'b'], units: n - 2, firstHolds: a - 1 }],
    {
      traffic: {
        payments: Math.ceil(100 * mean), // none lives as long
        endpoints: {
          kind: 'pairs',
          pairs: [
            { from: 'b', to: 'a', weight: up },
            { from: 'a', to: 'b', weight: 1 - up },
          ],
        },
      },
      stop: { after: null, failures: 1 },
    },
    seed,
  );
  assert(!present(world.payments.at(-1), 'a payment').succeeded, 'the last payment is the one that failed');
  return world.payments.length;
}
