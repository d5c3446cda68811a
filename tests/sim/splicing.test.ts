/** Splices in a world: money goes into channels in use and out of them, and nobody loses any whatever happens meanwhile. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { Rng } from '../../src/base/random.ts';
import type { RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import type { ClosingSummary } from '../../src/experiment/summary.ts';
import { runSmall } from './smallWorld.ts';

const CAPACITY_SAT = 5_000_000;
const WORLDS = 40;

/** Two nodes and a channel with half of it on either side. */
const two = (input: Partial<ScenarioInput>): RunResult =>
  runSmall({
    topology: { generate: 'line', nodes: 2 },
    channels: { liquidity: 'balanced' },
    traffic: { payments: 0 },
    ...input,
  });

const feeOf = ({ world }: RunResult, kind: string): number =>
  world.transactions.filter((each) => each.kind === kind).reduce((sum, { feeSat }) => sum + feeSat, 0);

/** Nobody gains, and what is lost is fees, anchors and dust. */
function expectHonest({ node1, node2, feesSat }: ClosingSummary): void {
  expect(node1.gainSat).toBeLessThanOrEqual(1);
  expect(node2.gainSat).toBeLessThanOrEqual(1);
  expect(-(node1.gainSat + node2.gainSat)).toBeLessThanOrEqual(feesSat + 660 + 3);
}

