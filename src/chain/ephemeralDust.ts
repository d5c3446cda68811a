/**
 * Ephemeral dust: one output below the dust limit (an anchor worth nothing, say) in a transaction that pays no fee itself,
 * so that it is mined only with a child that pays for both and takes the dust with it (Bitcoin Core
 * `policy/ephemeral_policy.cpp`).
 */
import type { Transaction, Txid } from './transaction.ts';

/** A transaction that others may build on while it is unconfirmed. */
export interface DustyParent {
  /** its dust outputs, by index */
  readonly dust: readonly number[];
}

/** Dust stands only where nothing is paid for mining its transaction alone. */
export const mayHaveDust = (dust: readonly number[], feeSat: number): boolean => dust.length === 0 || feeSat === 0;

/**
 * Whether a transaction takes along all dust of the unconfirmed parents it builds on.
 * @param parentOf an unconfirmed transaction by its id
 */
export function spendsParentsDust(tx: Transaction, parentOf: (txid: Txid) => DustyParent | undefined): boolean {
  const parents = new Set(tx.inputs.map(({ prevout }) => prevout.txid));
  for (const txid of parents) {
    for (const vout of parentOf(txid)?.dust ?? []) {
      if (!tx.inputs.some(({ prevout }) => prevout.txid === txid && prevout.vout === vout)) return false;
    }
  }
  return true;
}
