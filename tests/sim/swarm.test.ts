/**
 * Whole worlds drawn from one seed: every option at random, with faults, then the faults end and everything must resolve.
 * Rare paths carry marks; the swarm and the stories below it prove that each was reached.
 */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { Rng } from '../../src/base/random.ts';
import { msat, sat, satToMsat } from '../../src/base/units.ts';
import { runScenario, type RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { newChannelGraph, type ChannelGraph, type Policy } from '../../src/graph/channelGraph.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';
import { runSmall } from './smallWorld.ts';

const WORLDS = 60;

function drawScenario(seed: number): ScenarioInput {
  const rng = Rng.fromSeed(seed).stream('swarm');
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]!;
  return {
    seed,
    topology: { generate: pick(['line', 'ring', 'star'] as const), nodes: 3 + rng.below(4) },
    channels: {
      liquidity: pick(['uniform', 'balanced', 'opener'] as const),
      format: pick(['anchors', 'static_remotekey', 'anchors_zero_fee_htlc_tx', 'zero_fee_commitments'] as const),
      toSelfDelay: pick([6, 144, 500]),
      reserveMillionths: pick([0, 10_000]),
    },
    traffic: { payments: 60, rate: pick([1, 5, 50]), amount: { medianSat: 5000, sigma: 1.5 } },
    latency: { median: pick(['20ms', '300ms', '3s']) },
    closures: [0, 1].map((channel) => ({
      channel: `#${channel}`,
      at: rng.below(20),
      kind: pick(['mutual', 'unilateral', 'revoked', 'revoked-unpunished'] as const),
      by: pick(['node1', 'node2'] as const),
      pending: [0, 1, 2].map(() => ({
        from: pick(['closer', 'peer'] as const),
        count: 1 + rng.below(3),
        amountSat: 100 + rng.below(50_000),
        outcome: pick(['claim', 'timeout'] as const),
      })),
    })),
    faults: [0, 1, 2].slice(rng.below(4)).map((node) => ({
      kind: 'offline' as const,
      node: `#${node}`,
      at: rng.below(30),
      for: pick([3, 3600, 86_400, 864_000]),
    })),
  };
}

describe('a swarm of worlds', () => {
  test('always conserves money and always resolves', () => {
    const { marks } = marksDuring(() => {
      for (let seed = 1; seed <= WORLDS; seed++) {
        const { summary, world } = runSmall(drawScenario(seed));
        expect({ seed, settled: summary.settled, open: summary.channels.open }).toEqual({
          seed,
          settled: true,
          open: 0,
        });
        expect(world.payments).toHaveLength(60);
        const { issuedSat, walletsSat, contractsSat, minersSat } = world.holdings;
        expect(walletsSat + contractsSat + minersSat).toBe(issuedSat);
      }
    });
    for (const rare of [
      'claim not worth its fee',
      'penalty planned',
      'second-stage transaction of a revoked commitment',
    ]) {
      expect([rare, marks.has(rare)]).toEqual([rare, true]);
    }
  });
});

const OPEN: Policy = {
  feeBaseMsat: msat(1000),
  feeProportionalMillionths: 1,
  cltvExpiryDelta: 40,
  htlcMinimumMsat: msat(1),
  htlcMaximumMsat: msat(1),
  disabled: false,
};

/** A graph of channels by capacity, all between the same two nodes. */
function between(capacitiesSat: readonly number[]): ChannelGraph {
  const graph = newChannelGraph();
  for (const name of ['alice', 'bob']) graph.addNode(name, { alias: name });
  capacitiesSat.forEach((each, index) => {
    const capacitySat = sat(each);
    const policy = { ...OPEN, htlcMaximumMsat: satToMsat(capacitySat) };
    graph.addUndirectedEdgeWithKey(`1x${index}x0`, 'alice', 'bob', { capacitySat, policy1: policy, policy2: policy });
  });
  return graph;
}

const run = (graph: ChannelGraph, input: Partial<ScenarioInput>): RunResult =>
  runScenario(checkScenario({ topology: { file: 'unused' }, traffic: { payments: 0 }, ...input }, 'test'), graph);

