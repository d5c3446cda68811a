/**
 * The market along one chain: every block that connects takes from the background's demand what its own transactions left
 * room for, and gives it back when it is disconnected. Of each it keeps what the cheapest space in it cost.
 */
import { assert, present } from '../base/assert.ts';
import { type Block, blockWeight, type BlockHash } from './block.ts';
import type { Blockchain, ConnectedBlock } from './blockchain.ts';
import type { Bid, FeeMarket } from './feeMarket.ts';
import { MIN_RELAY_FEE_SAT_PER_KVB } from './policy.ts';
import { type Txid, txidOf, vsizeOf } from './transaction.ts';
import { MAX_BLOCK_WEIGHT } from './validate.ts';

/** What a block sold. */
export interface BlockSpace {
  readonly hash: BlockHash;
  readonly height: number;
  /** the background's part, the highest bid first */
  readonly background: readonly Bid[];
  /** weight units that nobody wanted */
  readonly emptyWeight: number;
  /** sat per 1,000 virtual bytes: what the cheapest in it paid; the least relayed fee where there was room to spare */
  readonly marginalSatPerKvb: number;
}

export interface MarketLedgerOptions {
  /** weight units of a block that the background may take; default what its transactions leave of the limit */
  readonly roomIn?: (block: Block) => number;
  /**
   * Where the background's transactions are real: weight units of them in a block. The background then has these and no
   * others, and `roomIn` is not asked.
   */
  readonly realIn?: (block: Block) => number;
  /** sat per 1,000 virtual bytes: the price of space in a block that is not full; default what nodes relay at least */
  readonly floorSatPerKvb?: number;
}

/** Weight units: with less than this left a block counts as full (Bitcoin Core `node/miner.cpp`). */
const NEARLY_FULL_WEIGHT = 4000;

export class MarketLedger {
  readonly market: FeeMarket;
  readonly floorSatPerKvb: number;
  readonly #roomIn: (block: Block) => number;
  readonly #realIn: ((block: Block) => number) | null;
  readonly #sold: BlockSpace[] = [];
  readonly #stop: (() => void)[];

  /** Follows the chain from its tip on. The market is to be advanced to a block's time before the block connects. */
  constructor(chain: Blockchain, market: FeeMarket, options: MarketLedgerOptions = {}) {
    this.market = market;
    this.floorSatPerKvb = options.floorSatPerKvb ?? MIN_RELAY_FEE_SAT_PER_KVB;
    this.#roomIn = options.roomIn ?? ((block) => MAX_BLOCK_WEIGHT - blockWeight(block));
    this.#realIn = options.realIn ?? null;
    this.#stop = [
      chain.onConnect((connected) => this.#connected(connected)),
      chain.onDisconnect((connected) => this.#disconnected(connected)),
    ];
  }

  /** By block since the ledger began, the oldest first. */
  get sold(): readonly BlockSpace[] {
    return this.#sold;
  }

  /** Follows the chain no longer. */
  stop(): void {
    for (const end of this.#stop) end();
  }

  #connected(connected: ConnectedBlock): void {
    const room = this.#roomIn(connected.block);
    assert(room >= 0, 'a block within its limit');
    const background = this.market.take(this.#realIn?.(connected.block) ?? room);
    // what is real is in the block's weight already
    const emptyWeight = this.#realIn ? room : background.reduce((left, { weight }) => left - weight, room);
    const cheapest = Math.min(background.at(-1)?.satPerKvb ?? Infinity, cheapestSatPerKvb(connected));
    const isFull = emptyWeight < NEARLY_FULL_WEIGHT && cheapest !== Infinity;
    this.#sold.push({
      hash: connected.hash,
      height: connected.height,
      background,
      emptyWeight,
      marginalSatPerKvb: isFull ? Math.max(cheapest, this.floorSatPerKvb) : this.floorSatPerKvb,
    });
  }

  #disconnected({ hash }: ConnectedBlock): void {
    // blocks from before the ledger began took nothing
    if (this.#sold.length === 0) return;
    const last = present(this.#sold.pop(), 'a block that sold space');
    assert(last.hash === hash, 'blocks go in the reverse order');
    this.market.putBack(last.background);
  }
}

/** The least rate of a transaction without relatives in its block: with them, one pays for another. Infinity if none. */
function cheapestSatPerKvb({ block, spent }: ConnectedBlock): number {
  const txids = block.transactions.map(txidOf);
  const inBlock = new Set<Txid>(txids);
  const hasChild = new Set<Txid>();
  for (const tx of block.transactions) {
    for (const { prevout } of tx.inputs) if (inBlock.has(prevout.txid)) hasChild.add(prevout.txid);
  }
  let least = Infinity;
  for (const [index, tx] of block.transactions.entries()) {
    if (index === 0 || hasChild.has(txids[index]!)) continue;
    if (tx.inputs.some(({ prevout }) => inBlock.has(prevout.txid))) continue;
    const paid = (spent[index] ?? []).reduce((sum, { coin }) => sum + coin.valueSat, 0);
    const kept = tx.outputs.reduce((sum, { valueSat }) => sum + valueSat, 0);
    least = Math.min(least, ((paid - kept) * 1000) / vsizeOf(tx));
  }
  return least;
}
