/**
 * How long a transaction waited for its block, as far as that can be known: from the listing of the run; or, for the
 * claims of a closed channel, from the first block that could have held them, since whoever has a claim makes it then.
 */
import type { Blockchain, ConnectedBlock } from '../chain/blockchain.ts';
import {
  LOCKTIME_THRESHOLD,
  SEQUENCE_FINAL,
  SEQUENCE_LOCKTIME_DISABLE_FLAG,
  SEQUENCE_LOCKTIME_MASK,
  SEQUENCE_LOCKTIME_TYPE_FLAG,
} from '../chain/timelocks.ts';
import type { Transaction } from '../chain/transaction.ts';
import type { SpentCoin } from '../chain/utxoSet.ts';
import type { ListedTransaction } from './chainListing.ts';

/**
 * How a wait is known: the listing says when the transaction was broadcast; or it could not be in a block before a
 * relative lock (BIP 68) or its lock time had passed, or before the block after the one with the output it claims.
 */
export type WaitSource = 'listing' | 'relative lock' | 'lock time' | 'claimed output';

export interface Wait {
  /** 1 for the first block that could hold it */
  readonly blocks: number;
  /** from the broadcast, or from the time of the block before the first that could hold it */
  readonly seconds: number;
  readonly source: WaitSource;
}

/** Kinds that are made as soon as they can be: nothing else moves their time. */
const CLAIMS: ReadonlySet<string> = new Set(['htlc-timeout', 'htlc-success', 'htlc-claim', 'sweep', 'penalty']);

/**
 * @param index of the transaction in its block
 * @param listed its line in the run's listing, if there is one
 * @returns null where nothing says since when it waited
 */
export function waitOf(
  chain: Blockchain,
  connected: ConnectedBlock,
  index: number,
  kind: string,
  listed: ListedTransaction | undefined,
): Wait | null {
  const { height, block, spent } = connected;
  const { timeSeconds } = block.header;
  if (listed !== undefined && listed.waitSeconds !== null) {
    const since = timeSeconds - listed.waitSeconds;
    return { blocks: blocksSince(chain, height, since), seconds: listed.waitSeconds, source: 'listing' };
  }
  if (!CLAIMS.has(kind)) return null;
  const first = firstPossible(block.transactions[index]!, spent[index]!);
  if (first === null) return null;
  // a claim may share the block of what it claims
  const from = Math.min(first.height, height);
  const before = chain.blockAt(from - 1).block.header.timeSeconds;
  return { blocks: height - from + 1, seconds: Math.max(0, timeSeconds - before), source: first.source };
}

/** The blocks up to that height that came after that time: the transaction was in the last of them. */
function blocksSince(chain: Blockchain, height: number, sinceSeconds: number): number {
  let blocks = 1;
  while (blocks < height && chain.blockAt(height - blocks).block.header.timeSeconds > sinceSeconds) blocks++;
  return blocks;
}

/** The first block that could hold a claim, and what decides it; null where a lock counts seconds. */
function firstPossible(tx: Transaction, coins: readonly SpentCoin[]): { height: number; source: WaitSource } | null {
  let first: { height: number; source: WaitSource } = { height: 0, source: 'claimed output' };
  const notBefore = (height: number, source: WaitSource): void => {
    if (height > first.height) first = { height, source };
  };
  for (const [index, { sequence }] of tx.inputs.entries()) {
    const coinHeight = coins[index]!.coin.height;
    notBefore(coinHeight + 1, 'claimed output');
    if (tx.version < 2 || (sequence & SEQUENCE_LOCKTIME_DISABLE_FLAG) !== 0) continue;
    if ((sequence & SEQUENCE_LOCKTIME_TYPE_FLAG) !== 0) return null;
    notBefore(coinHeight + (sequence & SEQUENCE_LOCKTIME_MASK), 'relative lock');
  }
  if (tx.lockTime > 0 && tx.inputs.some(({ sequence }) => sequence !== SEQUENCE_FINAL)) {
    if (tx.lockTime >= LOCKTIME_THRESHOLD) return null;
    notBefore(tx.lockTime + 1, 'lock time');
  }
  return first;
}
