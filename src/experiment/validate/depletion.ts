/**
 * V1: how often a channel fails that carries random payments of one unit. Its balance is a random walk that stays where it
 * is at its ends; the gambler's ruin gives the share of payments that do not fit.
 */
import { z } from 'zod';
import type { Rng } from '../../base/random.ts';
import type { Scenario } from '../scenario.ts';
import { count } from '../scenario/values.ts';
import { batchMeans } from './batchMeans.ts';
import { measurement } from './measurement.ts';
import { runTheory } from './theoryWorld.ts';

/** @param chance that the first end pays; ½ … 1 */
export function failureRate(units: number, chance: number): number {
  if (chance === 0.5) return 1 / (units + 1);
  const power = ((1 - chance) / chance) ** (units + 1);
  return ((2 * chance - 1) * (1 + power)) / (1 - power);
}

export const depletion = measurement({
  name: 'depletion',
  unit: 'payments',
  parameters: {
    units: count(1, 10_000).describe('capacity'),
    chance: z.number().min(0.5).max(0.99).describe('that the first end pays'),
  },
  plan: (row, { scenario }) => ({
    label: `N = ${row.units}, p = ${row.chance}`,
    figures: [{ name: 'P(failure)', theory: failureRate(row.units, row.chance) }],
    run: (size, rng) => [batchMeans(failures(scenario(), row, size, rng))],
  }),
});

interface Row {
  readonly units: number;
  readonly chance: number;
}

/** One channel, one payment after the other. @returns for each 1 if it failed, else 0 */
function failures(base: Scenario, { units, chance }: Row, count: number, rng: Rng): number[] {
  // what the beginning leaves behind is gone after some N² payments
  const warmUp = Math.min(4 * units ** 2, 20 * units * Math.ceil(1 / Math.max(2 * chance - 1, 0.05)));
  const { world } = runTheory(
    base,
    [{ between: ['a', 'b'], units, firstHolds: Math.floor(units / 2) }],
    {
      traffic: {
        payments: warmUp + count,
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
