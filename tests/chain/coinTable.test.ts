/** The columns of coins against a plain map. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvariantError } from '../../src/base/assert.ts';
import { Rng } from '../../src/base/random.ts';
import { toHex } from '../../src/base/bytes.ts';
import { MAX_MONEY_SAT, sat } from '../../src/base/units.ts';
import { CoinTable } from '../../src/chain/coinTable.ts';
import { type OutPoint, outPointKey, type Txid } from '../../src/chain/transaction.ts';
import { type Coin, UtxoSet } from '../../src/chain/utxoSet.ts';

const randomCoin = (rng: Rng): Coin => ({
  valueSat: sat(Math.floor(rng.unit() * MAX_MONEY_SAT)),
  script: rng.bytes32().subarray(0, rng.below(33)),
  height: rng.below(2 ** 31 - 1),
  isCoinbase: rng.below(2) === 0,
});

test('holds, gives back and forgets like a map, in order of arrival, through any history', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const rng = Rng.fromSeed(seed);
      const table = new CoinTable();
      const map = new Map<string, Coin>();
      const known: OutPoint[] = [];
      const growing = 1 + rng.below(3);
      for (let step = 0; step < 4000; step++) {
        const old = known[rng.below(Math.max(1, known.length))];
        const isNew = old === undefined || rng.below(4) <= growing;
        const outPoint = isNew
          ? {
              txid: (rng.below(3) === 0 && old ? old.txid : toHex(rng.bytes32())) as Txid,
              vout: rng.below(2) * 0xffffffff,
            }
          : old;
        const key = outPointKey(outPoint);
        if (isNew || rng.below(4) === 0) {
          const coin = randomCoin(rng);
          expect(table.add(outPoint, coin)).toBe(!map.has(key));
          if (!map.has(key)) map.set(key, coin);
          known.push(outPoint);
        } else {
          expect(table.has(outPoint)).toBe(map.has(key));
          expect(table.get(outPoint)).toEqual(map.get(key));
          expect(table.take(outPoint)).toEqual(map.get(key));
          map.delete(key);
        }
        expect(table.size).toBe(map.size);
      }
      expect([...table.entries()].map(([outPoint, coin]) => [outPointKey(outPoint), coin])).toEqual([...map]);
    }),
    { numRuns: 10 },
  );
});

test('finds coins whose ids differ in a single digit', () => {
  const table = new CoinTable();
  const outPoints = Array.from({ length: 64 * 15 }, (_, i) => ({
    txid: `${'0'.repeat(i % 64)}${((i >> 6) + 1).toString(16)}${'0'.repeat(63 - (i % 64))}` as Txid,
    vout: 0,
  }));
  for (const [height, outPoint] of outPoints.entries()) {
    table.add(outPoint, { valueSat: sat(1), script: new Uint8Array(0), height, isCoinbase: false });
  }
  expect(outPoints.map((outPoint) => table.get(outPoint)?.height)).toEqual(outPoints.map((_, i) => i));
  for (const outPoint of outPoints.filter((_, i) => i % 2 === 0)) table.take(outPoint);
  expect(outPoints.map((outPoint) => table.has(outPoint))).toEqual(outPoints.map((_, i) => i % 2 === 1));
});

test('a coin that is given out is the taker’s: what happens later does not change it', () => {
  const rng = Rng.fromSeed('given out');
  const table = new CoinTable();
  const outPoint = { txid: toHex(rng.bytes32()) as Txid, vout: 1 };
  const coin = randomCoin(rng);
  table.add(outPoint, coin);
  const given = table.get(outPoint)!;
  given.script.fill(0);
  expect(table.take(outPoint)).toEqual(coin);
});

test('the set refuses a coin twice, and to spend what is not there', () => {
  const set = new UtxoSet();
  const outPoint = { txid: '7'.repeat(64) as Txid, vout: 0 };
  const coin = { valueSat: sat(5), script: new Uint8Array(0), height: 1, isCoinbase: false };
  set.add(outPoint, coin);
  expect(() => set.add(outPoint, coin)).toThrow(InvariantError);
  set.spend(outPoint);
  expect(() => set.spend(outPoint)).toThrow(InvariantError);
});
