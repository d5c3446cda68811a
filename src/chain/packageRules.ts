/** What makes transactions a package that a mempool looks at: a child with its parents (Bitcoin Core `policy/packages.cpp`). */
import { outPointKey, type Transaction, txidOf, weightOf } from './transaction.ts';
import type { CoinView } from './utxoSet.ts';

/** Transactions in a package. */
export const MAX_PACKAGE_COUNT = 25;
/** Weight units of a package: what the chain limits let in, 101 kvB. */
export const MAX_PACKAGE_WEIGHT = 404_000;

export type PackageShapeReason =
  | 'package-too-many-transactions'
  | 'package-too-large'
  | 'package-contains-duplicates'
  | 'package-not-sorted'
  | 'conflict-in-package'
  | 'package-not-child-with-parents'
  | 'package-not-child-with-unconfirmed-parents';

/** What is wrong with the shape of a package; null if nothing. @param confirmed the chain's coins */
export function checkPackageShape(
  transactions: readonly Transaction[],
  confirmed: CoinView,
): PackageShapeReason | null {
  const alone = checkPackageAlone(transactions);
  const child = transactions.at(-1);
  if (alone !== null || transactions.length < 2 || child === undefined) return alone;
  const parents = new Set(transactions.slice(0, -1).map(txidOf));
  const spent = new Set(child.inputs.map(({ prevout }) => prevout.txid));
  for (const parent of parents) if (!spent.has(parent)) return 'package-not-child-with-parents';
  // all that is unconfirmed must be here: a parent in the pool alone is no reason to look at the rest
  const known = child.inputs.every(({ prevout }) => parents.has(prevout.txid) || confirmed.get(prevout) !== undefined);
  return known ? null : 'package-not-child-with-unconfirmed-parents';
}

function checkPackageAlone(transactions: readonly Transaction[]): PackageShapeReason | null {
  if (transactions.length > MAX_PACKAGE_COUNT) return 'package-too-many-transactions';
  const weight = transactions.reduce((sum, tx) => sum + weightOf(tx), 0);
  // a single one too large is told so by its own name
  if (transactions.length > 1 && weight > MAX_PACKAGE_WEIGHT) return 'package-too-large';
  const later = new Set(transactions.map(txidOf));
  if (later.size < transactions.length) return 'package-contains-duplicates';
  for (const tx of transactions) {
    if (tx.inputs.some(({ prevout }) => later.has(prevout.txid))) return 'package-not-sorted';
    later.delete(txidOf(tx));
  }
  const spent = new Set<string>();
  for (const tx of transactions) {
    const keys = tx.inputs.map(({ prevout }) => outPointKey(prevout));
    if (keys.some((key) => spent.has(key))) return 'conflict-in-package';
    for (const key of keys) spent.add(key);
  }
  return null;
}
