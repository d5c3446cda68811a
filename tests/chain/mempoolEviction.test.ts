/** A full pool: what goes, what the next must pay, how that falls again; and what is too old. */
import { describe, expect, test } from 'vitest';
import type { Mempool, RemovalReason } from '../../src/chain/mempool.ts';
import { RollingMinimumFee } from '../../src/chain/mempoolMinimumFee.ts';
import { txidOf, vsizeOf } from '../../src/chain/transaction.ts';
import { auditPool } from './mempoolAudit.ts';
import { openWorld, reasonOf, spendOpen } from './openCoins.ts';
import { ownedBy } from './wallet.ts';

const HOUR = 3600;

/** What left a pool, and why, as it happens. */
function departures(pool: Mempool): [string, RemovalReason][] {
  const left: [string, RemovalReason][] = [];
  pool.listen({ removed: ({ txid }, reason) => void left.push([txid, reason]) });
  return left;
}

describe('the minimum fee rate', () => {
  const half = { vsize: 600, maxVsize: 1000 };

  test('rises over what was evicted, and falls by half in twelve hours once a block has come', () => {
    const minimum = new RollingMinimumFee(1000);
    expect(minimum.satPerKvb(0, half)).toBe(0);
    minimum.evicted(31_000);
    expect(minimum.satPerKvb(0, half)).toBe(32_000);
    // nothing falls before a block makes room
    expect(minimum.satPerKvb(1000 * HOUR, half)).toBe(32_000);
    minimum.blockConnected(1000 * HOUR);
    expect(minimum.satPerKvb(1000 * HOUR + 10, half)).toBe(32_000);
    expect(minimum.satPerKvb(1012 * HOUR, half)).toBe(16_000);
    expect(minimum.satPerKvb(1024 * HOUR, half)).toBe(8_000);
    // asking has changed nothing
    expect(minimum.satPerKvb(1012 * HOUR, half)).toBe(16_000);
    minimum.advance(1012 * HOUR, half);
    expect(minimum.satPerKvb(1024 * HOUR, half)).toBe(8_000);
    // not below what a replacement would pay on top, and then nothing: 16,000 / 2^5 is half of that
    expect(minimum.satPerKvb((1012 + 5 * 12) * HOUR, half)).toBe(1000);
    expect(minimum.satPerKvb((1012 + 5 * 12) * HOUR + 60, half)).toBe(0);
  });

  test('falls twice as fast in a pool less than half full, four times in one less than a quarter', () => {
    const minimum = new RollingMinimumFee(1000);
    minimum.evicted(63_000);
    minimum.blockConnected(0);
    expect(minimum.satPerKvb(6 * HOUR, { vsize: 499, maxVsize: 1000 })).toBe(32_000);
    expect(minimum.satPerKvb(6 * HOUR, { vsize: 249, maxVsize: 1000 })).toBe(16_000);
    // Math's own power agrees
    for (const hours of [0.1, 1, 7.7, 23]) {
      expect(minimum.satPerKvb(hours * HOUR, half)).toBe(Math.round(64_000 / 2 ** (hours / 12)));
    }
  });

  test('does not fall to a lower rate that is evicted later', () => {
    const minimum = new RollingMinimumFee(1000);
    minimum.evicted(31_000);
    minimum.evicted(9_000);
    expect(minimum.satPerKvb(0, half)).toBe(32_000);
  });
});

