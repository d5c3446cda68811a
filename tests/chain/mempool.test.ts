/** The mempool: what it takes, what it refuses and by which name, and that it stays true to the chain through blocks. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { sat } from '../../src/base/units.ts';
import type { AcceptResult, Mempool, MempoolTotals } from '../../src/chain/mempool.ts';
import { compileScript, nullData, OP, p2pkh, p2sh, p2wsh } from '../../src/chain/script.ts';
import { LOCKTIME_THRESHOLD } from '../../src/chain/timelocks.ts';
import {
  outPointKey,
  type Transaction,
  txidOf,
  type TxOutput,
  vsizeOf,
  weightOf,
} from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { fundedWorld, keyOf, type Owned, ownedBy, pay, payOne, tag, type World } from './wallet.ts';

// room for a busy machine without the accelerated curve
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

const reasonOf = (result: AcceptResult): string => (result.ok ? 'ok' : result.reason);

/** The totals, recomputed from the entries and the chain; and every link between entries checked. */
function recomputed(pool: Mempool): MempoolTotals {
  const totals = { feesSat: 0, spentFromChainSat: 0, spentWithinSat: 0, outputsSat: 0, weight: 0 };
  for (const entry of pool.entries()) {
    let valueIn = 0;
    const parents = new Set<string>();
    for (const { prevout } of entry.tx.inputs) {
      const parent = pool.entry(prevout.txid);
      const value = parent?.tx.outputs[prevout.vout]?.valueSat ?? pool.chain.utxos.get(prevout)?.valueSat;
      expect(value, `the coin ${outPointKey(prevout)}`).toBeDefined();
      if (parent === null) totals.spentFromChainSat += value!;
      else {
        totals.spentWithinSat += value!;
        parents.add(parent.txid);
        expect(parent.children).toContain(entry);
        expect(parent.order).toBeLessThan(entry.order);
      }
      valueIn += value!;
      expect(pool.spender(prevout)).toBe(entry);
    }
    expect(new Set(entry.parents.map(({ txid }) => txid))).toEqual(parents);
    for (const child of entry.children) expect(pool.entry(child.txid)).toBe(child);
    const valueOut = entry.tx.outputs.reduce((sum, output) => sum + output.valueSat, 0);
    expect(entry.feeSat).toBe(valueIn - valueOut);
    totals.feesSat += valueIn - valueOut;
    totals.outputsSat += valueOut;
    totals.weight += weightOf(entry.tx);
  }
  expect(totals.spentFromChainSat + totals.spentWithinSat).toBe(totals.outputsSat + totals.feesSat);
  return totals as MempoolTotals;
}

