/**
 * When a transaction may replace others that spend the same coins: BIP 125's rules 2 to 5 as Bitcoin Core applies them
 * to every transaction (`policy/rbf.cpp`), rule 1 (signalling) only where the pool asks for it.
 */
import type { MempoolEntry } from './mempoolEntry.ts';
import { feeAtRateSat, INCREMENTAL_RELAY_FEE_SAT_PER_KVB, MAX_REPLACEMENT_CANDIDATES } from './policy.ts';

export type ReplacementRejectReason =
  | 'txn-mempool-conflict'
  | 'bad-txns-spends-conflicting-tx'
  | 'too many potential replacements'
  | 'replacement-adds-unconfirmed'
  | 'insufficient fee';

/** What the rules ask of the pool. */
interface Pool {
  readonly fullRbf: boolean;
  ancestors(entry: MempoolEntry): MempoolEntry[];
}

/** BIP 125: an input with a sequence number up to this one says that its transaction may be replaced. */
export const MAX_BIP125_SEQUENCE = 0xfffffffd;

/**
 * Why an entry may not replace what it conflicts with; null if it may.
 * @param entry not in the pool yet
 * @param conflicts the entries that spend what it spends
 * @param evicted those and all their descendants
 */
export function checkReplacement(
  entry: MempoolEntry,
  conflicts: readonly MempoolEntry[],
  evicted: readonly MempoolEntry[],
  pool: Pool,
): ReplacementRejectReason | null {
  if (!pool.fullRbf && !conflicts.every((conflict) => signals(conflict, pool))) return 'txn-mempool-conflict';
  if (pool.ancestors(entry).some((ancestor) => evicted.includes(ancestor))) return 'bad-txns-spends-conflicting-tx';
  if (evicted.length > MAX_REPLACEMENT_CANDIDATES) return 'too many potential replacements';
  // rule 2: no unconfirmed input that a replaced one did not have
  const knownParents = new Set(conflicts.flatMap((conflict) => conflict.parents));
  if (!entry.parents.every((parent) => knownParents.has(parent))) return 'replacement-adds-unconfirmed';
  // a miner must gain by taking it: a better rate than each it replaces directly …
  const rate = entry.feeSat / entry.vsize;
  if (conflicts.some((conflict) => rate <= conflict.feeSat / conflict.vsize)) return 'insufficient fee';
  // … and, rules 3 and 4, more than all that goes, by the price of its own relay
  const evictedFeesSat = evicted.reduce((sum, each) => sum + each.feeSat, 0);
  const leastSat = evictedFeesSat + feeAtRateSat(INCREMENTAL_RELAY_FEE_SAT_PER_KVB, entry.vsize);
  return entry.feeSat < leastSat ? 'insufficient fee' : null;
}

/** BIP 125 rule 1: it says so itself, or an ancestor in the pool does. */
const signals = (entry: MempoolEntry, pool: Pool): boolean =>
  [entry, ...pool.ancestors(entry)].some(({ tx }) => tx.inputs.some((input) => input.sequence <= MAX_BIP125_SEQUENCE));
