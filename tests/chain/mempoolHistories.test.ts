/** Mempools through random histories: whatever is submitted, replaced, evicted, mined or reorganised, the pool stays true. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { selectTransactions } from '../../src/chain/blockTemplate.ts';
import { Mempool } from '../../src/chain/mempool.ts';
import type { Transaction } from '../../src/chain/transaction.ts';
import { auditPool } from './mempoolAudit.ts';
import { connectBlockOf, openWorld, reasonOf, spendOpen, type SpendOptions } from './openCoins.ts';
import { coinsOf, type Owned, ownedBy } from './wallet.ts';

/** Small enough that a short history meets every limit. */
const OPTIONS = {
  maxVsize: 4_000,
  chainLimits: { ancestorCount: 5, ancestorVsize: 1_500, descendantCount: 6, descendantVsize: 1_500 },
};

/** A transaction of any shape: rich or poor, of either version, with or without an anchor. */
function randomSpend(rng: Rng, coins: readonly Owned[], force: SpendOptions = {}): Transaction {
  const anchor = rng.below(5);
  const free = rng.below(6) === 0;
  return spendOpen(coins, {
    ...(free ? { fee: 0 } : { rate: rng.lognormal(12, 1) }),
    outputs: 1 + rng.below(3),
    version: rng.below(3) === 0 ? 3 : 2,
    ...(anchor === 0 ? { anchorSat: free || rng.below(3) === 0 ? 0 : 240 } : {}),
    ...(rng.below(8) === 0 ? { data: rng.below(600) } : {}),
    ...force,
  });
}

test('after every step all sums, links, limits and rates are what the entries say', () => {
  const reached = new Map<string, number>();
  const count = (what: string): void => void reached.set(what, (reached.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const rng = Rng.fromSeed(seed);
      const { chain, pool, coins, mine } = openWorld(24, OPTIONS);
      pool.listen({ removed: (_, reason) => count(`left by ${reason}`) });
      const known: Owned[] = [...coins];
      const learn = (tx: Transaction): void => void known.push(...tx.outputs.map((_, vout) => ownedBy(tx, vout)));
      // mostly coins that can be spent, some that are spent by an entry, a few that are gone
      const anyCoins = (): Owned[] => {
        const here = known.filter(({ outPoint }) => pool.get(outPoint) !== undefined);
        const unspent = here.filter(({ outPoint }) => pool.spender(outPoint) === null);
        const pick = (): Owned => {
          const luck = rng.below(40);
          const list = luck === 0 ? known : luck < 10 || unspent.length === 0 ? here : unspent;
          // the later ones are rather unconfirmed
          return list[
            rng.below(2) === 0 ? rng.below(list.length) : list.length - 1 - rng.below(Math.min(6, list.length))
          ]!;
        };
        return [...new Set(Array.from({ length: 1 + Math.floor(rng.below(5) / 2) }, pick))];
      };
      const valueOf = (list: readonly Owned[]): number => list.reduce((sum, coin) => sum + coin.output.valueSat, 0);
      let reorganised = false;
      let timeSeconds = 0;
      for (let step = 0; step < 100; step++) {
        const action = rng.below(40);
        if (action === 0) {
          mine();
          count('mined');
        } else if (action === 3) {
          // another miner: some entries with their parents, and now and then a rival of one of the others
          const some = new Set<Transaction>();
          for (const entry of pool.entries()) {
            const ready = entry.parents.every(({ tx }) => some.has(tx));
            if (!ready || rng.below(2) === 0) continue;
            const rival = rng.below(6) === 0 && entry.parents.length === 0;
            some.add(rival ? { ...entry.tx, lockTime: 1 } : entry.tx);
          }
          expect(connectBlockOf(chain, [...some])).toMatchObject({ ok: true });
          count('mined by another');
        } else if (action === 1 && chain.height > 101) {
          reorganised = true;
          for (let depth = 1 + rng.below(2); depth > 0 && chain.height > 101; depth--) chain.disconnectTip();
          count('disconnected');
        } else if (action === 2) {
          timeSeconds += rng.below(150) * 3600;
          pool.advance(timeSeconds);
        } else {
          const spent = anyCoins();
          if (valueOf(spent) < 200_000) continue;
          const tx = randomSpend(rng, spent);
          if (action < 28) {
            const result = pool.accept(tx, timeSeconds);
            count(result.ok && result.replaced.length > 0 ? 'replaced' : reasonOf(result));
            if (result.ok) learn(tx);
          } else {
            const parent = rng.below(2) === 0 ? randomSpend(rng, spent, { fee: 0, version: 3 }) : tx;
            const from = parent.outputs.map((_, vout) => ownedBy(parent, vout)).slice(rng.below(6) === 0 ? 1 : 0);
            if (valueOf(from) < 100_000) continue;
            const child = randomSpend(rng, from, { version: parent.version, rate: rng.lognormal(25, 1) });
            const result = pool.acceptPackage([parent, child], timeSeconds);
            count(`package: ${result.reason?.replace(/[0-9a-f]{64}/g, '…') ?? 'ok'}`);
            if (result.transactions.some((each) => each.ok && each.replaced.length > 0)) count('package: replaced');
            learn(parent);
            learn(child);
          }
        }
        auditPool(pool, { reorganised });
      }
      const value = chain.utxos.totalSat + chain.utxos.unspendableSat + chain.unclaimedSat;
      expect(value).toBe(chain.issuedSat);
    }),
    { numRuns: 40 },
  );
  // what comes rarely has its story elsewhere
  // prettier-ignore
  for (const what of [
    'ok', 'replaced', 'mined', 'mined by another', 'disconnected', 'dust', 'insufficient fee', 'bad-txns-inputs-missingorspent',
    'TRUC-violation', 'too-long-mempool-chain', 'min relay fee not met', 'mempool min fee not met',
    'package: ok', 'package: transaction failed', 'package: TRUC-violation',
    'left by replaced', 'left by block', 'left by sizelimit', 'left by reorg', 'left by conflict',
  ]) {
    expect(reached.get(what) ?? 0, what).toBeGreaterThan(0);
  }
});

