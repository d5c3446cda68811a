/** How long chains of unconfirmed transactions may get, so that following them has a bounded cost. */
import type { MempoolEntry } from './mempoolEntry.ts';

/** Bitcoin Core's `-limitancestorcount` and its three companions; all count the transaction itself. */
export interface ChainLimits {
  readonly ancestorCount: number;
  /** virtual bytes */
  readonly ancestorVsize: number;
  readonly descendantCount: number;
  /** virtual bytes */
  readonly descendantVsize: number;
}

/** Bitcoin Core's defaults up to version 30; from 31 on it limits clusters instead. */
export const DEFAULT_CHAIN_LIMITS: ChainLimits = {
  ancestorCount: 25,
  ancestorVsize: 101_000,
  descendantCount: 25,
  descendantVsize: 101_000,
};

/** Virtual bytes: the largest transaction that the carve-out lets in (Bitcoin Core `EXTRA_DESCENDANT_TX_SIZE_LIMIT`). */
export const CARVE_OUT_VSIZE = 10_000;

/**
 * Whether transactions may be added on top of those ancestors.
 * @param ancestors in the pool, of all that is added
 * @param count of transactions added
 * @param vsize of all that is added, virtual bytes
 */
export function fitsChainLimits(
  ancestors: readonly MempoolEntry[],
  count: number,
  vsize: number,
  limits: ChainLimits,
): boolean {
  if (ancestors.length + count > limits.ancestorCount) return false;
  let total = vsize;
  for (const ancestor of ancestors) {
    total += ancestor.vsize;
    const { withDescendants } = ancestor;
    if (withDescendants.count + count > limits.descendantCount) return false;
    if (withDescendants.vsize + vsize > limits.descendantVsize) return false;
  }
  return total <= limits.ancestorVsize || ancestors.length === 0;
}

/**
 * The limits for a replacement: since what goes is still counted, one that conflicts with a single transaction is given
 * its place, and what that one and its descendants weigh (Bitcoin Core `PreChecks`). With several conflicts nothing is
 * given, and a replacement may be refused that would have fitted.
 */
export function limitsForReplacing(limits: ChainLimits, conflicts: readonly MempoolEntry[]): ChainLimits {
  const [only] = conflicts;
  if (only === undefined || conflicts.length > 1) return limits;
  return {
    ...limits,
    descendantCount: limits.descendantCount + 1,
    descendantVsize: limits.descendantVsize + only.withDescendants.vsize,
  };
}

/**
 * The limits for the carve-out that channels with two anchors rely on: a small transaction with a single ancestor may be
 * one descendant too many, so that a counterparty who fills the limit cannot keep the other from bumping the fee.
 */
export const limitsForCarveOut = (limits: ChainLimits): ChainLimits => ({
  ...limits,
  ancestorCount: 2,
  descendantCount: limits.descendantCount + 1,
  descendantVsize: limits.descendantVsize + CARVE_OUT_VSIZE,
});
