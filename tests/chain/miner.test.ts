/** Block templates and the miner: which transactions go in, in which order, and when blocks come. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { InvariantError } from '../../src/base/assert.ts';
import { Rng } from '../../src/base/random.ts';
import { toSeconds } from '../../src/base/time.ts';
import { sat } from '../../src/base/units.ts';
import { blockWeight } from '../../src/chain/block.ts';
import { selectTransactions } from '../../src/chain/blockTemplate.ts';
import { drawBlockInterval, mineBlock } from '../../src/chain/miner.ts';
import { subsidySat } from '../../src/chain/regtest.ts';
import { compileScript, OP, p2wsh } from '../../src/chain/script.ts';
import { type Transaction, txidOf, vsizeOf, weightOf } from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { fundedWorld, ownedBy, pay, payOne, tag } from './wallet.ts';

// room for a busy machine without the accelerated curve
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

const ids = (transactions: readonly Transaction[]): string[] => transactions.map(txidOf);

describe('the template', () => {
  test('orders by fee rate, the earlier first where equal', () => {
    const { pool, key, coins } = fundedWorld(5);
    const fees = [1000, 3000, 2000, 3000, 1500];
    const all = fees.map((fee, i) => payOne(key, coins[i]!, fee));
    for (const tx of all) expect(pool.accept(tx).ok).toBe(true);
    const order = [1, 3, 2, 4, 0].map((i) => all[i]!);
    expect(ids(selectTransactions(pool).entries.map(({ tx }) => tx))).toEqual(ids(order));
    expect(ids(pool.byFeeRate().map(({ tx }) => tx))).toEqual(ids(order));
    expect(selectTransactions(pool)).toMatchObject({
      feesSat: 10_500,
      weight: all.reduce((sum, tx) => sum + weightOf(tx), 0),
    });
  });

  test('a child pays for its parent; a rich parent does not lift a poor child', () => {
    const { pool, key, coins } = fundedWorld(3);
    const poorParent = payOne(key, coins[0]!, 200);
    const richChild = payOne(key, ownedBy(poorParent), 5800);
    const richParent = payOne(key, coins[1]!, 6000);
    const poorChild = payOne(key, ownedBy(richParent), 200);
    const middle = payOne(key, coins[2]!, 2500);
    for (const tx of [poorParent, middle, richParent, richChild, poorChild]) expect(pool.accept(tx).ok).toBe(true);
    // 6000, then (200 + 5800) / 2, then 2500, then 200
    expect(ids(selectTransactions(pool).entries.map(({ tx }) => tx))).toEqual(
      ids([richParent, poorParent, richChild, middle, poorChild]),
    );
    // where two do not fit, the package goes as a whole
    const { entries } = selectTransactions(pool, { weight: 2 * weightOf(middle), sigopCost: 80_000 });
    expect(ids(entries.map(({ tx }) => tx))).toEqual(ids([richParent, middle]));
  });

  test('a descendant is reckoned anew once a part of its package is in, and nothing is counted twice', () => {
    const { pool, key, coins } = fundedWorld(2);
    const parent = payOne(key, coins[0]!, 3000);
    const other = payOne(key, coins[1]!, 4000);
    const value = parent.outputs[0]!.valueSat + other.outputs[0]!.valueSat;
    const child = pay(key, [ownedBy(parent), ownedBy(other)], [{ valueSat: sat(value - 500), script: key.script }]);
    for (const tx of [parent, other, child]) expect(pool.accept(tx).ok).toBe(true);
    const { entries, feesSat, weight } = selectTransactions(pool);
    expect(ids(entries.map(({ tx }) => tx))).toEqual(ids([other, parent, child]));
    expect([feesSat, weight]).toEqual([7500, pool.totals.weight]);
  });

  //        G  1 sat/vB
  //      /   \
  //  A  12   B  12        X  6, alone
  //      \   /
  //        C  4           G, A, B and C together 6.5; G and A together 5.8
  test('a package counts for no more than its last transaction pays, as in Bitcoin Core', () => {
    const { pool, key, coins } = fundedWorld(2);
    const half = sat(coins[0]!.output.valueSat / 2 - 100);
    const g = pay(
      key,
      [coins[0]!],
      [
        { valueSat: half, script: key.script },
        { valueSat: sat(half + 200 - 141), script: key.script },
      ],
    );
    const a = payOne(key, ownedBy(g, 0), 12 * 110);
    const b = payOne(key, ownedBy(g, 1), 12 * 110);
    const value = a.outputs[0]!.valueSat + b.outputs[0]!.valueSat;
    const c = pay(key, [ownedBy(a), ownedBy(b)], [{ valueSat: sat(value - 4 * 178), script: key.script }]);
    const x = payOne(key, coins[1]!, 6 * 110);
    expect([g, a, c].map(vsizeOf)).toEqual([141, 110, 178]);
    for (const tx of [g, a, b, c, x]) expect(pool.accept(tx).ok).toBe(true);
    expect(ids(selectTransactions(pool).entries.map(({ tx }) => tx))).toEqual(ids([x, g, a, b, c]));
  });
});

describe('the miner', () => {
  test('claims subsidy and fees, pays where it is told, and the chain accepts', () => {
    const { chain, pool, key, coins } = fundedWorld(1);
    pool.accept(payOne(key, coins[0]!, 1234));
    const asked: number[] = [];
    const { block, height, feesSat } = mineBlock(chain, pool, {
      timeSeconds: chain.tipTimeSeconds + 1,
      coinbaseOutputs: (claimableSat) => {
        asked.push(claimableSat);
        return [
          { valueSat: sat(1000), script: key.script },
          { valueSat: sat(claimableSat - 1000), script: key.script },
        ];
      },
    });
    expect([height, feesSat]).toEqual([102, 1234]);
    expect(asked.at(-1)).toBe(subsidySat(102) + 1234);
    expect(block.transactions[0]!.outputs.map(({ valueSat }) => valueSat)).toEqual([1000, subsidySat(102) + 234, 0]);
    expect([block.transactions.length, pool.size, chain.unclaimedSat]).toEqual([2, 0, 0]);
  });

  test('outputs that claim too much are a defect of the caller', () => {
    const { chain, pool, key } = fundedWorld(1);
    const coinbaseOutputs = (claimableSat: number) => [{ valueSat: sat(claimableSat + 1), script: key.script }];
    expect(() => mineBlock(chain, pool, { timeSeconds: 0, coinbaseOutputs })).toThrow(InvariantError);
    expect(chain.height).toBe(101);
  });

  test('fills blocks to the limit and no further, leaving room for a coinbase of any size', () => {
    const { chain, pool, key, coins, mine } = fundedWorld(100);
    // 250 outputs of 43 bytes: about 43,500 weight units a transaction
    const script = p2wsh(tag('wide'));
    const wide = Array.from({ length: 250 }, () => ({ valueSat: sat(400), script }));
    for (const [i, coin] of coins.entries()) {
      const change = sat(coin.output.valueSat - 250 * 400 - 12_000 - i);
      expect(pool.accept(pay(key, [coin], [...wide, { valueSat: change, script }])).ok).toBe(true);
    }
    // the coinbase grows with the fees: one output for each 1,000 sat of them, 160,000 weight units or so
    const outputs = (claimableSat: number) =>
      Array.from({ length: 1 + Math.floor((claimableSat - subsidySat(102)) / 1000) }, () => ({
        valueSat: sat(1000),
        script,
      }));
    const weights: number[] = [];
    while (pool.size > 0) weights.push(blockWeight(mine(outputs).block));
    expect(weights).toHaveLength(2);
    expect(weights[0]).toBeLessThanOrEqual(4_000_000);
    expect(weights[0]).toBeGreaterThan(4_000_000 - 60_000);
    expect(chain.height).toBe(103);
  });

  test('leaves out what signature operations do not allow', () => {
    const { chain, pool, key, coins, mine } = fundedWorld(8);
    const script = compileScript(OP.OP_1, key.publicKey, key.publicKey, key.publicKey, OP.OP_3, OP.OP_CHECKMULTISIG);
    // a bare multisignature counts 20, times four: 15,600 for each of these and one for its input
    for (const coin of coins) {
      const outputs = Array.from({ length: 195 }, () => ({ valueSat: sat(1000), script }));
      const tx = pay(key, [coin], [...outputs, { valueSat: sat(coin.output.valueSat - 400_000), script: key.script }]);
      expect(pool.accept(tx).ok).toBe(true);
    }
    expect(mine().block.transactions).toHaveLength(1 + 5);
    expect([mine().block.transactions.length, pool.size, chain.height]).toEqual([1 + 3, 0, 103]);
  });

  test('intervals are exponential with a mean of ten minutes, the same for the same stream', () => {
    const draws = (seed: string): number[] => {
      const rng = Rng.fromSeed(seed).stream('blocks');
      return Array.from({ length: 20_000 }, () => toSeconds(drawBlockInterval(rng)));
    };
    const seconds = draws('a');
    const mean = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
    // the mean's standard error is 600 / √20,000 = 4.2 s
    expect(Math.abs(mean - 600)).toBeLessThan(20);
    const longer = seconds.filter((value) => value > 600).length / seconds.length;
    expect(Math.abs(longer - Math.exp(-1))).toBeLessThan(0.02);
    expect(draws('a')).toEqual(seconds);
    expect(draws('b')).not.toEqual(seconds);
    const first = (meanSeconds: number): number => toSeconds(drawBlockInterval(Rng.fromSeed(1), meanSeconds));
    expect(first(1200)).toBeCloseTo(2 * first(600), 5);
  });

  test('a transaction that pays more virtual bytes for its operations is reckoned by them', () => {
    const { pool, key, coins } = fundedWorld(1);
    const script = compileScript(OP.OP_1, key.publicKey, OP.OP_1, OP.OP_CHECKMULTISIG);
    const tx = pay(key, [coins[0]!], [{ valueSat: sat(1_000_000), script }]);
    pool.accept(tx);
    // 4 × 20 for the output and 1 for the input, 20 bytes each, a quarter
    expect(pool.entry(txidOf(tx))!.vsize).toBe(Math.ceil((81 * 20) / 4));
    expect(vsizeOf(tx)).toBeLessThan(405);
  });
});
