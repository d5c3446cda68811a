/** A transaction in the mempool, with what block building and replacement ask of it. */
import type { Sat } from '../base/units.ts';
import { policyVsize } from './policy.ts';
import { type Transaction, type Txid, txidOf, weightOf } from './transaction.ts';

export interface MempoolEntry {
  readonly tx: Transaction;
  readonly txid: Txid;
  readonly feeSat: Sat;
  readonly weight: number;
  /** virtual bytes as policy reckons them, many signature operations counted */
  readonly vsize: number;
  readonly sigopCost: number;
  /** counts up with every acceptance: parents have a lower one than their children */
  readonly order: number;
  readonly outputsSat: number;
  /** value of its inputs from the chain, and from other entries */
  spentFromChainSat: number;
  spentWithinSat: number;
  /** the entries whose outputs it spends, and those that spend its own */
  readonly parents: MempoolEntry[];
  readonly children: MempoolEntry[];
}

export const newEntry = (
  tx: Transaction,
  feeSat: Sat,
  sigopCost: number,
  order: number,
  parents: MempoolEntry[],
): MempoolEntry => ({
  tx,
  txid: txidOf(tx),
  feeSat,
  weight: weightOf(tx),
  vsize: policyVsize(weightOf(tx), sigopCost),
  sigopCost,
  order,
  outputsSat: tx.outputs.reduce((sum, output) => sum + output.valueSat, 0),
  spentFromChainSat: 0,
  spentWithinSat: 0,
  parents,
  children: [],
});
