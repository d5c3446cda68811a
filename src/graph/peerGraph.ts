/** Who is whose peer, as rows of numbers, and what that says: clustering, assortativity, distances. Parallel channels count once. */
import type { ChannelGraph } from './channelGraph.ts';

/** The distinct peers of node `n` are `peers[start[n]] … peers[start[n + 1] − 1]`, ascending. */
export interface PeerGraph {
  readonly nodes: number;
  readonly start: Int32Array;
  readonly peers: Int32Array;
}

export function peerGraph(graph: ChannelGraph): PeerGraph {
  const index = new Map<string, number>();
  graph.forEachNode((key) => void index.set(key, index.size));
  const sets: Set<number>[] = Array.from({ length: graph.order }, () => new Set());
  graph.forEachEdge((_id, _channel, node1, node2) => {
    const [a, b] = [index.get(node1) ?? 0, index.get(node2) ?? 0];
    sets[a]!.add(b);
    sets[b]!.add(a);
  });
  const start = new Int32Array(graph.order + 1);
  for (const [node, set] of sets.entries()) start[node + 1] = start[node]! + set.size;
  const peers = new Int32Array(start[graph.order]!);
  for (const [node, set] of sets.entries()) peers.set(Int32Array.from(set).sort(), start[node]);
  return { nodes: graph.order, start, peers };
}

/** Mean over nodes of the share of a node's pairs of peers that are peers (Watts and Strogatz, 1998); 0 for a single peer. */
export function meanClustering({ nodes, start, peers }: PeerGraph): number {
  const isPeer = new Uint8Array(nodes);
  let sum = 0;
  for (let node = 0; node < nodes; node++) {
    const own = peers.subarray(start[node], start[node + 1]);
    if (own.length < 2) continue;
    for (const peer of own) isPeer[peer] = 1;
    let closed = 0;
    for (const peer of own) for (let at = start[peer]!; at < start[peer + 1]!; at++) closed += isPeer[peers[at]!]!;
    for (const peer of own) isPeer[peer] = 0;
    sum += closed / (own.length * (own.length - 1));
  }
  return nodes === 0 ? 0 : sum / nodes;
}

/** Newman's assortativity (2002): how the numbers of peers of two peers correlate; NaN where all have the same number. */
export function degreeAssortativity({ nodes, start, peers }: PeerGraph): number {
  const degree = (node: number): number => start[node + 1]! - start[node]!;
  let [sum, squares, products] = [0, 0, 0];
  for (let node = 0; node < nodes; node++) {
    const own = degree(node);
    sum += own * own;
    squares += own * own * own;
    for (let at = start[node]!; at < start[node + 1]!; at++) products += own * degree(peers[at]!);
  }
  const ends = peers.length;
  const mean = sum / ends;
  return (products / ends - mean * mean) / (squares / ends - mean * mean);
}

/** Sources that the mean distance is taken from, where a component has more nodes. */
const SOURCES_MAX = 1000;

/**
 * Mean number of hops between two nodes of the largest component; from every node where it has up to 1,000, else from
 * 1,000 of them spread evenly. NaN for a component of one.
 */
export function meanDistance(graph: PeerGraph): number {
  const hops = new Int32Array(graph.nodes);
  const queue = new Int32Array(graph.nodes);
  const giant = largestComponent(graph, hops, queue);
  const sources = Math.min(giant.length, SOURCES_MAX);
  let total = 0;
  for (let i = 0; i < sources; i++) {
    const reached = reach(graph, giant[Math.floor((i * giant.length) / sources)]!, hops, queue);
    for (let at = 0; at < reached; at++) total += hops[queue[at]!]!;
  }
  return total / (sources * (giant.length - 1));
}

/** The nodes of the largest component, ascending. */
function largestComponent(graph: PeerGraph, hops: Int32Array, queue: Int32Array): Int32Array {
  const seen = new Uint8Array(graph.nodes);
  let giant = new Int32Array(0);
  for (let node = 0; node < graph.nodes; node++) {
    if (seen[node] === 1) continue;
    const component = queue.slice(0, reach(graph, node, hops, queue));
    component.forEach((member) => (seen[member] = 1));
    if (component.length > giant.length) giant = component;
  }
  return giant.sort();
}

/** Breadth first: fills `queue` with the nodes reached and `hops` with their distances. @returns how many */
function reach({ start, peers }: PeerGraph, source: number, hops: Int32Array, queue: Int32Array): number {
  hops.fill(-1);
  hops[source] = 0;
  queue[0] = source;
  let reached = 1;
  for (let at = 0; at < reached; at++) {
    const node = queue[at]!;
    for (let i = start[node]!; i < start[node + 1]!; i++) {
      const peer = peers[i]!;
      if (hops[peer] !== -1) continue;
      hops[peer] = hops[node]! + 1;
      queue[reached++] = peer;
    }
  }
  return reached;
}
