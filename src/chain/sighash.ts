/**
 * What a signature signs: the digest of a transaction as one of its inputs sees it, in the original form and in that of
 * version-0 witnesses (BIP 143).
 */
import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Sat } from '../base/units.ts';
import { hash256 } from '../crypto/hashes.ts';
import { ByteWriter } from './byteWriter.ts';
import { compactSizeLength } from './compactSize.ts';
import { instructionAt, OP } from './script.ts';
import type { Transaction, TxInput, TxOutput } from './transaction.ts';

export const SIGHASH_ALL = 1;
export const SIGHASH_NONE = 2;
export const SIGHASH_SINGLE = 3;
/** Added to one of the others: only the signed input is covered. */
export const SIGHASH_ANYONECANPAY = 0x80;

const BASE_TYPE = 0x1f; // consensus looks at the low five bits for NONE and SINGLE
const ZERO_32 = new Uint8Array(32);

/**
 * The digest that a signature in a version-0 witness signs (BIP 143), 32 bytes.
 * @param scriptCode the witness script after the last executed OP_CODESEPARATOR, or the P2PKH script of a P2WPKH's key
 * @param valueSat of the output being spent
 * @param hashType the signature's last byte; all of it is signed
 */
export function segwitSighash(
  tx: Transaction,
  inputIndex: number,
  scriptCode: Uint8Array,
  valueSat: Sat,
  hashType: number,
): Uint8Array {
  const input = tx.inputs[inputIndex];
  assert(input !== undefined, `input ${inputIndex} of ${tx.inputs.length}`);
  const anyoneCanPay = (hashType & SIGHASH_ANYONECANPAY) !== 0;
  const base = hashType & BASE_TYPE;
  const all = base !== SIGHASH_NONE && base !== SIGHASH_SINGLE;
  const shared = sharedHashes(tx);
  const output = tx.outputs[inputIndex];
  const hashOutputs = all
    ? shared.outputs()
    : base === SIGHASH_SINGLE && output !== undefined
      ? hash256(outputBytes([output]))
      : ZERO_32;
  // version, three hashes, outpoint, script code, value, sequence, lock time, hash type
  const length = 4 + 3 * 32 + 36 + compactSizeLength(scriptCode.length) + scriptCode.length + 8 + 4 + 4 + 4;
  const preimage = new ByteWriter(length)
    .uint32(tx.version)
    .bytes(anyoneCanPay ? ZERO_32 : shared.prevouts())
    .bytes(anyoneCanPay || !all ? ZERO_32 : shared.sequences())
    .id(input.prevout.txid)
    .uint32(input.prevout.vout)
    .lengthPrefixed(scriptCode)
    .amount(valueSat)
    .uint32(input.sequence)
    .bytes(hashOutputs)
    .uint32(tx.lockTime)
    .uint32(hashType);
  return hash256(preimage.finish());
}

/** The three hashes that all inputs of a transaction share, each computed when first asked for. */
interface SharedHashes {
  prevouts(): Uint8Array;
  sequences(): Uint8Array;
  outputs(): Uint8Array;
}

const remembered = new WeakMap<Transaction, SharedHashes>();

/** Remembered where several inputs share them, so that signing n inputs costs n and not n². */
function sharedHashes(tx: Transaction): SharedHashes {
  if (tx.inputs.length === 1) return newSharedHashes(tx);
  let shared = remembered.get(tx);
  if (shared === undefined) {
    shared = newSharedHashes(tx);
    remembered.set(tx, shared);
  }
  return shared;
}

function newSharedHashes(tx: Transaction): SharedHashes {
  let prevouts: Uint8Array | null = null;
  let sequences: Uint8Array | null = null;
  let outputs: Uint8Array | null = null;
  return {
    prevouts: () => (prevouts ??= hash256(prevoutBytes(tx.inputs))),
    sequences: () => (sequences ??= hash256(sequenceBytes(tx.inputs))),
    outputs: () => (outputs ??= hash256(outputBytes(tx.outputs))),
  };
}

