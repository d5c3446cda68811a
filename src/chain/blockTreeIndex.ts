/**
 * Every block header that was ever heard of, linked to its parent, with the work of its whole branch: Bitcoin Core's block
 * index (`chain.h`, CBlockIndex). Whether a block's transactions are valid it does not know.
 */
import { assert } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import type { Block, BlockHash } from './block.ts';
import { targetOf } from './regtest.ts';
import { medianTimePast, MEDIAN_TIME_SPAN } from './timelocks.ts';

export interface BlockNode {
  readonly hash: BlockHash;
  readonly height: number;
  readonly block: Block;
  readonly parent: BlockNode | null;
  /** hashes that this block and all before it took on average */
  readonly work: bigint;
  /** counts up with every block linked: the lower was seen first */
  readonly order: number;
}

export class BlockIndex {
  readonly root: BlockNode;
  readonly #nodes = new Map<BlockHash, BlockNode>();

  /** @param height of the root, whose ancestors nobody will ask for */
  constructor(root: { readonly hash: BlockHash; readonly height: number; readonly block: Block }) {
    this.root = { ...root, parent: null, work: workOf(root.block.header.bits), order: 0 };
    this.#nodes.set(root.hash, this.root);
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(hash: BlockHash): BlockNode | null {
    return this.#nodes.get(hash) ?? null;
  }

  /** All blocks, parents before children, in the order in which they were linked. */
  nodes(): IterableIterator<BlockNode> {
    return this.#nodes.values();
  }

  /** Links a block to its parent. @throws InvariantError if it is linked already */
  link(hash: BlockHash, block: Block, parent: BlockNode): BlockNode {
    assert(!this.#nodes.has(hash), `a new block: ${hash}`);
    const node: BlockNode = {
      hash,
      height: parent.height + 1,
      block,
      parent,
      work: parent.work + workOf(block.header.bits),
      order: this.#nodes.size,
    };
    this.#nodes.set(hash, node);
    return node;
  }
}

/** The block from which two branches part: their last common one. @throws InvariantError if they have none */
export function forkPoint(a: BlockNode, b: BlockNode): BlockNode {
  let [left, right]: [BlockNode | null, BlockNode | null] = [a, b];
  while (left !== right) {
    assert(left !== null && right !== null, 'branches of one tree');
    if (left.height >= right.height) left = left.parent;
    else right = right.parent;
  }
  assert(left !== null, 'branches of one tree');
  return left;
}

/** The blocks after `ancestor` up to `node`, the oldest first. */
export function branchFrom(ancestor: BlockNode, node: BlockNode): BlockNode[] {
  const branch: BlockNode[] = [];
  for (let at = node; at !== ancestor;) {
    branch.push(at);
    assert(at.parent !== null && at.height > ancestor.height, 'a block before the branch');
    at = at.parent;
  }
  return branch.reverse();
}

/** The median time past (BIP 113) as of a block, Unix seconds. */
export function medianTimePastOf(node: BlockNode): number {
  const times: number[] = [];
  for (let at: BlockNode | null = node; at !== null && times.length < MEDIAN_TIME_SPAN; at = at.parent) {
    times.push(at.block.header.timeSeconds);
  }
  return medianTimePast(times);
}

const works = new Map<number, bigint>();

/** Hashes that a block of those compact bits takes on average: 2^256 over the number of hashes that would do. */
function workOf(bits: number): bigint {
  let work = works.get(bits);
  if (work === undefined) {
    const target = targetOf(bits);
    work = target === null ? 0n : (1n << 256n) / (BigInt(`0x${toHex(target)}`) + 1n);
    works.set(bits, work);
  }
  return work;
}
