/** Topologies of the graphology-generators package, with the run's randomness in place of its own. */
import { UndirectedGraph } from 'graphology';
import { complete, ladder } from 'graphology-generators/classic/index.js';
import { caveman, connectedCaveman } from 'graphology-generators/community/index.js';
import { clusters, girvanNewman } from 'graphology-generators/random/index.js';
import { krackhardtKite } from 'graphology-generators/small/index.js';
import { florentineFamilies, karateClub } from 'graphology-generators/social/index.js';
import type { Rng } from '../../base/random.ts';
import type { Pair } from './pairSet.ts';
import type { Topology } from './topology.ts';

/** Nodes as the library names them, numbered in the order in which it adds them. */
function topologyOf(graph: {
  mapNodes(callback: (node: string) => string): string[];
  mapEdges(callback: (edge: string, attributes: object, source: string, target: string) => Pair): Pair[];
}): Topology {
  const numbers = new Map<string, number>();
  for (const node of graph.mapNodes((name) => name)) numbers.set(node, numbers.size);
  const number = (node: string): number => numbers.get(node) ?? 0;
  return { nodes: numbers.size, pairs: graph.mapEdges((_edge, _attributes, a, b): Pair => [number(a), number(b)]) };
}

/** Every two nodes have a channel. */
export const completeTopology = (nodes: number): Topology => topologyOf(complete(UndirectedGraph, nodes));

/** Two lines of that length with a rung between every two opposite nodes. */
export const ladderTopology = (length: number): Topology => topologyOf(ladder(UndirectedGraph, length));

/** Complete groups without a channel between them. */
export const cavemanTopology = (caves: number, nodesPerCave: number): Topology =>
  topologyOf(caveman(UndirectedGraph, caves, nodesPerCave));

/** Complete groups in a ring, each having given up one inner channel for one to the next (Watts, 1999). */
export const connectedCavemanTopology = (caves: number, nodesPerCave: number): Topology =>
  topologyOf(connectedCaveman(UndirectedGraph, caves, nodesPerCave));

/** Random channels, that share of them inside clusters; pairs drawn twice count once. */
export const clustersTopology = (nodes: number, channels: number, count: number, density: number, rng: Rng): Topology =>
  topologyOf(
    clusters(UndirectedGraph, {
      order: nodes,
      size: channels,
      clusters: count,
      clusterDensity: density,
      rng: () => rng.unit(),
    }),
  );

/** 128 nodes in four groups, each with 16 channels, about `zOut` of them out of its group (Girvan and Newman, 2002). */
export const girvanNewmanTopology = (zOut: number, rng: Rng): Topology =>
  topologyOf(girvanNewman(UndirectedGraph, { zOut, rng: () => rng.unit() }));

/** Zachary's karate club: 34 nodes, 78 channels (1977). */
export const karateClubTopology = (): Topology => topologyOf(karateClub(UndirectedGraph));

/** The Florentine families and their marriages: 15 nodes, 20 channels (Breiger and Pattison, 1986). */
export const florentineFamiliesTopology = (): Topology => topologyOf(florentineFamilies(UndirectedGraph));

/** Krackhardt's kite: 10 nodes, 18 channels; its most connected, most central and most between nodes differ (1990). */
export const krackhardtKiteTopology = (): Topology => topologyOf(krackhardtKite(UndirectedGraph));