describe('a full pool', () => {
  test('lets the worst package go, and asks the next for more than that paid', () => {
    const { pool, coins, chain, mine } = openWorld(8, { maxVsize: 550 });
    const left = departures(pool);
    const txs = [20, 5, 30, 15].map((rate, i) => spendOpen([coins[i]!], { rate }));
    expect(txs.map(vsizeOf)).toEqual([95, 95, 95, 95].map(() => vsizeOf(txs[0]!)));
    for (const tx of txs) expect(reasonOf(pool.accept(tx))).toBe('ok');
    const big = spendOpen([coins[4]!], { rate: 10, data: 150 });
    expect(reasonOf(pool.accept(big))).toBe('ok');
    expect(left).toEqual([[txidOf(txs[1]!), 'sizelimit']]);
    expect(pool.minFeeSatPerKvb()).toBe(6_000);
    auditPool(pool);
    expect(reasonOf(pool.accept(spendOpen([coins[5]!], { rate: 5.5 })))).toBe('mempool min fee not met');
    expect(reasonOf(pool.accept(spendOpen([coins[5]!], { rate: 0.5 })))).toBe('min relay fee not met');
    // above the minimum, and yet the worst of all
    const poor = spendOpen([coins[5]!], { rate: 7, data: 150 });
    expect(pool.accept(poor)).toEqual({ ok: false, reason: 'mempool full', reconsiderable: true });
    expect(pool.minFeeSatPerKvb()).toBe(Math.floor(poorRate(poor)) + 1000);
    expect(left.at(-1)).toEqual([txidOf(poor), 'sizelimit']);
    auditPool(pool);

    // a block makes room, and in an almost empty pool the minimum falls by half in three hours
    pool.advance(1000);
    mine();
    expect(chain.height).toBe(102);
    const risen = pool.minFeeSatPerKvb();
    expect(pool.minFeeSatPerKvb(1000 + 3 * HOUR)).toBe(Math.round(risen / 2));
    expect(reasonOf(pool.accept(spendOpen([coins[5]!], { rate: 4.5 }), 1000 + 3 * HOUR))).toBe('ok');
  });

  const poorRate = (tx: Parameters<typeof vsizeOf>[0]): number => (Math.ceil(7 * vsizeOf(tx)) * 1000) / vsizeOf(tx);

  //  a 2 ── b 50         c 6        d 4 ── e 4.5
  test('counts a parent with what its children pay, and a child goes with its parent', () => {
    const { pool, coins } = openWorld(4, { maxVsize: 600 });
    const left = departures(pool);
    const a = spendOpen([coins[0]!], { rate: 2 });
    const b = spendOpen([ownedBy(a)], { rate: 50 });
    const c = spendOpen([coins[1]!], { rate: 6 });
    const d = spendOpen([coins[2]!], { rate: 4 });
    const e = spendOpen([ownedBy(d)], { rate: 4.5 });
    for (const tx of [a, b, c, d, e]) expect(reasonOf(pool.accept(tx))).toBe('ok');
    expect(pool.vsize).toBe(5 * vsizeOf(a));
    expect(reasonOf(pool.accept(spendOpen([coins[3]!], { rate: 10, data: 100 })))).toBe('ok');
    expect(left.map(([txid]) => txid)).toEqual([d, e].map(txidOf));
    auditPool(pool);
  });

  test('of equal rates the latest goes', () => {
    const { pool, coins } = openWorld(4, { maxVsize: 300 });
    const left = departures(pool);
    const txs = coins.slice(0, 3).map((coin) => spendOpen([coin], { rate: 10 }));
    for (const tx of txs) expect(reasonOf(pool.accept(tx))).toBe('ok');
    expect(reasonOf(pool.accept(spendOpen([coins[3]!], { rate: 10 })))).toBe('mempool full');
    expect(reasonOf(pool.accept(spendOpen([coins[3]!], { rate: 30 })))).toBe('ok');
    expect(left.at(-1)).toEqual([txidOf(txs[2]!), 'sizelimit']);
  });

  test('a package is judged by what it pays together', () => {
    const { pool, coins } = openWorld(6, { maxVsize: 400 });
    for (const coin of coins.slice(0, 5)) pool.accept(spendOpen([coin], { rate: 10 }));
    expect(pool.minFeeSatPerKvb()).toBe(11_000);
    const parent = spendOpen([coins[5]!], { rate: 2 });
    expect(pool.accept(parent)).toEqual({ ok: false, reason: 'mempool min fee not met', reconsiderable: true });
    const poor = spendOpen([ownedBy(parent)], { rate: 18 });
    const rich = spendOpen([ownedBy(parent)], { rate: 25 });
    expect(pool.acceptPackage([parent, poor]).transactions.map(reasonOf)).toEqual([
      'mempool min fee not met',
      'mempool min fee not met',
    ]);
    expect(pool.acceptPackage([parent, rich])).toMatchObject({ ok: true });
    expect([pool.has(txidOf(parent)), pool.has(txidOf(rich))]).toEqual([true, true]);
    auditPool(pool);
  });

  test('a package that is the worst itself is told so', () => {
    const { pool, coins } = openWorld(6, { maxVsize: 300 });
    for (const coin of coins.slice(0, 3)) pool.accept(spendOpen([coin], { rate: 10 }));
    const parent = spendOpen([coins[5]!], { fee: 0, version: 3 });
    const child = spendOpen([ownedBy(parent)], { rate: 8, version: 3 });
    const result = pool.acceptPackage([parent, child]);
    expect([result.ok, result.reason, ...result.transactions.map(reasonOf)]).toEqual([
      false,
      'transaction failed',
      'mempool full',
      'mempool full',
    ]);
    auditPool(pool);
  });
});

