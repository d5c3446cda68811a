/** Whether an entry can stay in the pool of a chain that has lost a block (Bitcoin Core `removeForReorg`). */
import type { Blockchain } from './blockchain.ts';
import { unconfirmedCoin } from './mempoolChecks.ts';
import type { MempoolEntry } from './mempoolEntry.ts';
import { type MempoolGraph, withAncestors } from './mempoolGraph.ts';
import type { ChainLimits } from './mempoolLimits.ts';
import { isFinal, sequenceLocksPassed } from './timelocks.ts';
import type { Coin } from './utxoSet.ts';
import { checkInputs } from './validate.ts';

/**
 * The coins of an entry of before, or null if it must go: a parent is missing, a lock is open no more, a coinbase is not
 * mature any more, or what the block gave back makes its chain too long. Its scripts are as good as before, and its
 * descendants, TRUC or not, are counted by none of the rules (as in Bitcoin Core).
 * @param graph what the block gave back, and the entries that came before this one
 */
export function coinsAfterReorg(
  { tx, txid, vsize }: MempoolEntry,
  graph: MempoolGraph,
  chain: Blockchain,
  limits: ChainLimits,
): Coin[] | null {
  if (graph.has(txid) || graph.conflictsOf(tx).length > 0) return null;
  const coins: Coin[] = [];
  for (const { prevout } of tx.inputs) {
    const coin = chain.utxos.get(prevout) ?? unconfirmedCoin(graph.get(prevout.txid)?.tx, prevout.vout, chain);
    if (coin === undefined) return null;
    coins.push(coin);
  }
  const heights = coins.map((coin) => coin.height);
  const isTimely =
    isFinal(tx, chain.height + 1, chain.medianTimePastSeconds) &&
    sequenceLocksPassed(tx, heights, chain.nextBlockLocks()) &&
    typeof checkInputs(tx, coins, chain.height + 1) === 'number';
  const ancestors = withAncestors(graph.parentsOf(tx));
  const ancestorVsize = ancestors.reduce((sum, ancestor) => sum + ancestor.vsize, vsize);
  const fits =
    ancestors.length === 0 || (ancestors.length + 1 <= limits.ancestorCount && ancestorVsize <= limits.ancestorVsize);
  return isTimely && fits ? coins : null;
}
