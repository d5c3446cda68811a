/** Everything a mempool holds, counted from nothing and held against what it says. */
import { expect } from 'vitest';
import type { Mempool, MempoolTotals } from '../../src/chain/mempool.ts';
import type { MempoolEntry, PackageSums } from '../../src/chain/mempoolEntry.ts';
import { policyVsize } from '../../src/chain/policy.ts';
import { dustLimitSat } from '../../src/chain/script.ts';
import { outPointKey, weightOf } from '../../src/chain/transaction.ts';
import { isTruc, TRUC_CHILD_MAX_VSIZE, TRUC_MAX_VSIZE } from '../../src/chain/truc.ts';

export interface AuditOptions {
  /** a reorganisation has happened: chains may have become longer, and TRUC's topology broken, as in Bitcoin Core */
  readonly reorganised?: boolean;
}

/** Checks links, sums, order, conflicts, limits and rates of all entries. @returns the totals, recomputed */
export function auditPool(pool: Mempool, { reorganised = false }: AuditOptions = {}): MempoolTotals {
  const totals = { feesSat: 0, spentFromChainSat: 0, spentWithinSat: 0, outputsSat: 0, weight: 0 };
  const spent = new Set<string>();
  let vsize = 0;
  for (const entry of pool.entries()) {
    let valueIn = 0;
    const parents = new Set<string>();
    for (const { prevout } of entry.tx.inputs) {
      const key = outPointKey(prevout);
      if (spent.has(key)) expect.fail(`two entries spend ${key}`);
      spent.add(key);
      const parent = pool.entry(prevout.txid);
      const value = parent?.tx.outputs[prevout.vout]?.valueSat ?? pool.chain.utxos.get(prevout)?.valueSat;
      if (value === undefined) expect.fail(`no coin ${key}`);
      if (parent === null) totals.spentFromChainSat += value;
      else {
        totals.spentWithinSat += value;
        parents.add(parent.txid);
        expect(parent.children).toContain(entry);
        expect(parent.order).toBeLessThan(entry.order);
      }
      valueIn += value;
      expect(pool.spender(prevout)).toBe(entry);
    }
    expect(new Set(entry.parents.map(({ txid }) => txid))).toEqual(parents);
    for (const child of entry.children) expect(pool.entry(child.txid)).toBe(child);
    const valueOut = entry.tx.outputs.reduce((sum, output) => sum + output.valueSat, 0);
    expect(entry.feeSat).toBe(valueIn - valueOut);
    totals.feesSat += valueIn - valueOut;
    totals.outputsSat += valueOut;
    totals.weight += weightOf(entry.tx);
    vsize += policyVsize(weightOf(entry.tx), entry.sigopCost);
    auditSums(entry, reachable(entry, 'parents'), reachable(entry, 'children'));
    auditPolicy(pool, entry, reorganised);
  }
  expect(totals.spentFromChainSat + totals.spentWithinSat).toBe(totals.outputsSat + totals.feesSat);
  expect(pool.totals).toEqual(totals);
  expect(pool.vsize).toBe(vsize);
  expect(vsize).toBeLessThanOrEqual(pool.maxVsize);
  expect([...pool.byMiningRate()]).toEqual(
    [...pool.entries()].sort((a, b) => b.miningRate - a.miningRate || a.order - b.order),
  );
  return totals as MempoolTotals;
}

function auditSums(
  entry: MempoolEntry,
  ancestors: ReadonlySet<MempoolEntry>,
  descendants: ReadonlySet<MempoolEntry>,
): void {
  const above = sumsOf([...ancestors, entry]);
  const below = sumsOf([...descendants, entry]);
  expect(entry.withAncestors).toEqual(above);
  expect(entry.withDescendants).toEqual(below);
  const own = entry.feeSat / entry.vsize;
  expect(entry.miningRate).toBe(Math.min(own, above.feeSat / above.vsize));
  expect(entry.evictionRate).toBe(Math.max(own, below.feeSat / below.vsize));
}

function auditPolicy(pool: Mempool, entry: MempoolEntry, reorganised: boolean): void {
  const { ancestorCount, ancestorVsize, descendantCount, descendantVsize } = pool.chainLimits;
  const { withAncestors, withDescendants, parents } = entry;
  if (parents.length > 0) {
    expect(withAncestors.count).toBeLessThanOrEqual(ancestorCount);
    expect(withAncestors.vsize).toBeLessThanOrEqual(ancestorVsize);
  }
  if (!reorganised && entry.children.length > 0) {
    // one more by the carve-out
    expect(withDescendants.count).toBeLessThanOrEqual(descendantCount + 1);
    expect(withDescendants.vsize).toBeLessThanOrEqual(descendantVsize + 10_000);
  }
  if (!reorganised) auditTruc(entry);
  const dust = entry.tx.outputs.flatMap(({ valueSat, script }, vout) =>
    valueSat < dustLimitSat(script) ? [vout] : [],
  );
  expect(entry.dust).toEqual(dust);
  if (dust.length === 0) return;
  expect([dust.length, entry.feeSat]).toEqual([1, 0]);
  // whoever builds on it while it is unconfirmed takes the dust along
  const spender = pool.spender({ txid: entry.txid, vout: dust[0]! });
  if (!reorganised) for (const child of entry.children) expect(child).toBe(spender);
}

function auditTruc(entry: MempoolEntry): void {
  const ofVersion = isTruc(entry.tx);
  for (const other of [...entry.parents, ...entry.children]) expect(isTruc(other.tx)).toBe(ofVersion);
  if (!ofVersion) return;
  expect(entry.vsize).toBeLessThanOrEqual(entry.parents.length > 0 ? TRUC_CHILD_MAX_VSIZE : TRUC_MAX_VSIZE);
  expect(Math.max(entry.withAncestors.count, entry.withDescendants.count)).toBeLessThanOrEqual(2);
}

function sumsOf(entries: readonly MempoolEntry[]): PackageSums {
  const sums = { count: 0, vsize: 0, weight: 0, feeSat: 0, sigopCost: 0 };
  for (const entry of entries) {
    sums.count++;
    sums.vsize += entry.vsize;
    sums.weight += entry.weight;
    sums.feeSat += entry.feeSat;
    sums.sigopCost += entry.sigopCost;
  }
  return sums;
}

function reachable(entry: MempoolEntry, by: 'parents' | 'children'): ReadonlySet<MempoolEntry> {
  const found = new Set(entry[by]);
  for (const each of found) for (const next of each[by]) found.add(next);
  return found;
}
