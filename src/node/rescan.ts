/** What a node does when it starts: reads blocks again, and finds out what became of its channels' outputs. */
import { outPointKey, type OutPoint, type Transaction } from '../chain/transaction.ts';
import type { ChannelTable } from './channelTable.ts';
import type { NodeContext } from './context.ts';
import { materialOf } from './nodeSplicing.ts';

/** Who is told, as if the blocks came one by one. */
export interface ChainListener {
  readonly channels: ChannelTable;
  fundingSpent(edge: number, transaction: Transaction, height: number): void;
  outputSpent(edge: number, outPoint: OutPoint, transaction: Transaction, height: number): void;
}

/** @param fromHeight of a block before which the funding outputs were still unspent */
export function rescan(node: ChainListener, context: NodeContext, fromHeight: number): void {
  const fundings = new Map<string, number>();
  for (const channel of node.channels.values()) {
    const { candidates } = channel.end;
    for (const { funding } of [materialOf(channel, context), ...candidates])
      fundings.set(outPointKey(funding), channel.edge);
  }
  for (let height = fromHeight; height <= context.height; height++) {
    for (const transaction of context.transactionsAt(height)) {
      for (const { prevout } of transaction.inputs) {
        const edge = fundings.get(outPointKey(prevout));
        if (edge !== undefined) node.fundingSpent(edge, transaction, height);
        for (const { edge: watcher, monitor } of node.channels.values()) {
          if (monitor?.awaits(prevout)) node.outputSpent(watcher, prevout, transaction, height);
        }
      }
    }
  }
}
