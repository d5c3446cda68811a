/** The market for block space: buckets, arrivals by every process, what blocks take, and that reorganisations undo it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { sineOfTurns } from '../../src/base/math.ts';
import { Rng } from '../../src/base/random.ts';
import { micros, seconds } from '../../src/base/time.ts';
import { blockWeight } from '../../src/chain/block.ts';
import { noDemand } from '../../src/chain/feeMarket.ts';
import {
  BUCKET_SAT_PER_KVB,
  bucketOf,
  firstBucketAbove,
  LEAST_BID_SAT_PER_KVB,
  MOST_BID_SAT_PER_KVB,
} from '../../src/chain/feeMarketBuckets.ts';
import {
  type Arrival,
  type DemandProcess,
  fixedWeight,
  lognormalBids,
  lognormalWeights,
  mixedBids,
  PoissonDemand,
  rateOfLoad,
} from '../../src/chain/feeMarketDemand.ts';
import { MarketLedger } from '../../src/chain/feeMarketLedger.ts';
import { DemandPool } from '../../src/chain/feeMarketPool.ts';
import { diurnal, type RateProfile, spike, stationary, together } from '../../src/chain/feeMarketProfiles.ts';
import { parseDemandCsv, replayDemand } from '../../src/chain/feeMarketReplay.ts';
import { vsizeOf } from '../../src/chain/transaction.ts';
import { fundedWorld, ownedBy, payOne } from './wallet.ts';

const DAY = 86_400;

/** Arrivals up to a time, in hours. */
function arrivalsUntil(demand: DemandProcess, hours: number): Arrival[] {
  const list: Arrival[] = [];
  for (let next = demand.next(); next !== null && next.time <= seconds(3600 * hours); next = demand.next())
    list.push(next);
  return list;
}

const poisson = (profile: RateProfile, ratePerSecond = 1, seed = 1): PoissonDemand =>
  new PoissonDemand(Rng.fromSeed(seed).stream('demand'), {
    ratePerSecond,
    profile,
    bids: lognormalBids(10_000, 1),
    weights: fixedWeight(561),
  });

/** Demand that is there from the start. */
const stock = (...bids: readonly (readonly [satPerKvb: number, weight: number])[]): DemandProcess =>
  replayDemand(bids.map(([satPerKvb, weight]) => ({ time: micros(0), satPerKvb, weight })));

function poolOf(...bids: readonly (readonly [satPerKvb: number, weight: number])[]): DemandPool {
  const pool = new DemandPool(stock(...bids));
  pool.advance(micros(1));
  return pool;
}

describe('the buckets', () => {
  test('rise by a twentieth over the whole range', () => {
    expect([BUCKET_SAT_PER_KVB[0], BUCKET_SAT_PER_KVB.length]).toEqual([LEAST_BID_SAT_PER_KVB, 236]);
    for (const [i, bound] of BUCKET_SAT_PER_KVB.entries()) {
      if (i === 0) continue;
      expect(bound / BUCKET_SAT_PER_KVB[i - 1]!).toBeGreaterThan(1.03);
      expect(bound / BUCKET_SAT_PER_KVB[i - 1]!).toBeLessThan(1.07);
    }
    expect(BUCKET_SAT_PER_KVB.at(-1)!).toBeGreaterThan(MOST_BID_SAT_PER_KVB / 1.06);
  });

  test('hold every bid at or below it, the bound belonging to its bucket', () => {
    fc.assert(
      fc.property(fc.double({ min: LEAST_BID_SAT_PER_KVB, max: 2 * MOST_BID_SAT_PER_KVB, noNaN: true }), (rate) => {
        const bucket = bucketOf(rate);
        expect(BUCKET_SAT_PER_KVB[bucket]!).toBeLessThanOrEqual(rate);
        expect(BUCKET_SAT_PER_KVB[bucket + 1] ?? Infinity).toBeGreaterThan(rate);
        expect(firstBucketAbove(rate)).toBe(bucket + 1);
      }),
    );
    for (const [i, bound] of BUCKET_SAT_PER_KVB.entries()) expect(bucketOf(bound)).toBe(i);
  });
});

