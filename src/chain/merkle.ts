/** The merkle tree of a block: one hash that commits to all its transactions in order. */
import { concatBytes, equalBytes } from '../base/bytes.ts';
import { hash256 } from '../crypto/hashes.ts';

export interface MerkleRoot {
  /** 32 bytes, in the order of the wire */
  readonly root: Uint8Array;
  /**
   * Two equal hashes stood side by side where a tree of fewer leaves would pair one with itself: the same root then
   * belongs to two lists of transactions, and the block is refused (CVE-2012-2459)
   */
  readonly mutated: boolean;
}

/** @param leaves 32 bytes each, in the order of the wire; at least one */
export function merkleRoot(leaves: readonly Uint8Array[]): MerkleRoot {
  let level = [...leaves];
  let mutated = false;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i]!;
      const right = level[i + 1];
      // the last of an odd row is paired with itself
      if (right !== undefined && equalBytes(left, right)) mutated = true;
      next.push(hash256(concatBytes(left, right ?? left)));
    }
    level = next;
  }
  return { root: level[0] ?? new Uint8Array(32), mutated };
}
