/** Channels opened by their nodes' messages: refused, used before they are confirmed, opened while others pay. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import type { RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { runSmall } from './smallWorld.ts';

const PAYING: Partial<ScenarioInput> = { traffic: { payments: 30, rate: 1, amount: { medianSat: 2000, sigma: 0 } } };

/** Heights of the blocks that hold fundings. */
const fundingHeights = ({ world }: RunResult): number[] =>
  world.transactions.filter(({ kind }) => kind === 'funding').map(({ height }) => height);

describe('the opening of a network', () => {
  test('what an accepter does not put up with is not opened, and counted with the reason', () => {
    const of = (channels: ScenarioInput['channels']): RunResult['summary']['channels'] =>
      runSmall({ topology: { generate: 'ring', nodes: 4 }, traffic: { payments: 0 }, ...(channels && { channels }) })
        .summary.channels;
    // capacities are 5,000,000 sat, of which each end is to keep a hundredth and may have all in flight
    expect(of({ accepts: { leastCapacitySat: 5_000_000 } })).toMatchObject({ opened: 4, notOpened: {} });
    const refused = (accepts: object): unknown => of({ accepts }).notOpened;
    expect(refused({ leastCapacitySat: 5_000_001 })).toEqual({ 'funding-too-small': 4 });
    expect(refused({ mostReserveMillionths: 9_999 })).toEqual({ 'reserve-too-large': 4 });
    expect(refused({ mostToSelfDelay: 143 })).toEqual({ 'to-self-delay-too-large': 4 });
    expect(refused({ leastInFlightSat: 5_000_001 })).toEqual({ 'in-flight-limit-too-small': 4 });
    expect(of({ htlcMinimumMsat: 1000, accepts: { mostHtlcMinimumMsat: 999 } }).notOpened).toEqual({
      'htlc-minimum-too-large': 4,
    });
  });

  test('a run without a channel ends, its money in wallets', () => {
    const { summary, world } = runSmall({
      topology: { generate: 'line', nodes: 2 },
      channels: { accepts: { leastCapacitySat: 6_000_000 } },
      closures: [{ channel: '#0', at: 10, kind: 'unilateral' }],
      ...PAYING,
    });
    expect([summary.settled, summary.channels.opened, summary.payments.sent]).toEqual([true, 0, 0]);
    expect(summary.notes).toContain('channel #0 was not open when it was to be closed (unilateral)');
    expect(world.holdings.channelsSat).toBe(0);
  });

  test('a channel is used once its funding is minimumDepth blocks deep', () => {
    for (const minimumDepth of [1, 6]) {
      const result = runSmall({ topology: { generate: 'line', nodes: 3 }, chain: { minimumDepth }, ...PAYING });
      const first = result.world.payments[0]!;
      const openedIn = Math.max(...fundingHeights(result)) + minimumDepth - 1;
      const minedBy = (micros: number): number =>
        result.world.chain.blockAt(openedIn).block.header.timeSeconds - 1296688602 - Math.floor(micros / 1e6);
      expect(result.world.openedAt).toBeLessThanOrEqual(first.startedAt);
      // the clock of regtest's genesis block; a payment starts after the block that made the channel ready
      expect(minedBy(result.world.openedAt)).toBe(0);
    }
  });

  test('a zero-conf channel is used before any block holds its funding', () => {
    const result = runSmall({
      topology: { generate: 'line', nodes: 3 },
      channels: { opening: 'zero-conf', liquidity: 'balanced' },
      ...PAYING,
    });
    const { summary, world } = result;
    const openedAt = world.chain.blockAt(fundingHeights(result)[0]!).block.header.timeSeconds - 1296688602;
    expect(world.payments[0]!.endedAt / 1e6).toBeLessThan(openedAt);
    expect(summary.payments.succeeded).toBe(30);
    expect(summary.channels).toMatchObject({ opened: 2, open: 0 });
    expect(summary.settled).toBe(true);
  });

  test('a zero-conf channel can go on-chain before its funding is confirmed, in every format', () => {
    for (const format of ['anchors_zero_fee_htlc_tx', 'static_remotekey', 'zero_fee_commitments'] as const) {
      const { summary, world } = runSmall({
        topology: { generate: 'line', nodes: 2 },
        channels: { opening: 'zero-conf', liquidity: 'balanced', format },
        traffic: { payments: 0 },
        closures: [
          {
            channel: '#0',
            at: 1,
            kind: 'unilateral',
            pending: [{ from: 'closer', count: 2, amountSat: 20_000, outcome: 'claim' }],
          },
        ],
      });
      expect([format, summary.settled, summary.channels.open]).toEqual([format, true, 0]);
      expect(world.holdings.contractsSat).toBeLessThanOrEqual(660);
      expect(summary.closings[0]!.node1.owedMsat).toBe(2_500_000_000 - 40_000_000);
    }
  });
});

