/** Block templates: the same as by the plain rule, never worse than one by one, and how far from the best there is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { type BlockTemplate, selectTransactions, type TemplateLimits } from '../../src/chain/blockTemplate.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { Mempool } from '../../src/chain/mempool.ts';
import type { MempoolEntry } from '../../src/chain/mempoolEntry.ts';
import { feeAtRateSat } from '../../src/chain/policy.ts';
import { toHex } from '../../src/base/bytes.ts';
import { sat } from '../../src/base/units.ts';
import type { Txid } from '../../src/chain/transaction.ts';
import { OPEN_SCRIPT, reasonOf, spendOpen } from './openCoins.ts';
import { type Owned, ownedBy } from './wallet.ts';

/** Entries that build on each other at random, with rates that often make a child pay for its parents. */
function randomPool(rng: Rng, size: number): Mempool {
  const pool = new Mempool(new Blockchain());
  const loose: Owned[] = [];
  const fresh = (): Owned => {
    const output = { valueSat: sat(50_000_000), script: OPEN_SCRIPT };
    const outPoint = { txid: toHex(rng.bytes32()) as Txid, vout: 0 };
    pool.chain.utxos.add(outPoint, { ...output, height: 0, isCoinbase: false });
    return { outPoint, output };
  };
  while (pool.size < size) {
    const inputs = Array.from({ length: 1 + Math.floor(rng.below(5) / 3) }, () =>
      rng.below(3) > 0 && loose.length > 0 ? loose.splice(rng.below(loose.length), 1)[0]! : fresh(),
    );
    const data = rng.below(4) === 0 ? rng.below(800) : 0;
    // few rates, so that some are equal
    const tx = spendOpen(inputs, { rate: [1, 2, 3, 5, 8, 13, 40][rng.below(7)]!, outputs: 1 + rng.below(3), data });
    const result = pool.accept(tx);
    if (result.ok)
      for (let vout = 0; vout < tx.outputs.length - (data > 0 ? 1 : 0); vout++) loose.push(ownedBy(tx, vout));
    else expect(reasonOf(result)).toBe('too-long-mempool-chain');
  }
  return pool;
}

const feesOf = (entries: Iterable<MempoolEntry>): number => [...entries].reduce((sum, { feeSat }) => sum + feeSat, 0);
const weightOf = (entries: Iterable<MempoolEntry>): number => [...entries].reduce((sum, { weight }) => sum + weight, 0);

function expectValid({ entries, feesSat, weight, sigopCost }: BlockTemplate, limits: TemplateLimits): void {
  const before = new Set<MempoolEntry>();
  for (const entry of entries) {
    expect(before.has(entry)).toBe(false);
    for (const parent of entry.parents) expect(before.has(parent)).toBe(true);
    before.add(entry);
  }
  expect([feesSat, weight]).toEqual([feesOf(entries), weightOf(entries)]);
  expect(sigopCost).toBe(entries.reduce((sum, entry) => sum + entry.sigopCost, 0));
  expect(weight).toBeLessThanOrEqual(limits.weight);
  expect(sigopCost).toBeLessThanOrEqual(limits.sigopCost);
}

/** The rule as it is said, from nothing at every step: no sums kept, no heaps. */
function byTheRule(pool: Mempool, limits: TemplateLimits): MempoolEntry[] {
  const chosen: MempoolEntry[] = [];
  /** by entry, how many of its ancestors were in when it did not fit: with more of them in, it is tried again */
  const failed = new Map<MempoolEntry, number>();
  for (;;) {
    let best: { members: MempoolEntry[]; rate: number; entry: MempoolEntry } | null = null;
    for (const entry of pool.entries()) {
      if (chosen.includes(entry)) continue;
      const all = [...pool.ancestors(entry), entry];
      const members = all.filter((each) => !chosen.includes(each));
      if (failed.get(entry) === members.length) continue;
      const vsize = members.reduce((sum, each) => sum + each.vsize, 0);
      const rate = Math.min(entry.feeSat / entry.vsize, feesOf(members) / vsize);
      if (best === null || rate > best.rate) best = { members, rate, entry };
    }
    if (best === null) return chosen;
    const vsize = best.members.reduce((sum, each) => sum + each.vsize, 0);
    if (feesOf(best.members) < feeAtRateSat(pool.minRelayFeeSatPerKvb, vsize)) return chosen;
    if (weightOf(chosen) + weightOf(best.members) > limits.weight) failed.set(best.entry, best.members.length);
    else chosen.push(...best.members);
  }
}