describe('arrivals', () => {
  test('of a stationary process come at the rate asked for, with the bids and weights asked for', () => {
    const demand = new PoissonDemand(Rng.fromSeed(1), {
      ratePerSecond: 2,
      bids: mixedBids([
        { satPerKvb: 5000, share: 3 },
        { satPerKvb: 1000, share: 1 },
      ]),
      weights: lognormalWeights(700, 0.5),
    });
    const arrivals = arrivalsUntil(demand, 10);
    // 72,000 expected, standard deviation 268
    expect(Math.abs(arrivals.length - 72_000)).toBeLessThan(4 * 268);
    expect(arrivals.filter(({ satPerKvb }) => satPerKvb === 5000).length / arrivals.length).toBeCloseTo(0.75, 1);
    const mean = arrivals.reduce((sum, { weight }) => sum + weight, 0) / arrivals.length;
    expect(Math.abs(mean - 700 * Math.exp(0.125))).toBeLessThan(10);
    expect(arrivals.every(({ weight }) => Number.isInteger(weight) && weight >= 1)).toBe(true);
    for (let i = 1; i < arrivals.length; i++) expect(arrivals[i]!.time).toBeGreaterThanOrEqual(arrivals[i - 1]!.time);
  });

  test('of a diurnal process follow the day: twice as many in its half as theory’s integral says', () => {
    const arrivals = arrivalsUntil(poisson(diurnal(0.8, seconds(DAY / 2))), 24 * 10);
    // the half of the day around the peak: ½ + 0.8 / π of all
    const near = arrivals.filter(({ time }) => Math.abs(((time / 1e6) % DAY) - DAY / 2) < DAY / 4).length;
    expect(near / arrivals.length).toBeCloseTo(0.5 + 0.8 / Math.PI, 2);
    expect(Math.abs(arrivals.length - 10 * DAY)).toBeLessThan(4 * Math.sqrt(10 * DAY));
  });

  test('of a spike are so many times as many while it lasts, and as ever before and after', () => {
    const arrivals = arrivalsUntil(poisson(spike(seconds(3600), seconds(1800), 20)), 3);
    const between = (from: number, to: number): number =>
      arrivals.filter(({ time }) => time >= seconds(from) && time < seconds(to)).length;
    expect(Math.abs(between(0, 3600) - 3600)).toBeLessThan(4 * 60);
    expect(Math.abs(between(3600, 5400) - 36_000)).toBeLessThan(4 * 190);
    expect(Math.abs(between(5400, 10_800) - 5400)).toBeLessThan(4 * 74);
  });

  test('of a spike come although the last arrival before it was due after it', () => {
    // one in a thousand seconds, but for a hundred seconds a thousand times as many
    const arrivals = arrivalsUntil(poisson(spike(seconds(5000), seconds(100), 1000), 1 / 1000), 3);
    const inSpike = arrivals.filter(({ time }) => time >= seconds(5000) && time < seconds(5100)).length;
    expect(Math.abs(inSpike - 100)).toBeLessThan(4 * 10);
  });

  test('of a spike on a day’s wave are the product of both', () => {
    const profile = together(diurnal(0.5, seconds(0)), spike(seconds(0), seconds(3600), 5), stationary);
    expect(profile.at(0)).toBeCloseTo(7.5, 9);
    expect(profile.at(seconds(7200))).toBeCloseTo(1 + 0.5 * Math.cos((2 * Math.PI) / 12), 9);
    const arrivals = arrivalsUntil(poisson(profile), 1);
    expect(Math.abs(arrivals.length / 3600 - 7.5)).toBeLessThan(0.2);
  });

  test('are the same for the same stream, and a rate of nothing brings none', () => {
    const [a, b, c] = [poisson(stationary), poisson(stationary), poisson(stationary, 1, 2)].map((each) =>
      arrivalsUntil(each, 1),
    );
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    expect(poisson(stationary, 0).next()).toBeNull();
    expect(rateOfLoad(1, 1000, 600)).toBeCloseTo(4000 / 600, 12);
  });

  test('the sine is the sine', () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (x) => {
        const value = sineOfTurns(x);
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
        expect(Math.abs(value - Math.sin(2 * Math.PI * (x - Math.floor(x))))).toBeLessThan(1e-14);
      }),
    );
    for (const [turns, value] of [
      [0, 0],
      [0.25, 1],
      [0.5, 0],
      [0.75, -1],
    ] as const)
      expect(sineOfTurns(turns)).toBeCloseTo(value, 14);
  });
});

