/** A topology with everything that makes it a channel graph: node keys, aliases, short channel ids, terms. */
import { toHex } from '../../base/bytes.ts';
import { shortChannelId, type ShortChannelId } from '../../base/ids.ts';
import type { Rng } from '../../base/random.ts';
import { newChannelGraph, type ChannelGraph } from '../channelGraph.ts';
import { drawTerms, type ChannelTerms } from './channelTerms.ts';
import type { Topology } from './topology.ts';

/** Blocks between which generated channels are said to be funded: early 2018 to early 2026. */
const FUNDING_BLOCKS = { first: 504_500, count: 430_500 } as const;
/** Transactions of a block among which a funding transaction is found. */
const TRANSACTIONS_MAX = 3000;

/**
 * The graph. Keys have the form of compressed public keys, but no one knows their private keys; node `i` is `node-i`.
 * As in announcements node1 is the one with the smaller key (BOLT 7, `channel_announcement`).
 */
export function dressed(topology: Topology, terms: ChannelTerms, rng: Rng): ChannelGraph {
  const graph = newChannelGraph();
  const keyRng = rng.stream('keys');
  const keys = Array.from({ length: topology.nodes }, (_, node) => {
    const key = `0${2 + keyRng.below(2)}${toHex(keyRng.bytes32())}`;
    graph.addNode(key, { alias: `node-${node}` });
    return key;
  });
  const ids = drawIds(topology.pairs.length, rng.stream('ids'));
  for (const [channel, { capacitySat, policy1, policy2 }] of drawTerms(topology, terms, rng).entries()) {
    const [a, b] = topology.pairs[channel]!;
    const [keyA, keyB] = [keys[a]!, keys[b]!];
    if (keyA < keyB) graph.addUndirectedEdgeWithKey(ids[channel]!, keyA, keyB, { capacitySat, policy1, policy2 });
    else graph.addUndirectedEdgeWithKey(ids[channel]!, keyB, keyA, { capacitySat, policy1: policy2, policy2: policy1 });
  }
  return graph;
}

/** Distinct ids in no order. */
function drawIds(count: number, rng: Rng): ShortChannelId[] {
  const ids = new Set<ShortChannelId>();
  while (ids.size < count) {
    const block = FUNDING_BLOCKS.first + rng.below(FUNDING_BLOCKS.count);
    ids.add(shortChannelId(block, 1 + rng.below(TRANSACTIONS_MAX), rng.below(2))); // transaction 0 is the coinbase
  }
  return [...ids];
}
