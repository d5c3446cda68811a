/**
 * What a mempool asks of a transaction beyond consensus: Bitcoin Core's standardness (`policy/policy.cpp`), with the
 * defaults and the reject reasons of its version 29 unless a constant says otherwise.
 */
import { bareMultisig, dustLimitSat, isP2sh, isPushOnly, outputType, parseScript } from './script.ts';
import { countSigops } from './sigops.ts';
import { baseSize, isCoinbase, type Transaction, weightOf } from './transaction.ts';
import type { Coin } from './utxoSet.ts';

/** Sat per 1,000 virtual bytes: the least a transaction pays to be relayed (Bitcoin Core up to 29, `-minrelaytxfee`). */
export const MIN_RELAY_FEE_SAT_PER_KVB = 1000;
/**
 * Sat per 1,000 virtual bytes: what a replacement pays for its own relay, and by how much the minimum rises over what a
 * full pool evicts (`-incrementalrelayfee`).
 */
export const INCREMENTAL_RELAY_FEE_SAT_PER_KVB = 1000;
/** Weight units. */
export const MAX_STANDARD_TX_WEIGHT = 400_000;
/** Bytes without witness: shorter ones could pass for an inner node of a merkle tree. */
export const MIN_STANDARD_TX_NONWITNESS_BYTES = 65;
/** Cost: a fifth of a block's. */
export const MAX_STANDARD_TX_SIGOP_COST = 16_000;
/** Virtual bytes that one signature operation counts as at least, where they are many. */
export const BYTES_PER_SIGOP = 20;
/** Version 3 brings the rules of BIP 431 (`truc.ts`). */
export const MAX_STANDARD_VERSION = 3;
/** Dust outputs of one transaction: a single one, which must be ephemeral (`ephemeralDust.ts`). */
export const MAX_DUST_OUTPUTS = 1;

/** Bytes: 15 signatures of 73 and a redeem script of 520 with their pushes. */
const MAX_STANDARD_SCRIPTSIG_BYTES = 1650;
/** Bytes of scripts that only carry data, all outputs of a transaction together (Bitcoin Core from 30 on). */
const MAX_DATA_CARRIER_BYTES = 100_000;
const MAX_P2SH_SIGOPS = 15;
const MAX_STANDARD_WITNESS_SCRIPT_BYTES = 3600;
const MAX_STANDARD_WITNESS_ITEMS = 100;
const MAX_STANDARD_WITNESS_ITEM_BYTES = 80;

export type PolicyRejectReason =
  | 'version'
  | 'tx-size'
  | 'tx-size-small'
  | 'scriptsig-size'
  | 'scriptsig-not-pushonly'
  | 'scriptpubkey'
  | 'datacarrier'
  | 'dust'
  | 'bad-txns-nonstandard-inputs'
  | 'bad-witness-nonstandard';

/** ⌈rate × vsize⌉ sat. @param satPerKvb sat per 1,000 virtual bytes */
export const feeAtRateSat = (satPerKvb: number, vsize: number): number => Math.ceil((satPerKvb * vsize) / 1000);

/** The outputs that cost more to spend than they are worth, by index. */
export function dustOutputs(tx: Transaction): number[] {
  const dust: number[] = [];
  for (const [vout, { valueSat, script }] of tx.outputs.entries()) if (valueSat < dustLimitSat(script)) dust.push(vout);
  return dust;
}

/** The size that fees are reckoned by: virtual bytes, or more for a transaction of many signature operations. */
export const policyVsize = (weight: number, sigopCost: number): number =>
  Math.ceil(Math.max(weight, sigopCost * BYTES_PER_SIGOP) / 4);

/** What policy finds wrong with a transaction by itself; null if nothing. */
export function checkStandard(tx: Transaction): PolicyRejectReason | null {
  if (tx.version < 1 || tx.version > MAX_STANDARD_VERSION) return 'version';
  if (weightOf(tx) > MAX_STANDARD_TX_WEIGHT) return 'tx-size';
  for (const { scriptSig } of tx.inputs) {
    if (scriptSig.length > MAX_STANDARD_SCRIPTSIG_BYTES) return 'scriptsig-size';
    if (!isPushOnly(scriptSig)) return 'scriptsig-not-pushonly';
  }
  let dataBytes = 0;
  for (const { script } of tx.outputs) {
    const type = outputType(script);
    if (type === 'nonstandard' || (type === 'multisig' && (bareMultisig(script)?.keys.length ?? 0) > 3)) {
      return 'scriptpubkey';
    }
    if (type === 'nulldata') dataBytes += script.length;
    if (dataBytes > MAX_DATA_CARRIER_BYTES) return 'datacarrier';
  }
  if (dustOutputs(tx).length > MAX_DUST_OUTPUTS) return 'dust';
  return baseSize(tx) < MIN_STANDARD_TX_NONWITNESS_BYTES ? 'tx-size-small' : null;
}

/** What policy finds wrong with how a transaction spends its coins; null if nothing. @param coins one for every input */
export function checkStandardInputs(tx: Transaction, coins: readonly Coin[]): PolicyRejectReason | null {
  if (isCoinbase(tx)) return null;
  for (const [index, { script }] of coins.entries()) {
    const type = outputType(script);
    if (type === 'nonstandard' || type === 'witness_unknown') return 'bad-txns-nonstandard-inputs';
    if (type !== 'p2sh') continue;
    const redeemScript = parseScript(tx.inputs[index]!.scriptSig)?.at(-1)?.data;
    if (!redeemScript || countSigops(redeemScript, true) > MAX_P2SH_SIGOPS) return 'bad-txns-nonstandard-inputs';
  }
  return coins.every((coin, index) => hasStandardWitness(tx, index, coin)) ? null : 'bad-witness-nonstandard';
}

function hasStandardWitness(tx: Transaction, index: number, { script }: Coin): boolean {
  const { scriptSig, witness } = tx.inputs[index]!;
  if (witness.length === 0) return true;
  const nested = isP2sh(script) ? (parseScript(scriptSig)?.at(-1)?.data ?? null) : null;
  const type = outputType(nested ?? script);
  if (type === 'p2a') return false; // it takes no witness
  if (type !== 'p2wsh') return type === 'p2wpkh' || type === 'p2tr' || type === 'witness_unknown';
  const items = witness.slice(0, -1);
  return (
    witness.at(-1)!.length <= MAX_STANDARD_WITNESS_SCRIPT_BYTES &&
    items.length <= MAX_STANDARD_WITNESS_ITEMS &&
    items.every((item) => item.length <= MAX_STANDARD_WITNESS_ITEM_BYTES)
  );
}
