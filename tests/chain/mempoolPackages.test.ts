/** Packages, BIP 431 and ephemeral dust: what comes in together that could not come in alone, and what may not. */
import { describe, expect, test } from 'vitest';
import { selectTransactions } from '../../src/chain/blockTemplate.ts';
import type { MempoolOptions, PackageResult } from '../../src/chain/mempool.ts';
import { type Transaction, txidOf, vsizeOf } from '../../src/chain/transaction.ts';
import { auditPool } from './mempoolAudit.ts';
import { ANCHOR_SCRIPT, openWorld, reasonOf, spendOpen, type SpendOptions } from './openCoins.ts';
import { type Owned, ownedBy } from './wallet.ts';

const truc = (coins: readonly Owned[], options: SpendOptions = {}): Transaction =>
  spendOpen(coins, { version: 3, ...options });
const ids = (transactions: readonly Transaction[]): string[] => transactions.map(txidOf);
const said = ({ ok, reason, transactions }: PackageResult): unknown[] => [ok, reason, ...transactions.map(reasonOf)];

describe('TRUC (BIP 431)', () => {
  test('a parent may have one child, and the child none', () => {
    const { pool, coins } = openWorld(2);
    const parent = truc([coins[0]!], { outputs: 3 });
    const child = truc([ownedBy(parent)]);
    for (const tx of [parent, child]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    expect(reasonOf(pool.accept(truc([ownedBy(child)])))).toBe('TRUC-violation');
    // a second parent makes three of them
    expect(reasonOf(pool.accept(truc([coins[1]!])))).toBe('ok');
    const other = truc([coins[1]!], { rate: 20 });
    expect(reasonOf(pool.accept(other))).toBe('ok');
    expect(reasonOf(pool.accept(truc([ownedBy(parent, 1), ownedBy(other)])))).toBe('TRUC-violation');
    auditPool(pool);
  });

  test('versions do not mix while they are unconfirmed', () => {
    const { pool, coins, mine } = openWorld(2);
    const parent = truc([coins[0]!]);
    const plain = spendOpen([coins[1]!]);
    for (const tx of [parent, plain]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    expect(reasonOf(pool.accept(spendOpen([ownedBy(parent)])))).toBe('TRUC-violation');
    expect(reasonOf(pool.accept(truc([ownedBy(plain)])))).toBe('TRUC-violation');
    mine();
    expect(reasonOf(pool.accept(spendOpen([ownedBy(parent)])))).toBe('ok');
    expect(reasonOf(pool.accept(truc([ownedBy(plain)])))).toBe('ok');
    auditPool(pool);
  });

  test('a parent has 10,000 virtual bytes at most, a child 1,000', () => {
    const { pool, coins } = openWorld(2);
    const sized = (coin: Owned, vsize: number): Transaction => {
      // from 300 bytes of data on, a byte more is a virtual byte more
      const data = vsize - vsizeOf(truc([coin], { data: 300 })) + 300;
      const tx = truc([coin], { data });
      expect(vsizeOf(tx)).toBe(vsize);
      return tx;
    };
    expect(reasonOf(pool.accept(sized(coins[0]!, 10_001)))).toBe('TRUC-violation');
    const parent = sized(coins[0]!, 10_000);
    expect(reasonOf(pool.accept(parent))).toBe('ok');
    expect(reasonOf(pool.accept(sized(ownedBy(parent), 1_001)))).toBe('TRUC-violation');
    expect(reasonOf(pool.accept(sized(ownedBy(parent), 1_000)))).toBe('ok');
    auditPool(pool);
  });

  test('a second child takes the place of the first if it pays for it, although they spend different outputs', () => {
    const { pool, coins } = openWorld(1);
    const parent = truc([coins[0]!], { outputs: 2 });
    const first = truc([ownedBy(parent, 0)], { fee: 2000 });
    for (const tx of [parent, first]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    const second = (fee: number): Transaction => truc([ownedBy(parent, 1)], { fee });
    const vsize = vsizeOf(second(1));
    expect(reasonOf(pool.accept(second(2000)))).toBe('insufficient fee (including sibling eviction)');
    expect(reasonOf(pool.accept(second(2000 + vsize - 1)))).toBe('insufficient fee (including sibling eviction)');
    expect(pool.accept(second(2000 + vsize))).toMatchObject({ ok: true, replaced: [txidOf(first)] });
    expect(pool.size).toBe(2);
    auditPool(pool);
  });

  test('a conflicting child replaces by the ordinary rules', () => {
    const { pool, coins } = openWorld(1);
    const parent = truc([coins[0]!], { outputs: 2 });
    const first = truc([ownedBy(parent, 0)], { fee: 2000 });
    for (const tx of [parent, first]) pool.accept(tx);
    expect(reasonOf(pool.accept(truc([ownedBy(parent, 0)], { fee: 2001 })))).toBe('insufficient fee');
    const both = truc([ownedBy(parent, 0), ownedBy(parent, 1)], { fee: 3000 });
    expect(pool.accept(both)).toMatchObject({ ok: true, replaced: [txidOf(first)] });
    auditPool(pool);
  });

  test('no sibling is chosen where a reorganisation left two', () => {
    const { pool, coins, chain, mine } = openWorld(1);
    const parent = truc([coins[0]!], { outputs: 3 });
    pool.accept(parent);
    mine();
    for (const vout of [0, 1]) expect(reasonOf(pool.accept(truc([ownedBy(parent, vout)])))).toBe('ok');
    chain.disconnectTip();
    expect(pool.size).toBe(3);
    expect(reasonOf(pool.accept(truc([ownedBy(parent, 2)], { rate: 99 })))).toBe('TRUC-violation');
    // but one that conflicts with a child takes its place
    expect(reasonOf(pool.accept(truc([ownedBy(parent, 1)], { rate: 99 })))).toBe('ok');
  });

  test('can be replaced without a signal where others need one', () => {
    const { pool, coins } = openWorld(2, { fullRbf: false });
    for (const [i, version] of [2, 3].entries()) {
      const first = spendOpen([coins[i]!], { version, sequence: 0xffffffff });
      expect(reasonOf(pool.accept(first))).toBe('ok');
      const second = spendOpen([coins[i]!], { version, sequence: 0xffffffff, rate: 20 });
      expect(reasonOf(pool.accept(second))).toBe(version === 3 ? 'ok' : 'txn-mempool-conflict');
    }
  });
});

describe('a package', () => {
  test('is a child with all its unconfirmed parents, sorted, each once, without conflict, and not too much of it', () => {
    const { pool, coins } = openWorld(30);
    const parents = coins.map((coin) => spendOpen([coin], { outputs: 2 }));
    const child = (...from: Transaction[]): Transaction => spendOpen(from.map((tx) => ownedBy(tx)));
    const [a, b] = parents as [Transaction, Transaction];
    const wide = (coin: Owned): Transaction => spendOpen([coin], { data: 60_000 });
    const [wideA, wideB] = [wide(coins[0]!), wide(coins[1]!)];
    // prettier-ignore
    const refusals: [string, Transaction[]][] = [
      ['package-too-many-transactions',               [...parents.slice(0, 25), child(...parents.slice(0, 25))]],
      ['package-too-large',                           [wideA, wideB, child(wideA, wideB)]],
      ['package-contains-duplicates',                 [a, a, child(a)]],
      ['package-not-sorted',                          [child(a), a]],
      ['conflict-in-package',                         [a, spendOpen([coins[0]!], { rate: 11 }), child(a)]],
      ['package-not-child-with-parents',              [a, b, child(a)]],
      ['package-not-child-with-unconfirmed-parents',  [a, child(a, b)]],
    ];
    for (const [reason, transactions] of refusals) {
      expect(said(pool.acceptPackage(transactions)), reason).toEqual([false, reason]);
    }
    // a parent in the pool is no parent on the chain: it must be named too
    expect(reasonOf(pool.accept(b))).toBe('ok');
    expect(said(pool.acceptPackage([a, child(a, b)]))).toEqual([false, 'package-not-child-with-unconfirmed-parents']);
    expect(said(pool.acceptPackage([a, b, child(a, b)]))).toEqual([true, null, 'ok', 'ok', 'ok']);
    expect(said(pool.acceptPackage([a, b, child(a, b)]))).toEqual([true, null, 'ok', 'ok', 'ok']);
    expect(said(pool.acceptPackage([parents[5]!]))).toEqual([true, null, 'ok']);
    expect(pool.size).toBe(4);
    auditPool(pool);
  });

  test('brings in a version 3 parent that pays nothing with the child that pays for it', () => {
    const { pool, coins } = openWorld(1);
    const parent = truc([coins[0]!], { fee: 0 });
    const child = (fee: number): Transaction => truc([ownedBy(parent)], { fee });
    expect(pool.accept(parent)).toEqual({ ok: false, reason: 'min relay fee not met', reconsiderable: true });
    const vsize = vsizeOf(parent) + vsizeOf(child(1));
    expect(said(pool.acceptPackage([parent, child(vsize - 1)]))).toEqual([
      false,
      'transaction failed',
      'min relay fee not met',
      'min relay fee not met',
    ]);
    expect(pool.size).toBe(0);
    expect(said(pool.acceptPackage([parent, child(vsize)]))).toEqual([true, null, 'ok', 'ok']);
    expect(ids(selectTransactions(pool).entries.map(({ tx }) => tx))).toEqual(ids([parent, child(vsize)]));
    auditPool(pool);
  });

  test('cannot lift another version over the minimum for relay: its child might leave', () => {
    const { pool, coins } = openWorld(1);
    const parent = spendOpen([coins[0]!], { fee: 0 });
    const child = spendOpen([ownedBy(parent)], { fee: 50_000 });
    expect(pool.accept(parent)).toEqual({ ok: false, reason: 'min relay fee not met', reconsiderable: false });
    expect(said(pool.acceptPackage([parent, child]))).toEqual([
      false,
      'transaction failed',
      'min relay fee not met',
      'bad-txns-inputs-missingorspent',
    ]);
  });

  test('takes what stands alone even if the rest fails', () => {
    const { pool, coins } = openWorld(1);
    const parent = spendOpen([coins[0]!]);
    const child = spendOpen([ownedBy(parent)], { fee: 1 });
    expect(said(pool.acceptPackage([parent, child]))).toEqual([
      false,
      'transaction failed',
      'ok',
      'min relay fee not met',
    ]);
    expect(pool.has(txidOf(parent))).toBe(true);
  });

  test('keeps the topology of version 3 inside it', () => {
    const { pool, coins } = openWorld(3);
    const poor = [0, 1].map((i) => truc([coins[i]!], { fee: 0 }));
    const merge = truc(
      poor.map((tx) => ownedBy(tx)),
      { fee: 50_000 },
    );
    expect(said(pool.acceptPackage([...poor, merge]))).toEqual([
      false,
      'TRUC-violation',
      'min relay fee not met',
      'min relay fee not met',
      'bad-txns-inputs-missingorspent',
    ]);
    const plainChild = spendOpen([ownedBy(poor[0]!)], { fee: 50_000 });
    expect(pool.acceptPackage([poor[0]!, plainChild]).reason).toBe('TRUC-violation');
    const long = truc([ownedBy(poor[0]!)], { fee: 50_000, data: 1_000 });
    expect(pool.acceptPackage([poor[0]!, long]).reason).toBe('TRUC-violation');
    expect(pool.size).toBe(0);
  });

  test('fits the chain limits as if each member were built on all', () => {
    const { pool, coins } = openWorld(1, {
      chainLimits: { ancestorCount: 2, ancestorVsize: 101_000, descendantCount: 1, descendantVsize: 101_000 },
    });
    const parent = truc([coins[0]!], { fee: 0 });
    const child = truc([ownedBy(parent)], { fee: 50_000 });
    expect(pool.acceptPackage([parent, child]).reason).toBe('package-mempool-limits');
  });
});

describe('a package that replaces', () => {
  //   before          after
  //   coin 0 ── old   coin 0 ── parent ── child
  const worldWith = (old: SpendOptions, options: MempoolOptions = {}) => {
    const world = openWorld(4, options);
    const first = spendOpen([world.coins[0]!], { version: 3, ...old });
    expect(reasonOf(world.pool.accept(first))).toBe('ok');
    return { ...world, first };
  };

  test('takes the place of what a parent alone could not replace', () => {
    const { pool, coins, first } = worldWith({ fee: 5000 });
    const parent = truc([coins[0]!], { fee: 0 });
    const child = (fee: number): Transaction => truc([ownedBy(parent)], { fee });
    const vsize = vsizeOf(parent) + vsizeOf(child(1));
    expect(pool.acceptPackage([parent, child(5000 + vsize - 1)]).reason).toBe(
      'package RBF failed: insufficient anti-DoS fees',
    );
    // enough against flooding, and still a worse rate than what goes
    expect(pool.acceptPackage([parent, child(5000 + vsize)]).reason).toBe(
      'package RBF failed: insufficient feerate: does not improve feerate diagram',
    );
    const good = child(Math.ceil((5000 / vsizeOf(first)) * vsize) + 1);
    const result = pool.acceptPackage([parent, good]);
    expect(said(result)).toEqual([true, null, 'ok', 'ok']);
    expect(result.transactions[0]).toMatchObject({ replaced: [txidOf(first)] });
    expect(ids([...pool.entries()].map(({ tx }) => tx))).toEqual(ids([parent, good]));
    auditPool(pool);
  });

  test('is a pair without ancestors in the pool, the child paying more than the parent', () => {
    const { pool, coins } = worldWith({ fee: 5000 });
    const [a, b] = [0, 1].map((i) => truc([coins[i]!], { fee: 0 })) as [Transaction, Transaction];
    const three = truc([ownedBy(a), ownedBy(b)], { fee: 90_000 });
    expect(pool.acceptPackage([a, b, three]).reason).toBe('TRUC-violation');
    // where version 3 does not forbid it: a risen minimum makes two parents poor
    const full = openWorld(8, { maxVsize: 4_000 });
    for (let i = 0; i < 4; i++) full.pool.accept(spendOpen([full.coins[i]!], { rate: 20, data: 1_000 }));
    expect(full.pool.minFeeSatPerKvb()).toBeGreaterThan(20_000);
    const poor = [3, 4].map((i) => spendOpen([full.coins[i]!], { rate: 30, data: 20 }));
    for (const tx of poor) expect(reasonOf(full.pool.accept(tx))).toBe('ok');
    const next = [3, 4].map((i) => spendOpen([full.coins[i]!], { rate: 5 }));
    const merge = spendOpen(
      next.map((tx) => ownedBy(tx)),
      { rate: 300 },
    );
    expect(full.pool.acceptPackage([...next, merge]).reason).toBe(
      'package RBF failed: package must be 1-parent-1-child',
    );
    const grandparent = spendOpen([full.coins[5]!], { rate: 40, outputs: 2 });
    const old = spendOpen([full.coins[6]!], { rate: 40 });
    for (const tx of [grandparent, old]) expect(reasonOf(full.pool.accept(tx))).toBe('ok');
    const onTop = spendOpen([ownedBy(grandparent), full.coins[6]!], { rate: 5 });
    expect(full.pool.acceptPackage([onTop, spendOpen([ownedBy(onTop)], { rate: 300 })]).reason).toBe(
      'package RBF failed: new transaction cannot have mempool ancestors',
    );
    // alone too poor to replace, and the child pays no better rate
    const parent = truc([coins[0]!], { fee: 5_000, data: 50 });
    const lazy = truc([ownedBy(parent)], { fee: 600 });
    expect(pool.acceptPackage([parent, lazy]).reason).toBe(
      'package RBF failed: package feerate is less than or equal to parent feerate',
    );
  });

  test('says what is wrong with what it would replace: no more than pairs are reckoned with', () => {
    const { pool, coins } = openWorld(2);
    const base = spendOpen([coins[0]!], { outputs: 3, rate: 2 });
    const children = [0, 1].map((vout) => spendOpen([ownedBy(base, vout)], { rate: 2 }));
    for (const tx of [base, ...children]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    const parent = truc([coins[0]!], { fee: 0 });
    expect(pool.acceptPackage([parent, truc([ownedBy(parent)], { fee: 90_000 })]).reason).toBe(
      `package RBF failed: ${txidOf(base)} has 2 descendants, max 1 allowed`,
    );
  });

  test('a parent that stays counts on both sides', () => {
    const { pool, coins } = openWorld(2);
    const stays = spendOpen([coins[0]!], { rate: 5, data: 1000 });
    const goes = spendOpen([ownedBy(stays), coins[1]!], { rate: 10 });
    for (const tx of [stays, goes]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    const parent = truc([coins[1]!], { fee: 0 });
    const child = truc([ownedBy(parent)], { fee: 4000 });
    expect(4000).toBeLessThan(pool.totals.feesSat);
    expect(pool.acceptPackage([parent, child])).toMatchObject({
      ok: true,
      transactions: [{ replaced: [txidOf(goes)] }, {}],
    });
    expect(pool.size).toBe(3);
    auditPool(pool);
  });

  test('a rich parent is not watered down by its poor child', () => {
    const { pool, coins } = openWorld(1);
    const rich = spendOpen([coins[0]!], { rate: 50 });
    const poor = spendOpen([ownedBy(rich)], { rate: 2 });
    for (const tx of [rich, poor]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    const parent = truc([coins[0]!], { fee: 0 });
    const vsize = 2 * vsizeOf(parent);
    const child = truc([ownedBy(parent)], { fee: pool.totals.feesSat + vsize });
    // a better rate than both together, and yet less in the first bytes of a block
    expect((pool.totals.feesSat + vsize) / vsize).toBeGreaterThan(pool.totals.feesSat / pool.vsize);
    expect(pool.acceptPackage([parent, child]).reason).toBe(
      'package RBF failed: insufficient feerate: does not improve feerate diagram',
    );
  });

  test('compares with a pair: what a child paid for its parent goes with it', () => {
    const { pool, coins } = openWorld(2);
    const oldParent = spendOpen([coins[0]!], { rate: 2 });
    const oldChild = spendOpen([ownedBy(oldParent)], { rate: 40 });
    for (const tx of [oldParent, oldChild]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    const parent = truc([coins[0]!], { fee: 0 });
    const child = (rate: number): Transaction => truc([ownedBy(parent)], { rate });
    expect(pool.acceptPackage([parent, child(43)]).reason).toBe('package RBF failed: insufficient anti-DoS fees');
    expect(said(pool.acceptPackage([parent, child(50)]))).toEqual([true, null, 'ok', 'ok']);
    expect(pool.size).toBe(2);
    auditPool(pool);
  });
});

describe('ephemeral dust', () => {
  const parentOf = (coin: Owned, anchorSat: number, fee = 0): Transaction => truc([coin], { fee, anchorSat });
  const childOf = (parent: Transaction, fee: number, ...vouts: number[]): Transaction =>
    truc(
      vouts.map((vout) => ownedBy(parent, vout)),
      { fee },
    );

  test('comes with no fee and a child that takes it along', () => {
    const { pool, coins, mine } = openWorld(1);
    const parent = parentOf(coins[0]!, 0);
    expect(parent.outputs[1]!.script).toEqual(ANCHOR_SCRIPT);
    expect(reasonOf(pool.accept(parentOf(coins[0]!, 0, 5000)))).toBe('dust');
    expect(said(pool.acceptPackage([parent, childOf(parent, 5000, 0)]))).toEqual([
      false,
      'unspent-dust',
      'min relay fee not met',
      'missing-ephemeral-spends',
    ]);
    expect(pool.size).toBe(0);
    const child = childOf(parent, 5000, 0, 1);
    expect(said(pool.acceptPackage([parent, child]))).toEqual([true, null, 'ok', 'ok']);
    auditPool(pool);
    // whoever takes the child's place must take the dust too
    expect(reasonOf(pool.accept(childOf(parent, 9000, 0)))).toBe('missing-ephemeral-spends');
    expect(reasonOf(pool.accept(childOf(parent, 9000, 1, 0)))).toBe('ok');
    expect(mine().block.transactions).toHaveLength(3);
    expect(pool.size).toBe(0);
  });

  test('is one output below its limit: 240 sat for an anchor', () => {
    const { pool, coins } = openWorld(2);
    expect(reasonOf(pool.accept(parentOf(coins[0]!, 240, 5000)))).toBe('ok');
    expect(reasonOf(pool.accept(parentOf(coins[1]!, 239, 5000)))).toBe('dust');
    const two = parentOf(coins[1]!, 239);
    const twice = { ...two, outputs: [...two.outputs, two.outputs[1]!] };
    expect(reasonOf(pool.accept(twice))).toBe('dust');
  });

  test('is not mined once its child is gone', () => {
    const { pool, coins, chain, mine } = openWorld(2);
    const parent = parentOf(coins[0]!, 0);
    const child = truc([ownedBy(parent, 0), ownedBy(parent, 1), coins[1]!], { fee: 5000 });
    expect(said(pool.acceptPackage([parent, child]))).toEqual([true, null, 'ok', 'ok']);
    const other = openWorld(2);
    other.pool.accept(spendOpen([coins[1]!]));
    expect(chain.connect(other.mine().block).ok).toBe(true);
    expect(ids([...pool.entries()].map(({ tx }) => tx))).toEqual([txidOf(parent)]);
    expect(selectTransactions(pool).entries).toHaveLength(0);
    expect(selectTransactions(pool, { weight: 4e6, sigopCost: 80_000, minFeeSatPerKvb: 0 }).entries).toHaveLength(1);
    mine();
    expect(pool.has(txidOf(parent))).toBe(true);
  });
});