describe('a recorded demand', () => {
  test('is read with or without names, comments and empty lines', () => {
    const text = '\uFEFFtime,feerate,weight\r\n# a comment\r\n0, 1.5, 4000\r\n\r\n60.25,20,800000\n60.25,3,1e5\n';
    expect(parseDemandCsv(text, 'demand.csv')).toEqual([
      { time: 0, satPerKvb: 1500, weight: 4000 },
      { time: 60_250_000, satPerKvb: 20_000, weight: 800_000 },
      { time: 60_250_000, satPerKvb: 3000, weight: 100_000 },
    ]);
    const replay = replayDemand(parseDemandCsv('5,1,10', 'demand.csv'), seconds(100));
    expect([replay.next(), replay.next()]).toEqual([{ time: seconds(105), satPerKvb: 1000, weight: 10 }, null]);
  });

  // prettier-ignore
  test.each([
    ['1,2',            'line 1: found "1,2"'],
    ['1,2,3\n0,2,3',   'line 2, time: found "0", expected not before'],
    ['1,-2,3',         'line 1, fee rate: found "-2"'],
    ['1,2,3.5',        'line 1, weight: found "3.5"'],
    ['1,2,3\nx,2,3',   'line 2, time: found "x"'],
    ['0x10,2,3',       'line 1, time: found "0x10"'],
    ['1,2,9e99',       'line 1, weight'],
    ['time,feerate,weight\ntime,feerate,weight', 'line 2, time'],
  ])('with a mistake is refused with its place: %j', (text, message) => {
    expect(() => parseDemandCsv(text, 'demand.csv')).toThrow(UserError);
    expect(() => parseDemandCsv(text, 'demand.csv')).toThrow(`demand.csv: ${message}`);
  });
});

describe('the background’s pool', () => {
  test('gives a block the highest bids, and says what outbids a package', () => {
    const pool = poolOf([1000, 300], [50_000, 100], [5000, 200], [51_000, 50]);
    const [low, middle, high] = [1000, 5000, 50_000].map((rate) => BUCKET_SAT_PER_KVB[bucketOf(rate)]!) as [
      number,
      number,
      number,
    ];
    expect(pool.waiting()).toEqual([
      { satPerKvb: high, weight: 150 },
      { satPerKvb: middle, weight: 200 },
      { satPerKvb: low, weight: 300 },
    ]);
    expect([0, low, middle - 1, middle, 60_000].map((rate) => pool.weightAbove(rate))).toEqual([650, 350, 350, 150, 0]);
    const taken = pool.take(200);
    expect(taken).toEqual([
      { satPerKvb: high, weight: 150 },
      { satPerKvb: middle, weight: 50 },
    ]);
    expect([pool.weightAbove(0), pool.waitingWeight]).toEqual([450, 450]);
    pool.putBack(taken);
    expect([pool.weightAbove(0), pool.weightAbove(middle), pool.waitingWeight]).toEqual([650, 150, 650]);
    expect(pool.take(10_000).at(-1)).toEqual({ satPerKvb: low, weight: 300 });
    expect([pool.take(1), pool.waitingWeight]).toEqual([[], 0]);
  });

  test('takes in what has arrived by then and nothing later, however time is cut', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat(600), { maxLength: 20 }), (seed, steps) => {
        const [once, often] = [poisson(stationary, 1, seed), poisson(stationary, 1, seed)].map(
          (each) => new DemandPool(each),
        ) as [DemandPool, DemandPool];
        let time = 0;
        for (const step of steps) often.advance(seconds((time += step)));
        once.advance(seconds(time));
        expect(once.waiting()).toEqual(often.waiting());
        expect(() => once.advance(seconds(time - 1))).toThrow('time goes on');
      }),
      { numRuns: 20 },
    );
  });

  test('never loses weight: arrived is waiting, taken or evicted, and its integral is the sum of waits', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const rng = Rng.fromSeed(seed);
        const pool = new DemandPool(poisson(stationary, 0.5, seed), { limitWeight: 100_000 });
        const taken = new Map<number, number>();
        for (let i = 1; i <= 30; i++) {
          pool.advance(seconds(100 * i));
          for (const { satPerKvb, weight } of pool.take(rng.below(40_000))) {
            taken.set(satPerKvb, (taken.get(satPerKvb) ?? 0) + weight);
          }
          expect(pool.waitingWeight).toBe(pool.weightAbove(0));
          expect(pool.waitingWeight).toBeLessThanOrEqual(100_000);
        }
        const accounts = BUCKET_SAT_PER_KVB.map((rate) => pool.account(rate));
        const sum = (of: (account: (typeof accounts)[number]) => number): number =>
          accounts.reduce((total, account) => total + of(account), 0);
        expect(sum((each) => each.arrivedWeight)).toBe(
          sum((each) => each.waitingWeight + each.takenWeight) + pool.evictedWeight,
        );
        for (const { satPerKvb, takenWeight } of accounts) expect(takenWeight).toBe(taken.get(satPerKvb) ?? 0);
      }),
      { numRuns: 20 },
    );
    const pool = new DemandPool(replayDemand([{ time: seconds(10), satPerKvb: 1000, weight: 7 }]));
    pool.advance(seconds(40));
    expect(pool.account(1000).weightSeconds).toBe(210);
    pool.take(7);
    pool.advance(seconds(400));
    expect(pool.account(1000).weightSeconds).toBe(210);
  });

  test('lets the lowest bids go when too much waits, and refuses what nobody relays', () => {
    const pool = new DemandPool(stock([1000, 60], [5000, 60], [50, 10]), { limitWeight: 100 });
    pool.advance(micros(1));
    expect([pool.evictedWeight, pool.refusedWeight, pool.weightAbove(0)]).toEqual([20, 10, 100]);
    expect(pool.account(1000).waitingWeight).toBe(40);
  });

  test('that is nobody’s outbids nothing', () => {
    expect([noDemand.weightAbove(0), noDemand.take(1), noDemand.waiting()]).toEqual([0, [], []]);
  });
});

