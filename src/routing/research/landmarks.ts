/** Well-connected nodes that others are reached by, and breadth-first trees from them. */
import type { CompiledGraph } from '../../graph/compiled.ts';

/** A spanning tree of what can be reached from its root: coordinates of nodes are their ways to the root. */
export interface Tree {
  readonly root: number;
  /** per node: the next one towards the root; −1 at the root and where it can't be reached */
  readonly parent: Int32Array;
  /** per node: hops from the root, −1 where it can't be reached */
  readonly depth: Int32Array;
}

/** The nodes with the most channels that are open, the lowest index first among equals. */
export function landmarksOf(graph: CompiledGraph, count: number): number[] {
  const channels = new Int32Array(graph.nodeCount);
  for (let channel = 0; channel < graph.channelCount; channel++) {
    if (graph.capacityMsat[channel] === 0) continue;
    channels[graph.edgeFrom[2 * channel]!]!++;
    channels[graph.edgeTo[2 * channel]!]!++;
  }
  const nodes = Array.from(channels.keys());
  return nodes.sort((a, b) => channels[b]! - channels[a]! || a - b).slice(0, count);
}

/** The breadth-first tree over open channels that are enabled in a direction at least; enabled in both before others. */
export function treeFrom(graph: CompiledGraph, root: number): Tree {
  const parent = new Int32Array(graph.nodeCount).fill(-1);
  const depth = new Int32Array(graph.nodeCount).fill(-1);
  depth[root] = 0;
  for (const needed of [2, 1]) {
    const queue = Array.from(depth.keys()).filter((node) => depth[node]! >= 0);
    queue.sort((a, b) => depth[a]! - depth[b]! || a - b);
    for (let next = 0; next < queue.length; next++) {
      const node = queue[next]!;
      for (let i = graph.rowStart[node]!; i < graph.rowStart[node + 1]!; i++) {
        const edge = graph.rowEdge[i]!;
        const neighbour = graph.edgeFrom[edge]!;
        const enabled = graph.enabled[edge]! + graph.enabled[edge ^ 1]!;
        if (depth[neighbour] !== -1 || graph.capacityMsat[edge >> 1] === 0 || enabled < needed) continue;
        depth[neighbour] = depth[node]! + 1;
        parent[neighbour] = node;
        queue.push(neighbour);
      }
    }
  }
  return { root, parent, depth };
}

/** Hops between two nodes in a tree; infinite where the tree doesn't reach both. */
export function treeDistance({ parent, depth }: Tree, a: number, b: number): number {
  let [left, right] = [a, b];
  if (depth[left] === -1 || depth[right] === -1) return Infinity;
  let hops = 0;
  while (left !== right) {
    if (depth[left]! >= depth[right]!) left = parent[left]!;
    else right = parent[right]!;
    hops++;
  }
  return hops;
}
