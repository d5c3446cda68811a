/** Real packages and the background's bids in one block, by fee rate alone. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { micros } from '../../src/base/time.ts';
import { sat } from '../../src/base/units.ts';
import { selectTransactions } from '../../src/chain/blockTemplate.ts';
import { MarketLedger } from '../../src/chain/feeMarketLedger.ts';
import { DemandPool } from '../../src/chain/feeMarketPool.ts';
import { replayDemand } from '../../src/chain/feeMarketReplay.ts';
import type { MempoolEntry } from '../../src/chain/mempoolEntry.ts';
import { mineBlock } from '../../src/chain/miner.ts';
import { txidOf } from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { fundedWorld, ownedBy, payOne } from './wallet.ts';

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

function demandOf(...bids: readonly (readonly [satPerKvb: number, weight: number])[]): DemandPool {
  const pool = new DemandPool(
    replayDemand(bids.map(([satPerKvb, weight]) => ({ time: micros(0), satPerKvb, weight }))),
  );
  pool.advance(micros(1));
  return pool;
}

/** The better rate first; of equal ones the earlier. */
const isBefore = (a: MempoolEntry, b: MempoolEntry): boolean =>
  a.feeSat * b.vsize > b.feeSat * a.vsize || (a.feeSat * b.vsize === b.feeSat * a.vsize && a.order < b.order);

describe('a block', () => {
  test('has what bids more than the background, and the others wait until it is served', () => {
    const { chain, pool, key, coins } = fundedWorld(3);
    const market = demandOf([20_000, 6_000_000]);
    const ledger = new MarketLedger(chain, market);
    const mine = (): number =>
      mineBlock(chain, pool, {
        timeSeconds: chain.tipTimeSeconds + 600,
        coinbaseOutputs: (valueSat) => [{ valueSat, script: key.script }],
        competing: market,
      }).block.transactions.length - 1;
    // 110 virtual bytes each: 30, 10 and 2 sat a byte
    const [rich, poor, poorest] = [3300, 1100, 220].map((fee, i) => payOne(key, coins[i]!, fee));
    for (const tx of [rich!, poor!, poorest!]) expect(pool.accept(tx).ok).toBe(true);
    expect([mine(), pool.has(txidOf(rich!))]).toEqual([1, false]);
    // two million units are left, so there is room for all
    expect([mine(), pool.size]).toEqual([2, 0]);
    expect(ledger.sold.map(({ emptyWeight }) => emptyWeight > 0)).toEqual([false, true]);
  });

  test('takes a parent as the package that its child makes of it', () => {
    const { pool, key, coins } = fundedWorld(1);
    const parent = payOne(key, coins[0]!, 150);
    const child = payOne(key, ownedBy(parent), 6000); // together 28 sat a byte
    for (const tx of [parent, child]) expect(pool.accept(tx).ok).toBe(true);
    const chosen = (satPerKvb: number): number =>
      selectTransactions(pool, { weight: 4000, sigopCost: 1000, competing: demandOf([satPerKvb, 4000]) }).entries
        .length;
    expect([chosen(20_000), chosen(40_000)]).toEqual([2, 0]);
  });

  test('is never overfull, and nothing that was left out outbids what the background got', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const rng = Rng.fromSeed(seed);
        const { pool, key, coins } = fundedWorld(12);
        for (const coin of coins) pool.accept(payOne(key, coin, 110 + rng.below(11_000)));
        const market = demandOf(
          ...Array.from({ length: 10 }, () => [1000 + rng.below(100_000), 100 + rng.below(1500)] as const),
        );
        const limits = { weight: rng.below(9000), sigopCost: 80_000, competing: market };
        const { entries, weight } = selectTransactions(pool, limits);
        expect(weight).toBeLessThanOrEqual(limits.weight);
        const background = market.take(limits.weight - weight);
        const lowest = background.at(-1)?.satPerKvb ?? Infinity;
        for (const entry of pool.entries()) {
          const rate = (entry.feeSat / entry.vsize) * 1000;
          if (entries.includes(entry)) {
            // whatever outbids it went in as well
            expect(market.weightAbove(rate)).toBe(0);
          } else if (rate > lowest) {
            // it is out because it did not fit beside what bids more
            const ahead = background.reduce((sum, bid) => sum + (bid.satPerKvb > rate ? bid.weight : 0), 0);
            const before = entries.filter((each) => isBefore(each, entry)).reduce((sum, each) => sum + each.weight, 0);
            expect(ahead + before + entry.weight).toBeGreaterThan(limits.weight);
          }
        }
        expect(sat(weight)).toBe(entries.reduce((sum, entry) => sum + entry.weight, 0));
      }),
      { numRuns: 60, examples: [[2133077521]] },
    );
  });
});
