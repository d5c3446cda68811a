/** What travels over a channel besides HTLCs, in whole worlds: signatures in batches, fee rates that follow the market. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { runSmall } from './smallWorld.ts';

describe('the batching interval', () => {
  //  node0 ── node1 ── node2      200 payments within a second, a message takes a millisecond
  const busy = (commitInterval: string | number): ScenarioInput => ({
    topology: { generate: 'line', nodes: 3 },
    channels: { liquidity: 'balanced', commitInterval },
    traffic: { payments: 200, rate: 200, amount: { medianSat: 500, sigma: 0 } },
    latency: { median: '1ms', sigma: 0 },
  });

  test('signs many updates at once: fewer messages for the same payments, and each takes longer', () => {
    const [atOnce, batched] = [runSmall(busy(0)), runSmall(busy('50ms'))];
    for (const { summary } of [atOnce, batched]) {
      expect(summary.payments).toMatchObject({ sent: 200, succeeded: 200 });
      expect([summary.settled, summary.channels.closed.unilateral]).toEqual([true, 0]);
    }
    expect(batched.world.messages).toBeLessThan(0.8 * atOnce.world.messages);
    const mean = ({ world }: typeof atOnce): number =>
      world.payments.reduce((sum, { startedAt, endedAt }) => sum + endedAt - startedAt, 0) / 200;
    expect(mean(batched)).toBeGreaterThan(mean(atOnce));
  });
});

describe('a channel short of balance', () => {
  //  node0 ── node1 ── node2      real balances never stand in the way; one channel counts as one of 10,000 sat
  const short = (
    channel: string,
    routing: NonNullable<ScenarioInput['routing']>,
    maxAttempts: number,
  ): ReturnType<typeof runSmall> =>
    runSmall({
      topology: {
        channels: [
          { node1: 'node0', node2: 'node1', capacitySat: 50_000_000 },
          { node1: 'node1', node2: 'node2', capacitySat: 50_000_000 },
        ],
      },
      channels: { liquidity: 'opener', opener: 'node1' },
      latency: { law: 'constant', value: 0 },
      routing,
      traffic: {
        payments: 2000,
        maxAttempts,
        amount: { law: 'constant', valueSat: 4000 },
        endpoints: { kind: 'pairs', pairs: [{ from: 'node0', to: 'node2' }] },
      },
      faults: [{ kind: 'low-balance', channel, capacitySat: 10_000, at: 0, for: '30d' }],
      settle: 'none',
    });

  test.each(['#0', '#1'])('(%s) fails HTLCs with probability amount / capacity, and says so by name', (channel) => {
    const { payments } = short(channel, {}, 1).summary;
    expect(payments.failures).toEqual({ temporary_channel_failure: payments.failed });
    // 4 of 10: within three standard errors of 800
    expect(Math.abs(payments.failed - 800)).toBeLessThan(3 * Math.sqrt(2000 * 0.4 * 0.6));
  });

  test('carries at last what a payer tries again over the same way', () => {
    // without retries what failed is left out, and there is no other way
    expect(short('#1', {}, 3).summary.payments.attemptsPerPayment!.most).toBe(1);
    const { payments } = short('#0', { strategy: 'cheapest-fee', retries: true }, 3).summary;
    expect(Math.abs(payments.failed - 2000 * 0.4 ** 3)).toBeLessThan(3 * Math.sqrt(2000 * 0.4 ** 3));
    expect(payments.attemptsPerPayment!.most).toBe(3);
  });
});

describe('update_fee', () => {
  test('follows the estimate once it moved enough, up to the cap of anchors, and down to what is relayed', () => {
    // commitments begin at 2,500 sat per 1000 weight units; the chain asks for 40 sat a vbyte, or 1
    const after = (feerateSatPerVbyte: number, format: 'anchors' | 'static_remotekey'): number => {
      const { world } = runSmall({
        topology: { generate: 'line', nodes: 2 },
        chain: { feerateSatPerVbyte },
        channels: { liquidity: 'balanced', format, opener: 'node1', feeUpdates: { anchorsMaxPerKw: 5000 } },
        traffic: { payments: 20, rate: 0.01, amount: { medianSat: 500, sigma: 0 } },
        closures: [{ channel: '#0', at: '2000s', kind: 'unilateral' }],
      });
      const commitment = world.transactions.find(({ kind }) => kind === 'commitment')!;
      return Math.round((commitment.feeSat / commitment.weight) * 1000);
    };
    // of weights as BOLT 3 counts them, which are a little more than these
    expect(after(40, 'static_remotekey')).toBeGreaterThan(9_900);
    expect(after(40, 'static_remotekey')).toBeLessThan(10_200);
    expect(after(40, 'anchors')).toBeGreaterThan(4_950);
    expect(after(40, 'anchors')).toBeLessThan(5_100);
    expect(after(1, 'static_remotekey')).toBeLessThan(260);
  });

  test('is not sent by an opener that could not pay for it', () => {
    const { result, marks } = marksDuring(() =>
      runSmall({
        topology: { generate: 'line', nodes: 2 },
        chain: { feerateSatPerVbyte: 1000 },
        channels: {
          liquidity: 'balanced',
          format: 'static_remotekey',
          opener: 'node1',
          feeUpdates: {},
          reserveMillionths: 490_000,
        },
        traffic: { payments: 20, rate: 0.01, amount: { medianSat: 500, sigma: 0 } },
      }),
    );
    expect(marks.has('an opener that cannot pay for a higher fee rate')).toBe(true);
    expect([result.summary.settled, result.summary.channels.open]).toEqual([true, 0]);
  });
});

describe('an onion that somebody garbled', () => {
  test('is reported by the next node, told the payer by the one that garbled it, and another way is taken', () => {
    //  node0 ── node1 ── node2        a ring of four: node2 can be reached both ways, and node1 garbles
    //     └──── node3 ────┘
    const { result, marks } = marksDuring(() =>
      runSmall({
        topology: { generate: 'ring', nodes: 4 },
        channels: { liquidity: 'balanced' },
        traffic: { payments: 40, rate: 1, amount: { medianSat: 500, sigma: 0 } },
        faults: [{ kind: 'corrupt-onion', node: '#1', at: 0, for: '10m' }],
      }),
    );
    expect(marks.has('an onion that cannot be read')).toBe(true);
    const { summary, world } = result;
    expect(summary.payments).toMatchObject({ sent: 40, succeeded: 40 });
    expect(world.payments.some(({ attempts }) => attempts > 1)).toBe(true);
    expect([summary.settled, summary.channels.closed.unilateral]).toEqual([true, 0]);
  });
});