describe('time', () => {
  test('what has stayed two weeks leaves, with what builds on it', () => {
    const { pool, coins } = openWorld(3);
    const left = departures(pool);
    const old = spendOpen([coins[0]!]);
    const child = spendOpen([ownedBy(old)]);
    const younger = spendOpen([coins[1]!]);
    pool.accept(old, 1000);
    pool.accept(younger, 1001);
    pool.accept(child, 336 * HOUR);
    pool.accept(spendOpen([coins[2]!]), 1000 + 336 * HOUR);
    expect(left).toEqual([]);
    pool.accept(spendOpen([coins[2]!], { rate: 20 }), 1001 + 336 * HOUR);
    expect(left.filter(([, reason]) => reason === 'expiry').map(([txid]) => txid)).toEqual([old, child].map(txidOf));
    expect(pool.entry(txidOf(younger))?.timeSeconds).toBe(1001);
    auditPool(pool);
  });

  test('never goes back', () => {
    const { pool, coins } = openWorld(1);
    pool.advance(5000);
    pool.accept(spendOpen([coins[0]!]), 10);
    expect([pool.timeSeconds, [...pool.entries()][0]!.timeSeconds]).toEqual([5000, 5000]);
  });
});

test('a listener hears of each entry that comes and goes, once, with the reason', () => {
  const { pool, coins, chain, mine } = openWorld(4);
  const log: string[] = [];
  const names = new Map<string, string>();
  const stop = pool.listen({
    added: ({ txid }) => void log.push(`+${names.get(txid)}`),
    removed: ({ txid }, reason) => void log.push(`-${names.get(txid)} ${reason}`),
  });
  const named = (name: string, tx: ReturnType<typeof spendOpen>) => (names.set(txidOf(tx), name), tx);
  const a = named('a', spendOpen([coins[0]!]));
  const b = named('b', spendOpen([ownedBy(a)]));
  const c = named('c', spendOpen([coins[0]!], { rate: 40 }));
  for (const tx of [a, b, c]) expect(reasonOf(pool.accept(tx))).toBe('ok');
  const { block } = mine();
  const d = named('d', spendOpen([ownedBy(c), coins[1]!]));
  pool.accept(d);
  chain.disconnectTip();
  const other = openWorld(4);
  other.pool.accept(spendOpen([coins[1]!]));
  chain.connect(other.mine().block);
  stop();
  pool.accept(spendOpen([coins[3]!]));
  expect(block.transactions).toHaveLength(2);
  expect(log).toEqual(['+a', '+b', '-a replaced', '-b replaced', '+c', '-c block', '+d', '+c', '-d conflict']);
});
