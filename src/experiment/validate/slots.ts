/**
 * V3: HTLC slots are a loss system. Payments arrive as a Poisson process, each takes a slot while its payee holds it, and
 * one that finds none is lost: Erlang's formula gives the share, whatever the law of the hold (Sevastyanov, 1957).
 */
import { z } from 'zod';
import type { Rng } from '../../base/random.ts';
import { MICROS_PER_SECOND } from '../../base/time.ts';
import type { delayLaw } from '../scenario/laws.ts';
import type { Scenario } from '../scenario.ts';
import { count } from '../scenario/values.ts';
import { batchMeans, batchRatio } from './batchMeans.ts';
import { measurement } from './measurement.ts';
import { inParts } from './parts.ts';
import { PAYMENTS_PER_WORLD, runTheory } from './theoryWorld.ts';

/** @param load arrivals in a mean hold */
export function erlangB(slots: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= slots; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
}

export const slots = measurement({
  name: 'slots',
  unit: 'payments',
  parameters: {
    slots: count(1, 483).describe('HTLCs that a direction holds'),
    load: z.number().positive().max(10_000).describe('arrivals in a mean hold'),
    hold: z.enum(['constant', 'exponential', '1 + Exp(3)', 'lognormal']).describe('its law; its mean is 4 s'),
  },
  plan: (row, { scenario }) => {
    const blocked = erlangB(row.slots, row.load);
    return {
      label: `c = ${row.slots}, a = ${row.load}, ${row.hold}`,
      figures: [
        { name: 'P(no slot)', theory: blocked },
        { name: 'HTLCs in flight', theory: row.load * (1 - blocked) },
      ],
      run: (size, rng) => {
        const worlds = inParts(size, PAYMENTS_PER_WORLD, rng, (payments, rng) =>
          measureSlots(scenario(), row, payments, rng),
        );
        return [
          batchMeans(worlds.flatMap(({ refused }) => refused)),
          // Little: what is in flight is what was held in all, to the time between two arrivals
          batchRatio(
            worlds.flatMap(({ held }) => held),
            worlds.flatMap(({ between }) => between),
          ),
        ];
      },
    };
  },
});

/** Laws of the hold, all of mean 4 s. */
const HOLDS = {
  constant: { law: 'constant', value: 4 },
  exponential: { law: 'exponential', mean: 4 },
  '1 + Exp(3)': { law: 'exponential', mean: 3, plus: 1 },
  lognormal: { law: 'lognormal', median: 4 / Math.E ** 0.5, sigma: 1 },
} as const satisfies Readonly<Record<string, z.input<typeof delayLaw>>>;

const MEAN_HOLD_SECONDS = 4;

interface Row {
  readonly slots: number;
  readonly load: number;
  readonly hold: keyof typeof HOLDS;
}

/** One world. @returns by payment: 1 if it found no slot, seconds that it was held, seconds to the next one */
function measureSlots(base: Scenario, { slots, load, hold }: Row, size: number, rng: Rng) {
  const warmUp = Math.ceil(20 * load);
  const payments = warmUp + size;
  const { world } = runTheory(
    base,
    // one way only: what the payer holds outlasts all payments
    [{ between: ['a', 'b'], units: payments + 1000, firstHolds: payments + 1000 }],
    {
      traffic: {
        payments,
        rate: load / MEAN_HOLD_SECONDS,
        payee: { hold: HOLDS[hold] },
        endpoints: { kind: 'pairs', pairs: [{ from: 'a', to: 'b' }] },
      },
      channels: { maxAcceptedHtlcs: slots },
    },
    rng.uint32(),
  );
  const records = world.payments.toSorted((a, b) => a.id - b.id).slice(warmUp);
  return {
    refused: records.map(({ succeeded }) => (succeeded ? 0 : 1)),
    held: records.map(({ startedAt, endedAt }) => (endedAt - startedAt) / MICROS_PER_SECOND),
    between: records.map(
      ({ startedAt }, at) => ((records[at + 1]?.startedAt ?? startedAt) - startedAt) / MICROS_PER_SECOND,
    ),
  };
}
