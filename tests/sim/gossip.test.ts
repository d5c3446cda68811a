/** Gossip that comes late, in whole worlds: policies change, channels close, and payers find out by trying. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { msat, sat } from '../../src/base/units.ts';
import { runScenario, type RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { newChannelGraph, type ChannelGraph } from '../../src/graph/channelGraph.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';
import { runSmall } from './smallWorld.ts';

/** alice ── bob ── carol, 1 sat a hop: payments go from any to any. */
function line(): ChannelGraph {
  const graph = newChannelGraph();
  for (const name of ['alice', 'bob', 'carol']) graph.addNode(name, { alias: name });
  const policy = {
    feeBaseMsat: msat(1000),
    feeProportionalMillionths: 0,
    cltvExpiryDelta: 40,
    htlcMinimumMsat: msat(1),
    htlcMaximumMsat: msat(1e10),
    disabled: false,
  };
  const terms = { capacitySat: sat(10_000_000), policy1: policy, policy2: policy };
  graph.addUndirectedEdgeWithKey('1x0x0', 'alice', 'bob', terms);
  graph.addUndirectedEdgeWithKey('1x1x0', 'bob', 'carol', terms);
  return graph;
}

const run = (input: Partial<ScenarioInput>): RunResult =>
  runScenario(
    checkScenario(
      {
        topology: { file: 'unused' },
        channels: { liquidity: 'balanced' },
        traffic: { payments: 60, rate: 0.2, amount: { medianSat: 1000, sigma: 0 } },
        settle: 'pending',
        ...input,
      },
      'test',
    ),
    line(),
  );

/** Payments of two hops: how many attempts each took, and what it paid, before and after five minutes of traffic. */
const longOnes = ({ world }: RunResult) =>
  world.payments
    .filter(({ hops }) => hops === 2)
    .map(({ startedAt, attempts, feeMsat }) => ({ late: startedAt - world.openedAt > 150e6, attempts, feeMsat }));

describe('bob asks for more', () => {
  const policies = [{ at: 150, node: 'bob', feeBaseMsat: 5000 }];

  test('and who hears at once pays it at once', () => {
    const payments = longOnes(run({ policies }));
    expect(payments.every(({ attempts }) => attempts === 1)).toBe(true);
    expect(new Set(payments.map(({ late, feeMsat }) => `${late} ${feeMsat}`))).toEqual(
      new Set(['false 1000', 'true 5000']),
    );
  });

  test('and who hears late is told by a failure, once, and then pays it', () => {
    const { result, marks } = marksDuring(() => run({ policies, gossip: { delay: '1d', grace: 0 } }));
    expect(marks.has('a failure brought a policy that its payer had not heard of')).toBe(true);
    const payments = longOnes(result);
    expect(new Set(payments.map(({ late, feeMsat }) => `${late} ${feeMsat}`))).toEqual(
      new Set(['false 1000', 'true 5000']),
    );
    // alice and carol each learn of one direction, with one attempt that failed
    expect(payments.filter(({ attempts }) => attempts === 2)).toHaveLength(2);
    expect(result.summary.payments.failures['fee_insufficient']).toBeUndefined();
  });

  test('and a payer with one attempt fails by the name of what changed', () => {
    const failures = (change: object) =>
      run({
        policies: [{ at: 150, node: 'bob', ...change }],
        gossip: { delay: '1d', grace: 0 },
        traffic: { payments: 60, rate: 0.2, amount: { medianSat: 1000, sigma: 0 }, maxAttempts: 1 },
      }).summary.payments.failures;
    expect(failures({ feeBaseMsat: 5000 })).toEqual({ fee_insufficient: 2 });
    expect(failures({ cltvExpiryDelta: 80 })).toEqual({ incorrect_cltv_expiry: 2 });
    expect(failures({ htlcMinimumMsat: 2_000_000 })['amount_below_minimum']).toBe(2);
    expect(failures({ disabled: true })['channel_disabled']).toBe(2);
  });

  test('and takes the former policy for ten minutes, unless the scenario says otherwise', () => {
    const { result, marks } = marksDuring(() => run({ policies, gossip: { delay: '1d' } }));
    expect(marks.has('an HTLC forwarded by the policy that was')).toBe(true);
    const payments = longOnes(result);
    expect(payments.every(({ attempts, feeMsat }) => attempts === 1 && feeMsat === 1000)).toBe(true);
    const short = longOnes(run({ policies, gossip: { delay: '1d', grace: 60 } }));
    expect(short.filter(({ attempts }) => attempts === 2)).toHaveLength(2);
    const disabled = run({ policies: [{ at: 150, node: 'bob', disabled: true }], gossip: { delay: '1d' } });
    expect(longOnes(disabled).some(({ late }) => late)).toBe(false);
  });

  test('of one direction alone', () => {
    const fees = longOnes(run({ policies: [{ at: 150, channel: '#1', by: 'node1', feeBaseMsat: 5000 }] }));
    expect(new Set(fees.filter(({ late }) => late).map(({ feeMsat }) => feeMsat))).toEqual(new Set([1000, 5000]));
  });
});

