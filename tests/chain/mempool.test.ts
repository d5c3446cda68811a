/** The mempool: what it takes, what it refuses and by which name, and that it stays true to the chain through blocks. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { sat } from '../../src/base/units.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { type AcceptResult, Mempool } from '../../src/chain/mempool.ts';
import { compileScript, nullData, OP, p2pkh, p2sh, p2wsh } from '../../src/chain/script.ts';
import { plainVerifier } from '../../src/chain/signatureCheck.ts';
import { LOCKTIME_THRESHOLD } from '../../src/chain/timelocks.ts';
import { type Transaction, txidOf, type TxOutput, vsizeOf, weightOf } from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { auditPool } from './mempoolAudit.ts';
import { openWorld, spendOpen } from './openCoins.ts';
import { fundedWorld, keyOf, type Owned, ownedBy, pay, payOne, tag, type World } from './wallet.ts';

// room for a busy machine without the accelerated curve
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

const reasonOf = (result: AcceptResult): string => (result.ok ? 'ok' : result.reason);

describe('acceptance', () => {
  test('a good transaction is told its fee and its weight, and taken once', () => {
    const { pool, key, coins } = fundedWorld(1);
    const tx = payOne(key, coins[0]!, 1000);
    expect(pool.accept(tx)).toEqual({ ok: true, txid: txidOf(tx), feeSat: 1000, weight: weightOf(tx), replaced: [] });
    expect(reasonOf(pool.accept(tx))).toBe('txn-already-in-mempool');
    const resigned = { ...tx, inputs: [{ ...tx.inputs[0]!, witness: [tag('no signature')] }] };
    expect(reasonOf(pool.accept(resigned))).toBe('txn-same-nonwitness-data-in-mempool');
    expect([pool.size, pool.has(txidOf(tx)), pool.spender(coins[0]!.outPoint)?.tx]).toEqual([1, true, tx]);
    auditPool(pool);
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
      ['version',                               payOne(key, coin, 1000, { version: 4 })],
      ['version',                               payOne(key, coin, 1000, { version: 0 })],
      ['tx-size',                               outputs(...wide)],
      ['scriptpubkey',                          to(compileScript(OP.OP_1, OP.OP_DROP, OP.OP_1))],
      ['dust',                                  outputs({ valueSat: sat(293), script: key.script })],
      ['dust',                                  outputs({ valueSat: sat(293), script: key.script }, { valueSat: sat(value - 293 - 293), script: key.script }, { valueSat: sat(293), script: key.script })],
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
    auditPool(pool);
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
    // policy names the signature, consensus what came of it
    const wrong = pay(key, [ownedBy(mine().block.transactions[0]!)], [{ valueSat: sat(8_000), script: key.script }]);
    const unsigned = { ...wrong, inputs: [{ ...wrong.inputs[0]!, prevout: coins[1]!.outPoint }] };
    expect(reasonOf(pool.accept(unsigned))).toBe(
      'mandatory-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)',
    );
    expect(reasonOf(pool.accept(spend(0, compileScript(redeem))))).toBe('ok');
    expect(reasonOf(pool.accept(spend(4, nothing, [redeem])))).toBe('ok');
  });
});

describe('chains of unconfirmed transactions', () => {
  test('may be 25 long, not 26, and a parent may have 24 descendants and one by the carve-out', () => {
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
      Array.from({ length: 26 }, () => ({ valueSat: sat(100_000), script: key.script })),
    );
    expect(reasonOf(pool.accept(fan))).toBe('ok');
    const children = fan.outputs.map((_, vout) => reasonOf(pool.accept(payOne(key, ownedBy(fan, vout), 1000))));
    // the 25th child is the one that the carve-out lets in, and there is no second
    expect(children).toEqual([...Array.from({ length: 25 }, () => 'ok'), 'too-long-mempool-chain']);
    auditPool(pool);
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

  test('a parent may have 101,000 virtual bytes with its descendants, and 10,000 by the carve-out', () => {
    const { pool, coins } = openWorld(1);
    const parent = spendOpen([coins[0]!], { outputs: 4 });
    const child = (vout: number, data: number): Transaction => spendOpen([ownedBy(parent, vout)], { data });
    for (const tx of [parent, child(0, 50_000)]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    const room = 101_000 - pool.vsize;
    const vsizeAround = vsizeOf(child(1, 40_000)) - 40_000;
    expect(reasonOf(pool.accept(child(1, room - vsizeAround + 1)))).toBe('too-long-mempool-chain');
    expect(reasonOf(pool.accept(child(1, room - vsizeAround)))).toBe('ok');
    expect(pool.vsize).toBe(101_000);
    expect(reasonOf(pool.accept(child(2, 10_001 - vsizeAround)))).toBe('too-long-mempool-chain');
    expect(reasonOf(pool.accept(child(2, 10_000 - vsizeAround)))).toBe('ok');
    expect(reasonOf(pool.accept(child(3, 0)))).toBe('too-long-mempool-chain');
    auditPool(pool);
  });

  test('a chain of ancestors may have 101,000 virtual bytes', () => {
    const { pool, coins } = openWorld(1);
    const parent = spendOpen([coins[0]!], { data: 60_000 });
    const child = (data: number): Transaction => spendOpen([ownedBy(parent)], { data });
    expect(reasonOf(pool.accept(parent))).toBe('ok');
    const data = 101_000 - pool.vsize - (vsizeOf(child(40_000)) - 40_000);
    expect(reasonOf(pool.accept(child(data + 1)))).toBe('too-long-mempool-chain');
    expect(reasonOf(pool.accept(child(data)))).toBe('ok');
    auditPool(pool);
  });

  //  a ── b ─┬─ c
  //          └─ d
  test('a replacement of one takes its place in a full chain; of two, none is given (Bitcoin Core)', () => {
    const chainLimits = { ancestorCount: 25, ancestorVsize: 101_000, descendantCount: 4, descendantVsize: 101_000 };
    const { pool, coins } = openWorld(1, { chainLimits });
    const a = spendOpen([coins[0]!]);
    const b = spendOpen([ownedBy(a)], { outputs: 2 });
    const c = spendOpen([ownedBy(b, 0)]);
    const d = spendOpen([ownedBy(b, 1)]);
    for (const tx of [a, b, c, d]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    const both = spendOpen([ownedBy(b, 0), ownedBy(b, 1)], { rate: 90 });
    expect(reasonOf(pool.accept(both))).toBe('too-long-mempool-chain');
    expect(pool.accept(spendOpen([ownedBy(b, 0)], { rate: 90 }))).toMatchObject({ ok: true, replaced: [txidOf(c)] });
    auditPool(pool);
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
    auditPool(pool);
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

  test('may evict 100 transactions, not 101', () => {
    const { pool, coins } = openWorld(5);
    for (const [i, coin] of coins.entries()) {
      const fan = spendOpen([coin], { outputs: 24 });
      expect(reasonOf(pool.accept(fan))).toBe('ok');
      for (let vout = 0; vout < (i < 4 ? 24 : 0); vout++) pool.accept(spendOpen([ownedBy(fan, vout)]));
    }
    expect(pool.size).toBe(4 * 25 + 1);
    expect(reasonOf(pool.accept(spendOpen(coins, { fee: 500_000 })))).toBe('too many potential replacements');
    expect(reasonOf(pool.accept(spendOpen(coins.slice(0, 4), { fee: 500_000 })))).toBe('ok');
    expect(pool.size).toBe(2);
    auditPool(pool);
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
    auditPool(pool);
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
    auditPool(pool);
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
    auditPool(pool);
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
    auditPool(pool);
    mine();
    expect(pool.size).toBe(0);
  });

  test('a block taken off sends away what is no longer timely: locks, and coinbases not mature any more', () => {
    const { chain, pool, key, coins, mine } = fundedWorld(2);
    const left: string[] = [];
    pool.listen({ removed: ({ txid }, reason) => void left.push(`${txid} ${reason}`) });
    const parent = payOne(key, coins[0]!, 1000);
    pool.accept(parent);
    mine();
    // a relative lock of one block on a coin in the tip; a coinbase that is mature in the next block and not before
    const locked = payOne(key, ownedBy(parent), 1000, { sequence: 1 });
    const young = payOne(key, ownedBy(chain.blockAt(chain.height - 99).block.transactions[0]!), 1000);
    const stays = payOne(key, coins[1]!, 1000);
    for (const tx of [locked, young, stays]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    chain.disconnectTip();
    expect(left).toEqual([`${txidOf(parent)} block`, `${txidOf(locked)} reorg`, `${txidOf(young)} reorg`]);
    expect([...pool.entries()].map(({ txid }) => txid)).toEqual([parent, stays].map(txidOf));
    auditPool(pool, { reorganised: true });
  });

  test('a block taken off may make chains too long: their ends go', () => {
    const { chain, pool, key, coins, mine } = fundedWorld(1);
    const line: Transaction[] = [];
    const extend = (count: number): void => {
      for (; count > 0; count--) {
        line.push(payOne(key, line.length === 0 ? coins[0]! : ownedBy(line.at(-1)!), 1000));
        expect(reasonOf(pool.accept(line.at(-1)!))).toBe('ok');
      }
    };
    extend(10);
    mine();
    extend(20);
    chain.disconnectTip();
    expect([...pool.entries()].map(({ txid }) => txid)).toEqual(line.slice(0, 25).map(txidOf));
    auditPool(pool, { reorganised: true });
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

describe('signatures', () => {
  /** How many signatures go to the curve to accept a transaction and to connect the block with it. */
  const verified = (chainVerify: 'once' | 'always', poolVerify: 'once' | 'always'): number[] => {
    const { chain: source, key, coins, pool: sourcePool, mine } = fundedWorld(1);
    const tx = payOne(key, coins[0]!, 1000);
    sourcePool.accept(tx);
    mine();
    let asked = 0;
    const verifier = {
      verify: (...args: Parameters<typeof plainVerifier.verify>) => (asked++, plainVerifier.verify(...args)),
    };
    const chain = new Blockchain({ verify: chainVerify, verifier });
    const pool = new Mempool(chain, { verify: poolVerify });
    for (let height = 1; height < source.height; height++) chain.connect(source.blockAt(height).block);
    expect(reasonOf(pool.accept(tx))).toBe('ok');
    const inPool = asked;
    expect(chain.connect(source.tip.block).ok).toBe(true);
    return [inPool, asked - inPool];
  };

  test('are verified once between pool and block, or always where that is asked of either', () => {
    expect(verified('once', 'once')).toEqual([1, 0]);
    expect(verified('always', 'once')).toEqual([1, 1]);
    expect(verified('once', 'always')).toEqual([1, 1]);
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
      let reorganised = false;
      for (let step = 0; step < 60; step++) {
        const action = rng.below(20);
        if (action === 0) {
          world.mine();
          count('mined');
        } else if (action === 1 && chain.height > 101) {
          chain.disconnectTip();
          reorganised = true;
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
        auditPool(pool, { reorganised });
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