describe('the market along a chain', () => {
  test('fills what a block’s own transactions left, and says what the cheapest space cost', () => {
    const { chain, pool, key, coins, mine } = fundedWorld(2);
    const market = poolOf([20_000, 3_000_000], [3000, 5_000_000]);
    const ledger = new MarketLedger(chain, market);
    const poor = payOne(key, coins[0]!, 200);
    pool.accept(poor);
    const { block } = mine();
    const [first] = ledger.sold;
    expect(first!.background.reduce((sum, { weight }) => sum + weight, 0)).toBe(4_000_000 - blockWeight(block));
    expect(first!.emptyWeight).toBe(0);
    // the block's own transaction is the cheapest in it
    expect(first!.marginalSatPerKvb).toBe(200_000 / vsizeOf(poor));
    mine();
    expect(ledger.sold[1]!.marginalSatPerKvb).toBe(BUCKET_SAT_PER_KVB[bucketOf(3000)]);
    mine();
    // nobody wants more: space costs what is relayed at least
    expect(ledger.sold[2]!.emptyWeight).toBeGreaterThan(3_900_000);
    expect(ledger.sold[2]!.marginalSatPerKvb).toBe(1000);
  });

  test('does not take a parent for the price of space that its child paid for', () => {
    const { chain, pool, key, coins, mine } = fundedWorld(2);
    const ledger = new MarketLedger(chain, poolOf([9000, 9_000_000]));
    const parent = payOne(key, coins[0]!, 150);
    pool.accept(parent);
    const child = payOne(key, ownedBy(parent), 5000);
    expect(pool.accept(child).ok).toBe(true);
    mine();
    expect(ledger.sold[0]!.marginalSatPerKvb).toBe(BUCKET_SAT_PER_KVB[bucketOf(9000)]);
  });

  test('is as before once the blocks are disconnected, blocks from before it included', () => {
    const { chain, mine } = fundedWorld(1);
    const market = poolOf([20_000, 3_000_000], [3000, 9_000_000]);
    const ledger = new MarketLedger(chain, market);
    const before = market.waiting();
    for (let i = 0; i < 3; i++) mine();
    for (let i = 0; i < 4; i++) chain.disconnectTip();
    expect([market.waiting(), ledger.sold]).toEqual([before, []]);
    ledger.stop();
    mine();
    expect(market.waiting()).toEqual(before);
  });
});

describe('a twin of the pool', () => {
  test('gets the same arrivals, and what blocks take from one does not touch the other', () => {
    const demand: Arrival[] = [1, 2, 3, 4].map((at) => ({ time: seconds(at), satPerKvb: 1000 * at, weight: 100 }));
    const pool = new DemandPool(replayDemand(demand));
    pool.advance(seconds(2));
    const twin = pool.twin();
    expect(twin.waiting()).toEqual(pool.waiting());
    expect(pool.peek(150)).toEqual(pool.take(150));
    pool.advance(seconds(4));
    expect([pool.waitingWeight, twin.waitingWeight]).toEqual([250, 400]);
    expect(twin.now).toBe(seconds(4));
    // from now on by another process: what came before it began is not there
    pool.follow(
      replayDemand([
        { time: seconds(3), satPerKvb: 1000, weight: 7 },
        { time: seconds(5), satPerKvb: 1000, weight: 8 },
      ]),
    );
    pool.advance(seconds(6));
    expect([pool.waitingWeight, twin.waitingWeight]).toEqual([258, 408]);
  });
});