describe('found by review', () => {
  test('a hundred HTLCs are claimed by a wallet of two coins, together', () => {
    const { summary } = runSmall({
      topology: { generate: 'line', nodes: 2 },
      channels: { liquidity: 'balanced' },
      traffic: { payments: 0 },
      closures: [
        {
          channel: '#0',
          at: 10,
          kind: 'unilateral',
          pending: [{ from: 'peer', count: 100, amountSat: 20_000, outcome: 'claim' }],
        },
      ],
    });
    expect(summary.chain.byKind['htlc-claim']).toBeUndefined();
    expect(summary.closings[0]?.node1.owedMsat).toBe(2_500_000_000 + 100 * 20_000_000);
    expect(summary.closings[0]!.node1.gainSat).toBeGreaterThan(-200_000);
  });

  test('the lowest fee rate still lets channels close by agreement', () => {
    const { summary } = runSmall({
      topology: { generate: 'ring', nodes: 4 },
      chain: { feerateSatPerVbyte: 1 },
      traffic: { payments: 5 },
    });
    expect(summary.channels.closed).toMatchObject({ mutual: 4, unilateral: 0 });
  });

  test('a node that two faults keep away is back when the second ends', () => {
    const victim = (faults: ScenarioInput['faults']): string | undefined =>
      runSmall({
        topology: { generate: 'line', nodes: 2 },
        channels: { liquidity: 'balanced' },
        traffic: { payments: 0 },
        closures: [{ channel: '#0', at: 10, kind: 'revoked-unpunished' }],
        ...(faults ? { faults } : {}),
      }).summary.closings[0]?.kind;
    // the fault ends while the closure still keeps the victim away: that must not bring it back
    expect(victim([{ kind: 'offline', node: '#0', at: 12, for: '1h' }])).toBe(victim([]));
  });

  test('channels all of dust never get stuck on a commitment without outputs', () => {
    const { summary } = run(between([1500, 1900, 2600]), {
      channels: { reserveMillionths: 0, dustLimitSat: 600, liquidity: 'uniform' },
      closures: [0, 1, 2].map((channel) => ({ channel: `#${channel}`, at: 10, kind: 'unilateral' as const })),
    });
    expect([summary.settled, summary.channels.open]).toEqual([true, 0]);
  });

  test('neither a cheater nor a closer without a coin for its HTLC transactions holds up the run for ever', () => {
    const { result, marks } = marksDuring(() =>
      (['revoked-unpunished', 'unilateral'] as const).map((kind) =>
        runSmall({
          topology: { generate: 'line', nodes: 2 },
          channels: { liquidity: 'balanced', opener: 'node2' },
          chain: { walletReserveSat: 0 },
          traffic: { payments: 0 },
          closures: [
            {
              channel: '#0',
              at: 10,
              kind,
              pending: [{ from: 'peer', count: 2, amountSat: 20_000, outcome: 'claim' }],
            },
          ],
        }),
      ),
    );
    expect(result.map(({ summary }) => summary.channels.open)).toEqual([0, 0]);
    expect(marks.has('an HTLC transaction waits for a coin')).toBe(true);
  });
});

describe('rare paths', () => {
  test('a forwarding node whose incoming channel went on-chain claims there with the preimage it learns later', () => {
    //  node0 ── node1 ── node2 ── node3      slow messages, fast blocks: the first channel's close confirms while
    //                                        payments over it are still being fulfilled further on
    const { result, marks } = marksDuring(() =>
      runSmall({
        seed: 4,
        topology: { generate: 'line', nodes: 4 },
        channels: { liquidity: 'balanced' },
        chain: { blockInterval: '2m' },
        traffic: { payments: 60, rate: 0.1, amount: { medianSat: 20_000, sigma: 0 } },
        latency: { median: '30s', sigma: 0 },
        closures: [{ channel: '#0', at: '9m', kind: 'unilateral' }],
      }),
    );
    expect(marks.has('preimage learned after the channel went on-chain')).toBe(true);
    expect(result.summary.settled).toBe(true);
    const { byKind } = result.summary.chain;
    expect((byKind['htlc-claim']?.count ?? 0) + (byKind['htlc-success']?.count ?? 0)).toBeGreaterThan(0);
  });

  test('dust channels open without anchors, and close by force where nobody can pay for an agreement', () => {
    const { result, marks } = marksDuring(() =>
      run(between([1050, 1050, 1500, 900, 400]), {
        channels: { liquidity: 'uniform', opener: 'node1' },
        chain: { feerateSatPerVbyte: 20 },
      }),
    );
    expect(result.summary.channels).toMatchObject({ opened: 4, tooSmall: 1, withoutAnchors: 4, open: 0 });
    expect(marks.has('a mutual close that the opener cannot pay for')).toBe(true);
    expect(result.summary.settled).toBe(true);
  });

  test('a funding whose coins another took waits for the change', () => {
    const { result, marks } = marksDuring(() =>
      run(between([2_500_000_000, 990_000_000]), { channels: { opener: 'node1' } }),
    );
    expect(result.summary.channels).toMatchObject({ opened: 2, open: 0 });
    expect(marks.has('a funding waits for change')).toBe(true);
  });
});
