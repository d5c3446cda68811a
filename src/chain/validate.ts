/** Consensus on one transaction: alone, and against the coins it spends. Reasons are Bitcoin Core's (`consensus/`). */
import { MAX_MONEY_SAT, type Sat, sat } from '../base/units.ts';
import { baseSize, isCoinbase, isNullOutPoint, outPointKey, type Transaction } from './transaction.ts';
import type { Coin } from './utxoSet.ts';

/** Weight units in a block (BIP 141). */
export const MAX_BLOCK_WEIGHT = 4_000_000;
/** Blocks before a coinbase's outputs can be spent, its own included. */
export const COINBASE_MATURITY = 100;

export type TransactionRejectReason =
  | 'bad-txns-vin-empty'
  | 'bad-txns-vout-empty'
  | 'bad-txns-oversize'
  | 'bad-txns-vout-toolarge'
  | 'bad-txns-txouttotal-toolarge'
  | 'bad-txns-inputs-duplicate'
  | 'bad-cb-length'
  | 'bad-txns-prevout-null';

/** What is wrong with a transaction whatever the chain; null if nothing. A negative value cannot be held, nor parsed. */
export function checkTransaction(tx: Transaction): TransactionRejectReason | null {
  if (tx.inputs.length === 0) return 'bad-txns-vin-empty';
  if (tx.outputs.length === 0) return 'bad-txns-vout-empty';
  if (4 * baseSize(tx) > MAX_BLOCK_WEIGHT) return 'bad-txns-oversize';
  let total = 0;
  for (const { valueSat } of tx.outputs) {
    if (valueSat > MAX_MONEY_SAT) return 'bad-txns-vout-toolarge';
    total += valueSat;
    if (total > MAX_MONEY_SAT) return 'bad-txns-txouttotal-toolarge';
  }
  if (tx.inputs.length > 1) {
    const seen = new Set(tx.inputs.map((input) => outPointKey(input.prevout)));
    if (seen.size < tx.inputs.length) return 'bad-txns-inputs-duplicate';
  }
  if (isCoinbase(tx)) {
    const { length } = tx.inputs[0]!.scriptSig;
    return length < 2 || length > 100 ? 'bad-cb-length' : null;
  }
  return tx.inputs.some((input) => isNullOutPoint(input.prevout)) ? 'bad-txns-prevout-null' : null;
}

export type InputsRejectReason =
  'bad-txns-premature-spend-of-coinbase' | 'bad-txns-inputvalues-outofrange' | 'bad-txns-in-belowout';

/**
 * What is wrong with a transaction given its coins, or the fee it pays.
 * @param coins one for every input
 * @param height of the block that would hold the transaction
 */
export function checkInputs(tx: Transaction, coins: readonly Coin[], height: number): InputsRejectReason | Sat {
  let valueIn = 0;
  for (const coin of coins) {
    if (coin.isCoinbase && height - coin.height < COINBASE_MATURITY) return 'bad-txns-premature-spend-of-coinbase';
    valueIn += coin.valueSat;
    if (valueIn > MAX_MONEY_SAT) return 'bad-txns-inputvalues-outofrange';
  }
  let valueOut = 0;
  for (const { valueSat } of tx.outputs) valueOut += valueSat;
  return valueIn < valueOut ? 'bad-txns-in-belowout' : sat(valueIn - valueOut);
}