describe('a channel opened while others pay', () => {
  //  node0 ── node1 ── node2, and after a while node0 ── node2: what went over node1 goes straight
  const LINE: ScenarioInput = {
    topology: { generate: 'line', nodes: 3 },
    channels: { liquidity: 'balanced' },
    traffic: { payments: 120, rate: 0.01, amount: { medianSat: 2000, sigma: 0 } },
  };
  const OPENING = { at: '10m', node1: '#0', node2: '#2', capacitySat: 1_000_000, pushSat: 400_000 };
  const ends = new Set([0, 2]);

  test('is announced when it is ready, and payments take it from then on', () => {
    const { summary, world, graph } = runSmall({ ...LINE, openings: [OPENING] });
    const channel = graph.channelIndex.get('opening-0')!;
    const funding = world.transactions.find((each) => each.kind === 'funding' && each.channel === channel)!;
    const buried = world.chain.blockAt(funding.height + 5).block.header.timeSeconds - 1296688602;
    const direct = world.payments.filter((each) => ends.has(each.source) && ends.has(each.target));
    const hopsWhen = (holds: (startedAt: number) => boolean): Set<number> =>
      new Set(direct.filter(({ startedAt }) => holds(startedAt / 1e6)).map(({ hops }) => hops));
    expect(hopsWhen((startedAt) => startedAt < buried)).toEqual(new Set([2]));
    // both ends have to hear the other's channel_ready: a second is plenty
    expect(hopsWhen((startedAt) => startedAt > buried + 1)).toEqual(new Set([1]));
    expect(summary.payments.succeeded).toBe(120);
    expect(summary.channels).toMatchObject({ opened: 3, open: 0, notOpened: {} });
    expect(summary.settled).toBe(true);
  });

  test('waits for an opener that is away, and for an accepter', () => {
    for (const node of ['#0', '#2']) {
      const { summary, world } = runSmall({
        ...LINE,
        traffic: { payments: 0 },
        openings: [OPENING],
        faults: [{ kind: 'offline', node, at: '5m', for: '5h' }],
      });
      const [last] = world.transactions.filter(({ kind }) => kind === 'funding').slice(-1);
      const mined = world.chain.blockAt(last!.height).block.header.timeSeconds - 1296688602;
      expect(mined).toBeGreaterThan(world.openedAt / 1e6 + 5 * 3600);
      expect(summary.channels).toMatchObject({ opened: 3, open: 0 });
    }
  });

  test('may be refused, and the run goes on', () => {
    const { summary } = runSmall({
      ...LINE,
      channels: { accepts: { leastCapacitySat: 2_000_000 } },
      openings: [OPENING],
    });
    expect(summary.channels).toMatchObject({ opened: 2, notOpened: { 'funding-too-small': 1 } });
    expect([summary.settled, summary.payments.sent]).toEqual([true, 120]);
  });

  test('can be closed by name, also as a theft', () => {
    const { summary } = runSmall({
      ...LINE,
      openings: [OPENING],
      closures: [{ channel: 'opening-0', at: '5h', kind: 'revoked' }],
    });
    expect(summary.closings.map(({ channel, kind }) => [channel, kind])).toEqual([['opening-0', 'revoked-punished']]);
  });

  test('survives the loss of the blocks that held its funding', () => {
    const { result, marks } = marksDuring(() =>
      [1, 2, 3].map((seed) =>
        runSmall({
          ...LINE,
          seed,
          traffic: { payments: 40, rate: 0.002 },
          chain: {
            minimumDepth: 1,
            miners: [
              { name: 'honest', hashPower: 55 },
              { name: 'selfish', hashPower: 45, behaviour: { kind: 'selfish' } },
            ],
          },
          openings: [0, 1, 2, 3, 4, 5].map((index) => ({ ...OPENING, at: 600 * index })),
        }),
      ),
    );
    for (const { summary } of result) {
      expect([summary.settled, summary.channels.opened, summary.channels.open]).toEqual([true, 8, 0]);
    }
    expect(marks.has('the confirmation of a funding undone')).toBe(true);
  });

  test('names what is wrong with it', () => {
    const of = (change: object) => (): unknown => runSmall({ ...LINE, openings: [{ ...OPENING, ...change }] });
    expect(of({ node2: '#3' })).toThrow(/openings\[0\]\.node2.*#0 … #2/);
    expect(of({ node2: '#0' })).toThrow(/openings\[0\]\.node2.*another node than node1/);
    expect(of({ pushSat: 1_000_000 })).toThrow(/openings\[0\]\.pushSat.*less than the capacity/);
  });
});
