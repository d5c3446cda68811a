/** What a channel graph looks like in numbers: size, degrees, capacities, policies, connectedness. */
import { forEachConnectedComponentOrder } from 'graphology-components';
import type { ChannelAttributes, ChannelGraph, Policy } from './channelGraph.ts';
import { newChannelGraph } from './channelGraph.ts';
import { quantiles, type Quantiles } from './quantiles.ts';

/** Which channels count: every one that was announced, or those with an enabled direction, or with both enabled. */
export type GraphView = 'all' | 'anyEnabled' | 'bothEnabled';

/** Nodes without a channel in the view are left out, except from `nodesWithoutChannel`. */
export interface GraphStatistics {
  readonly view: GraphView;
  readonly nodes: number;
  readonly nodesWithoutChannel: number;
  readonly channels: number;
  /** pairs of nodes with a channel between them; the other channels are parallel */
  readonly nodePairs: number;
  readonly channelsPerPairMax: number;
  readonly capacitySat: number;
  readonly directions: number;
  readonly directionsEnabled: number;
  readonly components: number;
  /** nodes of the largest component */
  readonly giantNodes: number;
  readonly nodesWithOnePeer: number;
  /** channels of a node, parallel ones counted */
  readonly degree: Quantiles | null;
  /** distinct neighbours of a node */
  readonly peers: Quantiles | null;
  readonly channelCapacitySat: Quantiles | null;
  // over enabled directions
  readonly feeBaseMsat: Quantiles | null;
  readonly feeProportionalMillionths: Quantiles | null;
  readonly cltvExpiryDelta: Quantiles | null;
  readonly htlcMinimumMsat: Quantiles | null;
  readonly htlcMaximumMsat: Quantiles | null;
}

export const isEnabled = (policy: Policy | null): policy is Policy => policy !== null && !policy.disabled;

const ADMITS: Readonly<Record<GraphView, (channel: ChannelAttributes) => boolean>> = {
  all: () => true,
  anyEnabled: ({ policy1, policy2 }) => isEnabled(policy1) || isEnabled(policy2),
  bothEnabled: ({ policy1, policy2 }) => isEnabled(policy1) && isEnabled(policy2),
};

/** The channels of a view with the nodes they join, as a graph that shares the attributes of `graph`. */
export function viewOf(graph: ChannelGraph, view: GraphView): ChannelGraph {
  const kept = newChannelGraph();
  const admits = ADMITS[view];
  graph.forEachEdge((id, channel, node1, node2, attributes1, attributes2) => {
    if (!admits(channel)) return;
    if (!kept.hasNode(node1)) kept.addNode(node1, attributes1);
    if (!kept.hasNode(node2)) kept.addNode(node2, attributes2);
    kept.addUndirectedEdgeWithKey(id, node1, node2, channel);
  });
  return kept;
}

/** Time and memory in proportion to the channels (and their logarithm, for sorting). */
export function graphStatistics(graph: ChannelGraph, view: GraphView = 'all'): GraphStatistics {
  const kept = viewOf(graph, view);
  const capacities = new Float64Array(kept.size);
  const enabled: Policy[] = [];
  let capacitySat = 0;
  let channel = 0;
  kept.forEachEdge((_id, { capacitySat: capacity, policy1, policy2 }) => {
    capacities[channel++] = capacity;
    capacitySat += capacity;
    if (isEnabled(policy1)) enabled.push(policy1);
    if (isEnabled(policy2)) enabled.push(policy2);
  });
  const neighbourhood = measureNeighbourhoods(kept);
  const over = (field: (policy: Policy) => number): Quantiles | null => quantiles(Float64Array.from(enabled, field));
  return {
    view,
    nodes: kept.order,
    nodesWithoutChannel: graph.order - kept.order,
    channels: kept.size,
    nodePairs: neighbourhood.pairs,
    channelsPerPairMax: neighbourhood.channelsPerPairMax,
    capacitySat,
    directions: 2 * kept.size,
    directionsEnabled: enabled.length,
    ...measureComponents(kept),
    nodesWithOnePeer: neighbourhood.nodesWithOnePeer,
    degree: quantiles(neighbourhood.degrees),
    peers: quantiles(neighbourhood.peers),
    channelCapacitySat: quantiles(capacities),
    feeBaseMsat: over((policy) => policy.feeBaseMsat),
    feeProportionalMillionths: over((policy) => policy.feeProportionalMillionths),
    cltvExpiryDelta: over((policy) => policy.cltvExpiryDelta),
    htlcMinimumMsat: over((policy) => policy.htlcMinimumMsat),
    htlcMaximumMsat: over((policy) => policy.htlcMaximumMsat),
  };
}

interface Neighbourhoods {
  readonly degrees: Float64Array;
  readonly peers: Float64Array;
  readonly pairs: number;
  readonly channelsPerPairMax: number;
  readonly nodesWithOnePeer: number;
}

function measureNeighbourhoods(graph: ChannelGraph): Neighbourhoods {
  const degrees = new Float64Array(graph.order);
  const peers = new Float64Array(graph.order);
  let peersInAll = 0;
  let channelsPerPairMax = 0;
  let nodesWithOnePeer = 0;
  let node = 0;
  graph.forEachNode((key) => {
    const channelsWith = new Map<string, number>();
    graph.forEachEdge(key, (_id, _channel, node1, node2) => {
      const peer = node1 === key ? node2 : node1;
      channelsWith.set(peer, (channelsWith.get(peer) ?? 0) + 1);
    });
    for (const count of channelsWith.values()) channelsPerPairMax = Math.max(channelsPerPairMax, count);
    degrees[node] = graph.degree(key);
    peers[node++] = channelsWith.size;
    peersInAll += channelsWith.size;
    if (channelsWith.size === 1) nodesWithOnePeer++;
  });
  return { degrees, peers, pairs: peersInAll / 2, channelsPerPairMax, nodesWithOnePeer };
}

function measureComponents(graph: ChannelGraph): { components: number; giantNodes: number } {
  let components = 0;
  let giantNodes = 0;
  forEachConnectedComponentOrder(graph, (order) => {
    components++;
    giantNodes = Math.max(giantNodes, order);
  });
  return { components, giantNodes };
}
