/** A transaction in the mempool, with what block building, replacement, limits and eviction ask of it. */
import type { Sat } from '../base/units.ts';
import { dustOutputs, policyVsize } from './policy.ts';
import { type Transaction, type Txid, txidOf, weightOf } from './transaction.ts';

/** What several entries amount to together. */
export interface PackageSums {
  count: number;
  /** virtual bytes as policy reckons them */
  vsize: number;
  weight: number;
  feeSat: number;
  sigopCost: number;
}

export interface MempoolEntry {
  readonly tx: Transaction;
  readonly txid: Txid;
  readonly feeSat: Sat;
  readonly weight: number;
  /** virtual bytes as policy reckons them, many signature operations counted */
  readonly vsize: number;
  readonly sigopCost: number;
  readonly outputsSat: number;
  /** the outputs that are dust, by index: at most one, and only where the fee is zero (ephemeral dust) */
  readonly dust: readonly number[];
  /** the pool's time when it came, Unix seconds */
  readonly timeSeconds: number;
  /** of the chain when it came */
  readonly height: number;
  /** counts up with every acceptance: parents have a lower one than their children */
  order: number;
  /** value of its inputs from the chain, and from other entries */
  spentFromChainSat: number;
  spentWithinSat: number;
  /** the entries whose outputs it spends, and those that spend its own */
  readonly parents: MempoolEntry[];
  readonly children: MempoolEntry[];
  /** the entry and all its ancestors in the pool */
  readonly withAncestors: PackageSums;
  /** the entry and all its descendants in the pool */
  readonly withDescendants: PackageSums;
  /** sat per virtual byte, for mining: with its ancestors, or alone if that is less: a rich parent lifts no poor child */
  miningRate: number;
  /** sat per virtual byte, for eviction: with its descendants, or alone if that is more: a poor child sinks no rich parent */
  evictionRate: number;
  /** where it stands in the pool's two heaps */
  miningSlot: number;
  evictionSlot: number;
}

/** An entry of no pool yet. @param timeSeconds Unix seconds @param height of the chain */
export function newEntry(
  tx: Transaction,
  feeSat: Sat,
  sigopCost: number,
  timeSeconds: number,
  height: number,
): MempoolEntry {
  const weight = weightOf(tx);
  const vsize = policyVsize(weight, sigopCost);
  const alone = (): PackageSums => ({ count: 1, vsize, weight, feeSat, sigopCost });
  return {
    tx,
    txid: txidOf(tx),
    feeSat,
    weight,
    vsize,
    sigopCost,
    outputsSat: tx.outputs.reduce((sum, output) => sum + output.valueSat, 0),
    dust: dustOutputs(tx),
    timeSeconds,
    height,
    order: -1,
    spentFromChainSat: 0,
    spentWithinSat: 0,
    parents: [],
    children: [],
    withAncestors: alone(),
    withDescendants: alone(),
    miningRate: feeSat / vsize,
    evictionRate: feeSat / vsize,
    miningSlot: -1,
    evictionSlot: -1,
  };
}

/** Sat per virtual byte of an entry by itself. */
export const ownRate = ({ feeSat, vsize }: { readonly feeSat: number; readonly vsize: number }): number =>
  feeSat / vsize;

/** Adds an entry's own numbers to sums, or takes them off. */
export function addTo(sums: PackageSums, entry: MempoolEntry, sign: 1 | -1): void {
  sums.count += sign;
  sums.vsize += sign * entry.vsize;
  sums.weight += sign * entry.weight;
  sums.feeSat += sign * entry.feeSat;
  sums.sigopCost += sign * entry.sigopCost;
}