describe('acceptance', () => {
  test('a good transaction is told its fee and its weight, and taken once', () => {
    const { pool, key, coins } = fundedWorld(1);
    const tx = payOne(key, coins[0]!, 1000);
    expect(pool.accept(tx)).toEqual({ ok: true, txid: txidOf(tx), feeSat: 1000, weight: weightOf(tx), replaced: [] });
    expect(reasonOf(pool.accept(tx))).toBe('txn-already-in-mempool');
    const resigned = { ...tx, inputs: [{ ...tx.inputs[0]!, witness: [tag('no signature')] }] };
    expect(reasonOf(pool.accept(resigned))).toBe('txn-same-nonwitness-data-in-mempool');
    expect([pool.size, pool.has(txidOf(tx)), pool.spender(coins[0]!.outPoint)?.tx]).toEqual([1, true, tx]);
    expect(pool.totals).toEqual(recomputed(pool));
  });

  test('refusals carry the names of Bitcoin Core', () => {
    const world = fundedWorld(3);
    const { pool, chain, key, mine } = world;
    const [coin, other] = world.coins as [Owned, Owned];
    const value = coin.output.valueSat;
    const outputs = (...list: TxOutput[]): Transaction => pay(key, [coin], list);
    const to = (script: Uint8Array, valueSat = value - 5000): Transaction =>
      outputs({ valueSat: sat(valueSat), script });
    const missing: Owned = { ...coin, outPoint: { ...coin.outPoint, vout: 77 } };
    const manySigs = Array.from({ length: 60 }, () => ({
      valueSat: sat(10_000),
      script: compileScript(OP.OP_1, key.publicKey, key.publicKey, key.publicKey, OP.OP_3, OP.OP_CHECKMULTISIG),
    }));
    const wide = Array.from({ length: 3200 }, () => ({ valueSat: sat(330), script: p2wsh(tag('wide')) }));
    const mined = payOne(key, world.coins[2]!, 1000);
    expect(pool.accept(mined).ok).toBe(true);
    mine();
    const medianTime = chain.medianTimePastSeconds;
    expect(medianTime).toBeGreaterThan(LOCKTIME_THRESHOLD);

    // prettier-ignore
    const refusals: [reason: string, tx: Transaction][] = [
      ['bad-txns-vout-empty',                   outputs()],
      ['bad-txns-inputs-duplicate',             pay(key, [coin, coin], [{ valueSat: value, script: key.script }])],
      ['coinbase',                              chain.tip.block.transactions[0]!],
      ['version',                               payOne(key, coin, 1000, { version: 3 })],
      ['version',                               payOne(key, coin, 1000, { version: 0 })],
      ['tx-size',                               outputs(...wide)],
      ['scriptpubkey',                          to(compileScript(OP.OP_1, OP.OP_DROP, OP.OP_1))],
      ['dust',                                  outputs({ valueSat: sat(293), script: key.script })],
      ['tx-size-small',                         to(compileScript(OP.OP_RETURN), 0)],
      ['non-final',                             payOne(key, coin, 1000, { lockTime: chain.height + 1 })],
      ['non-final',                             payOne(key, coin, 1000, { lockTime: medianTime })],
      ['bad-txns-inputs-missingorspent',        payOne(key, missing, 1000)],
      ['txn-already-known',                     mined],
      ['non-BIP68-final',                       payOne(key, coin, 1000, { sequence: 200 })],
      ['bad-txns-premature-spend-of-coinbase',  payOne(key, ownedBy(chain.tip.block.transactions[0]!), 1000)],
      ['bad-txns-in-belowout',                  to(key.script, value + 1)],
      ['bad-txns-too-many-sigops',              outputs(...manySigs, ...manySigs, ...manySigs, ...manySigs)],
      ['min relay fee not met',                 payOne(key, coin, 109)],
      ['mandatory-script-verify-flag-failed (Script failed an OP_EQUALVERIFY operation)', payOne(keyOf('thief'), coin, 1000)],
    ];
    for (const [reason, tx] of refusals) expect(reasonOf(pool.accept(tx)), reason).toBe(reason);
    expect(pool.size).toBe(0);

    // the least that passes in each of those that have an edge
    expect(vsizeOf(payOne(key, coin, 110))).toBe(110);
    expect(reasonOf(pool.accept(payOne(key, coin, 110)))).toBe('ok');
    expect(reasonOf(pool.accept(payOne(key, other, 1000, { lockTime: chain.height })))).toBe('ok');
    expect(pool.totals).toEqual(recomputed(pool));
  });

  test('a scriptSig that does more than push, or is long, is refused; so is what cannot be spent in a standard way', () => {
    const { pool, key, coins, mine } = fundedWorld(3);
    const redeem = compileScript(OP.OP_1, OP.OP_DROP, OP.OP_1);
    const sigops = compileScript(...Array.from({ length: 16 }, () => OP.OP_CHECKSIG));
    const funding = pay(
      key,
      [coins[0]!],
      [
        { valueSat: sat(10_000), script: p2sh(redeem) },
        { valueSat: sat(10_000), script: p2sh(sigops) },
        { valueSat: sat(10_000), script: p2pkh(key.publicKey) },
        { valueSat: sat(10_000), script: compileScript(OP.OP_2, tag('future')) },
        { valueSat: sat(10_000), script: p2wsh(redeem) },
      ],
    );
    expect(pool.accept(funding).ok).toBe(true);
    mine();
    const spend = (vout: number, scriptSig: Uint8Array, witness: Uint8Array[] = []): Transaction => ({
      ...funding,
      inputs: [{ prevout: { txid: txidOf(funding), vout }, scriptSig, sequence: 0xffffffff, witness }],
      outputs: [{ valueSat: sat(8_000), script: key.script }],
    });
    const nothing = new Uint8Array(0);
    expect(reasonOf(pool.accept(spend(0, compileScript(OP.OP_1, OP.OP_DUP))))).toBe('scriptsig-not-pushonly');
    expect(reasonOf(pool.accept(spend(0, new Uint8Array(1651).fill(OP.OP_1))))).toBe('scriptsig-size');
    expect(reasonOf(pool.accept(spend(1, compileScript(sigops))))).toBe('bad-txns-nonstandard-inputs');
    expect(reasonOf(pool.accept(spend(3, nothing)))).toBe('bad-txns-nonstandard-inputs');
    expect(reasonOf(pool.accept(spend(2, nothing, [key.publicKey])))).toBe('bad-witness-nonstandard');
    expect(reasonOf(pool.accept(spend(4, nothing, [new Uint8Array(81), redeem])))).toBe('bad-witness-nonstandard');
    // policy alone is offended: an item too many in P2SH
    expect(reasonOf(pool.accept(spend(0, compileScript(OP.OP_1, redeem))))).toBe(
      'non-mandatory-script-verify-flag (Stack size must be exactly one after execution)',
    );
    expect(reasonOf(pool.accept(spend(0, compileScript(redeem))))).toBe('ok');
    expect(reasonOf(pool.accept(spend(4, nothing, [redeem])))).toBe('ok');
  });
});

