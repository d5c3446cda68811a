/** A block from transactions that a behaviour chose itself, with its coinbase and proof of work. */
import { assert } from '../base/assert.ts';
import { type Sat, sat } from '../base/units.ts';
import {
  type Block,
  blockWeight,
  coinbaseTransaction,
  HEADER_BYTES,
  printedId,
  transactionMerkleRoot,
} from './block.ts';
import type { Blockchain } from './blockchain.ts';
import type { TemplateLimits } from './blockTemplate.ts';
import type { MiningOptions } from './miner.ts';
import { BLOCK_VERSION, grind, REGTEST_BITS, subsidySat } from './regtest.ts';
import { legacySigops, WITNESS_SCALE_FACTOR } from './sigops.ts';
import { type Transaction, weightOf } from './transaction.ts';
import { MAX_BLOCK_WEIGHT } from './validate.ts';
import { MAX_BLOCK_SIGOP_COST } from './validateBlock.ts';

/**
 * The next block of a chain, not connected.
 * @param transactions without the coinbase, parents before children
 * @param feesSat what they pay
 * @throws InvariantError if they don't fit
 */
export function assembleBlock(
  chain: Blockchain,
  transactions: readonly Transaction[],
  feesSat: Sat,
  options: MiningOptions,
): Block {
  const height = chain.height + 1;
  const weight = transactions.reduce((sum, tx) => sum + weightOf(tx), 0);
  const filling = options.filler?.(chain, roomFor(chain, options).weight - weight);
  const others = [...transactions, ...(filling?.transactions ?? [])];
  const outputs = options.coinbaseOutputs(sat(subsidySat(height) + feesSat + (filling?.feesSat ?? 0)));
  const all = [coinbaseTransaction(height, outputs, others), ...others];
  const block: Block = {
    header: grind({
      version: BLOCK_VERSION,
      previousHash: chain.tipHash,
      merkleRoot: printedId(transactionMerkleRoot(all).root),
      timeSeconds: Math.max(Math.floor(options.timeSeconds), chain.medianTimePastSeconds + 1),
      bits: REGTEST_BITS,
    }),
    transactions: all,
  };
  assert(blockWeight(block) <= MAX_BLOCK_WEIGHT, 'what was chosen fits into a block');
  return block;
}

/** Weight units for what the reserve does not know: a coinbase that fees make larger, and the number of transactions. */
const RESERVED_WEIGHT = 4000;

/** What a choice of transactions may take of the next block. */
export function roomFor(chain: Blockchain, options: MiningOptions): TemplateLimits {
  const height = chain.height + 1;
  const coinbase = coinbaseTransaction(height, options.coinbaseOutputs(subsidySat(height)), []);
  return {
    weight: (options.blockMaxWeight ?? MAX_BLOCK_WEIGHT) - 4 * HEADER_BYTES - weightOf(coinbase) - RESERVED_WEIGHT,
    sigopCost: MAX_BLOCK_SIGOP_COST - legacySigops(coinbase) * WITNESS_SCALE_FACTOR,
  };
}
