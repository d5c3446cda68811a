/** How a miner deals with blocks: the port that behaviours fill, and the honest one. */
import type { Micros } from '../../base/time.ts';
import type { Block } from '../block.ts';
import type { AcceptResult } from '../mempool.ts';
import type { MiningOptions } from '../miner.ts';
import type { View } from '../minerNetwork.ts';
import type { Transaction } from '../transaction.ts';

/** What a behaviour can do. */
export interface MinerControl {
  /** of the miner in its network */
  readonly index: number;
  /** its own node: blocks that it found are there already */
  readonly view: View;
  readonly now: Micros;
  /** takes a block into its own tree, which picks the chain to build on */
  follow(block: Block): void;
  /** sends a block to all others */
  publish(block: Block): void;
  /** sends a transaction to all nodes */
  broadcast(tx: Transaction): AcceptResult;
}

export interface MinerBehaviour {
  readonly name: string;
  /** whether it may use the observer's node where that knows all that it knows itself */
  readonly sharesView: boolean;
  /** before its first block; its tip is public at this moment */
  onStart?(miner: MinerControl): void;
  /** it found a block, which is the tip of its own view now */
  onFound(miner: MinerControl, block: Block): void;
  /** a block of another miner arrived */
  onBlock(miner: MinerControl, block: Block): void;
  /** whether a transaction that is broadcast enters its mempool */
  takes(tx: Transaction): boolean;
  /** builds the block on its tip in place of the usual choice by fee rate; null leaves it at that choice */
  build?(miner: MinerControl, options: MiningOptions): Block | null;
}

/** Publishes what it finds at once and follows the branch with the most work. */
export const honest = (): MinerBehaviour => ({
  name: 'honest',
  sharesView: true,
  onFound: (miner, block) => miner.publish(block),
  onBlock: (miner, block) => miner.follow(block),
  takes: () => true,
});
