/**
 * Topologically restricted until confirmation (BIP 431): transactions of version 3 build no longer chains than a parent
 * and one small child, so that whoever can spend an output of the parent can always pay for it.
 */
import type { MempoolEntry } from './mempoolEntry.ts';
import { descendantsOf } from './mempoolGraph.ts';
import type { Transaction } from './transaction.ts';

export const TRUC_VERSION = 3;
/** Virtual bytes of a TRUC transaction. */
export const TRUC_MAX_VSIZE = 10_000;
/** Virtual bytes of one with an unconfirmed parent. */
export const TRUC_CHILD_MAX_VSIZE = 1_000;
/** Transactions in a chain, the last or first included. */
const TRUC_CHAIN_LIMIT = 2;

export const isTruc = (tx: Transaction): boolean => tx.version === TRUC_VERSION;

/** A broken rule of BIP 431. */
export interface TrucViolation {
  /** the child that would have to go to make room; null if none, or if the rule is another */
  readonly sibling: MempoolEntry | null;
}

/**
 * The rules for one transaction on top of the pool; null if it keeps them.
 * @param ancestors its ancestors in the pool, parents and older
 * @param conflicts the entries that it would replace, and whose place it may take
 */
export function trucViolation(
  tx: Transaction,
  vsize: number,
  ancestors: readonly MempoolEntry[],
  conflicts: readonly MempoolEntry[],
): TrucViolation | null {
  const broken: TrucViolation = { sibling: null };
  // all unconfirmed ancestors are of version 3, or none is
  if (ancestors.some((ancestor) => isTruc(ancestor.tx) !== isTruc(tx))) return broken;
  if (!isTruc(tx)) return null;
  if (vsize > TRUC_MAX_VSIZE || ancestors.length + 1 > TRUC_CHAIN_LIMIT) return broken;
  const [parent] = ancestors;
  if (parent === undefined) return null;
  if (vsize > TRUC_CHILD_MAX_VSIZE) return broken;
  const siblings = descendantsOf(parent);
  const [sibling] = siblings;
  if (sibling === undefined || siblings.some((each) => conflicts.includes(each))) return null;
  // a reorganisation can leave several children, or grandchildren: none of them is chosen then
  const canGo = siblings.length === 1 && sibling.withAncestors.count === TRUC_CHAIN_LIMIT;
  return { sibling: canGo ? sibling : null };
}

/** What a package's rules ask of a member. */
export interface TrucMember {
  readonly tx: Transaction;
  readonly vsize: number;
  /** in the pool */
  readonly ancestors: readonly MempoolEntry[];
  /** in the package, each before the member itself */
  readonly packageParents: readonly TrucMember[];
}

/** Whether members that each keep the rules by themselves keep them together. */
export function packageKeepsTruc(members: readonly TrucMember[]): boolean {
  return members.every((member) => {
    const { tx, vsize, ancestors, packageParents } = member;
    const parents = [...ancestors.map((ancestor) => ancestor.tx), ...packageParents.map((parent) => parent.tx)];
    if (!isTruc(tx)) return !parents.some(isTruc);
    if (parents.length === 0) return true;
    if (parents.length + 1 > TRUC_CHAIN_LIMIT || vsize > TRUC_CHILD_MAX_VSIZE || !parents.every(isTruc)) return false;
    const [packageParent] = packageParents;
    const [poolParent] = ancestors;
    // the one parent has no other child, and the child none of its own
    const hasSibling = members.some(
      (other) =>
        other !== member &&
        ((packageParent !== undefined && other.packageParents.includes(packageParent)) ||
          (poolParent !== undefined && other.ancestors.includes(poolParent))),
    );
    const hasChild = members.some((other) => other.packageParents.includes(member));
    return !hasSibling && !hasChild && (poolParent === undefined || poolParent.withDescendants.count === 1);
  });
}