describe('a splice', () => {
  test('in adds a wallet’s money to the channel, and the graph learns of it', () => {
    const result = two({
      splices: [{ channel: '#0', at: 10, by: 'node1', addSat: 1_000_000 }],
      // long enough for six blocks
      traffic: { payments: 20, rate: 0.001, amount: { medianSat: 1000, sigma: 0 } },
      settle: 'none',
    });
    const { summary, world, graph } = result;
    expect(summary.channels.splices).toEqual({ locked: 1, failed: {} });
    expect(graph.capacityMsat[0]).toBe(6_000_000_000);
    expect([graph.htlcMaximumMsat[0], graph.htlcMaximumMsat[1]]).toEqual([6_000_000_000, 6_000_000_000]);
    expect(world.holdings.channelsSat).toBe(6_000_000);
    expect(summary.payments.succeeded).toBe(20);
  });

  test('out pays a node’s balance to its wallet, less the fee', () => {
    const of = (splices: ScenarioInput['splices']): RunResult =>
      two({
        ...(splices ? { splices } : {}),
        traffic: { payments: 20, rate: 0.001, amount: { medianSat: 1000, sigma: 0 } },
        settle: 'none',
      });
    const spliced = of([{ channel: '#0', at: 10, by: 'node2', removeSat: 1_000_000 }]);
    const left = of([]);
    expect(spliced.world.holdings.channelsSat).toBe(4_000_000);
    expect(spliced.world.holdings.walletsSat - left.world.holdings.walletsSat).toBe(
      1_000_000 - feeOf(spliced, 'splice'),
    );
    expect(spliced.graph.capacityMsat[0]).toBe(4_000_000_000);
  });

  test('makes room for a payment that the channel could not carry', () => {
    // node1 has 2,500,000 sat: 3,000,000 go through only once the splice is locked
    const { world } = two({
      splices: [{ channel: '#0', at: 10, by: 'node1', addSat: 5_000_000 }],
      traffic: { payments: 30, rate: 0.001, amount: { medianSat: 3_000_000, sigma: 0 }, maxAttempts: 1 },
      channels: { liquidity: 'balanced', opener: 'node1' },
    });
    const splice = world.transactions.find(({ kind }) => kind === 'splice')!;
    const lockedAt = world.chain.blockAt(splice.height + 5).block.header.timeSeconds - 1296688602;
    const before = world.payments.filter(({ startedAt }) => startedAt / 1e6 < lockedAt);
    expect(before.every(({ succeeded }) => !succeeded)).toBe(true);
    expect(world.payments.some(({ succeeded, source }) => succeeded && source === 0)).toBe(true);
  });

  test('waits for what is on its way, and what comes meanwhile waits for the splice', () => {
    const { result, marks } = marksDuring(() =>
      two({
        traffic: { payments: 400, rate: 20, amount: { medianSat: 1000, sigma: 0 } },
        latency: { median: '200ms', sigma: 1 },
        splices: [
          { channel: '#0', at: 5, by: 'node1', addSat: 500_000 },
          { channel: '#0', at: 5, by: 'node2', addSat: 700_000 },
        ],
      }),
    );
    // one is first; the other waits until that is locked
    expect(result.summary.channels.splices).toEqual({ locked: 2, failed: {} });
    expect(marks.has('a removal waits for the end of silence')).toBe(true);
    expect(result.summary.payments.sent).toBe(400);
    expect(result.summary.payments.succeeded).toBeGreaterThan(200);
    expect([result.summary.settled, result.summary.channels.closed.mutual]).toEqual([true, 1]);
  });

  test('that can’t be is refused with the reason, and the channel goes on', () => {
    const of = (splice: object): unknown => {
      const { summary } = two({ splices: [{ channel: '#0', at: 10, ...splice }] });
      expect([summary.settled, summary.channels.closed.mutual]).toEqual([true, 1]);
      return summary.channels.splices;
    };
    expect(of({ removeSat: 2_500_001 })).toEqual({ locked: 0, failed: { 'contribution-over-balance': 1 } });
    expect(of({ removeSat: 2_499_999 })).toEqual({ locked: 0, failed: { 'balance-below-reserve': 1 } });
    expect(of({ removeSat: 1000 })).toEqual({ locked: 0, failed: { 'amount-too-small': 1 } });
  });

  test('names what is wrong with it', () => {
    const of = (splice: object) => (): unknown => two({ splices: [{ channel: '#0', at: 10, ...splice }] });
    expect(of({ addSat: 1000, removeSat: 1000 })).toThrow(/splices\[0\].*either addSat or removeSat/);
    expect(of({})).toThrow(/splices\[0\].*either addSat or removeSat/);
    expect(of({ channel: '#1', addSat: 1000 })).toThrow(/splices\[0\]\.channel.*#0 … #0/);
  });

  test('waits for a peer that is away, and a planned agreed closing waits for the splice', () => {
    const { summary } = two({
      splices: [{ channel: '#0', at: 10, by: 'node1', addSat: 100_000 }],
      faults: [{ kind: 'offline', node: '#1', at: 5, for: '2h' }],
      // back after 7,205 s, asked for every minute
      closures: [{ channel: '#0', at: 7300, kind: 'mutual' }],
    });
    expect(summary.channels).toMatchObject({ splices: { locked: 1, failed: {} }, closed: { mutual: 1 } });
  });
});

const HTLCS = [
  { from: 'closer', count: 2, amountSat: 20_000, outcome: 'claim' },
  { from: 'peer', count: 2, amountSat: 20_000, outcome: 'claim' },
  { from: 'closer', amountSat: 30_000, outcome: 'timeout' },
  { from: 'peer', amountSat: 30_000, outcome: 'timeout' },
] as const;
const FORMATS = ['anchors_zero_fee_htlc_tx', 'static_remotekey', 'zero_fee_commitments'] as const;

describe('a channel closed by force', () => {
  const closing = (
    format: (typeof FORMATS)[number],
    at: number | string,
    by: 'node1' | 'node2',
    sat: number,
  ): RunResult =>
    two({
      channels: { liquidity: 'balanced', format },
      chain: { minimumDepth: 20 },
      splices: [{ channel: '#0', at: 10, by: 'node1', ...(sat > 0 ? { addSat: sat } : { removeSat: -sat }) }],
      closures: [{ channel: '#0', at, kind: 'unilateral', by, pending: [...HTLCS] }],
    });
  // splice messages take less than two seconds; twenty blocks of ten minutes take hours
  const WHEN = [
    ['while its splice waits for a block', 15],
    ['between a splice’s confirmation and its lock', '90m'],
  ] as const;
  for (const [when, at] of WHEN) {
    test.each(FORMATS)(`${when} is settled on the new funding, in sum and each end (%s)`, (format) => {
      for (const by of ['node1', 'node2'] as const) {
        for (const sat of [1_000_000, -1_000_000]) {
          const result = closing(format, at, by, sat);
          const { summary, world } = result;
          expect(summary.channels.splices).toEqual({ locked: 0, failed: { 'channel-closed': 1 } });
          expect([summary.settled, summary.channels.open]).toEqual([true, 0]);
          const [closed] = summary.closings;
          expect(closed!.kind).toBe('unilateral');
          // what each sent the other was claimed, what timed out came back, and node1 has what it put in or took out
          expect([closed!.node1.owedMsat, closed!.node2.owedMsat]).toEqual([2_500_000_000 + 1000 * sat, 2_500_000_000]);
          expectHonest(closed!);
          expect(world.holdings.contractsSat).toBeLessThanOrEqual(660);
        }
      }
    });
  }

  test('with an old commitment is punished on the funding that a splice gave it', () => {
    for (const at of [15, '90m', '10h']) {
      const { summary } = two({
        chain: { minimumDepth: 20 },
        splices: [{ channel: '#0', at: 5, by: 'node2', addSat: 1_000_000 }],
        closures: [{ channel: '#0', at, kind: 'revoked', by: 'node1', pending: [...HTLCS] }],
      });
      const [closed] = summary.closings;
      expect([at, closed!.kind]).toEqual([at, 'revoked-punished']);
      expect(closed!.node2.gotSat).toBe(CAPACITY_SAT + 1_000_000 - closed!.feesSat - 660);
    }
  });
});

describe('random histories', () => {
  const pickFrom =
    (rng: Rng) =>
    <T>(list: readonly T[]): T =>
      list[rng.below(list.length)]!;

  function draw(seed: number): ScenarioInput {
    const rng = Rng.fromSeed(seed).stream('splices');
    const pick = pickFrom(rng);
    const nodes = 2 + rng.below(3);
    return {
      seed,
      topology: { generate: 'line', nodes },
      channels: {
        liquidity: pick(['uniform', 'balanced'] as const),
        format: pick([...FORMATS, 'anchors'] as const),
        reserveMillionths: pick([0, 10_000]),
        opening: pick(['v1', 'zero-conf'] as const),
      },
      chain: {
        minimumDepth: pick([1, 3, 10]),
        ...(rng.below(3) === 0
          ? {
              miners: [
                { name: 'a', hashPower: 55 },
                { name: 'b', hashPower: 45, behaviour: { kind: 'selfish' as const } },
              ],
            }
          : {}),
      },
      traffic: { payments: 40, rate: pick([0.005, 0.1, 5]), amount: { medianSat: 20_000, sigma: 1.5 } },
      latency: { median: pick(['20ms', '500ms', '5s']) },
      splices: Array.from({ length: 1 + rng.below(5) }, () => ({
        channel: `#${rng.below(nodes - 1)}`,
        at: pick([1, 10, 600, 7200]) + rng.below(20),
        by: pick(['node1', 'node2'] as const),
        ...(rng.below(2) === 0 ? { addSat: 1 + rng.below(3_000_000) } : { removeSat: 1 + rng.below(3_000_000) }),
      })),
      closures:
        rng.below(2) === 0
          ? []
          : [
              {
                channel: '#0',
                at: pick([1, 12, 605, 7205]) + rng.below(20),
                kind: pick(['mutual', 'unilateral', 'revoked', 'revoked-unpunished'] as const),
                by: pick(['node1', 'node2'] as const),
                pending: [
                  {
                    from: pick(['closer', 'peer'] as const),
                    count: 1 + rng.below(3),
                    amountSat: 200 + rng.below(50_000),
                    outcome: pick(['claim', 'timeout'] as const),
                  },
                ],
              },
            ],
      faults: Array.from({ length: rng.below(3) }, () => {
        const when = { at: rng.below(40), for: pick([1, 5, 60, 3600, 86_400]) };
        const kind = pick(['offline', 'crash', 'disconnect'] as const);
        return kind === 'disconnect'
          ? { kind, channel: `#${rng.below(nodes - 1)}`, ...when }
          : { kind, node: `#${rng.below(nodes)}`, ...when };
      }),
      auditEvery: 40,
    };
  }

  test('conserve every msat, and settle', () => {
    const { marks } = marksDuring(() => {
      for (let seed = 1; seed <= WORLDS; seed++) {
        const { summary, world } = runSmall(draw(seed));
        expect({ seed, settled: summary.settled, open: summary.channels.open }).toEqual({
          seed,
          settled: true,
          open: 0,
        });
        const { issuedSat, walletsSat, contractsSat, minersSat } = world.holdings;
        expect(walletsSat + contractsSat + minersSat).toBe(issuedSat);
        for (const closed of summary.closings) if (closed.kind === 'unilateral') expectHonest(closed);
      }
    });
    for (const rare of [
      'a splice locked',
      'a splice given up',
      'the confirmation of a splice undone',
      'a removal waits for the end of silence',
    ]) {
      expect([rare, marks.has(rare)]).toEqual([rare, true]);
    }
  });
});
