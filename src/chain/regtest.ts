/** The parameters of Bitcoin Core's regtest: first block, proof of work that takes two tries, fast halvings. */
import { compareBytes, concatBytes, fromHex, utf8 } from '../base/bytes.ts';
import { type Sat, sat, SAT_PER_BTC } from '../base/units.ts';
import {
  type Block,
  type BlockHash,
  type BlockHeader,
  blockHashOf,
  printedId,
  transactionMerkleRoot,
} from './block.ts';
import { compileScript, OP } from './script.ts';
import { NULL_TXID, NULL_VOUT, type Transaction } from './transaction.ts';

/** The target in compact form: the first bit of the hash is zero. */
export const REGTEST_BITS = 0x207fffff;
/** Blocks. */
export const SUBSIDY_HALVING_INTERVAL = 150;
/** Version of the blocks that miners make: BIP 9 with no signal. */
export const BLOCK_VERSION = 0x20000000;
/** Unix seconds of the first block: 2 February 2011. */
export const GENESIS_TIME_SECONDS = 1296688602;

/** What a block may create, without fees. */
export function subsidySat(height: number): Sat {
  const halvings = Math.floor(height / SUBSIDY_HALVING_INTERVAL);
  return sat(halvings >= 64 ? 0 : Math.floor((50 * SAT_PER_BTC) / 2 ** halvings));
}

/** What all blocks up to and with that height may create together; the first block's coinbase does not count. */
export function totalSubsidySat(height: number): Sat {
  let total = 0;
  for (let from = 1; from <= height;) {
    const end = Math.min(height + 1, (Math.floor(from / SUBSIDY_HALVING_INTERVAL) + 1) * SUBSIDY_HALVING_INTERVAL);
    const each = subsidySat(from);
    if (each === 0) break;
    total += each * (end - from);
    from = end;
  }
  return sat(total);
}

/**
 * The first block. Its coinbase, the same as mainnet's, is no coin: nobody can spend it.
 * @see Bitcoin Core `kernel/chainparams.cpp`
 */
export function genesisBlock(): Block {
  const headline = 'The Times 03/Jan/2009 Chancellor on brink of second bailout for banks';
  const key = fromHex(
    '04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f',
  );
  const coinbase: Transaction = {
    version: 1,
    inputs: [
      {
        prevout: { txid: NULL_TXID, vout: NULL_VOUT },
        // mainnet's bits, then the number 4 pushed as a byte
        scriptSig: concatBytes(compileScript({ num: 0x1d00ffff }), Uint8Array.of(1, 4), compileScript(utf8(headline))),
        sequence: 0xffffffff,
        witness: [],
      },
    ],
    outputs: [{ valueSat: sat(50 * SAT_PER_BTC), script: compileScript(key, OP.OP_CHECKSIG) }],
    lockTime: 0,
  };
  const header: BlockHeader = {
    version: 1,
    previousHash: '0'.repeat(64) as BlockHash,
    merkleRoot: printedId(transactionMerkleRoot([coinbase]).root),
    timeSeconds: GENESIS_TIME_SECONDS,
    bits: REGTEST_BITS,
    nonce: 2,
  };
  return { header, transactions: [coinbase] };
}

/** The number that compact bits stand for, 32 bytes, big-endian; null if it is negative, zero or too large. */
export function targetOf(bits: number): Uint8Array | null {
  const mantissa = bits & 0x7fffff;
  if (mantissa === 0 || (bits & 0x800000) !== 0) return null;
  const target = new Uint8Array(32);
  const exponent = bits >>> 24;
  for (let i = 0; i < 3; i++) {
    const byte = (mantissa >>> (8 * i)) & 0xff;
    const at = 31 - (exponent - 3 + i);
    if (byte === 0 || at > 31) continue;
    if (at < 0) return null;
    target[at] = byte;
  }
  return target;
}

/** Whether a header's hash, read as a number, is not above its target. */
export function hasProofOfWork(header: BlockHeader): boolean {
  const target = targetOf(header.bits);
  return target !== null && compareBytes(fromHex(blockHashOf(header)), target) <= 0;
}

/** The header with the least nonce that makes it a proof of work: two tries on average. */
export function grind(header: Omit<BlockHeader, 'nonce'>): BlockHeader {
  for (let nonce = 0; ; nonce++) {
    const tried = { ...header, nonce };
    if (hasProofOfWork(tried)) return tried;
  }
}
