/** A block: header, transactions, their bytes, and what its coinbase must carry (BIPs 34 and 141). */
import { concatBytes, toHex } from '../base/bytes.ts';
import { sat } from '../base/units.ts';
import { hash256 } from '../crypto/hashes.ts';
import { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';
import { compactSizeLength } from './compactSize.ts';
import { merkleRoot, type MerkleRoot } from './merkle.ts';
import { compileScript, OP } from './script.ts';
import {
  baseSize,
  NULL_TXID,
  NULL_VOUT,
  readTransaction,
  serialize,
  type Transaction,
  txidOf,
  type TxOutput,
  weightOf,
  wtxidOf,
} from './transaction.ts';

declare const kind: unique symbol;
/** A block's id in the order people print it (bytes reversed), 64 lower-case hexadecimal digits. */
export type BlockHash = string & { readonly [kind]: 'block hash' };

export interface BlockHeader {
  /** 0 … 2^32 − 1 */
  readonly version: number;
  readonly previousHash: BlockHash;
  /** in the order people print it */
  readonly merkleRoot: string;
  /** Unix seconds */
  readonly timeSeconds: number;
  /** the proof-of-work target in compact form */
  readonly bits: number;
  readonly nonce: number;
}

export interface Block {
  readonly header: BlockHeader;
  readonly transactions: readonly Transaction[];
}

/** Bytes. */
export const HEADER_BYTES = 80;

/** The 80 bytes whose hash is the block's id and its proof of work. */
export function serializeHeader(header: BlockHeader): Uint8Array {
  return new ByteWriter(HEADER_BYTES)
    .uint32(header.version)
    .id(header.previousHash)
    .id(header.merkleRoot)
    .uint32(header.timeSeconds)
    .uint32(header.bits)
    .uint32(header.nonce)
    .finish();
}

export const blockHashOf = (header: BlockHeader): BlockHash =>
  toHex(hash256(serializeHeader(header)).reverse()) as BlockHash;

/** Header, number of transactions, transactions with their witnesses: what a regtest node's `submitblock` takes. */
export function serializeBlock(block: Block): Uint8Array {
  const count = new ByteWriter(compactSizeLength(block.transactions.length)).compactSize(block.transactions.length);
  return concatBytes(serializeHeader(block.header), count.finish(), ...block.transactions.map(serialize));
}

/** @throws MalformedBytes with its reason if the bytes are no block */
export function parseBlock(bytes: Uint8Array): Block {
  const reader = new ByteReader(bytes);
  const header: BlockHeader = {
    version: reader.uint32(),
    previousHash: reader.id() as BlockHash,
    merkleRoot: reader.id(),
    timeSeconds: reader.uint32(),
    bits: reader.uint32(),
    nonce: reader.uint32(),
  };
  const count = reader.count(10); // the least a transaction can be: version, two counts, lock time
  const transactions: Transaction[] = [];
  for (let i = 0; i < count; i++) transactions.push(readTransaction(reader));
  reader.end();
  return { header, transactions };
}

/** Weight units (BIP 141): header and count weigh four a byte. */
export function blockWeight(block: Block): number {
  let weight = 4 * (HEADER_BYTES + compactSizeLength(block.transactions.length));
  for (const tx of block.transactions) weight += weightOf(tx);
  return weight;
}

/** The root over txids, for the header. */
export const transactionMerkleRoot = (transactions: readonly Transaction[]): MerkleRoot =>
  merkleRoot(transactions.map((tx) => wireId(txidOf(tx))));

/** The root over wtxids, the coinbase's counting as zero (BIP 141). */
export const witnessMerkleRoot = (transactions: readonly Transaction[]): MerkleRoot =>
  merkleRoot(transactions.map((tx, index) => (index === 0 ? new Uint8Array(32) : wireId(wtxidOf(tx)))));

/** A printed id as the 32 bytes of the wire. */
const wireId = (id: string): Uint8Array => new ByteWriter(32).id(id).finish();

/** A 32-byte hash of the wire as people print it. */
export const printedId = (hash: Uint8Array): string => toHex(hash.toReversed());

/** What stands before the commitment's hash: OP_RETURN, a push of 36, BIP 141's four bytes. */
const COMMITMENT_PREFIX = Uint8Array.of(OP.OP_RETURN, 36, 0xaa, 0x21, 0xa9, 0xed);
const COMMITMENT_BYTES = COMMITMENT_PREFIX.length + 32;
/** The coinbase's only witness item, which the commitment covers and which is free for later use (BIP 141). */
const WITNESS_RESERVED_VALUE = new Uint8Array(32);

/** The coinbase output that commits to all witnesses of a block (BIP 141, "Commitment structure"). */
export function witnessCommitmentScript(
  transactions: readonly Transaction[],
  reserved: Uint8Array = WITNESS_RESERVED_VALUE,
): Uint8Array {
  return concatBytes(COMMITMENT_PREFIX, hash256(concatBytes(witnessMerkleRoot(transactions).root, reserved)));
}

/** The commitment in a coinbase: the last output that looks like one; null if none does. */
export function findWitnessCommitment(coinbase: Transaction): Uint8Array | null {
  const output = coinbase.outputs.findLast(
    ({ script }) => script.length >= COMMITMENT_BYTES && COMMITMENT_PREFIX.every((byte, i) => script[i] === byte),
  );
  return output === undefined ? null : output.script.subarray(0, COMMITMENT_BYTES);
}

/** What a coinbase's scriptSig must begin with: the height, as a number is pushed (BIP 34). */
export const heightPush = (height: number): Uint8Array => compileScript({ num: height });

/**
 * The transaction that pays a block's miner, with the commitment to the witnesses of the others.
 * @param outputs at most subsidy and fees together
 * @param others the block's transactions after it
 */
export function coinbaseTransaction(
  height: number,
  outputs: readonly TxOutput[],
  others: readonly Transaction[],
): Transaction {
  const withOutputs = (all: readonly TxOutput[]): Transaction => ({
    version: 2,
    inputs: [
      {
        prevout: { txid: NULL_TXID, vout: NULL_VOUT },
        // at least two bytes, and a small height is pushed in one
        scriptSig: concatBytes(heightPush(height), Uint8Array.of(OP.OP_0)),
        sequence: 0xffffffff,
        witness: [WITNESS_RESERVED_VALUE],
      },
    ],
    outputs: all,
    lockTime: 0,
  });
  // the coinbase counts as zero in the witness tree, so its own outputs do not matter to the commitment
  const script = witnessCommitmentScript([withOutputs(outputs), ...others]);
  return withOutputs([...outputs, { valueSat: sat(0), script }]);
}

/** Bytes of a block without witnesses. */
export const strippedBytes = (block: Block): number =>
  block.transactions.reduce(
    (sum, tx) => sum + baseSize(tx),
    HEADER_BYTES + compactSizeLength(block.transactions.length),
  );
