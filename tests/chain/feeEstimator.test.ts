/** Fee estimates: by hand on a few blocks, as order and bounds on any, and by whether they keep their promise. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { micros, seconds } from '../../src/base/time.ts';
import { sat } from '../../src/base/units.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { FeeEstimator } from '../../src/chain/feeEstimator.ts';
import type { FeeMarket } from '../../src/chain/feeMarket.ts';
import { BUCKET_SAT_PER_KVB, bucketOf } from '../../src/chain/feeMarketBuckets.ts';
import { fixedWeight, lognormalBids, PoissonDemand, rateOfLoad } from '../../src/chain/feeMarketDemand.ts';
import { MarketLedger } from '../../src/chain/feeMarketLedger.ts';
import { DemandPool } from '../../src/chain/feeMarketPool.ts';
import { diurnal, spike, together } from '../../src/chain/feeMarketProfiles.ts';
import { Mempool } from '../../src/chain/mempool.ts';
import { drawBlockInterval, mineBlock } from '../../src/chain/miner.ts';
import { compileScript, OP, p2wsh } from '../../src/chain/script.ts';

const script = p2wsh(compileScript(OP.OP_1));

/** A chain without transactions, and what mines it. */
function emptyChain(): { chain: Blockchain; mine: () => void } {
  const chain = new Blockchain();
  const pool = new Mempool(chain);
  const mine = (): void =>
    void mineBlock(chain, pool, {
      timeSeconds: chain.tipTimeSeconds + 600,
      coinbaseOutputs: (claimable) => [{ valueSat: sat(claimable), script }],
    });
  return { chain, mine };
}

/** A ledger whose blocks sold their cheapest space for those prices; nothing waits unless told. */
function ledgerOf(prices: readonly number[], weightAbove: (rate: number) => number = () => 0): MarketLedger {
  const { chain, mine } = emptyChain();
  const left = [...prices];
  const market: FeeMarket = {
    weightAbove,
    advance: () => undefined,
    peek: () => [],
    take: (weight) => [{ satPerKvb: left.shift()!, weight }],
    putBack: () => undefined,
    waiting: () => [],
  };
  const ledger = new MarketLedger(chain, market);
  for (const _ of prices) mine();
  expect(ledger.sold.map(({ marginalSatPerKvb }) => marginalSatPerKvb)).toEqual(prices);
  return ledger;
}

