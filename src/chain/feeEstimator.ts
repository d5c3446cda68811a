/**
 * What to pay to be confirmed within a number of blocks.
 *
 * From the past: a bid would have been confirmed within n blocks of any moment at which one of the next n blocks sold space
 * for no more. So of all runs of n blocks in the window it takes each run's cheapest block, and of those the price that was
 * enough in a given share of the runs. From the present: what bids more than the estimate must fit into the n blocks
 * together. The estimate is the higher of both.
 *
 * (Bitcoin Core counts by bucket how many transactions of each rate were confirmed in time, `policy/fees.cpp`; with whole
 * blocks' prices at hand the same question has this direct answer.)
 */
import { assert } from '../base/assert.ts';
import type { BlockHash } from './block.ts';
import type { CompetingDemand } from './feeMarket.ts';
import { BUCKET_SAT_PER_KVB, firstBucketAbove } from './feeMarketBuckets.ts';
import type { MarketLedger } from './feeMarketLedger.ts';
import { MAX_BLOCK_WEIGHT } from './validate.ts';

export interface FeeEstimatorOptions {
  /** blocks looked back on; default two days, and never fewer than twice the target */
  readonly windowBlocks?: number;
  /** 0 … 1: the share of past runs in which the estimate would have been enough; default .85 */
  readonly confidence?: number;
  /** weight units that a block of the time ahead takes; default what is valid */
  readonly blockWeight?: () => number;
  /** what waits now: the market alone, or with the node's own mempool; default the market */
  readonly demand?: CompetingDemand;
}

/** Bitcoin Core's estimator wants 85 % of the transactions of a bucket confirmed in time (`SUCCESS_PCT`). */
const DEFAULT_CONFIDENCE = 0.85;
const DEFAULT_WINDOW_BLOCKS = 288;
/** Blocks: the furthest target that Bitcoin Core answers for. */
export const MAX_TARGET_BLOCKS = 1008;
/** Sat per 1,000 weight units: BOLT 3's floor, 1 sat per virtual byte rounded so that no relay finds it too little. */
const LEAST_FEERATE_PER_KW = 253;

/** Blocks: targets between two of these count as the lower one, so that few answers need computing. */
// prettier-ignore
const TARGETS: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 120, 144, 192, 240, 288, 384, 504, 720, 1008];

export class FeeEstimator {
  readonly #ledger: MarketLedger;
  /** answers from the past by index in TARGETS, as of one block */
  readonly #answers: number[] = [];
  #asOf: BlockHash | null = null;
  readonly #window: number;
  readonly #confidence: number;
  readonly #blockWeight: () => number;
  readonly #demand: CompetingDemand;

  constructor(ledger: MarketLedger, options: FeeEstimatorOptions = {}) {
    this.#ledger = ledger;
    this.#window = options.windowBlocks ?? DEFAULT_WINDOW_BLOCKS;
    this.#confidence = options.confidence ?? DEFAULT_CONFIDENCE;
    this.#blockWeight = options.blockWeight ?? (() => MAX_BLOCK_WEIGHT);
    this.#demand = options.demand ?? ledger.market;
    assert(this.#confidence > 0 && this.#confidence <= 1, 'a confidence is a share');
  }

  /** Sat per 1,000 virtual bytes, not below what is relayed. @param targetBlocks 1 … 1008 */
  estimateSatPerKvb(targetBlocks: number): number {
    assert(Number.isInteger(targetBlocks) && targetBlocks >= 1, `a target is a number of blocks, not ${targetBlocks}`);
    const target = Math.min(targetBlocks, MAX_TARGET_BLOCKS);
    return Math.max(this.#ledger.floorSatPerKvb, this.#fromPast(target), this.#fromPresent(target));
  }

  /** Sat per 1,000 weight units, as BOLT 3 counts. @param targetBlocks 1 … 1008 */
  estimateFeeratePerKw(targetBlocks: number): number {
    return Math.max(LEAST_FEERATE_PER_KW, Math.ceil(this.estimateSatPerKvb(targetBlocks) / 4));
  }

  /** What was enough for a nearer target is enough for a further one: the least over all up to this. */
  #fromPast(target: number): number {
    const tip = this.#ledger.sold.at(-1)?.hash ?? null;
    if (tip !== this.#asOf) this.#answers.length = 0;
    this.#asOf = tip;
    const last = TARGETS.findLastIndex((each) => each <= target);
    for (let rung = this.#answers.length; rung <= last; rung++) {
      this.#answers.push(Math.min(this.#answers[rung - 1] ?? Infinity, this.#enoughFor(TARGETS[rung]!)));
    }
    return this.#answers[last]!;
  }

  /** The price that was enough in the wanted share of all runs of that many blocks. */
  #enoughFor(target: number): number {
    const { sold } = this.#ledger;
    const from = Math.max(0, sold.length - Math.max(this.#window, 2 * target));
    const prices = sold.slice(from).map(({ marginalSatPerKvb }) => marginalSatPerKvb);
    const enough = slidingMinima(prices, Math.min(target, prices.length)).sort((a, b) => a - b);
    const rank = Math.ceil(this.#confidence * enough.length) - 1;
    return enough[Math.max(rank, 0)] ?? 0;
  }

  /** The lowest bucket that is not outbid by more than the target's blocks hold. */
  #fromPresent(target: number): number {
    const room = target * this.#blockWeight();
    let [low, high] = [firstBucketAbove(this.#ledger.floorSatPerKvb) - 1, BUCKET_SAT_PER_KVB.length - 1];
    low = Math.max(low, 0);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#demand.weightAbove(BUCKET_SAT_PER_KVB[middle]!) < room) high = middle;
      else low = middle + 1;
    }
    return BUCKET_SAT_PER_KVB[low]!;
  }
}

/** The least of each run of `length` neighbours. */
function slidingMinima(values: readonly number[], length: number): number[] {
  const minima: number[] = [];
  /** places of candidates, their values rising */
  const queue: number[] = [];
  let head = 0;
  for (const [at, value] of values.entries()) {
    while (queue.length > head && values[queue.at(-1)!]! >= value) queue.pop();
    queue.push(at);
    if (queue[head]! <= at - length) head++;
    if (at >= length - 1) minima.push(values[queue[head]!]!);
  }
  return minima;
}