describe('chains of unconfirmed transactions', () => {
  test('may be 25 long, not 26, and a parent may have 24 descendants', () => {
    const { pool, key, coins } = fundedWorld(2);
    let coin = coins[0]!;
    for (let i = 0; i < 25; i++) {
      const tx = payOne(key, coin, 1000);
      expect(reasonOf(pool.accept(tx)), `transaction ${i}`).toBe('ok');
      coin = ownedBy(tx);
    }
    expect(reasonOf(pool.accept(payOne(key, coin, 1000)))).toBe('too-long-mempool-chain');

    const fan = pay(
      key,
      [coins[1]!],
      Array.from({ length: 25 }, () => ({ valueSat: sat(100_000), script: key.script })),
    );
    expect(reasonOf(pool.accept(fan))).toBe('ok');
    const children = fan.outputs.map((_, vout) => reasonOf(pool.accept(payOne(key, ownedBy(fan, vout), 1000))));
    expect(children.filter((reason) => reason === 'ok')).toHaveLength(24);
    expect(children.at(-1)).toBe('too-long-mempool-chain');
    expect(pool.totals).toEqual(recomputed(pool));
  });

  test('a transaction may have 24 parents, not 25', () => {
    const { pool, key, coins } = fundedWorld(25);
    const parents = coins.map((coin) => payOne(key, coin, 1000));
    for (const tx of parents) expect(reasonOf(pool.accept(tx))).toBe('ok');
    const merge = (count: number): Transaction =>
      pay(
        key,
        parents.slice(0, count).map((tx) => ownedBy(tx)),
        [{ valueSat: sat(1_000_000), script: key.script }],
      );
    expect(reasonOf(pool.accept(merge(25)))).toBe('too-long-mempool-chain');
    expect(reasonOf(pool.accept(merge(24)))).toBe('ok');
  });

  test('a child of an output just accepted cannot have a relative lock', () => {
    const { pool, key, coins } = fundedWorld(1);
    const parent = payOne(key, coins[0]!, 1000);
    pool.accept(parent);
    expect(reasonOf(pool.accept(payOne(key, ownedBy(parent), 1000, { sequence: 1 })))).toBe('non-BIP68-final');
    expect(reasonOf(pool.accept(payOne(key, ownedBy(parent), 1000, { sequence: 0 })))).toBe('ok');
  });
});

