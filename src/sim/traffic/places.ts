/** The nodes that traffic chooses from, once the network is open. */
import type { Network } from '../network.ts';
import type { Places } from './traffic.ts';

export function placesOf(network: Network): Places {
  const { graph, ends } = network;
  const capacityMsat = new Float64Array(graph.nodeCount);
  for (let edge = 0; edge < graph.edgeCount; edge++) {
    if (ends[edge]) capacityMsat[graph.edgeFrom[edge]!]! += graph.capacityMsat[edge >> 1]!;
  }
  return {
    payers: network.endpoints('out'),
    payees: network.endpoints('in'),
    capacityMsat,
    peers: (node) => {
      const row = graph.rowEdge.subarray(graph.rowStart[node], graph.rowStart[node + 1]);
      return Array.from(row, (edge) => graph.edgeFrom[edge]!);
    },
  };
}
