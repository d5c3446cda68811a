/**
 * Which edges run beside which: for every edge the lowest one with the same two ends, and the next one after it.
 *
 * It depends on the topology alone, which a compiled graph never changes.
 */
import type { CompiledGraph } from '../graph/compiled.ts';
import { perGraph } from './perGraph.ts';

export interface ParallelEdges {
  /** Per edge: the lowest edge between the same nodes in the same direction; it names the pair of nodes. */
  readonly first: Int32Array;
  /** Per edge: the next parallel one, or −1. */
  readonly next: Int32Array;
}

/** The graph's parallel edges, found once. */
export const parallelEdgesOf = perGraph(find);

/** True if no other channel joins the edge's ends. */
export const isAlone = (edges: ParallelEdges, edge: number): boolean =>
  edges.next[edge] === -1 && edges.first[edge] === edge;

function find(graph: CompiledGraph): ParallelEdges {
  const first = new Int32Array(graph.edgeCount);
  const next = new Int32Array(graph.edgeCount).fill(-1);
  // per neighbour of the node at hand: the first and the last edge seen so far, valid where `seenFor` says so
  const seenFor = new Int32Array(graph.nodeCount).fill(-1);
  const firstSeen = new Int32Array(graph.nodeCount);
  const lastSeen = new Int32Array(graph.nodeCount);
  for (let node = 0; node < graph.nodeCount; node++) {
    for (let i = graph.rowStart[node]!; i < graph.rowStart[node + 1]!; i++) {
      const edge = graph.rowEdge[i]!;
      const from = graph.edgeFrom[edge]!;
      if (seenFor[from] === node) {
        next[lastSeen[from]!] = edge;
      } else {
        seenFor[from] = node;
        firstSeen[from] = edge;
      }
      lastSeen[from] = edge;
      first[edge] = firstSeen[from]!;
    }
  }
  return { first, next };
}
