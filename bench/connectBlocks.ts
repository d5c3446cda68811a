/**
 * Block benchmark: connecting a block full of channel transactions whose signatures the mempool has verified must take at
 * most 1/30 of the time that it takes with every signature verified by noble, and of that time at least 80 % must be
 * noble's own.
 *
 * Each transaction is a commitment with anchors: it spends a 2-of-2 funding output and has two balances, two anchors and
 * an HTLC. The block is read from its bytes before every round, so ids and weights are computed each time.
 */
import { Rng } from '../src/base/random.ts';
import { sat } from '../src/base/units.ts';
import {
  type Block,
  coinbaseTransaction,
  parseBlock,
  printedId,
  serializeBlock,
  transactionMerkleRoot,
  blockWeight,
} from '../src/chain/block.ts';
import { Blockchain } from '../src/chain/blockchain.ts';
import { verifyInput } from '../src/chain/interpreter.ts';
import { BLOCK_VERSION, GENESIS_TIME_SECONDS, grind, REGTEST_BITS } from '../src/chain/regtest.ts';
import { p2wsh } from '../src/chain/script.ts';
import { CONSENSUS_FLAGS } from '../src/chain/scriptFlags.ts';
import { segwitSighash, SIGHASH_ALL } from '../src/chain/sighash.ts';
import type { SignatureVerifier } from '../src/chain/signatureCheck.ts';
import { type Transaction, type Txid, weightOf } from '../src/chain/transaction.ts';
import { MAX_BLOCK_WEIGHT } from '../src/chain/validate.ts';
import {
  anchorScript,
  fundingScript,
  offeredHtlcScript,
  toLocalScript,
  toRemoteAnchoredScript,
} from '../src/channel/scripts.ts';
import { acceleratedSecp256k1 } from '../src/crypto/accelerated.ts';
import { encodeSignature } from '../src/crypto/der.ts';
import { nobleSecp256k1 } from '../src/crypto/secp256k1.ts';
import { toHex } from '../src/base/bytes.ts';
import { cpuMicros } from './measure.ts';

const CAPACITY_SAT = sat(5_000_000);
/** Remembered rounds; full verification of a block takes most of a minute and is done once. */
const ROUNDS = 5;
const LEAST_RATIO = 30;
const LEAST_NOBLE_SHARE = 0.8;

export const connectBlocks = {
  name: 'connect-blocks',
  async run(): Promise<void> {
    const curve = (await acceleratedSecp256k1()) ?? nobleSecp256k1;
    const bytes = serializeBlock(fullBlock(curve));
    const signatures = 2 * (parseBlock(bytes).transactions.length - 1);
    console.log(
      `  block: ${signatures / 2} commitments, ${signatures} signatures, ${blockWeight(parseBlock(bytes))} WU`,
    );

    const remembered = Array.from({ length: ROUNDS }, () => connectRemembered(bytes)).sort((a, b) => a - b);
    const least = remembered[0]!;
    const median = remembered[ROUNDS >> 1]!;
    console.log(`  signatures remembered: ${ms(least)} ms CPU (least of ${ROUNDS}), ${ms(median)} ms (median)`);

    const full = connectVerifying(bytes);
    const share = full.insideMicros / full.micros;
    console.log(
      `  every signature by noble: ${ms(full.micros)} ms CPU, ${(100 * share).toFixed(1)} % of it inside noble`,
    );
    const ratio = full.micros / median;
    const isMet = ratio >= LEAST_RATIO && share >= LEAST_NOBLE_SHARE;
    console.log(
      `  remembered takes 1/${ratio.toFixed(0)}; limits 1/${LEAST_RATIO} and ${100 * LEAST_NOBLE_SHARE} %: ${isMet ? 'met' : 'MISSED'}`,
    );
  },
};

const ms = (micros: number): string => (micros / 1000).toFixed(0);

/** The mempool has seen all signatures. @returns CPU time, µs */
function connectRemembered(bytes: Uint8Array): number {
  const unasked: SignatureVerifier = {
    verify: () => {
      throw new Error('a remembered signature went to the curve');
    },
  };
  const chain = new Blockchain({ verifier: unasked });
  fund(chain, parseBlock(bytes));
  // made by this run, hence good: the curve need not be asked to fill the cache
  const verifier = chain.signatures.remembering({ verify: () => true });
  for (const tx of parseBlock(bytes).transactions.slice(1)) {
    const coin = chain.utxos.get(tx.inputs[0]!.prevout)!;
    const error = verifyInput(tx, 0, coin, CONSENSUS_FLAGS, verifier);
    if (error !== null) throw new Error(`a commitment fails: ${error}`);
  }
  return connect(chain, parseBlock(bytes));
}

