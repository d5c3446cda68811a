/** Blocking by hop: what the run counts is what attempts tell one by one, and each obstacle is called by its name. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generatedGraph, runScenario, type RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';
import type { AttemptRecord } from '../../src/sim/records.ts';
import { reachedPayee } from '../../src/payment/failure.ts';
import { runSmall } from './smallWorld.ts';

function withAttempts(input: ScenarioInput): RunResult & { readonly attempts: readonly AttemptRecord[] } {
  const scenario = checkScenario(input, 'test');
  const attempts: AttemptRecord[] = [];
  const listen = () => ({ attempt: (record: AttemptRecord) => void attempts.push(record) });
  return { ...runScenario(scenario, generatedGraph(scenario)!, { listen }), attempts };
}

/** `a ── b ── c`, 1 BTC each, all of it towards c; a pays c, who holds what comes until nothing more is sent. */
const line = (
  channels: Part<'channels'>,
  traffic: Part<'traffic'> = {},
  more: Partial<ScenarioInput> = {},
): ScenarioInput => ({
  topology: {
    channels: [
      { node1: 'a', node2: 'b', capacitySat: 100_000_000 },
      { node1: 'b', node2: 'c', capacitySat: 50_000_000 },
    ],
  },
  channels: {
    format: 'zero_fee_commitments',
    forwarding: 'free',
    reserveMillionths: 0,
    liquidity: 'opener',
    opener: 'node1',
    ...channels,
  },
  latency: { law: 'constant', value: 0 },
  traffic: {
    payments: 100,
    rate: 10,
    maxAttempts: 1,
    amount: { law: 'constant', valueSat: 1_000_000 },
    endpoints: { kind: 'pairs', pairs: [{ from: 'a', to: 'c', via: ['b'] }] },
    payee: { hold: { law: 'constant', value: '1h' } },
    ...traffic,
  },
  settle: 'none',
  ...more,
});

type Part<Name extends keyof ScenarioInput> = NonNullable<ScenarioInput[Name]>;

/** Payees settle at once what comes to them. */
const SETTLES: Part<'traffic'> = { payee: {} };
/** Payers look for a route, with what they have heard. */
const LOOKS: Part<'traffic'> = { endpoints: { kind: 'pairs', pairs: [{ from: 'a', to: 'c' }] } };

describe('an obstacle has its name at its hop', () => {
  const of = (input: ScenarioInput): unknown => runSmall(input).summary.blocking;

  test('HTLC slots: all are taken where payments begin', () => {
    expect(of(line({ maxAcceptedHtlcs: 7 }))).toEqual([
      { hop: 1, asked: 100, refused: 93, reasons: { too_many_htlcs: 93 } },
      { hop: 2, asked: 7, refused: 0, reasons: {} },
    ]);
  });

  test('balance: the second channel holds half of what the first does', () => {
    expect(of(line({}, SETTLES))).toEqual([
      { hop: 1, asked: 100, refused: 0, reasons: {} },
      { hop: 2, asked: 100, refused: 50, reasons: { insufficient_balance: 50 } },
    ]);
  });

  test('the value in flight', () => {
    expect(of(line({ maxHtlcValueInFlightMillionths: 200_000 }))).toEqual([
      // what fails comes back at once
      { hop: 1, asked: 100, refused: 0, reasons: {} },
      { hop: 2, asked: 100, refused: 90, reasons: { in_flight_limit: 90 } },
    ]);
  });

  test('a fee that the payer has not heard of, a delta, a least amount, a channel that is disabled', () => {
    const told = (change: Partial<NonNullable<ScenarioInput['policies']>[number]>, reason: string): void => {
      const news = { gossip: { delay: '1d', grace: 0 }, policies: [{ at: 5, node: 'b', ...change }] };
      const [, second] = runSmall(line({}, { ...SETTLES, ...LOOKS, amount: { law: 'constant', valueSat: 1000 } }, news))
        .summary.blocking;
      // one payer, which is told by the failure
      expect(second!.reasons).toEqual({ [reason]: 1 });
    };
    told({ feeBaseMsat: 10 }, 'fee_insufficient');
    told({ cltvExpiryDelta: 500 }, 'incorrect_cltv_expiry');
    told({ htlcMinimumMsat: 1_000_001 }, 'amount_below_minimum');
    told({ htlcMaximumMsat: 999_999 }, 'amount_over_maximum');
    told({ disabled: true }, 'channel_disabled');
  });

  test('a peer that is away', () => {
    const [, second] = runSmall(line({}, {}, { faults: [{ kind: 'offline', node: 'c', at: 0, for: '1h' }] })).summary
      .blocking;
    expect(second).toEqual({ hop: 2, asked: 100, refused: 100, reasons: { peer_disconnected: 100 } });
  });

  test('a payer that looks for a route says what its own channels are short of', () => {
    const alone: Partial<ScenarioInput> = {
      topology: { channels: [{ node1: 'a', node2: 'b', capacitySat: 100_000_000 }] },
    };
    const endpoints = { kind: 'pairs' as const, pairs: [{ from: 'a', to: 'b' }] };
    const failures = (
      channels: Part<'channels'>,
      traffic: Part<'traffic'>,
      more: Partial<ScenarioInput> = {},
    ): unknown => runSmall(line(channels, { endpoints, ...traffic }, { ...alone, ...more })).summary.payments.failures;
    expect(failures({ maxAcceptedHtlcs: 7 }, {})).toEqual({ 'too-many-htlcs': 93 });
    expect(failures({ maxHtlcValueInFlightMillionths: 100_000 }, {})).toEqual({ 'in-flight-limit': 90 });
    const amount = { law: 'constant' as const, valueSat: 2_000_000 };
    expect(failures({}, { ...SETTLES, amount })).toEqual({ 'insufficient-balance': 50 });
    expect(failures({}, {}, { faults: [{ kind: 'offline', node: 'b', at: 0, for: '1h' }] })).toEqual({
      'peer-disconnected': 100,
    });
  });

  test('HTLCs that the scenario placed for a closing are no payments', () => {
    const { summary } = runSmall(
      line(
        { maxAcceptedHtlcs: 3 },
        {},
        {
          closures: [
            {
              channel: '#0',
              at: 100,
              kind: 'unilateral',
              pending: [{ from: 'closer', count: 5, amountSat: 50_000, outcome: 'claim' }],
            },
          ],
        },
      ),
    );
    expect(summary.blocking[0]).toEqual({ hop: 1, asked: 100, refused: 97, reasons: { too_many_htlcs: 97 } });
  });
});