/** What a miner takes who looks at single fee rates: the best whose parents are in and that fits. */
function oneByOne(pool: Mempool, weight: number): number {
  const chosen = new Set<MempoolEntry>();
  for (;;) {
    const next = pool
      .byFeeRate()
      .find(
        (entry) =>
          !chosen.has(entry) &&
          entry.parents.every((parent) => chosen.has(parent)) &&
          weightOf(chosen) + entry.weight <= weight,
      );
    if (next === undefined) return feesOf(chosen);
    chosen.add(next);
  }
}

/** The most that any set of entries closed under parents can pay. */
function bestFees(pool: Mempool, weight: number): number {
  const entries = [...pool.entries()];
  const index = new Map(entries.map((entry, i) => [entry, i]));
  const parents = entries.map((entry) => entry.parents.reduce((mask, parent) => mask | (1 << index.get(parent)!), 0));
  let best = 0;
  for (let mask = 0; mask < 1 << entries.length; mask++) {
    let [total, fees, closed] = [0, 0, true];
    for (let i = 0; i < entries.length && closed; i++) {
      if ((mask & (1 << i)) === 0) continue;
      closed = (parents[i]! & ~mask) === 0;
      total += entries[i]!.weight;
      fees += entries[i]!.feeSat;
    }
    if (closed && total <= weight) best = Math.max(best, fees);
  }
  return best;
}

const drawn = (seed: number, most: number): { pool: Mempool; limits: TemplateLimits } => {
  const rng = Rng.fromSeed(seed);
  const pool = randomPool(rng, 2 + rng.below(most - 1));
  return { pool, limits: { weight: Math.floor(pool.totals.weight * rng.unit() * 1.1), sigopCost: 80_000 } };
};

test('is valid, and the very one that the rule gives when everything is reckoned anew at every step', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { pool, limits } = drawn(seed, 40);
      const template = selectTransactions(pool, limits);
      expectValid(template, limits);
      expect(template.entries).toEqual(byTheRule(pool, limits));
    }),
    { numRuns: 150 },
  );
});

test('pays at least what single fee rates would, give or take the last package that did not fit', () => {
  let [better, worse] = [0, 0];
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { pool, limits } = drawn(seed, 40);
      const fees = selectTransactions(pool, limits).feesSat;
      const widest = Math.max(...[...pool.entries()].map((entry) => entry.withAncestors.weight));
      expect(fees).toBeGreaterThanOrEqual(oneByOne(pool, limits.weight - widest));
      const rival = oneByOne(pool, limits.weight);
      if (fees > rival) better++;
      if (fees < rival) worse++;
    }),
    { numRuns: 200 },
  );
  // with the same room the edge of the block may go either way, but packages win by far more often
  expect(better).toBeGreaterThan(4 * worse);
});

test('comes near the best there is on small pools, and never passes it', () => {
  let [got, possible, equal] = [0, 0, 0];
  const runs = 150;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { pool, limits } = drawn(seed, 11);
      const fees = selectTransactions(pool, limits).feesSat;
      const best = bestFees(pool, limits.weight);
      expect(fees).toBeLessThanOrEqual(best);
      if (limits.weight >= pool.totals.weight) expect(fees).toBe(best);
      got += fees;
      possible += best;
      if (fees === best) equal++;
    }),
    { numRuns: runs },
  );
  console.log(
    `templates of up to 11 transactions: ${equal} of ${runs} are the best possible, ${((100 * got) / possible).toFixed(1)} % of its fees`,
  );
  expect(got / possible).toBeGreaterThan(0.8);
});
