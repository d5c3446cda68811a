/** A miner: when the next block is found, and the block itself, built from the mempool and ground to its target. */
import { assert, InvariantError } from '../base/assert.ts';
import type { Rng } from '../base/random.ts';
import { type Micros, micros, MICROS_PER_SECOND } from '../base/time.ts';
import { type Sat, sat } from '../base/units.ts';
import { type Block, coinbaseTransaction, HEADER_BYTES, printedId, transactionMerkleRoot } from './block.ts';
import type { Blockchain, ConnectedBlock } from './blockchain.ts';
import { selectTransactions } from './blockTemplate.ts';
import { compactSizeLength } from './compactSize.ts';
import type { CompetingDemand } from './feeMarket.ts';
import type { Mempool } from './mempool.ts';
import { BLOCK_VERSION, grind, REGTEST_BITS, subsidySat } from './regtest.ts';
import { legacySigops, WITNESS_SCALE_FACTOR } from './sigops.ts';
import { type Transaction, type TxOutput, weightOf } from './transaction.ts';
import { MAX_BLOCK_WEIGHT } from './validate.ts';
import { MAX_BLOCK_SIGOP_COST } from './validateBlock.ts';

/** What Bitcoin's difficulty aims at, seconds. */
export const MEAN_BLOCK_INTERVAL_SECONDS = 600;

/**
 * The time until the next block: proof of work is memoryless, so it is exponential whatever time has passed.
 * @param meanSeconds longer for a miner with a part of all hash power
 */
export const drawBlockInterval = (rng: Rng, meanSeconds: number = MEAN_BLOCK_INTERVAL_SECONDS): Micros =>
  micros(rng.exponential(meanSeconds * MICROS_PER_SECOND));

export interface MiningOptions {
  /** Unix seconds; a block is dated just past the median time past where this is not (Bitcoin Core does the same) */
  readonly timeSeconds: number;
  /** where subsidy and fees go; what the outputs leave of them is destroyed. Called once for each try at a template */
  readonly coinbaseOutputs: (claimableSat: Sat) => readonly TxOutput[];
  /** who else wants the block's space; default nobody */
  readonly competing?: CompetingDemand;
  /** what else goes into the block, after all that was chosen; default nothing */
  readonly filler?: Filler;
  /** weight units that the block has at most, with its coinbase (Bitcoin Core's `-blockmaxweight`); default what is valid */
  readonly blockMaxWeight?: number;
}

/**
 * Makes transactions for the room that a block has left.
 * @param weight units of room
 * @returns parents before children, and what they pay together
 */
export type Filler = (chain: Blockchain, weight: number) => { transactions: readonly Transaction[]; feesSat: Sat };

/** Builds, grinds and connects the next block. @throws InvariantError if the chain refuses it: outputs that claim too much */
export function mineBlock(chain: Blockchain, pool: Mempool, options: MiningOptions): ConnectedBlock {
  const result = chain.connect(buildBlock(chain, pool, options));
  if (!result.ok) throw new InvariantError(`the chain refused a block of its own miner: ${result.reason}`);
  return result.connected;
}

/** The next block with its proof of work, not connected. */
export function buildBlock(chain: Blockchain, pool: Mempool, options: MiningOptions): Block {
  assert(pool.chain === chain, 'the pool belongs to the chain');
  const height = chain.height + 1;
  const transactions = chooseTransactions(height, pool, options);
  return {
    header: grind({
      version: BLOCK_VERSION,
      previousHash: chain.tipHash,
      merkleRoot: printedId(transactionMerkleRoot(transactions).root),
      timeSeconds: Math.max(Math.floor(options.timeSeconds), chain.medianTimePastSeconds + 1),
      bits: REGTEST_BITS,
    }),
    transactions,
  };
}

/** Weight units that a filled block leaves for what the fillers' fees and number may add to its coinbase and head. */
const FILLER_RESERVE = 1000;

/** Coinbase first. The coinbase's size depends on the fees, hence on the rest: room for it is found by trying. */
function chooseTransactions(
  height: number,
  pool: Mempool,
  { coinbaseOutputs, competing, filler, blockMaxWeight = MAX_BLOCK_WEIGHT }: MiningOptions,
): Transaction[] {
  const subsidy = subsidySat(height);
  let reserve = coinbaseTransaction(height, coinbaseOutputs(subsidy), []);
  for (;;) {
    const overhead = 4 * (HEADER_BYTES + compactSizeLength(pool.size + 1));
    const template = selectTransactions(pool, {
      weight: blockMaxWeight - overhead - weightOf(reserve),
      sigopCost: MAX_BLOCK_SIGOP_COST - legacySigops(reserve) * WITNESS_SCALE_FACTOR,
      ...(competing === undefined ? {} : { competing }),
    });
    const others = template.entries.map(({ tx }) => tx);
    const coinbase = coinbaseTransaction(height, coinbaseOutputs(sat(subsidy + template.feesSat)), others);
    const grows = weightOf(coinbase) > weightOf(reserve) || legacySigops(coinbase) > legacySigops(reserve);
    if (grows && others.length > 0) {
      reserve = coinbase;
      continue;
    }
    const room = blockMaxWeight - overhead - weightOf(coinbase) - template.weight - FILLER_RESERVE;
    const filling = filler === undefined || room <= 0 ? null : filler(pool.chain, room);
    if (filling === null || filling.transactions.length === 0) return [coinbase, ...others];
    const all = [...others, ...filling.transactions];
    const claimable = sat(subsidy + template.feesSat + filling.feesSat);
    return [coinbaseTransaction(height, coinbaseOutputs(claimable), all), ...all];
  }
}
