/**
 * The tree of all blocks that a node heard of, and the rule that picks its chain: the branch with the most work; of equal
 * ones that whose last block was seen first (Bitcoin Core `validation.cpp`, ActivateBestChain). A chosen branch that turns
 * out invalid is left for the next best.
 */
import { assert, present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import { type Block, blockHashOf, type BlockHash } from './block.ts';
import type { Blockchain, ConnectedBlock, ConnectRejectReason } from './blockchain.ts';
import { BlockIndex, type BlockNode, branchFrom, forkPoint, medianTimePastOf } from './blockTreeIndex.ts';
import type { Mempool, RemovalReason } from './mempool.ts';
import type { MempoolEntry } from './mempoolEntry.ts';
import { type Transaction, txidOf } from './transaction.ts';
import { checkHeader } from './validateBlock.ts';

export type TreeRejectReason = 'duplicate-invalid' | 'bad-prevblk' | ConnectRejectReason;

export type AddResult =
  /**
   * `connected`: it is the tip, on top of the old one. `reorganised`: it is the tip of another branch than before.
   * `side`: it is kept, its branch has not the most work. `orphan`: it is kept until its parent comes.
   */
  | { readonly ok: true; readonly outcome: 'connected' | 'reorganised' | 'side' | 'orphan' }
  | { readonly ok: false; readonly reason: TreeRejectReason };

/** A change of branch, after it was made. */
export interface Reorganisation {
  /** height of the last block that both branches have */
  readonly forkHeight: number;
  /** the last block first */
  readonly disconnected: readonly ConnectedBlock[];
  /** the first block first */
  readonly connected: readonly ConnectedBlock[];
}

type ReorganisationListener = (reorganisation: Reorganisation) => void;

export class BlockTree {
  readonly chain: Blockchain;
  readonly pool: Mempool | null;
  readonly #index: BlockIndex;
  readonly #invalid = new Map<BlockNode, TreeRejectReason>();
  /** blocks whose parent is unknown, by that parent */
  readonly #orphans = new Map<BlockHash, Map<BlockHash, Block>>();
  /**
   * By a block of the chain: what can't be in the pool while that block is there. It put it out, for it spends the same
   * coins; or it was the tip when a change of branch left no place for it.
   */
  readonly #keptOut = new Map<BlockHash, readonly Transaction[]>();
  /** the same, of the block that is being connected */
  readonly #conflicting: MempoolEntry[] = [];
  /** what found no place in the pool while the chain was shorter */
  readonly #displaced: MempoolEntry[] = [];
  readonly #listeners: ReorganisationListener[] = [];
  #best: BlockNode;
  #busy = false;

  /**
   * @param chain may have blocks already; blocks that others connect to it enter the tree
   * @param pool of that chain: what a reorganisation takes out of it for the time of the change comes back
   */
  constructor(chain: Blockchain, pool: Mempool | null = null) {
    assert(pool === null || pool.chain === chain, 'the pool belongs to the chain');
    this.chain = chain;
    this.pool = pool;
    this.#index = new BlockIndex(chain.blockAt(0));
    this.#best = this.#index.root;
    for (let height = 1; height <= chain.height; height++) this.#adopt(chain.blockAt(height));
    pool?.listen({ removed: (entry, reason) => this.#lost(entry, reason) });
    chain.onConnect((connected) => this.#adopt(connected));
  }

  /** The tip as the tree knows it. */
  get tip(): BlockNode {
    return present(this.#index.get(this.chain.tipHash), 'the tip in the tree');
  }

  /** Blocks linked, valid or not, the first one included. */
  get size(): number {
    return this.#index.size;
  }

  get orphans(): number {
    let count = 0;
    for (const waiting of this.#orphans.values()) count += waiting.size;
    return count;
  }

  /** A block of the tree, on the chain or not; null if it is unknown or an orphan. */
  node(hash: BlockHash): BlockNode | null {
    return this.#index.get(hash);
  }

  /** Why a block can't be on any chain; null if nothing is known against it. */
  faultOf(hash: BlockHash): TreeRejectReason | null {
    const node = this.#index.get(hash);
    return node === null ? null : (this.#invalid.get(node) ?? null);
  }

  /** Calls back after a change of branch, the pool in order again. @returns what ends it */
  onReorganisation(listener: ReorganisationListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const at = this.#listeners.indexOf(listener);
      if (at >= 0) this.#listeners.splice(at, 1);
    };
  }

  /** Hears of a block, and changes to the best branch if that is another now. */
  add(block: Block): AddResult {
    assert(!this.#busy, 'one block after the other: a listener must not add blocks');
    const hash = blockHashOf(block.header);
    const { previousHash } = block.header;
    const known = this.#index.get(hash);
    if (known !== null) return refuse(this.#invalid.has(known) ? 'duplicate-invalid' : 'duplicate');
    if (this.#orphans.get(previousHash)?.has(hash)) return refuse('duplicate');
    const parent = this.#index.get(previousHash);
    if (parent === null) {
      mark('blockTree: orphan');
      const waiting = this.#orphans.get(previousHash) ?? new Map<BlockHash, Block>();
      this.#orphans.set(previousHash, waiting.set(hash, block));
      return { ok: true, outcome: 'orphan' };
    }
    const reason = this.#link(hash, block, parent);
    if (reason !== null) return refuse(reason);
    return this.#activate(present(this.#index.get(hash), 'a linked block'));
  }

  /** Links a block, then the orphans that waited for it. @returns what is wrong with its header */
  #link(hash: BlockHash, block: Block, parent: BlockNode): TreeRejectReason | null {
    const reason = this.#invalid.has(parent) ? 'bad-prevblk' : checkHeader(block.header, medianTimePastOf(parent));
    if (reason !== null) return reason;
    this.#enter(hash, block, parent);
    const linked = [hash];
    for (const each of linked) {
      const waiting = this.#orphans.get(each);
      this.#orphans.delete(each);
      const node = present(this.#index.get(each), 'a linked block');
      for (const [orphanHash, orphan] of waiting ?? []) {
        // a bad orphan is dropped: whoever sent it is not here to be told
        if (checkHeader(orphan.header, medianTimePastOf(node)) !== null) continue;
        this.#enter(orphanHash, orphan, node);
        linked.push(orphanHash);
      }
    }
    return null;
  }

  #enter(hash: BlockHash, block: Block, parent: BlockNode): void {
    const node = this.#index.link(hash, block, parent);
    if (node.work > this.#best.work) this.#best = node;
  }

  /** A block that came onto the chain another way is the tree's too; and of any it is kept what it cost the pool. */
  #adopt({ hash, block }: ConnectedBlock): void {
    if (this.#conflicting.length > 0) this.#keepOut(hash, inOrder(this.#conflicting.splice(0)));
    // what a disconnection by others displaced is their affair
    if (!this.#busy) this.#displaced.length = 0;
    if (this.#index.get(hash) !== null) return;
    const parent = present(this.#index.get(block.header.previousHash), 'the parent of a connected block');
    this.#enter(hash, block, parent);
  }

  #activate(offered: BlockNode): AddResult {
    const before = this.chain.tipHash;
    const leftBranch = this.#best.hash !== before && this.#changeBranch();
    const fault = this.#invalid.get(offered);
    if (fault !== undefined) return refuse(fault);
    if (leftBranch) return { ok: true, outcome: 'reorganised' };
    return { ok: true, outcome: this.chain.tipHash === before ? 'side' : 'connected' };
  }

  /** Disconnects and connects until the best branch that is valid is the chain. @returns whether blocks left the chain */
  #changeBranch(): boolean {
    const disconnected: ConnectedBlock[] = [];
    const keptOut: Transaction[] = [];
    const from = this.tip;
    this.#busy = true;
    try {
      while (this.#best.hash !== this.chain.tipHash) {
        const fork = forkPoint(this.tip, this.#best);
        while (this.chain.tipHash !== fork.hash) {
          const taken = this.chain.disconnectTip();
          disconnected.push(taken);
          keptOut.push(...(this.#keptOut.get(taken.hash) ?? []));
          this.#keptOut.delete(taken.hash);
        }
        for (const node of branchFrom(fork, this.#best)) if (!this.#connect(node)) break;
      }
    } finally {
      this.#busy = false;
    }
    if (disconnected.length === 0) return false;
    this.#offerAgain([
      ...disconnected.toReversed().flatMap(({ block }) => block.transactions.slice(1)),
      ...inOrder(this.#displaced.splice(0)),
      ...keptOut,
    ]);
    return this.#tell(from, disconnected);
  }

  /**
   * Half-way the chain is shorter than before and after, so what has a lock or a young parent doesn't fit for a moment; and
   * what a block had put out of the pool may fit now that the block is gone. All of it is offered to the pool again, until
   * nothing more gets in: one may be the parent of another. What does not fit on this branch may fit on the next.
   */
  #offerAgain(transactions: readonly Transaction[]): void {
    const { pool } = this;
    if (pool === null) return;
    let left = transactions;
    for (let before = Infinity; left.length < before;) {
      before = left.length;
      left = left.filter((tx) => {
        if (pool.has(txidOf(tx))) return false;
        const result = pool.accept(tx);
        return !result.ok && result.reason !== 'txn-already-known';
      });
    }
    if (left.length > 0) this.#keepOut(this.chain.tipHash, left);
  }

  #keepOut(by: BlockHash, transactions: readonly Transaction[]): void {
    this.#keptOut.set(by, [...(this.#keptOut.get(by) ?? []), ...transactions]);
  }

  #lost(entry: MempoolEntry, reason: RemovalReason): void {
    if (reason === 'conflict') this.#conflicting.push(entry);
    else if (reason === 'reorg') this.#displaced.push(entry);
  }

  #connect(node: BlockNode): boolean {
    const result = this.chain.connect(node.block);
    if (result.ok) return true;
    mark('blockTree: invalid branch');
    this.#condemn(node, result.reason);
    return false;
  }

  /** A block is invalid, and so is what builds on it; the best of the others is looked for. */
  #condemn(culprit: BlockNode, reason: ConnectRejectReason): void {
    this.#invalid.set(culprit, reason);
    let best = this.#index.root;
    for (const node of this.#index.nodes()) {
      if (node.parent !== null && this.#invalid.has(node.parent)) this.#invalid.set(node, 'bad-prevblk');
      else if (node.work > best.work && !this.#invalid.has(node)) best = node;
    }
    this.#best = best;
  }

  /** Tells the listeners what changed, unless a failed attempt ended on the branch where it began. */
  #tell(from: BlockNode, disconnected: readonly ConnectedBlock[]): boolean {
    const { tip } = this;
    const fork = forkPoint(from, tip);
    const gone = disconnected.slice(0, from.height - fork.height);
    const connected: ConnectedBlock[] = [];
    for (let height = fork.height + 1; height <= tip.height; height++) connected.push(this.chain.blockAt(height));
    if (gone.length === 0) return false;
    mark('blockTree: reorganisation');
    for (const listener of this.#listeners.slice()) {
      listener({ forkHeight: fork.height, disconnected: gone, connected });
    }
    return true;
  }
}

const inOrder = (entries: readonly MempoolEntry[]): Transaction[] =>
  entries.toSorted((a, b) => a.order - b.order).map(({ tx }) => tx);

const refuse = (reason: TreeRejectReason): AddResult => ({ ok: false, reason });
