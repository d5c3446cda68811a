/**
 * Worlds whose chain forks: several miners, some of them dishonest, blocks that travel for minutes. Whatever left the chain
 * has left no trace in any book, and every channel still ends as it should.
 */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { Rng } from '../../src/base/random.ts';
import { txidOf } from '../../src/chain/transaction.ts';
import type { RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { runSmall } from './smallWorld.ts';

const WORLDS = 25;
/** Sat that an end may be short of what it was owed, beside fees: anchors, and halves of a satoshi. */
const SMALL_CHANGE = 1000;

/** Few channels, all closed in the thick of the forks. */
function drawScenario(seed: number): ScenarioInput {
  const rng = Rng.fromSeed(seed).stream('forks');
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]!;
  const kinds = ['mutual', 'unilateral', 'revoked', 'revoked-unpunished'] as const;
  return {
    seed,
    topology: { generate: 'ring', nodes: 4 },
    channels: {
      liquidity: 'balanced',
      toSelfDelay: pick([6, 20]),
      format: pick(['anchors', 'anchors_zero_fee_htlc_tx']),
    },
    chain: {
      miners: [
        { name: 'a', hashPower: 30 },
        { name: 'b', hashPower: 30 },
        { name: 'c', hashPower: 40, behaviour: { kind: pick(['honest', 'selfish']) } },
      ],
      propagation: { median: pick(['3m', '10m']), sigma: 1 },
      // half of the blocks and more are lost
      demand: pick([null, { load: 0.1 }]),
    },
    traffic: { payments: 20, rate: 1, amount: { medianSat: 5000, sigma: 1 } },
    closures: [0, 1, 2, 3].map((channel) => ({
      channel: `#${channel}`,
      at: rng.below(20_000),
      kind: pick(kinds),
      by: pick(['node1', 'node2'] as const),
      pending: [0, 1].map(() => ({
        from: pick(['closer', 'peer'] as const),
        count: 1 + rng.below(2),
        amountSat: 20_000 + rng.below(50_000),
        outcome: pick(['claim', 'timeout'] as const),
      })),
    })),
  };
}

/** What the run's books say of the chain, read off the chain itself: the view of one who saw the winning branch alone. */
function seenAfterwards({ world }: RunResult): unknown {
  const { chain } = world;
  const outputs = new Map<string, number>();
  const transactions: unknown[] = [];
  for (let height = 1; height <= chain.height; height++) {
    for (const [index, tx] of chain.blockAt(height).block.transactions.entries()) {
      const txid = txidOf(tx);
      tx.outputs.forEach(({ valueSat }, vout) => outputs.set(`${txid}:${vout}`, valueSat));
      const made = tx.outputs.reduce((sum, { valueSat }) => sum + valueSat, 0);
      const spent = tx.inputs.reduce(
        (sum, { prevout }) => sum + (outputs.get(`${prevout.txid}:${prevout.vout}`) ?? 0),
        0,
      );
      transactions.push({ height, txid, feeSat: index === 0 ? 0 : spent - made });
    }
  }
  return transactions;
}

const booked = ({ world }: RunResult): unknown =>
  world.transactions.map(({ height, txid, feeSat }) => ({ height, txid, feeSat }));

describe('worlds that fork', () => {
  test('keep no trace of blocks that left the chain, lose no money, and settle every channel', () => {
    let [reorganisations, deepest] = [0, 0];
    const { marks } = marksDuring(() => {
      for (let seed = 1; seed <= WORLDS; seed++) {
        const run = runSmall(drawScenario(seed));
        const { summary, world } = run;
        expect({ seed, settled: summary.settled, open: summary.channels.open }).toEqual({
          seed,
          settled: true,
          open: 0,
        });
        expect(booked(run)).toEqual(seenAfterwards(run));
        // accounts of closed channels: their transactions and fees are those on the chain
        for (const { channel, transactions, feesSat } of world.closings) {
          const own = world.transactions.filter((each) => each.channel === channel && each.kind !== 'funding');
          expect({ seed, channel, transactions, feesSat }).toEqual({
            seed,
            channel,
            transactions: own.length,
            feesSat: own.reduce((sum, { feeSat }) => sum + feeSat, 0),
          });
        }
        // an HTLC is 20,000 sat or more: whoever lost one would show
        for (const { kind, feesSat, node1, node2 } of summary.closings) {
          if (kind.startsWith('revoked')) continue;
          const worst = Math.min(node1.gainSat, node2.gainSat);
          expect({ seed, kind, isShort: worst < -feesSat - SMALL_CHANGE }).toEqual({ seed, kind, isShort: false });
        }
        const { reorganisations: tally } = summary.chain;
        reorganisations += tally.count;
        deepest = Math.max(deepest, tally.deepest);
      }
    });
    expect(reorganisations).toBeGreaterThan(5 * WORLDS);
    expect(deepest).toBeGreaterThan(5);
    for (const rare of [
      'the spend of a funding output undone',
      'the spend of a watched output undone',
      'minerNetwork: offered again',
    ]) {
      expect(marks.get(rare) ?? 0, rare).toBeGreaterThan(20);
    }
  });
});