function prevoutBytes(inputs: readonly TxInput[]): Uint8Array {
  const writer = new ByteWriter(36 * inputs.length);
  for (const { prevout } of inputs) writer.id(prevout.txid).uint32(prevout.vout);
  return writer.finish();
}

function sequenceBytes(inputs: readonly TxInput[]): Uint8Array {
  const writer = new ByteWriter(4 * inputs.length);
  for (const { sequence } of inputs) writer.uint32(sequence);
  return writer.finish();
}

const outputSize = ({ script }: TxOutput): number => 8 + compactSizeLength(script.length) + script.length;

function outputBytes(outputs: readonly TxOutput[]): Uint8Array {
  const writer = new ByteWriter(outputs.reduce((sum, output) => sum + outputSize(output), 0));
  for (const { valueSat, script } of outputs) writer.amount(valueSat).lengthPrefixed(script);
  return writer.finish();
}

/** What a signature with SIGHASH_SINGLE signs when its input has no output beside it: the number one. */
const ONE = Uint8Array.of(1, ...new Uint8Array(31));

/**
 * The digest that a signature outside a witness signs, 32 bytes: the transaction with every script emptied but the one
 * being satisfied, and with what the hash type leaves open blanked.
 * @param scriptCode the script being run, after the last executed OP_CODESEPARATOR, the signature already deleted from it
 * @param hashType the signature's last byte, or any 32-bit integer; all of it is signed
 */
export function legacySighash(
  tx: Transaction,
  inputIndex: number,
  scriptCode: Uint8Array,
  hashType: number,
): Uint8Array {
  const signed = tx.inputs[inputIndex];
  assert(signed !== undefined, `input ${inputIndex} of ${tx.inputs.length}`);
  const base = hashType & BASE_TYPE;
  const single = base === SIGHASH_SINGLE;
  const none = base === SIGHASH_NONE;
  if (single && inputIndex >= tx.outputs.length) return ONE;

  const anyoneCanPay = (hashType & SIGHASH_ANYONECANPAY) !== 0;
  const script = withoutCodeSeparators(scriptCode);
  const inputs = anyoneCanPay ? [signed] : tx.inputs;
  const outputCount = none ? 0 : single ? inputIndex + 1 : tx.outputs.length;

  let length = 4 + compactSizeLength(inputs.length) + inputs.length * (36 + 1 + 4) + script.length;
  length += compactSizeLength(script.length) - 1 + compactSizeLength(outputCount) + 4 + 4;
  for (let i = 0; i < outputCount; i++) length += single && i < inputIndex ? 8 + 1 : outputSize(tx.outputs[i]!);

  const writer = new ByteWriter(length).uint32(tx.version).compactSize(inputs.length);
  for (const [index, input] of inputs.entries()) {
    const isSigned = anyoneCanPay || index === inputIndex;
    writer.id(input.prevout.txid).uint32(input.prevout.vout);
    if (isSigned) writer.lengthPrefixed(script);
    else writer.compactSize(0);
    // NONE and SINGLE leave the others' sequence numbers open
    writer.uint32(!isSigned && (none || single) ? 0 : input.sequence);
  }
  writer.compactSize(outputCount);
  for (let i = 0; i < outputCount; i++) {
    if (single && i < inputIndex)
      writer.uint32(-1).uint32(-1).compactSize(0); // value −1, no script
    else writer.amount(tx.outputs[i]!.valueSat).lengthPrefixed(tx.outputs[i]!.script);
  }
  return hash256(writer.uint32(tx.lockTime).uint32(hashType).finish());
}

/** The script with every OP_CODESEPARATOR taken out; from an unreadable push on it stays as it is. */
function withoutCodeSeparators(script: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at < script.length;) {
    const instruction = instructionAt(script, at);
    if (instruction === null) break;
    if (instruction.opcode === OP.OP_CODESEPARATOR) {
      kept.push(script.subarray(from, at));
      from = instruction.end;
    }
    at = instruction.end;
  }
  if (from === 0) return script;
  kept.push(script.subarray(from));
  return concatBytes(...kept);
}
