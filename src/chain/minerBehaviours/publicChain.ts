/** What a miner who hides blocks knows of the chain that the others build: every block published so far. */
import { type Block, blockHashOf, type BlockHash } from '../block.ts';
import { BlockIndex, type BlockNode } from '../blockTreeIndex.ts';
import type { ConnectedBlock } from '../blockchain.ts';
import { type Txid, txidOf } from '../transaction.ts';

export class PublicChain {
  readonly #index: BlockIndex;
  readonly #orphans = new Map<BlockHash, Block[]>();
  #best: BlockNode;

  /** @param root a block that all have: what comes before it is not asked for */
  constructor(root: ConnectedBlock) {
    this.#index = new BlockIndex(root);
    this.#best = this.#index.root;
  }

  /** The last block of the published branch with the most work; the first seen of equal ones. */
  get tip(): BlockNode {
    return this.#best;
  }

  /** A block is public now, whoever published it. @returns whether the public chain grew by it */
  hear(block: Block): boolean {
    const before = this.#best;
    const waiting = [block];
    for (const each of waiting) {
      const hash = blockHashOf(each.header);
      if (this.#index.get(hash) !== null) continue;
      const parent = this.#index.get(each.header.previousHash);
      if (parent === null) {
        const orphans = this.#orphans.get(each.header.previousHash) ?? [];
        this.#orphans.set(each.header.previousHash, [...orphans, each]);
        continue;
      }
      const node = this.#index.link(hash, each, parent);
      if (node.work > this.#best.work) this.#best = node;
      waiting.push(...(this.#orphans.get(hash) ?? []));
      this.#orphans.delete(hash);
    }
    return this.#best !== before;
  }

  /** The block with a transaction on the public chain, looked for from the tip down to a height; null if none has it. */
  blockOf(txid: Txid, fromHeight: number): BlockNode | null {
    for (let at: BlockNode | null = this.#best; at !== null && at.height >= fromHeight; at = at.parent) {
      if (at.block.transactions.some((tx) => txidOf(tx) === txid)) return at;
    }
    return null;
  }
}