function connectVerifying(bytes: Uint8Array): { micros: number; insideMicros: number } {
  let insideMicros = 0;
  const timed: SignatureVerifier = {
    verify(signature64, digest32, publicKey) {
      let good = false;
      insideMicros += cpuMicros(() => void (good = nobleSecp256k1.verify(signature64, digest32, publicKey)));
      return good;
    },
  };
  const chain = new Blockchain({ verify: 'always', verifier: timed });
  fund(chain, parseBlock(bytes));
  return { micros: connect(chain, parseBlock(bytes)), insideMicros };
}

function connect(chain: Blockchain, block: Block): number {
  return cpuMicros(() => {
    const result = chain.connect(block);
    if (!result.ok) throw new Error(`the chain refused the block: ${result.reason}`);
  });
}

/** The funding outputs of the block's transactions, as if an earlier block had made them. */
function fund(chain: Blockchain, block: Block): void {
  for (const { inputs } of block.transactions.slice(1)) {
    const [{ prevout, witness }] = inputs as [Transaction['inputs'][number]];
    const script = p2wsh(witness.at(-1)!);
    chain.utxos.add(prevout, { valueSat: CAPACITY_SAT, script, height: 0, isCoinbase: false });
  }
}

function fullBlock(curve: Pick<typeof nobleSecp256k1, 'publicKey' | 'sign'>): Block {
  const rng = Rng.fromSeed('bench connect');
  const commitments: Transaction[] = [];
  for (let weight = 4000; ;) {
    const tx = commitment(rng, curve);
    if (weight + weightOf(tx) > MAX_BLOCK_WEIGHT) break;
    weight += weightOf(tx);
    commitments.push(tx);
  }
  const transactions = [coinbaseTransaction(1, [], commitments), ...commitments];
  const header = grind({
    version: BLOCK_VERSION,
    previousHash: new Blockchain().tipHash,
    merkleRoot: printedId(transactionMerkleRoot(transactions).root),
    timeSeconds: GENESIS_TIME_SECONDS + 600,
    bits: REGTEST_BITS,
  });
  return { header, transactions };
}

/** A signed commitment transaction of two fresh nodes. */
function commitment(rng: Rng, curve: Pick<typeof nobleSecp256k1, 'publicKey' | 'sign'>): Transaction {
  const secrets = [rng.bytes32(), rng.bytes32()];
  const [a, b] = secrets.map((secret) => curve.publicKey(secret)) as [Uint8Array, Uint8Array];
  const script = fundingScript(a, b);
  const keys = { revocation: a, localHtlc: a, remoteHtlc: b };
  const outputs = [
    { valueSat: sat(330), script: p2wsh(anchorScript(a)) },
    { valueSat: sat(330), script: p2wsh(anchorScript(b)) },
    { valueSat: sat(100_000), script: p2wsh(offeredHtlcScript(keys, rng.bytes32(), true)) },
    { valueSat: sat(2_000_000), script: p2wsh(toRemoteAnchoredScript(b)) },
    { valueSat: sat(2_890_000), script: p2wsh(toLocalScript(a, 144, a)) },
  ];
  const prevout = { txid: toHex(rng.bytes32()) as Txid, vout: 0 };
  const input = { prevout, scriptSig: new Uint8Array(0), sequence: 0x80000000, witness: [] };
  const unsigned: Transaction = { version: 2, inputs: [input], outputs, lockTime: 0x20000000 };
  const digest = segwitSighash(unsigned, 0, script, CAPACITY_SAT, SIGHASH_ALL);
  // the script has its keys in ascending order, and signatures come in the order of keys
  const sorted = toHex(a) < toHex(b) ? secrets : secrets.toReversed();
  const signatures = sorted.map((secret) => encodeSignature(curve.sign(digest, secret), SIGHASH_ALL));
  return { ...unsigned, inputs: [{ ...input, witness: [new Uint8Array(0), ...signatures, script] }] };
}
