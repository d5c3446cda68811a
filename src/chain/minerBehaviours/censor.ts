/**
 * Censorship: a miner who leaves certain transactions out of its blocks and, if it is stubborn, won't build on blocks that
 * hold one until its own branch is hopelessly behind ("feather forking", A. Miller, 2013).
 */
import { sat } from '../../base/units.ts';
import { assembleBlock, roomFor } from '../minerNetworkAssembly.ts';
import { type Block, blockHashOf, type BlockHash } from '../block.ts';
import { selectTransactions } from '../blockTemplate.ts';
import type { MempoolEntry } from '../mempoolEntry.ts';
import type { Transaction } from '../transaction.ts';
import type { MinerBehaviour } from './behaviour.ts';
import { PublicChain } from './publicChain.ts';

export interface CensorOptions {
  /** which transactions it won't see on the chain */
  readonly censors: (tx: Transaction) => boolean;
  /**
   * It ignores a branch with such a transaction until that is this many blocks longer than its own; 0, the default, never
   * ignores one.
   */
  readonly stubbornness?: number;
}

export function censor({ censors, stubbornness = 0 }: CensorOptions): MinerBehaviour {
  let known: PublicChain | null = null;
  /** heard and not followed, in order of arrival */
  let ignored: Block[] = [];
  const ignoredHashes = new Set<BlockHash>();

  const isIgnored = ({ header, transactions }: Block): boolean =>
    ignoredHashes.has(header.previousHash) || transactions.some((tx) => censors(tx));

  return {
    name: 'censor',
    sharesView: false,
    takes: (tx) => !censors(tx),

    onStart(miner) {
      known = new PublicChain(miner.view.chain.tip);
    },

    onFound(miner, block) {
      known?.hear(block);
      miner.publish(block);
    },

    onBlock(miner, block) {
      known?.hear(block);
      if (stubbornness === 0 || !isIgnored(block)) {
        miner.follow(block);
        return;
      }
      ignored.push(block);
      ignoredHashes.add(blockHashOf(block.header));
      const behind = (known?.tip.height ?? 0) - miner.view.chain.height;
      if (behind < stubbornness) return;
      for (const each of ignored) miner.follow(each);
      ignored = [];
      ignoredHashes.clear();
    },

    // a transaction that a lost block gave back is in the pool although `takes` refuses it
    build: (miner, options) => {
      const without = new Set<MempoolEntry>();
      const { pool } = miner.view;
      for (const entry of pool.entries()) {
        if (!censors(entry.tx)) continue;
        for (const each of [entry, ...pool.descendants(entry)]) without.add(each);
      }
      if (without.size === 0) return null;
      const chosen = selectTransactions(pool, roomFor(miner.view.chain, options)).entries.filter(
        (entry) => !without.has(entry),
      );
      const feesSat = chosen.reduce((sum, entry) => sum + entry.feeSat, 0);
      return assembleBlock(
        miner.view.chain,
        chosen.map(({ tx }) => tx),
        sat(feesSat),
        options,
      );
    },
  };
}
