/**
 * When a transaction may replace others that spend the same coins: BIP 125's rules 2 to 5 as Bitcoin Core applies them
 * to every transaction (`policy/rbf.cpp`), rule 1 (signalling) only where the pool asks for it.
 */
import { type MempoolEntry, ownRate } from './mempoolEntry.ts';
import { ancestorsOf } from './mempoolGraph.ts';
import { feeAtRateSat } from './policy.ts';
import { isTruc } from './truc.ts';

/** Said where a sibling that conflicts with nothing would have to go too (BIP 431). */
export type SiblingSuffix = '' | ' (including sibling eviction)';

export type ReplacementRejectReason =
  | `too many potential replacements${SiblingSuffix}`
  | `replacement-adds-unconfirmed${SiblingSuffix}`
  | `insufficient fee${SiblingSuffix}`;

/** BIP 125 rule 5: transactions that one replacement may evict. */
export const MAX_REPLACEMENT_CANDIDATES = 100;
/** BIP 125: an input with a sequence number up to this one says that its transaction may be replaced. */
export const MAX_BIP125_SEQUENCE = 0xfffffffd;

/** What would come in. */
export interface Replacement {
  readonly feeSat: number;
  readonly vsize: number;
  /** in the pool */
  readonly parents: readonly MempoolEntry[];
  /** what it spends the coins of, and a sibling that must make room */
  readonly conflicts: readonly MempoolEntry[];
  /** the conflicts and all their descendants */
  readonly evicted: readonly MempoolEntry[];
  readonly evictsSibling: boolean;
}

/** Why a transaction may not replace what it conflicts with; null if it may. */
export function checkReplacement(
  { feeSat, vsize, parents, conflicts, evicted, evictsSibling }: Replacement,
  incrementalSatPerKvb: number,
): ReplacementRejectReason | null {
  const suffix = evictsSibling ? ' (including sibling eviction)' : '';
  // a miner must gain by taking it: a better rate than each it replaces directly
  if (conflicts.some((conflict) => feeSat / vsize <= ownRate(conflict))) return `insufficient fee${suffix}`;
  if (isTooManyToReplace(conflicts)) return `too many potential replacements${suffix}`;
  // rule 2: no unconfirmed input that a replaced one did not have
  const knownParents = new Set(evicted.flatMap((each) => each.parents));
  if (!parents.every((parent) => knownParents.has(parent))) return `replacement-adds-unconfirmed${suffix}`;
  return paysForReplacing(feeSat, vsize, evicted, incrementalSatPerKvb) ? null : `insufficient fee${suffix}`;
}

/** BIP 125 rule 5, by Bitcoin Core's count: a descendant of two conflicts counts twice. */
export const isTooManyToReplace = (conflicts: readonly MempoolEntry[]): boolean =>
  conflicts.reduce((sum, { withDescendants }) => sum + withDescendants.count, 0) > MAX_REPLACEMENT_CANDIDATES;

/** BIP 125 rules 3 and 4: as much as all that goes, and the price of its own relay on top. */
export function paysForReplacing(
  feeSat: number,
  vsize: number,
  evicted: readonly MempoolEntry[],
  incrementalSatPerKvb: number,
): boolean {
  const evictedSat = evicted.reduce((sum, each) => sum + each.feeSat, 0);
  return feeSat >= evictedSat + feeAtRateSat(incrementalSatPerKvb, vsize);
}

/** BIP 125 rule 1: it says so itself, an ancestor in the pool does, or it is of version 3 (BIP 431). */
export const signalsReplacement = (entry: MempoolEntry): boolean =>
  isTruc(entry.tx) ||
  [entry, ...ancestorsOf(entry)].some(({ tx }) => tx.inputs.some(({ sequence }) => sequence <= MAX_BIP125_SEQUENCE));
