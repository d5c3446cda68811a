/**
 * Bitcoin Core's block file, on regtest: what its `blk*.dat` hold and `bitcoind -regtest -loadblock=FILE` imports. Every
 * block stands behind the network's magic and its own length, 4 bytes each, the length little-endian (Bitcoin Core
 * `node/blockstorage.cpp`).
 */
import { assert } from '../base/assert.ts';
import { concatBytes, equalBytes, toHex } from '../base/bytes.ts';
import { UserError } from '../base/errors.ts';
import { groupDigits } from '../base/units.ts';
import { type Block, blockHashOf, HEADER_BYTES, parseBlock, serializeBlock } from '../chain/block.ts';
import { Blockchain, type ConnectResult } from '../chain/blockchain.ts';
import { MalformedBytes } from '../chain/byteReader.ts';
import { ByteWriter } from '../chain/byteWriter.ts';
import { genesisBlock } from '../chain/regtest.ts';
import { plainVerifier, type SignatureVerifier } from '../chain/signatureCheck.ts';
import { BytePieces, isZero } from './bytePieces.ts';

/** What regtest's messages and block records begin with (Bitcoin Core `kernel/chainparams.cpp`). */
export const REGTEST_MAGIC = Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda);
/** Bytes: no block is longer (consensus `MAX_BLOCK_SERIALIZED_SIZE`), nor can be shorter than its header. */
const LONGEST_BLOCK = 4_000_000;

/** The records of a chain's blocks, the first block's at the front, each ready to be written. */
export function* blockFile(chain: Blockchain): Generator<Uint8Array> {
  for (let height = 0; height <= chain.height; height++) {
    const block = serializeBlock(chain.blockAt(height).block);
    yield concatBytes(REGTEST_MAGIC, new ByteWriter(4).uint32(block.length).finish(), block);
  }
}

/** A block as it was found in a file. */
export interface FiledBlock {
  readonly block: Block;
  /** bytes before its record's magic */
  readonly offset: number;
}

/**
 * The blocks of a file, one after the other, none of them checked beyond its form. Zeros may follow the last block:
 * Bitcoin Core makes room in its files before it needs it.
 * @param pieces the file's bytes in order, cut anywhere, so that it need not stand in memory whole; none used twice
 * @param file its name as the user knows it
 * @throws UserError at the first byte that belongs to no block
 */
export function* readBlockFile(pieces: Iterable<Uint8Array>, file: string): Generator<FiledBlock> {
  const source = new BytePieces(pieces);
  try {
    yield* records(source, file);
  } finally {
    source.close();
  }
}

function* records(source: BytePieces, file: string): Generator<FiledBlock> {
  for (let index = 0; ; index++) {
    const { offset } = source;
    const wrong = (found: string, expected: string): UserError =>
      new UserError({ file, path: where(index, offset), found, expected });

    const magic = source.take(REGTEST_MAGIC.length);
    if (magic.length === 0 && index > 0) return;
    if (magic.length === 0) throw new UserError({ file, found: 'an empty file', expected: BLOCK_FILE });
    if (index > 0 && isZero(magic)) {
      if (source.restIsZero()) return;
      throw wrong('zeros, and something else after them', `the next block’s magic, ${hexBytes(REGTEST_MAGIC)}`);
    }
    if (!equalBytes(magic, REGTEST_MAGIC)) {
      const expected = index === 0 ? BLOCK_FILE : `the next block’s magic, ${hexBytes(REGTEST_MAGIC)}`;
      throw wrong(`${hexBytes(magic)}${foreign(magic)}`, expected);
    }
    const lengthBytes = source.take(4);
    if (lengthBytes.length < 4) throw wrong('the end of the file', 'the block’s length in 4 bytes');
    const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getUint32(0, true);
    if (length <= HEADER_BYTES || length > LONGEST_BLOCK) {
      throw wrong(
        `a block of ${groupDigits(length)} bytes`,
        `a length from ${HEADER_BYTES + 1} to ${groupDigits(LONGEST_BLOCK)}`,
      );
    }
    const bytes = source.take(length);
    if (bytes.length < length) {
      throw wrong(
        `the end of the file after ${groupDigits(bytes.length)} bytes of it`,
        `a block of ${groupDigits(length)} bytes`,
      );
    }
    yield { block: parse(bytes, file, index, offset), offset };
  }
}

