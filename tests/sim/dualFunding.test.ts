/** Channels that both ends fund, in worlds: who pays what, by hand; and over random splits. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { marksDuring } from '../../src/base/marks.ts';
import { outPointKey, txidOf, type Transaction, type TxOutput } from '../../src/chain/transaction.ts';
import type { RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { runSmall } from './smallWorld.ts';

/** Two nodes and a channel of 5,000,000 sat, which both fund; fundings pay 1000 sat per 1000 weight units. */
const two = (channels: ScenarioInput['channels'], input: Partial<ScenarioInput> = {}): RunResult =>
  runSmall({
    topology: { generate: 'line', nodes: 2 },
    traffic: { payments: 0 },
    chain: { feerateSatPerVbyte: 4 },
    settle: 'none',
    ...input,
    channels: { opening: 'dual', opener: 'node1', ...channels },
  });

/** The outputs of all transactions on the chain, and its fundings. */
function onChain({ world }: RunResult): { outputs: Map<string, TxOutput>; fundings: Transaction[] } {
  const outputs = new Map<string, TxOutput>();
  const fundings: Transaction[] = [];
  const ids = new Set(world.transactions.filter(({ kind }) => kind === 'funding').map(({ txid }) => txid));
  for (let height = 1; height <= world.chain.height; height++) {
    for (const transaction of world.chain.blockAt(height).block.transactions) {
      const txid = txidOf(transaction);
      transaction.outputs.forEach((output, vout) => outputs.set(outPointKey({ txid, vout }), output));
      if (ids.has(txid)) fundings.push(transaction);
    }
  }
  return { outputs, fundings };
}

/** What each wallet lost by a funding: its inputs less its change, by its script in hex. */
function paid(result: RunResult, { inputs, outputs }: Transaction): Map<string, number> {
  const spent = onChain(result).outputs;
  const bySide = new Map<string, number>();
  const add = ({ script, valueSat }: TxOutput, sign: 1 | -1): void => {
    const key = Buffer.from(script).toString('hex');
    bySide.set(key, (bySide.get(key) ?? 0) + sign * valueSat);
  };
  for (const { prevout } of inputs) add(present(spent.get(outPointKey(prevout)), 'the output spent'), 1);
  for (const output of outputs) if (output.script.length === 22) add(output, -1);
  return bySide;
}

