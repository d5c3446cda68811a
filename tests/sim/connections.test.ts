/**
 * Connections that break and nodes that crash, in whole worlds: what is on its way is lost, `channel_reestablish` makes up
 * for it, and once the faults are over all is as it would have been.
 */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { Rng } from '../../src/base/random.ts';
import type { RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { runSmall } from './smallWorld.ts';

type Faults = NonNullable<ScenarioInput['faults']>;

describe('stories', () => {
  //  node0 ──5,000,000── node1 ──5,000,000── node2      half of each on either side, a message takes a second
  const slowLine = (faults: Faults): ScenarioInput => ({
    topology: { generate: 'line', nodes: 3 },
    channels: { liquidity: 'balanced' },
    traffic: { payments: 40, rate: 5, amount: { medianSat: 5000, sigma: 0 } },
    latency: { median: '1s', sigma: 0 },
    faults,
  });

  test('a link that breaks loses what is on its way, and both ends go on where they were', () => {
    const { result, marks } = marksDuring(() =>
      runSmall(slowLine([{ kind: 'disconnect', channel: '#0', at: 5, for: 60 }])),
    );
    expectWhole(result);
    expect(marks.has('a message sent again after a disconnection')).toBe(true);
    expect(marks.has('an HTLC forgotten by a disconnection')).toBe(true);
    // what was committed when the link broke waited for it
    const waited = result.world.payments.filter(({ startedAt, endedAt }) => endedAt - startedAt > 30e6);
    expect(waited.length).toBeGreaterThan(0);
    expect(waited.every(({ succeeded }) => succeeded)).toBe(true);
  });

  test('a forwarding node that crashes forgets what it had not written, and pays for nothing', () => {
    const { result, marks } = marksDuring(() => runSmall(slowLine([{ kind: 'crash', node: '#1', at: 9, for: 60 }])));
    expectWhole(result);
    expect(marks.has('an HTLC decided on again after a crash')).toBe(true);
    expect(marks.has('a removal forgotten by a disconnection')).toBe(true);
    expect(marks.has('a message sent again after a disconnection')).toBe(true);
  });

  test('payers and payees that crash go on with what they had written', () => {
    expectWhole(
      runSmall(
        slowLine([
          { kind: 'crash', node: '#0', at: 4, for: 5 },
          { kind: 'crash', node: '#2', at: 5, for: 5 },
          { kind: 'crash', node: '#0', at: 13, for: 1 },
        ]),
      ),
    );
  });

  test('a node that crashes while its channel is on-chain finds its claims again', () => {
    const { summary } = runSmall({
      topology: { generate: 'line', nodes: 2 },
      channels: { liquidity: 'balanced' },
      traffic: { payments: 0 },
      chain: { blockInterval: '1m' },
      closures: [
        {
          channel: '#0',
          at: 10,
          kind: 'unilateral',
          pending: [
            { from: 'closer', count: 2, amountSat: 20_000, outcome: 'claim' },
            { from: 'peer', count: 2, amountSat: 20_000, outcome: 'timeout' },
          ],
        },
      ],
      faults: [
        { kind: 'crash', node: '#0', at: '5m', for: '2m' },
        { kind: 'crash', node: '#1', at: '10m', for: '2m' },
        { kind: 'crash', node: '#0', at: '1h', for: '2m' },
      ],
    });
    expect([summary.settled, summary.channels.open]).toEqual([true, 0]);
    // what the closer sent was claimed, what the other sent came back
    expect(summary.closings[0]?.node1.owedMsat).toBe(2_500_000_000 - 40_000_000);
    // its claims' fees, and the anchors
    expect(summary.closings[0]!.node2.gainSat).toBeGreaterThan(-5000);
  });

  test('a node that answers nobody has its peer go on-chain in time, and hears of it there', () => {
    //  silent ── middle ── payee      who holds ten payments for five blocks
    const { summary, world } = runSmall({
      topology: {
        channels: [
          { node1: 'silent', node2: 'middle', capacitySat: 5_000_000 },
          { node1: 'middle', node2: 'payee', capacitySat: 5_000_000 },
        ],
      },
      channels: { liquidity: 'opener', opener: 'node1' },
      latency: { law: 'constant', value: 0 },
      traffic: {
        payments: 10,
        arrivals: { kind: 'batches', size: 10 },
        amount: { law: 'constant', valueSat: 20_000 },
        endpoints: { kind: 'pairs', pairs: [{ from: 'silent', to: 'payee' }] },
        payee: { hold: { law: 'constant', value: '50m' } },
      },
      faults: [{ kind: 'unresponsive', node: 'silent', at: '10m', for: '30d' }],
    });
    // the node in the middle claims with the preimages that it got; the silent one finds them on the chain
    expect(summary.payments).toMatchObject({ sent: 10, succeeded: 10 });
    expect([summary.settled, summary.channels.closed.unilateral]).toEqual([true, 1]);
    const claims = world.transactions.filter(({ kind }) => kind === 'htlc-success');
    expect(claims.length).toBeGreaterThan(0);
    // 40 and 21 blocks from the payments to their expiry, of which the last ten are for the claims
    const paidAt = world.transactions.findLast(({ kind }) => kind === 'funding')!.height;
    for (const { height } of claims) expect(height - paidAt).toBeGreaterThan(50);
  });

  test('an opening that a disconnection interrupts is forgotten, or goes on with channel_ready', () => {
    const opened = (at: string): ReturnType<typeof marksDuring<RunResult>> =>
      marksDuring(() =>
        runSmall({
          ...slowLine([{ kind: 'disconnect', channel: '#2', at, for: '5s' }]),
          chain: { blockInterval: '1m' },
          channels: { liquidity: 'balanced', opener: 'node1' },
          openings: [{ node1: '#0', node2: '#2', capacitySat: 5_000_000, pushSat: 2_500_000, at: 10 }],
        }),
      );
    // open_channel, accept_channel, funding_created and funding_signed take a second each
    const early = opened('12s');
    expect(early.marks.has('an opening forgotten by a disconnection')).toBe(true);
    expect([early.result.summary.settled, early.result.summary.channels.open]).toEqual([true, 0]);
    const signed = opened('13.5s');
    expect([signed.result.summary.settled, signed.result.summary.channels.open]).toEqual([true, 0]);
    const late = opened('20s');
    expect(late.marks.has('an opening forgotten by a disconnection')).toBe(false);
    expect(late.result.summary.channels.opened).toBe(3);
    expectWhole(late.result);
  });

  test('a world without such faults keeps its digest whatever could have gone wrong', () => {
    const none = runSmall(slowLine([]));
    const late = runSmall(slowLine([{ kind: 'crash', node: '#1', at: '10d', for: 1 }]));
    expect(late.summary.digest).toBe(none.summary.digest);
  });
});

describe('a swarm of worlds whose connections break', () => {
  test('resolves every HTLC, closes every channel by agreement, and gives everybody what is theirs', () => {
    const { marks } = marksDuring(() => {
      for (let seed = 1; seed <= WORLDS; seed++) expectWhole(runSmall(drawWorld(seed)));
    });
    for (const rare of [
      'an HTLC forgotten by a disconnection',
      'a message sent again after a disconnection',
      'an HTLC decided on again after a crash',
    ]) {
      expect([rare, marks.has(rare)]).toEqual([rare, true]);
    }
  });
});

const WORLDS = 40;
const HALF_MSAT = 2_500_000_000;

function drawWorld(seed: number): ScenarioInput {
  const rng = Rng.fromSeed(seed).stream('connections');
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]!;
  const nodes = 5 + rng.below(4);
  return {
    seed,
    topology: { generate: pick(['line', 'ring', 'star'] as const), nodes },
    chain: { feerateSatPerVbyte: pick([3, 10, 30]), blockInterval: 20 },
    channels: {
      closing: pick(['legacy', 'simple'] as const),
      commitInterval: pick([0, '50ms', '400ms']),
      feeUpdates: pick([null, {}, { anchorsMaxPerKw: 10_000 }]),
      liquidity: 'balanced',
      format: pick(['anchors', 'static_remotekey', 'anchors_zero_fee_htlc_tx', 'zero_fee_commitments'] as const),
    },
    traffic: { payments: 80, rate: pick([3, 20]), amount: { medianSat: 5000, sigma: 1.5 } },
    latency: { median: pick(['20ms', '100ms', '500ms']) },
    faults: [
      ...Array.from({ length: 1 + rng.below(6) }, (): Faults[number] => {
        const [at, lasting] = [rng.below(30_000) / 1000, rng.below(8000) / 1000];
        const kind = pick(['disconnect', 'crash', 'offline', 'corrupt-onion'] as const);
        if (kind === 'disconnect') return { kind, channel: `#${rng.below(nodes - 1)}`, at, for: lasting };
        return { kind, node: `#${rng.below(nodes)}`, at, for: lasting };
      }),
      ...(rng.below(3) === 0
        ? [{ kind: 'unresponsive' as const, node: `#${rng.below(nodes)}`, at: 3, for: '5s' }]
        : []),
    ],
  };
}

