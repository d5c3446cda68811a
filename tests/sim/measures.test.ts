import { describe, expect, test } from 'vitest';
import { msat } from '../../src/base/units.ts';
import { RegretLedger } from '../../src/experiment/regret.ts';
import { Rng } from '../../src/base/random.ts';
import type { PaymentRecord } from '../../src/sim/tally.ts';
import { edgeOf, network } from '../routing/network.ts';
import { runSmall } from './smallWorld.ts';

const WORLD = {
  seed: 3,
  topology: { generate: 'mainnet-like', nodes: 60 },
  traffic: { payments: 150, rate: 20, amount: { medianSat: 300_000, sigma: 1.5 } },
  settle: 'none',
} as const;

describe('a run that is measured', () => {
  const plain = runSmall({ ...WORLD, routing: { strategy: 'ldk' } });
  const measured = runSmall({ ...WORLD, routing: { strategy: 'ldk' }, measure: { oracle: true, calibration: true } });

  test('goes as it does without', () => {
    expect(plain.summary).toMatchObject({ oracle: null, calibration: null });
    const { oracle: _, calibration: __, ...rest } = measured.summary;
    const { oracle: ___, calibration: ____, ...before } = plain.summary;
    expect(rest).toEqual(before);
  });

  test('says of every failure whether anybody could have paid, and of every success what it could have cost', () => {
    const { oracle, payments } = measured.summary;
    const { failures, verdicts, succeededLater } = oracle!;
    const total = (counts: object): number =>
      Object.values(counts).reduce((sum: number, each: number) => sum + each, 0);
    expect(total(verdicts)).toBe(150);
    expect(total(failures)).toBe(payments.failed);
    expect(oracle).toMatchObject({ payments: 150, succeeded: payments.succeeded });
    expect(failures.nobodyCould).toBeGreaterThan(0);
    expect(verdicts['one-route']).toBeGreaterThan(20);
    expect(succeededLater).toBeLessThan(payments.succeeded / 4);
    // ldk pays for speed and certainty, and never less than the cheapest way but where channels changed meanwhile
    expect(oracle!.feeRegretMsat!.p50).toBeGreaterThanOrEqual(0);
    expect(oracle!.attemptRegret!.least).toBeGreaterThanOrEqual(0);
    expect(oracle!.feesPaidMsat).toBeLessThanOrEqual(payments.feesMsat);
  });

  test('tells strategies apart where there are several', () => {
    const routing = { shares: { lnd: '50%', 'cheapest-fee': '50%' } };
    const { oracle, calibration } = runSmall({
      ...WORLD,
      routing,
      measure: { oracle: true, calibration: true },
    }).summary;
    const rows = Object.values(oracle!.byStrategy);
    expect(Object.keys(oracle!.byStrategy).toSorted()).toEqual(['cheapest-fee', 'lnd']);
    expect(rows.reduce((sum, { payments }) => sum + payments, 0)).toBe(oracle!.payments);
    expect(rows.reduce((sum, { feesPaidMsat }) => sum + feesPaidMsat, 0)).toBe(oracle!.feesPaidMsat);
    const of = new Map(calibration!.map((row) => [row.strategy, row]));
    expect(of.get('lnd')!.attempts).toBeGreaterThan(0);
    expect(of.get('cheapest-fee')).toMatchObject({ attempts: 0, brier: null });
    expect(of.get('cheapest-fee')!.unpredicted).toBeGreaterThan(0);
  });

  test('holds every attempt against its prediction', () => {
    const [row, ...others] = measured.summary.calibration!;
    expect(others).toEqual([]);
    expect(row!.strategy).toBe('ldk');
    expect(row!.attempts + row!.unpredicted).toBe(measured.summary.payments.attempts);
    expect(row!.observed! * row!.attempts).toBeCloseTo(measured.summary.payments.succeeded, 6);
  });

  test('sees balances as they are: on a line, what could go in one part went', () => {
    const { oracle, payments } = runSmall({
      topology: { generate: 'line', nodes: 4 },
      channels: { liquidity: 'opener', opener: 'node1' },
      traffic: { payments: 120, rate: 0.01, amount: { medianSat: 200_000, sigma: 1 } },
      measure: { oracle: true },
      settle: 'none',
    }).summary;
    expect(oracle).toMatchObject({ succeeded: oracle!.verdicts['one-route'], succeededLater: 0 });
    expect(oracle!.failures).toEqual({ nobodyCould: payments.failed, beyondLimits: 0, onlySplit: 0, routerDidNot: 0 });
    expect(Math.min(payments.succeeded, payments.failed)).toBeGreaterThan(10);
    expect(oracle!.feeRegretMsat).toMatchObject({ least: 0, most: 0 });
  });

  test('looks at a share of the payments where that is asked for, the same ones every time', () => {
    const sampled = (): unknown => runSmall({ ...WORLD, measure: { oracle: true, sample: 0.2 } }).summary.oracle;
    const first = sampled() as { payments: number };
    expect(first.payments).toBeGreaterThan(10);
    expect(first.payments).toBeLessThan(60);
    expect(sampled()).toEqual(first);
  });

  test('that sends parts is not blamed for what only more parts could do', () => {
    //  A ══ B: two channels of 100 sat, half of each on A's side
    const graph = network([
      ['A-B', 0, { capacitySat: 100 }],
      ['A-B', 0, { capacitySat: 100 }],
    ]);
    const holds = (edge: number): number => (graph.edgeFrom[edge] === 0 ? 50_000 : 0);
    const order = (id: number, amountSat: number, maxParts: number): Parameters<RegretLedger['starts']>[0] => ({
      id,
      source: 0,
      target: 1,
      amountMsat: msat(1000 * amountSat),
      maxFeeMsat: msat(1000),
      maxAttempts: 5,
      maxHops: 20,
      maxCltvExpiryDelta: 2016,
      maxParts,
    });
    const ledger = new RegretLedger(graph, 1, Rng.fromSeed(1));
    const ended = (id: number, amountSat: number, succeeded: boolean): PaymentRecord => ({
      id,
      startedAt: 0 as PaymentRecord['startedAt'],
      endedAt: 0 as PaymentRecord['endedAt'],
      source: 0,
      target: 1,
      amountMsat: 1000 * amountSat,
      succeeded,
      failure: succeeded ? null : 'no-route',
      attempts: 3,
      parts: succeeded ? 1 : 0,
      hops: 1,
      feeMsat: succeeded ? 500 : 0,
    });
    expect(edgeOf(graph, 'A', 'B')).toBe(0);
    const cases = [
      [80, 1, false],
      [80, 2, false],
      [101, 9, false],
      [40, 1, false],
      [40, 1, true],
      [80, 1, true],
      [80, 2, true],
    ] as const;
    cases.forEach(([amountSat, maxParts], id) => ledger.starts(order(id, amountSat, maxParts), holds));
    expect(ledger.summary(cases.map(([amountSat, , succeeded], id) => ended(id, amountSat, succeeded)))).toMatchObject({
      payments: 7,
      verdicts: { 'one-route': 2, split: 4, 'beyond-limits': 0, impossible: 1 },
      succeeded: 3,
      succeededLater: 1,
      failures: { nobodyCould: 1, beyondLimits: 0, onlySplit: 1, routerDidNot: 2 },
      feeRegretMsat: { mean: 500 },
      // three HTLCs each, where one was needed and where two were
      attemptRegret: { mean: 1.5 },
      feesPaidMsat: 1000,
      feesOfOracleMsat: 0,
    });
  });
});
