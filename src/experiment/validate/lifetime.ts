/**
 * V2: how many payments a channel carries until the first that does not fit. In a random walk that begins a units from one
 * wall and b from the other the first one beyond comes, in expectation, with payment (a + 1)(b + 1).
 */
import { batchMeans } from './batchMeans.ts';
import { assert, present } from '../../base/assert.ts';
import type { Experiment } from './check.ts';
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

export interface LifetimeOptions {
  /** where the walk of theory begins, and how far it goes: the channel has n − 2 units, of which the first end holds a − 1 */
  readonly a: number;
  readonly n: number;
  /** chance of a payment to the first end */
  readonly up: number;
  readonly sizes: readonly [number, number];
}

export function lifetimeExperiment({ a, n, up, sizes }: LifetimeOptions): Experiment {
  const what = `a = ${a}, N = ${n}, p = ${up}`;
  const { mean, variance } = stepsUntilRuin(a, n, up);
  const squares = variance === null ? null : variance + mean ** 2;
  return {
    id: 'V2',
    title: `channel lifetime, ${what}`,
    source: 'the gambler’s ruin: the duration of the game (Feller, An Introduction to Probability Theory I, XIV)',
    unit: 'channels',
    sizes,
    checks: [
      { name: `mean payments until one fails, ${what}`, expected: mean, floor: 0 },
      ...(squares === null ? [] : [{ name: `mean of their square, ${what}`, expected: squares, floor: 0 }]),
    ],
    run: (size, rng) => {
      const lives = Array.from({ length: size }, (_, copy) =>
        life({ a, n, up }, mean, rng.stream('copy', copy).uint32()),
      );
      const estimates = [batchMeans(lives)];
      if (squares !== null) estimates.push(batchMeans(lives.map((payments) => payments ** 2)));
      return estimates;
    },
  };
}

/** A channel of its own in a world of its own. @returns payments up to the first that failed */
function life({ a, n, up }: Omit<LifetimeOptions, 'sizes'>, mean: number, seed: number): number {
  const { world } = runTheory(
    [{ between: ['a', 'b'], units: n - 2, firstHolds: a - 1 }],
    {
      traffic: {
        payments: Math.ceil(100 * mean), // none lives as long
        rate: 10,
        overlap: false,
        endpoints: {
          kind: 'pairs',
          pairs: [
            { from: 'b', to: 'a', weight: up },
            { from: 'a', to: 'b', weight: 1 - up },
          ],
        },
      },
      stop: { failures: 1 },
    },
    seed,
  );
  assert(!present(world.payments.at(-1), 'a payment').succeeded, 'the last payment is the one that failed');
  return world.payments.length;
}
