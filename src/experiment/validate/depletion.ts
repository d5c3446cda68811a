/**
 * V1: how often a channel fails that carries random payments of one unit. Its balance is a random walk that stays where it
 * is at its ends; the gambler's ruin gives the share of payments that do not fit.
 */
import type { Rng } from '../../base/random.ts';
import { batchMeans } from './batchMeans.ts';
import type { Experiment } from './check.ts';
import { runTheory } from './theoryWorld.ts';

/** @param chance that the first end pays; ½ … 1 */
export function failureRate(units: number, chance: number): number {
  if (chance === 0.5) return 1 / (units + 1);
  const power = ((1 - chance) / chance) ** (units + 1);
  return ((2 * chance - 1) * (1 + power)) / (1 - power);
}

export interface DepletionOptions {
  readonly units: number;
  readonly chance: number;
  readonly sizes: readonly [number, number];
}

export function depletionExperiment({ units, chance, sizes }: DepletionOptions): Experiment {
  const what = `N = ${units}, p = ${chance}`;
  return {
    id: 'V1',
    title: `channel depletion, ${what}`,
    source:
      'the gambler’s ruin: a random walk between two walls (Feller, An Introduction to Probability Theory I, XIV)',
    unit: 'payments',
    sizes,
    checks: [{ name: `P(failure), ${what}`, expected: failureRate(units, chance), floor: 0 }],
    run: (size, rng) => [batchMeans(failures({ units, chance }, size, rng))],
  };
}

/** One channel, one payment after the other. @returns for each 1 if it failed, else 0 */
function failures({ units, chance }: Omit<DepletionOptions, 'sizes'>, count: number, rng: Rng): number[] {
  // what the beginning leaves behind is gone after some N² payments
  const warmUp = Math.min(4 * units ** 2, 20 * units * Math.ceil(1 / Math.max(2 * chance - 1, 0.05)));
  const { world } = runTheory(
    [{ between: ['a', 'b'], units, firstHolds: Math.floor(units / 2) }],
    {
      traffic: {
        payments: warmUp + count,
        rate: 10,
        overlap: false,
        endpoints: {
          kind: 'pairs',
          pairs: [
            { from: 'a', to: 'b', weight: chance },
            { from: 'b', to: 'a', weight: 1 - chance },
          ],
        },
      },
    },
    rng.uint32(),
  );
  return world.payments.slice(warmUp).map(({ succeeded }) => (succeeded ? 0 : 1));
}
