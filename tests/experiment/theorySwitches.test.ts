/** Switches for theory: what a network is like without fees, reserves, trimming and few slots, and what then can't be. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { runSmall } from '../sim/smallWorld.ts';

type Channels = NonNullable<ScenarioInput['channels']>;
type Traffic = NonNullable<ScenarioInput['traffic']>;

const ZERO: Channels = { forwarding: 'free', reserveMillionths: 0, format: 'zero_fee_commitments' };

/** `alice ──── bob`, all of it alice's; she pays, and he holds what comes for an hour. */
const towardsBob = (channels: Channels, traffic: Traffic, more: Partial<ScenarioInput> = {}): ScenarioInput => ({
  topology: { channels: [{ node1: 'alice', node2: 'bob', capacitySat: 1_000_000 }] },
  channels: { ...ZERO, liquidity: 'opener', opener: 'node1', ...channels },
  traffic: {
    rate: 100,
    maxAttempts: 1,
    amount: { law: 'constant', valueSat: 100 },
    endpoints: { kind: 'pairs', pairs: [{ from: 'alice', to: 'bob' }] },
    payee: { hold: { law: 'constant', value: '1h' } },
    ...traffic,
  },
  ...more,
});

describe('without trimming', () => {
  // all of it would ride on trimmed HTLCs, of which these nodes put up with none
  const tiny: Channels = { maxDustHtlcExposureSat: 0 };
  const amount: Traffic['amount'] = { law: 'list', valuesSat: [0.001, 0.5, 1, 20, 353] };

  test('no HTLC is dust, however small, and channels close by agreement with all that they brought', () => {
    const trimmed = runSmall(towardsBob(tiny, { payments: 50, amount })).summary;
    const { summary } = runSmall(towardsBob({ ...tiny, dustTrimming: false }, { payments: 50, amount }));
    expect([trimmed.payments.succeeded, summary.payments.succeeded]).toEqual([0, 50]);
    expect(summary.channels.closed).toMatchObject({ mutual: 1, unilateral: 0 });
    expect([summary.settled, summary.conservation.ok]).toEqual([true, true]);
  });

  test.each(['static_remotekey', 'anchors', 'anchors_zero_fee_htlc_tx'] as const)(
    'each HTLC costs the opener its output in the commitment, %s',
    (format) => {
      // 172 weight units at 10,000 sat per 1000: 1720 sat for each of an HTLC's outputs, and twice that for safety
      const terms: Channels = { format, feeratePerKw: 10_000, dustTrimming: false };
      const { summary } = runSmall(towardsBob(terms, { payments: 400, amount: { law: 'constant', valueSat: 1 } }));
      const most = Math.floor(1_000_000 / (2 * 1720 + 1));
      expect(summary.payments.succeeded).toBeLessThan(most);
      expect(summary.payments.succeeded).toBeGreaterThan(most - 15);
      expect(summary.conservation.ok).toBe(true);
    },
  );

  test('the books balance after every event, whatever is paid where and closed how', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(10_000),
          nodes: fc.integer({ min: 3, max: 6 }),
          format: fc.constantFrom('static_remotekey', 'anchors', 'anchors_zero_fee_htlc_tx', 'zero_fee_commitments'),
          closing: fc.constantFrom('legacy', 'simple'),
          maxAcceptedHtlcs: fc.constantFrom(1, 5, 483, 600),
          capacitySat: fc.constantFrom(30_000, 1_000_000),
          medianSat: fc.constantFrom(0.01, 3, 400),
        }),
        ({ seed, nodes, capacitySat, medianSat, ...terms }) => {
          // a channel's commitment has to pay for the slots it has
          fc.pre(terms.maxAcceptedHtlcs <= 483 || terms.format === 'zero_fee_commitments');
          const { summary } = runSmall({
            seed,
            topology: {
              channels: Array.from({ length: nodes }, (_, at) => ({
                node1: `n${at}`,
                node2: `n${(at + 1) % nodes}`,
                capacitySat,
              })),
            },
            channels: { ...ZERO, ...terms, dustTrimming: false },
            traffic: { payments: 60, rate: 30, amount: { medianSat, sigma: 2 }, payee: { failProbability: 0.2 } },
          });
          expect([summary.conservation.ok, summary.settled]).toEqual([true, true]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('HTLC slots', () => {
  test.each([1, 7, 483, 484, 900])('%i of them are taken, and no more', (maxAcceptedHtlcs) => {
    const format = maxAcceptedHtlcs === 483 ? 'static_remotekey' : 'zero_fee_commitments';
    const { payments } = runSmall(
      towardsBob({ format, feeratePerKw: 253, maxAcceptedHtlcs }, { payments: maxAcceptedHtlcs + 20 }),
    ).summary;
    expect([payments.succeeded, payments.failed]).toEqual([maxAcceptedHtlcs, 20]);
  });

  test('more than a commitment can pay for are refused, and the error says how many it can', () => {
    const asked = (maxAcceptedHtlcs: number): ScenarioInput =>
      towardsBob({ format: 'anchors', feeratePerKw: 2500, maxAcceptedHtlcs }, { payments: 1 });
    // (1124 + 172 n) × 2500 / 1000 + 660 = 1,000,000
    expect(() => runSmall(asked(2318))).toThrow(/maxAcceptedHtlcs: found 2318, .*1000000 sat of channel #0.*most 2317/);
    expect(runSmall(asked(2317)).summary.payments.succeeded).toBe(1);
  });
});

describe('what is for theory can’t go on-chain by force', () => {
  const theory: readonly Channels[] = [{ dustTrimming: false }, { maxAcceptedHtlcs: 484 }];

  test.each(theory)('neither as planned: %j', (channels) => {
    const closing = (kind: 'mutual' | 'unilateral' | 'revoked'): ScenarioInput =>
      towardsBob(channels, { payments: 0 }, { closures: [{ channel: '#0', at: 10, kind }] });
    expect(() => runSmall(closing('unilateral'))).toThrow('closures[0].kind: found unilateral, expected mutual');
    expect(() => runSmall(closing('revoked'))).toThrow('closures[0].kind: found revoked, expected mutual');
    expect(runSmall(closing('mutual')).summary.channels.closed.mutual).toBe(1);
    const watched = towardsBob(channels, { payments: 0 }, { watchtowers: [{ client: 'alice' }] });
    expect(() => runSmall(watched)).toThrow('watchtowers: found a watchtower');
  });

  test.each(theory)('nor because an HTLC ran out of time: %j', (channels) => {
    const late = towardsBob(channels, { payments: 1, payee: { hold: { law: 'constant', value: '3d' } } });
    expect(() => runSmall(late)).toThrow(/to be closed by force \(htlc-deadline\), expected .*agreement/);
  });
});

test('without fees and reserve a channel carries all of its capacity to and fro, to the msat', () => {
  const { world, summary } = runSmall({
    topology: { channels: [{ node1: 'a', node2: 'b', capacitySat: 50_000 }] },
    channels: { ...ZERO, liquidity: 'opener', opener: 'node1' },
    traffic: {
      payments: 40,
      overlap: false,
      maxAttempts: 1,
      amount: { law: 'constant', valueSat: 50_000 },
      endpoints: {
        kind: 'pairs',
        pairs: [
          { from: 'a', to: 'b' },
          { from: 'b', to: 'a' },
        ],
      },
    },
    settle: 'none',
  });
  // a payment goes through if and only if its payer has all of it
  let holder = 0;
  for (const { source, succeeded } of world.payments) {
    expect(succeeded).toBe(source === holder);
    if (succeeded) holder = 1 - holder;
  }
  expect(summary.payments.succeeded).toBeGreaterThan(5);
  expect([summary.payments.feesMsat, summary.payments.attempts]).toEqual([0, summary.payments.succeeded]);
});
