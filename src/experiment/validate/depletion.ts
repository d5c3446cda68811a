/**
 * V1: how often a channel fails that carries random payments. Its balance is a random walk that stays where it is when a step
 * would lead beyond its ends; the gambler's ruin gives the share of payments of one unit that do not fit. Where both ends pay
 * alike, all balances are as likely, whatever the law of the amounts, and an amount a fails in a of N + 1.
 */
import { z } from 'zod';
import type { Rng } from '../../base/random.ts';
import type { Scenario } from '../scenario.ts';
import { count } from '../scenario/values.ts';
import { batchMeans } from './batchMeans.ts';
import { measurement } from './measurement.ts';
import { inParts } from './parts.ts';
import { PAYMENTS_PER_WORLD, runTheory, unitSat } from './theoryWorld.ts';

/**
 * The share of payments that fail; null where no closed form is known.
 * @param chance that the first end pays; ½ … 1
 * @param most amounts are 1 … most units, each as likely; where both ends pay alike, only their mean counts
 */
export function failureRate(units: number, chance: number, most = 1): number | null {
  if (chance === 0.5) return (most + 1) / 2 / (units + 1);
  if (most !== 1) return null;
  const power = ((1 - chance) / chance) ** (units + 1);
  return ((2 * chance - 1) * (1 + power)) / (1 - power);
}

export const depletion = measurement({
  name: 'depletion',
  unit: 'payments',
  parameters: {
    units: count(1, 10_000).describe('capacity'),
    chance: z.number().min(0.5).max(0.99).describe('that the first end pays'),
    most: count(1, 1000).default(1).describe('amounts are 1 … most units, each as likely'),
  },
  plan: (row, { scenario }) => ({
    label: `N = ${row.units}, p = ${row.chance}${row.most === 1 ? '' : `, amounts 1 … ${row.most}`}`,
    figures: [{ name: 'P(failure)', theory: failureRate(row.units, row.chance, row.most) }],
    run: (size, rng) => [
      batchMeans(
        inParts(size, PAYMENTS_PER_WORLD, rng, (payments, rng) => failures(scenario(), row, payments, rng)).flat(),
      ),
    ],
  }),
});

interface Row {
  readonly units: number;
  readonly chance: number;
  readonly most: number;
}

/** One channel, one payment after the other. @returns for each 1 if it failed, else 0 */
function failures(base: Scenario, { units, chance, most }: Row, count: number, rng: Rng): number[] {
  // what the beginning leaves behind is gone after some N² payments
  const warmUp = Math.min(4 * units ** 2, 20 * units * Math.ceil(1 / Math.max(2 * chance - 1, 0.05)));
  const { world } = runTheory(
    base,
    [{ between: ['a', 'b'], units, firstHolds: Math.floor(units / 2) }],
    {
      traffic: {
        payments: warmUp + count,
        amount: { law: 'list', valuesSat: Array.from({ length: most }, (_, unit) => (unit + 1) * unitSat(base)) },
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
