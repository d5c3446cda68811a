/**
 * Consensus on a block before its coins are looked at: header, structure, commitments, limits. The reasons and their
 * order are Bitcoin Core's (`validation.cpp`: CheckBlock, ContextualCheckBlockHeader, ContextualCheckBlock).
 */
import { equalBytes } from '../base/bytes.ts';
import {
  type Block,
  type BlockHeader,
  blockWeight,
  findWitnessCommitment,
  heightPush,
  printedId,
  strippedBytes,
  transactionMerkleRoot,
  witnessCommitmentScript,
} from './block.ts';
import { hasProofOfWork, REGTEST_BITS } from './regtest.ts';
import { legacySigops, WITNESS_SCALE_FACTOR } from './sigops.ts';
import { isFinal } from './timelocks.ts';
import { hasWitness, isCoinbase, type Transaction } from './transaction.ts';
import { checkTransaction, MAX_BLOCK_WEIGHT, type TransactionRejectReason } from './validate.ts';

/** Cost of signature operations in a block (BIP 141). */
export const MAX_BLOCK_SIGOP_COST = 80_000;

export type BlockRejectReason =
  | 'high-hash'
  | 'bad-diffbits'
  | 'time-too-old'
  | `bad-version(0x${string})`
  | 'bad-txnmrklroot'
  | 'bad-txns-duplicate'
  | 'bad-blk-length'
  | 'bad-cb-missing'
  | 'bad-cb-multiple'
  | 'bad-blk-sigops'
  | 'bad-txns-nonfinal'
  | 'bad-cb-height'
  | 'bad-witness-nonce-size'
  | 'bad-witness-merkle-match'
  | 'unexpected-witness'
  | 'bad-blk-weight'
  | TransactionRejectReason;

/** What is wrong with a header that builds on a block with that median time past; null if nothing. */
export function checkHeader(header: BlockHeader, medianTimePastSeconds: number): BlockRejectReason | null {
  if (!hasProofOfWork(header)) return 'high-hash';
  if (header.bits !== REGTEST_BITS) return 'bad-diffbits';
  if (header.timeSeconds <= medianTimePastSeconds) return 'time-too-old';
  // BIPs 34, 66 and 65 in turn made versions below 4 invalid; the version is read as a signed number
  if ((header.version | 0) < 4) return `bad-version(0x${header.version.toString(16).padStart(8, '0')})`;
  return null;
}

/**
 * What is wrong with a block's transactions, coins aside; null if nothing.
 * @param height of the block
 * @param medianTimePastSeconds of the block before it
 */
export function checkBlock(block: Block, height: number, medianTimePastSeconds: number): BlockRejectReason | null {
  return checkStructure(block) ?? checkInContext(block, height, medianTimePastSeconds);
}

function checkStructure(block: Block): BlockRejectReason | null {
  const { header, transactions } = block;
  const { root, mutated } = transactionMerkleRoot(transactions);
  if (printedId(root) !== header.merkleRoot) return 'bad-txnmrklroot';
  if (mutated) return 'bad-txns-duplicate';
  if (transactions.length === 0 || 4 * strippedBytes(block) > MAX_BLOCK_WEIGHT) return 'bad-blk-length';
  if (!isCoinbase(transactions[0]!)) return 'bad-cb-missing';
  let sigops = 0;
  for (const [index, tx] of transactions.entries()) {
    if (index > 0 && isCoinbase(tx)) return 'bad-cb-multiple';
    const reason = checkTransaction(tx);
    if (reason !== null) return reason;
    sigops += legacySigops(tx);
  }
  return sigops * WITNESS_SCALE_FACTOR > MAX_BLOCK_SIGOP_COST ? 'bad-blk-sigops' : null;
}

function checkInContext(block: Block, height: number, medianTimePastSeconds: number): BlockRejectReason | null {
  const { transactions } = block;
  if (!transactions.every((tx) => isFinal(tx, height, medianTimePastSeconds))) return 'bad-txns-nonfinal';
  const push = heightPush(height);
  const { scriptSig } = transactions[0]!.inputs[0]!;
  if (!equalBytes(scriptSig.subarray(0, push.length), push)) return 'bad-cb-height';
  return checkWitnessCommitment(transactions) ?? (blockWeight(block) > MAX_BLOCK_WEIGHT ? 'bad-blk-weight' : null);
}

/** BIP 141: a block with witnesses commits to them; one without may leave the commitment out. */
function checkWitnessCommitment(transactions: readonly Transaction[]): BlockRejectReason | null {
  const coinbase = transactions[0]!;
  const commitment = findWitnessCommitment(coinbase);
  if (commitment === null) return transactions.some(hasWitness) ? 'unexpected-witness' : null;
  const { witness } = coinbase.inputs[0]!;
  const reserved = witness[0];
  if (witness.length !== 1 || reserved === undefined || reserved.length !== 32) return 'bad-witness-nonce-size';
  return equalBytes(witnessCommitmentScript(transactions, reserved), commitment) ? null : 'bad-witness-merkle-match';
}