/**
 * All is settled by agreement, for the faults were over long before any deadline; both ends of every channel agreed on
 * what was whose; and that is what the payments say. Channels began with half of the capacity on either side.
 */
function expectWhole({ summary, world, graph }: RunResult): void {
  const { unilateral } = summary.channels.closed;
  expect([summary.digest, summary.settled, summary.channels.open, unilateral]).toEqual([summary.digest, true, 0, 0]);
  expect(world.payments).toHaveLength(summary.payments.sent);
  const earnedMsat = new Map<number, number>();
  const earn = (node: number, msat: number): void => {
    earnedMsat.set(node, (earnedMsat.get(node) ?? 0) + msat);
  };
  let feesMsat = 0;
  for (const { succeeded, source, target, amountMsat, feeMsat } of world.payments) {
    if (!succeeded) continue;
    earn(source, amountMsat + feeMsat);
    earn(target, -amountMsat);
    feesMsat += feeMsat;
  }
  for (const { channel, owedMsat, gotSat } of world.closings) {
    expect(owedMsat[0] + owedMsat[1]).toBe(2 * HALF_MSAT);
    // node1's view of both balances is what the transaction of both paid out: its fee is the opener's alone
    const lostSat = [0, 1].map((side) => Math.floor(owedMsat[side]! / 1000) - gotSat[side]!);
    expect(Math.min(...lostSat)).toBe(0);
    expect(Math.max(...lostSat)).toBeLessThan(6000);
    for (const side of [0, 1] as const) earn(graph.edgeFrom[2 * channel + side]!, owedMsat[side] - HALF_MSAT);
  }
  // what nodes have beyond what they were paid and paid is what they earned by forwarding
  for (const earned of earnedMsat.values()) expect(earned).toBeGreaterThanOrEqual(0);
  expect([...earnedMsat.values()].reduce((sum, each) => sum + each, 0)).toBe(feesMsat);
}
