/**
 * Signatures of channel transactions, one end at a time: segwit v0 inputs in general, and the funding output's two of two
 * (BOLT 3, "Funding Transaction Output") in particular.
 */
import { compareBytes } from '../base/bytes.ts';
import type { Sat } from '../base/units.ts';
import { STANDARD_FLAGS } from '../chain/scriptFlags.ts';
import { segwitSighash, SIGHASH_ALL } from '../chain/sighash.ts';
import { checkSignature, encodingError, plainVerifier } from '../chain/signatureCheck.ts';
import type { OutPoint, Transaction } from '../chain/transaction.ts';
import { encodeSignature } from '../crypto/der.ts';
import { secp256k1 } from '../crypto/secp256k1.ts';
import { fundingScript } from './scripts.ts';

/** A funding output: what a commitment, a closing or a splice spends. */
export interface FundingOutput {
  readonly outPoint: OutPoint;
  readonly valueSat: Sat;
  /** both ends' funding keys, in any order that its user keeps to */
  readonly keys: readonly [Uint8Array, Uint8Array];
}

/** One end's signature under a transaction that spends a funding output: DER with SIGHASH_ALL. */
export const signFunding = (
  transaction: Transaction,
  funding: FundingOutput,
  secret: Uint8Array,
  input = 0,
): Uint8Array => signInput(transaction, input, fundingScript(...funding.keys), funding.valueSat, secret, SIGHASH_ALL);

/** Whether a signature is that of `publicKey`, covers everything (SIGHASH_ALL) and has its s in the lower half. */
export function verifyFunding(
  transaction: Transaction,
  funding: FundingOutput,
  publicKey: Uint8Array,
  signature: Uint8Array,
  inputIndex = 0,
): boolean {
  if (signature.at(-1) !== SIGHASH_ALL) return false;
  if (encodingError(signature, publicKey, STANDARD_FLAGS, 'witness_v0') !== null) return false;
  const context = {
    tx: transaction,
    inputIndex,
    valueSat: funding.valueSat,
    flags: STANDARD_FLAGS,
    verifier: plainVerifier,
  };
  return checkSignature(context, 'witness_v0', signature, publicKey, fundingScript(...funding.keys));
}

/** The transaction with both signatures, given in the order of `funding.keys`. */
export function withFundingWitness(
  transaction: Transaction,
  funding: FundingOutput,
  signatures: readonly [Uint8Array, Uint8Array],
  input = 0,
): Transaction {
  const [a, b] = funding.keys;
  const inOrder = compareBytes(a, b) < 0 ? signatures : [signatures[1], signatures[0]];
  return withWitness(transaction, input, [new Uint8Array(0), ...inOrder, fundingScript(a, b)]);
}

/** A segwit v0 signature: DER with its hash type. */
export function signInput(
  transaction: Transaction,
  input: number,
  scriptCode: Uint8Array,
  valueSat: Sat,
  secret: Uint8Array,
  hashType: number,
): Uint8Array {
  const digest = segwitSighash(transaction, input, scriptCode, valueSat, hashType);
  return encodeSignature(secp256k1().sign(digest, secret), hashType);
}

/** The transaction with the witness of one input set. */
export function withWitness(transaction: Transaction, input: number, witness: readonly Uint8Array[]): Transaction {
  return {
    ...transaction,
    inputs: transaction.inputs.map((each, index) => (index === input ? { ...each, witness } : each)),
  };
}