describe('replacement', () => {
  test('takes a better rate and the price of its own relay over all that goes', () => {
    const { pool, key, coins } = fundedWorld(2);
    const [coin] = coins as [Owned];
    const first = payOne(key, coin, 1000);
    const child = payOne(key, ownedBy(first), 3000);
    for (const tx of [first, child]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    expect(reasonOf(pool.accept(payOne(key, coin, 1000, { to: tag('x').subarray(0, 0) })))).toBe('scriptpubkey');
    const vsize = vsizeOf(first);
    // a better rate than the one it replaces, and still less than both fees and its relay
    expect(reasonOf(pool.accept(payOne(key, coin, 1000 + 3000 + vsize - 1)))).toBe('insufficient fee');
    const better = payOne(key, coin, 1000 + 3000 + vsize);
    expect(pool.accept(better)).toMatchObject({ ok: true, replaced: [txidOf(first), txidOf(child)] });
    expect([...pool.entries()].map(({ txid }) => txid)).toEqual([txidOf(better)]);
    expect(pool.totals).toEqual(recomputed(pool));
  });

  test('is refused where the rate is lower, however large the fee', () => {
    const { pool, key, coins } = fundedWorld(3);
    pool.accept(payOne(key, coins[0]!, 5000)); // 45 sat a virtual byte
    const wide = pay(
      key,
      [coins[0]!, coins[1]!, coins[2]!],
      Array.from({ length: 40 }, () => ({ valueSat: sat(1_000_000), script: key.script })),
    );
    const total = coins.reduce((sum, coin) => sum + coin.output.valueSat, 0);
    const left = total - 40 * 1_000_000;
    const fee = 40 * vsizeOf(wide);
    const poor = pay(
      key,
      [coins[0]!, coins[1]!, coins[2]!],
      [...wide.outputs, { valueSat: sat(left - fee), script: key.script }],
    );
    expect(reasonOf(pool.accept(poor))).toBe('insufficient fee');
  });

  test('may not build on what it replaces, nor on a new unconfirmed parent', () => {
    const { pool, key, coins } = fundedWorld(2);
    const [a, b] = coins as [Owned, Owned];
    const first = payOne(key, a, 1000);
    const unrelated = payOne(key, b, 1000);
    for (const tx of [first, unrelated]) pool.accept(tx);
    const both = (x: Owned, y: Owned): Transaction =>
      pay(key, [x, y], [{ valueSat: sat(1_000_000), script: key.script }]);
    expect(reasonOf(pool.accept(both(a, ownedBy(first))))).toBe('bad-txns-spends-conflicting-tx');
    expect(reasonOf(pool.accept(both(a, ownedBy(unrelated))))).toBe('replacement-adds-unconfirmed');
    expect(pool.size).toBe(2);
  });

  test('where the pool asks for signals: refused without one, taken with one, or with an ancestor that has one', () => {
    const { pool, key, coins } = fundedWorld(2, { fullRbf: false });
    pool.accept(payOne(key, coins[0]!, 1000, { sequence: 0xfffffffe }));
    expect(reasonOf(pool.accept(payOne(key, coins[0]!, 9000)))).toBe('txn-mempool-conflict');
    const parent = payOne(key, coins[1]!, 1000, { sequence: 0xfffffffd });
    const child = payOne(key, ownedBy(parent), 1000, { sequence: 0xffffffff });
    for (const tx of [parent, child]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    expect(reasonOf(pool.accept(payOne(key, ownedBy(parent), 9000)))).toBe('ok');
    expect(pool.totals).toEqual(recomputed(pool));
  });
});

describe('blocks', () => {
  test('a mined parent leaves, its child stays and spends the chain', () => {
    const { chain, pool, key, coins, mine } = fundedWorld(1);
    const parent = payOne(key, coins[0]!, 1000);
    const child = payOne(key, ownedBy(parent), 1000);
    pool.accept(parent);
    const other = fundedWorld(1); // the same chain, where only the parent is known
    other.pool.accept(parent);
    pool.accept(child);
    expect(chain.connect(other.mine().block).ok).toBe(true);
    expect([...pool.entries()].map(({ txid }) => txid)).toEqual([txidOf(child)]);
    expect(pool.totals).toMatchObject({ feesSat: 1000, spentWithinSat: 0 });
    expect(pool.totals).toEqual(recomputed(pool));
    mine();
    expect(pool.size).toBe(0);
    expect(pool.totals).toEqual({ feesSat: 0, spentFromChainSat: 0, spentWithinSat: 0, outputsSat: 0, weight: 0 });
  });

  test('what a block spends otherwise is evicted with all that builds on it', () => {
    const { chain, pool, key, coins } = fundedWorld(2);
    const loser = payOne(key, coins[0]!, 1000);
    const child = pay(key, [ownedBy(loser), coins[1]!], [{ valueSat: sat(1_000_000), script: key.script }]);
    for (const tx of [loser, child]) pool.accept(tx);
    const other = fundedWorld(2);
    other.pool.accept(payOne(key, coins[0]!, 2000));
    expect(chain.connect(other.mine().block).ok).toBe(true);
    expect(pool.size).toBe(0);
    expect(pool.spender(coins[1]!.outPoint)).toBeNull();
    expect(pool.totals).toEqual(recomputed(pool));
  });

  test('a block taken off gives its transactions back, before what was built on them', () => {
    const { chain, pool, key, coins, mine } = fundedWorld(2);
    const parent = payOne(key, coins[0]!, 1000);
    pool.accept(parent);
    mine();
    const child = payOne(key, ownedBy(parent), 1000);
    const locked = payOne(key, coins[1]!, 1000, { lockTime: chain.height }); // final in the next block, and not before
    for (const tx of [child, locked]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    chain.disconnectTip();
    expect([...pool.entries()].map(({ txid }) => txid)).toEqual([txidOf(parent), txidOf(child)]);
    expect(pool.totals).toEqual(recomputed(pool));
    mine();
    expect(pool.size).toBe(0);
  });

  test('burnt and unclaimed value do not disturb the totals', () => {
    const { pool, key, coins, mine } = fundedWorld(1);
    const burn = pay(key, [coins[0]!], [{ valueSat: sat(0), script: nullData(tag('nothing')) }]);
    expect(reasonOf(pool.accept(burn))).toBe('ok');
    expect(pool.totals.feesSat).toBe(coins[0]!.output.valueSat);
    mine();
    expect(pool.totals.feesSat).toBe(0);
  });
});

test('over random spends, replacements, blocks and reorganisations the totals equal what the entries say', () => {
  const reached = new Map<string, number>();
  const count = (what: string): void => void reached.set(what, (reached.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const rng = Rng.fromSeed(seed);
      const world: World = fundedWorld(8);
      const { chain, pool, key } = world;
      const known: Owned[] = [...world.coins];
      for (let step = 0; step < 60; step++) {
        const action = rng.below(20);
        if (action === 0) {
          world.mine();
          count('mined');
        } else if (action === 1 && chain.height > 101) {
          chain.disconnectTip();
          count('disconnected');
        } else {
          // any coin ever known: spent, unspent, replaced or gone
          const spent = [...new Set(Array.from({ length: 1 + rng.below(2) }, () => known[rng.below(known.length)]!))];
          const total = spent.reduce((sum, coin) => sum + coin.output.valueSat, 0);
          const fee = 100 + rng.below(20_000);
          const parts = 1 + rng.below(3);
          const each = Math.floor((total - fee) / parts);
          if (each < 1000) continue;
          const tx = pay(
            key,
            spent,
            Array.from({ length: parts }, () => ({ valueSat: sat(each), script: key.script })),
          );
          const result = pool.accept(tx);
          count(result.ok ? (result.replaced.length > 0 ? 'replaced' : 'accepted') : result.reason);
          if (result.ok) for (let vout = 0; vout < parts; vout++) known.push(ownedBy(tx, vout));
        }
        expect(pool.totals).toEqual(recomputed(pool));
      }
      const value = chain.utxos.totalSat + chain.utxos.unspendableSat + chain.unclaimedSat;
      expect(value).toBe(chain.issuedSat);
    }),
    { numRuns: 12 },
  );
  for (const what of [
    'accepted',
    'replaced',
    'mined',
    'disconnected',
    'insufficient fee',
    'bad-txns-inputs-missingorspent',
  ]) {
    expect(reached.get(what), what).toBeGreaterThan(0);
  }
});