describe('the estimate', () => {
  test('is the least that is relayed where nobody competes and nothing is known', () => {
    const estimator = new FeeEstimator(ledgerOf([]));
    expect([1, 6, 1008, 5000].map((target) => estimator.estimateSatPerKvb(target))).toEqual([1000, 1000, 1000, 1000]);
    expect(estimator.estimateFeeratePerKw(6)).toBe(253);
  });

  test('is the price that was enough in the wanted share of the runs', () => {
    //  prices      9  2  8  3  7  4  6  5  (thousands)
    //  runs of 2   2  2  3  3  4  4  5
    //  runs of 3   2  2  3  3  4  4
    const ledger = ledgerOf([9000, 2000, 8000, 3000, 7000, 4000, 6000, 5000]);
    const at = (confidence: number): number[] => {
      const estimator = new FeeEstimator(ledger, { confidence });
      return [1, 2, 3].map((target) => estimator.estimateSatPerKvb(target));
    };
    expect(at(1)).toEqual([9000, 5000, 4000]);
    expect(at(0.85)).toEqual([8000, 4000, 4000]); // the 7th of 8, the 6th of 7, the 6th of 6
    expect(at(0.5)).toEqual([5000, 3000, 3000]);
    expect(new FeeEstimator(ledger, { confidence: 1 }).estimateFeeratePerKw(1)).toBe(2250);
  });

  test('lets what waits now fit into the target’s blocks', () => {
    // twelve million weight units wait at 50 sat a virtual byte: three blocks of them
    const waiting = (rate: number): number => (rate < 50_000 ? 12_000_000 : 0);
    const estimator = new FeeEstimator(ledgerOf([1000, 1000], waiting));
    const above = BUCKET_SAT_PER_KVB[bucketOf(50_000) + 1]!;
    expect([1, 3, 4, 6].map((target) => estimator.estimateSatPerKvb(target))).toEqual([above, above, 1000, 1000]);
  });

  test('looks no further back than its window', () => {
    const estimator = new FeeEstimator(ledgerOf([90_000, 90_000, 2000, 2000, 2000, 2000]), { windowBlocks: 4 });
    expect(estimator.estimateSatPerKvb(1)).toBe(2000);
  });

  test('never rises with a further target, and stays within what was paid', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1000, max: 90_000 }), { minLength: 1, maxLength: 40 }), (prices) => {
        // a window shorter than the history: further targets look further back, at prices that may have been higher
        const estimator = new FeeEstimator(ledgerOf(prices), { windowBlocks: 4 });
        const estimates = Array.from({ length: 60 }, (_, i) => estimator.estimateSatPerKvb(i + 1));
        for (let i = 1; i < estimates.length; i++) expect(estimates[i]).toBeLessThanOrEqual(estimates[i - 1]!);
        for (const each of estimates) {
          expect(each).toBeGreaterThanOrEqual(Math.min(...prices));
          expect(each).toBeLessThanOrEqual(Math.max(...prices));
        }
      }),
      { numRuns: 30 },
    );
  });

  test('forgets a block that is disconnected', () => {
    const { chain, mine } = emptyChain();
    const pool = new DemandPool(
      new PoissonDemand(Rng.fromSeed(1), {
        ratePerSecond: 8,
        bids: lognormalBids(8000, 1),
        weights: fixedWeight(1000),
      }),
    );
    const estimator = new FeeEstimator(new MarketLedger(chain, pool), { demand: { weightAbove: () => 0 } });
    pool.advance(seconds(3000));
    mine();
    const before = [1, 3, 6].map((target) => estimator.estimateSatPerKvb(target));
    mine();
    expect([1, 3, 6].map((target) => estimator.estimateSatPerKvb(target))).not.toEqual(before);
    chain.disconnectTip();
    expect([1, 3, 6].map((target) => estimator.estimateSatPerKvb(target))).toEqual(before);
  });
});

describe('the promise', () => {
  //  a bid at the estimate joins the market after each block; was it in one of the next n?
  test('is kept about as often as said, in busy days with a spike', () => {
    const { chain, mine } = emptyChain();
    const rng = Rng.fromSeed('promise');
    const pool = new DemandPool(
      new PoissonDemand(rng.stream('demand'), {
        ratePerSecond: rateOfLoad(0.85, 20_000, 600),
        bids: lognormalBids(8000, 1),
        weights: fixedWeight(20_000),
        profile: together(diurnal(0.5, seconds(43_200)), spike(seconds(400_000), seconds(20_000), 3)),
      }),
    );
    const ledger = new MarketLedger(chain, pool);
    const estimator = new FeeEstimator(ledger);
    const blocks = rng.stream('blocks');
    const targets = [1, 2, 6, 24];
    const bids: number[][] = [];
    let now = 0;
    for (let block = 0; block < 1500; block++) {
      pool.advance(micros((now += drawBlockInterval(blocks))));
      mine();
      bids.push(targets.map((target) => estimator.estimateSatPerKvb(target)));
    }
    const prices = ledger.sold.map(({ marginalSatPerKvb }) => marginalSatPerKvb);
    const kept = targets.map((target, index) => {
      let count = 0;
      for (let at = 200; at < 1400; at++) {
        const next = prices.slice(at + 1, at + 1 + target);
        if (next.some((price) => price <= bids[at]![index]!)) count++;
      }
      return count / 1200;
    });
    for (const share of kept) expect(share).toBeGreaterThan(0.75);
    // and it is no more than a multiple of what the space cost on average
    const mean = prices.reduce((sum, price) => sum + price, 0) / prices.length;
    const bid = bids.slice(200).reduce((sum, each) => sum + each[2]!, 0) / (bids.length - 200);
    expect(bid).toBeLessThan(2 * mean);
  });
});
