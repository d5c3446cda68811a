/**
 * A Bitcoin transaction: plain data, its two serialisations (BIP 144), its ids and its weight (BIP 141).
 *
 * A transaction is never changed once made, so its ids and weight are computed once and remembered beside it.
 */
import { toHex } from '../base/bytes.ts';
import { type Sat, sat } from '../base/units.ts';
import { hash256 } from '../crypto/hashes.ts';
import { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';
import { compactSizeLength } from './compactSize.ts';

declare const kind: unique symbol;
/** A transaction id in the order people print it (bytes reversed), 64 lower-case hexadecimal digits. */
export type Txid = string & { readonly [kind]: 'txid' };

export interface OutPoint {
  readonly txid: Txid;
  /** 0 … 2^32 − 1 */
  readonly vout: number;
}

export interface TxInput {
  readonly prevout: OutPoint;
  readonly scriptSig: Uint8Array;
  /** 0 … 2^32 − 1 */
  readonly sequence: number;
  /** empty for an input without one */
  readonly witness: readonly Uint8Array[];
}

export interface TxOutput {
  readonly valueSat: Sat;
  readonly script: Uint8Array;
}

export interface Transaction {
  /** 0 … 2^32 − 1: consensus reads it without sign (BIP 68) */
  readonly version: number;
  readonly inputs: readonly TxInput[];
  readonly outputs: readonly TxOutput[];
  /** 0 … 2^32 − 1 */
  readonly lockTime: number;
}

/** The key under which maps hold an outpoint. */
export const outPointKey = (outPoint: OutPoint): string => `${outPoint.txid}:${outPoint.vout}`;

/** The outpoint of such a key. */
export const outPointOf = (key: string): OutPoint => ({ txid: key.slice(0, 64) as Txid, vout: Number(key.slice(65)) });

/** The id that no transaction has: what a coinbase's input names. */
export const NULL_TXID = '0'.repeat(64) as Txid;
/** The output index of a coinbase's input. */
export const NULL_VOUT = 0xffffffff;

export const isNullOutPoint = (outPoint: OutPoint): boolean =>
  outPoint.vout === NULL_VOUT && outPoint.txid === NULL_TXID;

/** One input, and that input spends nothing: the transaction that pays a block's miner. */
export const isCoinbase = (tx: Transaction): boolean => tx.inputs.length === 1 && isNullOutPoint(tx.inputs[0]!.prevout);

export const hasWitness = (tx: Transaction): boolean => tx.inputs.some((input) => input.witness.length > 0);

/** A text as a transaction id, or null if it is not 64 hexadecimal digits. */
export const parseTxid = (text: string): Txid | null =>
  /^[0-9a-fA-F]{64}$/.test(text) ? (text.toLowerCase() as Txid) : null;

/** The bytes that travel: with marker, flag and witnesses if any input has one (BIP 144). */
export function serialize(tx: Transaction): Uint8Array {
  const withWitness = hasWitness(tx);
  const writer = new ByteWriter(baseSize(tx) + (withWitness ? witnessSize(tx) : 0));
  writer.uint32(tx.version);
  if (withWitness) writer.uint8(0).uint8(1);
  writeInputsAndOutputs(writer, tx);
  if (withWitness) {
    for (const input of tx.inputs) {
      writer.compactSize(input.witness.length);
      for (const item of input.witness) writer.lengthPrefixed(item);
    }
  }
  return writer.uint32(tx.lockTime).finish();
}

/** The bytes whose hash is the txid: no marker, no witness. */
export function serializeWithoutWitness(tx: Transaction): Uint8Array {
  const writer = new ByteWriter(baseSize(tx)).uint32(tx.version);
  writeInputsAndOutputs(writer, tx);
  return writer.uint32(tx.lockTime).finish();
}

function writeInputsAndOutputs(writer: ByteWriter, tx: Transaction): void {
  writer.compactSize(tx.inputs.length);
  for (const input of tx.inputs) {
    writer.id(input.prevout.txid).uint32(input.prevout.vout).lengthPrefixed(input.scriptSig).uint32(input.sequence);
  }
  writer.compactSize(tx.outputs.length);
  for (const output of tx.outputs) writer.amount(output.valueSat).lengthPrefixed(output.script);
}

/** A transaction from all of those bytes. @throws MalformedBytes with its reason if they are none */
export function parseTransaction(bytes: Uint8Array): Transaction {
  const reader = new ByteReader(bytes);
  const tx = readTransaction(reader);
  reader.end();
  return tx;
}

/** A transaction from the front of a longer message. @throws MalformedBytes */
export function readTransaction(reader: ByteReader): Transaction {
  const version = reader.uint32();
  let inputs = readInputs(reader);
  let flag = 0;
  if (inputs.length === 0) {
    // BIP 144: no transaction has zero inputs, so the zero is the marker and a flag follows
    flag = reader.uint8();
    if (flag !== 0) inputs = readInputs(reader);
  }
  const outputs = inputs.length === 0 && flag === 0 ? [] : readOutputs(reader);
  if (flag !== 0) {
    if ((flag & 1) === 1) inputs = inputs.map((input) => ({ ...input, witness: readWitness(reader) }));
    if ((flag & 1) === 1 && inputs.every((input) => input.witness.length === 0)) reader.fail('superfluous witness');
    if (flag !== 1) reader.fail('unknown optional data');
  }
  return { version, inputs, outputs, lockTime: reader.uint32() };
}

const NO_WITNESS: readonly Uint8Array[] = [];

function readInputs(reader: ByteReader): TxInput[] {
  const count = reader.count(32 + 4 + 1 + 4); // txid, output index, empty script, sequence
  const inputs: TxInput[] = [];
  for (let i = 0; i < count; i++) {
    const prevout = { txid: reader.id() as Txid, vout: reader.uint32() };
    inputs.push({ prevout, scriptSig: reader.lengthPrefixed(), sequence: reader.uint32(), witness: NO_WITNESS });
  }
  return inputs;
}

function readOutputs(reader: ByteReader): TxOutput[] {
  const count = reader.count(8 + 1); // value, empty script
  const outputs: TxOutput[] = [];
  for (let i = 0; i < count; i++) {
    outputs.push({ valueSat: sat(reader.amount()), script: reader.lengthPrefixed() });
  }
  return outputs;
}

function readWitness(reader: ByteReader): Uint8Array[] {
  const count = reader.count(1);
  const items: Uint8Array[] = [];
  for (let i = 0; i < count; i++) items.push(reader.lengthPrefixed());
  return items;
}

interface Remembered {
  txid: Txid | null;
  wtxid: Txid | null;
  /** −1 until computed */
  weight: number;
}

const remembered = new WeakMap<Transaction, Remembered>();

function rememberedOf(tx: Transaction): Remembered {
  let entry = remembered.get(tx);
  if (entry === undefined) {
    entry = { txid: null, wtxid: null, weight: -1 };
    remembered.set(tx, entry);
  }
  return entry;
}

/** The transaction's id: unchanged by whatever stands in its witnesses. */
export function txidOf(tx: Transaction): Txid {
  const entry = rememberedOf(tx);
  return (entry.txid ??= idOf(serializeWithoutWitness(tx)));
}

/** The id that covers the witnesses too (BIP 141); equals the txid where there are none. */
export function wtxidOf(tx: Transaction): Txid {
  const entry = rememberedOf(tx);
  return (entry.wtxid ??= hasWitness(tx) ? idOf(serialize(tx)) : txidOf(tx));
}

const idOf = (bytes: Uint8Array): Txid => toHex(hash256(bytes).reverse()) as Txid;

/** Weight units (BIP 141): three times the size without witnesses plus the size with them. */
export function weightOf(tx: Transaction): number {
  const entry = rememberedOf(tx);
  if (entry.weight < 0) entry.weight = 4 * baseSize(tx) + (hasWitness(tx) ? witnessSize(tx) : 0);
  return entry.weight;
}

/** Virtual bytes (BIP 141): a quarter of the weight, rounded up. */
export const vsizeOf = (tx: Transaction): number => Math.ceil(weightOf(tx) / 4);

/** Bytes of the serialisation without witnesses. */
export function baseSize(tx: Transaction): number {
  let size = 4 + 4 + compactSizeLength(tx.inputs.length) + compactSizeLength(tx.outputs.length); // version, lock time
  for (const { scriptSig } of tx.inputs) size += 32 + 4 + compactSizeLength(scriptSig.length) + scriptSig.length + 4;
  for (const { script } of tx.outputs) size += 8 + compactSizeLength(script.length) + script.length;
  return size;
}

/** Bytes that the witnesses add: marker, flag, and a stack for every input. */
function witnessSize(tx: Transaction): number {
  let size = 2;
  for (const { witness } of tx.inputs) {
    size += compactSizeLength(witness.length);
    for (const item of witness) size += compactSizeLength(item.length) + item.length;
  }
  return size;
}