describe('a channel that both fund', () => {
  test('takes from each wallet its balance and its share of the fee', () => {
    const result = two({ liquidity: 'balanced' });
    const { summary, world } = result;
    const [funding] = onChain(result).fundings;
    const { inputs, outputs } = present(funding, 'the funding transaction');
    expect([inputs.length, outputs.map(({ script }) => script.length)]).toEqual([2, [34, 22, 22]]);
    expect(outputs[0]!.valueSat).toBe(5_000_000);
    // each: an input 164 + 108, change 124, in all 396; the opener also 42 in common and the channel's output 4 × 43
    const shares = [...paid(result, present(funding, 'it')).values()].sort((a, b) => a - b);
    expect(shares).toEqual([2_500_396, 2_500_610]);
    expect(world.transactions.find(({ kind }) => kind === 'funding')!.feeSat).toBe(396 + 610);
    expect(world.holdings.channelsSat).toBe(5_000_000);
    expect(summary.channels).toMatchObject({ opened: 1, open: 1, notOpened: {} });
  });

  test('is closed to what each put in, less what a close costs its opener', () => {
    const closures: ScenarioInput['closures'] = [{ channel: '#0', at: 10, kind: 'mutual' }];
    const { summary } = two({ liquidity: 'balanced' }, { closures, settle: 'all' });
    expect([summary.settled, summary.channels.open]).toEqual([true, 0]);
    const [closing] = summary.closings;
    expect([closing!.node1.owedMsat, closing!.node2.owedMsat]).toEqual([2_500_000_000, 2_500_000_000]);
    expect([closing!.node1.gainSat, closing!.node2.gainSat]).toEqual([-closing!.feesSat, 0]);
  });

  test('of which the accepter has nothing is funded by the opener alone', () => {
    const result = two({ liquidity: 'opener' });
    const [funding] = onChain(result).fundings;
    expect([...paid(result, present(funding, 'the funding transaction')).values()]).toEqual([5_000_610]);
  });

  test('is refused by name for what both bring together, and no coin is lost', () => {
    const of = (accepts: object): RunResult => two({ accepts });
    expect(of({ leastCapacitySat: 5_000_000 }).summary.channels).toMatchObject({ opened: 1, notOpened: {} });
    const refused = of({ leastCapacitySat: 5_000_001 });
    expect(refused.summary.channels).toMatchObject({ opened: 0, notOpened: { 'funding-too-small': 1 } });
    expect(refused.world.holdings.channelsSat).toBe(0);
    expect(of({ mostReserveMillionths: 9_999 }).summary.channels.notOpened).toEqual({ 'reserve-too-large': 1 });
    expect(() => two({ reserveMillionths: 20_000 })).toThrow(/channels\.reserveMillionths.*a hundredth/);
  });

  test('is opened while others pay, over links that take their time; the other end puts pushSat in', () => {
    const result = two(
      { liquidity: 'balanced' },
      {
        topology: { generate: 'line', nodes: 3 },
        traffic: { payments: 120, rate: 0.01, amount: { medianSat: 2000, sigma: 0 } },
        openings: [{ at: '10m', node1: '#0', node2: '#2', capacitySat: 1_000_000, pushSat: 400_000 }],
        faults: [{ kind: 'offline', node: '#2', at: '5m', for: '1h' }],
        settle: 'all',
      },
    );
    const { summary } = result;
    expect(summary.channels).toMatchObject({ opened: 3, open: 0, notOpened: {} });
    expect(summary.settled).toBe(true);
    const { fundings } = onChain(result);
    const last = present(
      fundings.find(({ outputs }) => outputs.some(({ valueSat }) => valueSat === 1_000_000)),
      'the later funding',
    );
    expect([...paid(result, last).values()].sort((a, b) => a - b)).toEqual([400_396, 600_610]);
  });

  test('waits for an accepter whose money is in change', () => {
    // b needs 12 BTC, for which it has two coins of 6, and 9 BTC, for which it has one: the first channel takes 9 and 6
    const BTC = 100_000_000;
    const { result, marks } = marksDuring(() =>
      two(
        { liquidity: 'graph' },
        {
          topology: {
            channels: [
              { node1: 'a', node2: 'b', capacitySat: 13 * BTC, node1Sat: BTC },
              { node1: 'c', node2: 'b', capacitySat: 10 * BTC, node1Sat: BTC },
            ],
          },
        },
      ),
    );
    expect(result.summary.channels).toMatchObject({ opened: 2, open: 2, notOpened: {} });
    const heights = result.world.transactions.filter(({ kind }) => kind === 'funding').map(({ height }) => height);
    expect(heights[1]! - heights[0]!).toBe(1);
    expect(result.world.holdings.channelsSat).toBe(23 * BTC);
    expect(marks.has('an accepter that waits for change')).toBe(true);
  });

  test('survives the loss of the blocks that held its funding', () => {
    const { result, marks } = marksDuring(() =>
      [1, 2, 3].map((seed) =>
        two(
          { liquidity: 'balanced' },
          {
            seed,
            topology: { generate: 'line', nodes: 3 },
            traffic: { payments: 40, rate: 0.002, amount: { medianSat: 2000, sigma: 0 } },
            chain: {
              minimumDepth: 1,
              miners: [
                { name: 'honest', hashPower: 55 },
                { name: 'selfish', hashPower: 45, behaviour: { kind: 'selfish' } },
              ],
            },
            openings: [0, 1, 2, 3, 4, 5].map((index) => ({
              at: 600 * index,
              node1: '#0',
              node2: '#2',
              capacitySat: 1_000_000,
              pushSat: 400_000,
            })),
            settle: 'all',
          },
        ),
      ),
    );
    for (const { summary } of result) {
      expect([summary.settled, summary.channels.opened, summary.channels.open]).toEqual([true, 8, 0]);
    }
    expect(marks.has('the confirmation of a funding undone')).toBe(true);
  });

  test('loses no msat however it is split, and each wallet pays its share', () => {
    const split = fc.record({
      seed: fc.nat(1000),
      opener: fc.constantFrom('node1' as const, 'node2' as const, 'random' as const),
      liquidity: fc.constantFrom('uniform' as const, 'opener' as const, { kind: 'bimodal' as const }),
      satPerVbyte: fc.integer({ min: 2, max: 80 }),
      format: fc.constantFrom('anchors_zero_fee_htlc_tx' as const, 'static_remotekey' as const),
    });
    fc.assert(
      fc.property(split, ({ seed, satPerVbyte, ...channels }) => {
        const result = two(channels, {
          seed,
          topology: { generate: 'ring', nodes: 3 },
          chain: { feerateSatPerVbyte: satPerVbyte },
          closures: [0, 1, 2].map((index) => ({ channel: `#${index}`, at: 10, kind: 'mutual' as const })),
          settle: 'all',
        });
        const { summary, world } = result;
        expect(summary).toMatchObject({ settled: true, channels: { opened: 3, open: 0, notOpened: {} } });
        const { fundings } = onChain(result);
        const feeOf = (weight: number): number => Math.ceil((weight * satPerVbyte * 250) / 1000);
        const putIn = fundings.map((funding) => {
          // by serial ids the accepter, whose are odd, comes before the opener's change, and after the channel's output
          const [first, second] = [...paid(result, funding).values()];
          expect(funding.outputs[0]!.valueSat).toBe(5_000_000);
          if (second === undefined) return [first! - feeOf(610), 0];
          return [second - feeOf(610), first! - feeOf(396)];
        });
        const sorted = (pairs: readonly (readonly number[])[]): string[] =>
          pairs.map((pair) => [...pair].sort((a, b) => a - b).join()).sort();
        const closed = summary.closings.map(({ node1, node2 }) => [node1.owedMsat / 1000, node2.owedMsat / 1000]);
        for (const [a, b] of putIn) expect(a! + b!).toBe(5_000_000);
        expect(sorted(closed)).toEqual(sorted(putIn));
        expect(world.holdings.channelsSat).toBe(0);
      }),
      { numRuns: 25 },
    );
  });
});