test('a pool that saw a branch lose ends with the coins and the mineable entries of one that saw only the winner', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const rng = Rng.fromSeed(seed);
      const { chain, pool, coins, mine } = openWorld(8);
      const known: Owned[] = [...coins];
      const submitted: Transaction[] = [];
      const submit = (): void => {
        const tx = spendOpen([known[rng.below(known.length)]!], { rate: 10, outputs: 1 + rng.below(2) });
        if (!pool.accept(tx).ok) return;
        submitted.push(tx);
        known.push(...tx.outputs.map((_, vout) => ownedBy(tx, vout)));
      };
      for (let i = 0; i < 12; i++) submit();
      const depth = 1 + rng.below(3);
      for (let i = 0; i < depth; i++) {
        mine();
        for (let each = 0; each < 4; each++) submit();
      }
      const forkHeight = chain.height - depth;
      for (let i = 0; i < depth; i++) chain.disconnectTip();
      auditPool(pool, { reorganised: true });
      const winner = Array.from({ length: depth + 1 }, () => mine().block);

      const fresh = new Blockchain();
      const freshPool = new Mempool(fresh);
      for (let height = 1; height <= forkHeight; height++) fresh.connect(chain.blockAt(height).block);
      for (const tx of submitted) expect(reasonOf(freshPool.accept(tx))).toBe('ok');
      for (const block of winner) expect(fresh.connect(block).ok).toBe(true);
      expect(coinsOf(chain)).toEqual(coinsOf(fresh));
      expect(new Set([...pool.entries()].map(({ txid }) => txid))).toEqual(
        new Set([...freshPool.entries()].map(({ txid }) => txid)),
      );
      expect(pool.totals).toEqual(freshPool.totals);
      expect(selectTransactions(pool).feesSat).toBe(selectTransactions(freshPool).feesSat);
    }),
    { numRuns: 20 },
  );
});
