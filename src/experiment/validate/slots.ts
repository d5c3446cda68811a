/**
 * V3: HTLC slots are a loss system. Payments arrive as a Poisson process, each takes a slot while its payee holds it, and
 * one that finds none is lost: Erlang's formula gives the share, whatever the law of the hold (Sevastyanov, 1957).
 */
import type { z } from 'zod';
import { MICROS_PER_SECOND } from '../../base/time.ts';
import type { delayLaw } from '../scenario/laws.ts';
import { batchMeans, batchRatio } from './batchMeans.ts';
import type { Experiment } from './check.ts';
import { runTheory } from './theoryWorld.ts';

/** @param load arrivals in a mean hold */
export function erlangB(slots: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= slots; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
}

/** Laws of the hold, all of mean 4 s. */
export const HOLDS = {
  constant: { law: 'constant', value: 4 },
  exponential: { law: 'exponential', mean: 4 },
  '1 + Exp(3)': { law: 'exponential', mean: 3, plus: 1 },
  lognormal: { law: 'lognormal', median: 4 / Math.E ** 0.5, sigma: 1 },
} as const satisfies Readonly<Record<string, z.input<typeof delayLaw>>>;

const MEAN_HOLD_SECONDS = 4;

export interface SlotsOptions {
  readonly slots: number;
  readonly load: number;
  readonly hold: keyof typeof HOLDS;
  readonly sizes: readonly [number, number];
}

export function slotsExperiment({ slots, load, hold, sizes }: SlotsOptions): Experiment {
  const what = `c = ${slots}, a = ${load}, ${hold}`;
  const blocked = erlangB(slots, load);
  return {
    id: 'V3',
    title: `HTLC slots, ${what}`,
    source: 'Erlang’s loss formula, which depends on the hold by its mean alone (Sevastyanov, 1957)',
    unit: 'payments',
    sizes,
    checks: [
      { name: `P(no slot), ${what}`, expected: blocked, floor: 0 },
      { name: `HTLCs in flight, ${what}`, expected: load * (1 - blocked), floor: 0 },
    ],
    run: (size, rng) => {
      const warmUp = Math.ceil(20 * load);
      const payments = warmUp + size;
      const { world } = runTheory(
        // one way only: what the payer holds outlasts all payments
        [{ between: ['a', 'b'], units: payments + 1000, firstHolds: payments + 1000 }],
        {
          traffic: {
            payments,
            rate: load / MEAN_HOLD_SECONDS,
            payee: { hold: HOLDS[hold] },
            endpoints: { kind: 'pairs', pairs: [{ from: 'a', to: 'b' }] },
          },
          // 114 slots are the most where commitments pay no fee
          channels: { format: 'static_remotekey', feeratePerKw: 253, opener: 'node1', maxAcceptedHtlcs: slots },
        },
        rng.uint32(),
      );
      const records = world.payments.toSorted((a, b) => a.id - b.id).slice(warmUp);
      const held = records.map(({ startedAt, endedAt }) => (endedAt - startedAt) / MICROS_PER_SECOND);
      // Little: what is in flight is what was held in all, to the time between two arrivals
      const between = records.map(({ startedAt }, at) => (records[at + 1]?.startedAt ?? startedAt) - startedAt);
      return [
        batchMeans(records.map(({ succeeded }) => (succeeded ? 0 : 1))),
        batchRatio(
          held,
          between.map((micros) => micros / MICROS_PER_SECOND),
        ),
      ];
    },
  };
}
