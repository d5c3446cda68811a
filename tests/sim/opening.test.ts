/** Channels opened by their nodes' messages: refused, used before they are confirmed, opened while others pay. */
import { describe, expect, test } from 'vitest';
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