describe('lnd', () => {
  test('forgives a policy that it did not know, and pays', () => {
    const result = run({
      routing: { strategy: 'lnd' },
      policies: [{ at: 150, node: 'bob', feeBaseMsat: 5000 }],
      gossip: { delay: '1d', grace: 0 },
    });
    const payments = longOnes(result);
    expect(payments.filter(({ attempts }) => attempts === 2)).toHaveLength(2);
    expect(result.summary.payments.failed).toBe(0);
  });
});

describe('a channel that closes', () => {
  test('is still tried by who has not heard', () => {
    const tries = (delay: string) =>
      run({ gossip: { delay, grace: 0 }, closures: [{ channel: '#1', at: 150, kind: 'mutual' }] }).summary.payments;
    const [late, now] = [tries('1d'), tries('0')];
    expect(late.attempts).toBeGreaterThan(now.attempts);
    expect(late.succeeded).toBe(now.succeeded);
  });
});

describe('in any world', () => {
  const world = (gossip: NonNullable<ScenarioInput['gossip']>, seed: number) =>
    runSmall({
      seed,
      topology: { generate: 'mainnet-like', nodes: 40 },
      traffic: { payments: 80, rate: 2, amount: { medianSat: 20_000, sigma: 1 } },
      routing: { shares: { lnd: 0.3, ldk: 0.3, eclair: 0.2, 'cln-xpay': 0.1 } },
      closures: [{ channel: '#0', at: 10, kind: 'unilateral' }],
      gossip,
      settle: 'none',
    });

  test('gossip that is immediate is gossip with a delay of nothing, however it is said', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const updates = { rate: 3, sigma: 1 };
      const { digest } = world({ updates }, seed).summary;
      expect(world({ updates, delay: 0 }, seed).summary.digest).toBe(digest);
      expect(world({ updates, delay: { median: 0, sigma: 2 } }, seed).summary.digest).toBe(digest);
      // one microsecond is a delay, through all that late news goes through, and changes nothing but what falls within it
      expect(world({ updates, delay: { median: '0.001ms', sigma: 0 } }, seed).summary.digest).toBe(digest);
    }
  });

  test('late news of many changes costs attempts, the same twice', () => {
    const late = { updates: { rate: 5, sigma: 1.5 }, delay: { median: '10m', sigma: 1 }, grace: 0 };
    const { result: first, marks } = marksDuring(() => world(late, 1));
    expect(marks.has('a failure brought a policy that its payer had not heard of')).toBe(true);
    expect(world(late, 1).summary.digest).toBe(first.summary.digest);
    const { updates } = late;
    expect(first.summary.payments.attempts).toBeGreaterThan(world({ updates }, 1).summary.payments.attempts);
  });
});

describe('mistakes', () => {
  test('name their place', () => {
    const wrong = (policy: object) => () => run({ policies: [{ at: 1, ...policy }] as ScenarioInput['policies'] });
    expect(wrong({ feeBaseMsat: 1 })).toThrow(/policies\[0\].*either a channel or a node/);
    expect(wrong({ node: 'bob', by: 'node1', feeBaseMsat: 1 })).toThrow(/policies\[0\]\.by.*no side beside a node/);
    expect(wrong({ node: 'bob' })).toThrow(/policies\[0\]: found a change of nothing/);
    expect(wrong({ node: 'dave', disabled: true })).toThrow(/policies\[0\]\.node: found "dave"/);
    expect(wrong({ channel: '#2', disabled: true })).toThrow(/policies\[0\]\.channel: found "#2"/);
  });
});