export interface ReadChainOptions {
  /** verify every signature on the curve; else those are taken as good, and everything else is checked all the same */
  readonly verifySignatures?: boolean;
}

/**
 * The chain that a block file holds, every block validated and connected in the file's order.
 * @throws UserError where the file is no block file, does not begin at regtest's first block, or a block breaks a rule
 */
export function readChain(pieces: Iterable<Uint8Array>, file: string, options: ReadChainOptions = {}): Blockchain {
  const trust = new TrustingVerifier();
  const chain = new Blockchain(options.verifySignatures === true ? {} : { verifier: trust });
  let index = 0;
  for (const { block, offset } of readBlockFile(pieces, file)) {
    const path = where(index, offset);
    if (index === 0) refuseOtherFirst(block, file, path);
    else {
      const result = trust.connect(chain, block);
      if (!result.ok) {
        const { reason, txid } = result;
        const expected = EXPECTED[reason] ?? 'a block that regtest’s rules accept';
        throw new UserError({ file, path: txid === null ? path : `${path}, ${txid}`, found: reason, expected });
      }
    }
    index++;
  }
  assert(chain.height === index - 1, 'every block of the file is on the chain');
  return chain;
}

function refuseOtherFirst(block: Block, file: string, path: string): void {
  const first = genesisBlock();
  if (equalBytes(serializeBlock(block), serializeBlock(first))) return;
  const found = `the block ${blockHashOf(block.header)}`;
  throw new UserError({ file, path, found, expected: `regtest’s first, ${blockHashOf(first.header)}` });
}

const BLOCK_FILE = `a regtest block file of Bitcoin Core, which begins with ${hexBytes(REGTEST_MAGIC)}`;

/** The refusals that come from the order of the blocks alone. */
const EXPECTED: Readonly<Partial<Record<string, string>>> = {
  duplicate: 'each block once',
  'prev-blk-not-found': 'a block that builds on the one before it in the file',
  'inconclusive-not-best-prevblk': 'a block that builds on the one before it in the file',
};

/**
 * Takes signatures as good. A script that wants one to be bad would fail so: its block is judged again by the curve.
 */
class TrustingVerifier implements SignatureVerifier {
  #trusts = true;

  verify(signature64: Uint8Array, digest32: Uint8Array, publicKey: Uint8Array): boolean {
    return this.#trusts || plainVerifier.verify(signature64, digest32, publicKey);
  }

  connect(chain: Blockchain, block: Block): ConnectResult {
    const result = chain.connect(block);
    if (result.ok || chain.verifier !== this || !result.reason.startsWith('mandatory-script')) return result;
    this.#trusts = false;
    const again = chain.connect(block);
    this.#trusts = true;
    return again;
  }
}

function parse(bytes: Uint8Array, file: string, index: number, offset: number): Block {
  try {
    return parseBlock(bytes);
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    const at = offset + REGTEST_MAGIC.length + 4 + error.offset;
    throw new UserError({
      file,
      path: where(index, offset),
      found: `${error.reason} at byte ${at}`,
      expected: `a block of ${groupDigits(bytes.length)} bytes`,
    });
  }
}

const where = (index: number, offset: number): string => `block ${index} at byte ${offset}`;

/** The first bytes of files that people take for a block file. */
function foreign(magic: Uint8Array): string {
  const hex = toHex(magic);
  const known = FOREIGN.find(([prefix]) => hex.startsWith(prefix));
  return known === undefined ? '' : ` (${known[1]})`;
}

// prettier-ignore
const FOREIGN: readonly (readonly [string, string])[] = [
  ['f9beb4d9', 'mainnet'],
  ['0b110907', 'testnet3'],
  ['1c163f28', 'testnet4'],
  ['0a03cf40', 'signet'],
  ['00000000', 'zeros'],
  ['1f8b',     'gzip'],
];

/** `fa bf b5 da` */
function hexBytes(bytes: Uint8Array): string {
  return toHex(bytes).replace(/..(?!$)/g, '$& ');
}