test('counts are those of the attempts: asked up to the node that refused, refused there', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(100_000),
        maxAcceptedHtlcs: fc.constantFrom(1, 3, 483),
        maxHtlcValueInFlightMillionths: fc.constantFrom(50_000, 1_000_000),
        maxParts: fc.constantFrom(1, 4),
        warm: fc.boolean(),
        delay: fc.constantFrom(0, 3600),
      }),
      ({ seed, maxParts, warm, delay, ...limits }) => {
        const { summary, attempts } = withAttempts({
          seed,
          topology: { generate: 'ring', nodes: 7 },
          channels: {
            ...limits,
            format: 'zero_fee_commitments',
            // nobody finds a route over a channel that is disabled, but who has not heard
            liquidity: warm ? { kind: 'steady-state', window: 30, threshold: 0.9, mostPayments: 120 } : 'uniform',
          },
          gossip: { delay, grace: 0, updates: { rate: 1, sigma: 1 } },
          traffic: {
            payments: 60,
            rate: 10,
            maxParts,
            amount: { medianSat: 800_000, sigma: 1 },
            payee: { failProbability: 0.1, hold: { law: 'exponential', mean: 2 } },
          },
          settle: 'none',
        });
        const asked: number[] = [];
        const refused: number[] = [];
        for (const { edges, failure, erringHop } of attempts) {
          const isBlocked = failure !== null && !reachedPayee(failure);
          const last = isBlocked ? erringHop! + 1 : edges.length;
          for (let hop = 1; hop <= last; hop++) asked[hop - 1] = (asked[hop - 1] ?? 0) + 1;
          if (isBlocked) refused[last - 1] = (refused[last - 1] ?? 0) + 1;
        }
        expect(summary.blocking.map((each) => each.asked)).toEqual(asked);
        expect(summary.blocking.map((each) => each.refused)).toEqual(asked.map((_, hop) => refused[hop] ?? 0));
        for (const { reasons, refused: all } of summary.blocking) {
          for (const reason of Object.keys(reasons)) seen.add(reason);
          expect(Object.values(reasons).reduce((sum, each) => sum + each, 0)).toBe(all);
        }
      },
    ),
    { numRuns: 30 },
  );
  expect(seen).toEqual(new Set(['too_many_htlcs', 'insufficient_balance', 'in_flight_limit', 'fee_insufficient']));
});
