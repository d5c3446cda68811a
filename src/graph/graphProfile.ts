/** What two channel graphs are compared by: distributions and single numbers, of a graph at hand or of published tables. */
import type { ChannelGraph, Policy } from './channelGraph.ts';
import { degreeAssortativity, meanClustering, meanDistance, peerGraph } from './peerGraph.ts';
import { quantile } from './quantiles.ts';
import { graphStatistics, isEnabled, viewOf } from './statistics.ts';

/** The distributions, with their units; policies are those of enabled directions. */
export const DISTRIBUTIONS = [
  'channels a node',
  'peers a node',
  'capacity (sat)',
  'capacity of a node (sat)',
  'base fee (msat)',
  'fee rate (ppm)',
  'cltv delta (blocks)',
  'htlc minimum (msat)',
  'htlc maximum (msat)',
] as const;
export type DistributionName = (typeof DISTRIBUTIONS)[number];

/** The single numbers. */
export const FACTS = [
  'nodes',
  'channels',
  'capacity (BTC)',
  'nodes with one peer (share)',
  'directions enabled (share)',
  'mean clustering',
  'mean distance (hops)',
  'degree assortativity',
  'capacity of the 1% richest nodes (share)',
] as const;
export type FactName = (typeof FACTS)[number];

/** A distribution known by all its values, or at some shares only. */
export type Distribution =
  | { readonly kind: 'values'; readonly sorted: Float64Array }
  | { readonly kind: 'quantiles'; readonly points: readonly (readonly [share: number, value: number])[] };

export interface GraphProfile {
  readonly distributions: Readonly<Record<DistributionName, Distribution | null>>;
  readonly facts: Readonly<Record<FactName, number | null>>;
}

/** The profile of the channels with an enabled direction, and their nodes. */
export function graphProfile(graph: ChannelGraph): GraphProfile {
  const kept = viewOf(graph, 'anyEnabled');
  const statistics = graphStatistics(kept);
  const peers = peerGraph(kept);
  const policies: Policy[] = [];
  const capacities: number[] = [];
  const nodeCapacities = new Map<string, number>();
  kept.forEachEdge((_id, { capacitySat, policy1, policy2 }, node1, node2) => {
    capacities.push(capacitySat);
    for (const node of [node1, node2]) nodeCapacities.set(node, (nodeCapacities.get(node) ?? 0) + capacitySat);
    for (const policy of [policy1, policy2]) if (isEnabled(policy)) policies.push(policy);
  });
  const values = (sample: Iterable<number>): Distribution => ({
    kind: 'values',
    sorted: Float64Array.from(sample).sort(),
  });
  const over = (field: (policy: Policy) => number): Distribution => values(policies.map(field));
  const byWealth = Float64Array.from(nodeCapacities.values()).sort().reverse();
  const sum = (sample: Float64Array): number => sample.reduce((total, value) => total + value, 0);
  return {
    distributions: {
      'channels a node': values(kept.mapNodes((key) => kept.degree(key))),
      'peers a node': values(Array.from({ length: peers.nodes }, (_, i) => peers.start[i + 1]! - peers.start[i]!)),
      'capacity (sat)': values(capacities),
      'capacity of a node (sat)': values(nodeCapacities.values()),
      'base fee (msat)': over(({ feeBaseMsat }) => feeBaseMsat),
      'fee rate (ppm)': over(({ feeProportionalMillionths }) => feeProportionalMillionths),
      'cltv delta (blocks)': over(({ cltvExpiryDelta }) => cltvExpiryDelta),
      'htlc minimum (msat)': over(({ htlcMinimumMsat }) => htlcMinimumMsat),
      'htlc maximum (msat)': over(({ htlcMaximumMsat }) => htlcMaximumMsat),
    },
    facts: {
      nodes: statistics.nodes,
      channels: statistics.channels,
      'capacity (BTC)': statistics.capacitySat / 1e8,
      'nodes with one peer (share)': statistics.nodesWithOnePeer / statistics.nodes,
      'directions enabled (share)': statistics.directionsEnabled / statistics.directions,
      'mean clustering': meanClustering(peers),
      'mean distance (hops)': meanDistance(peers),
      'degree assortativity': degreeAssortativity(peers),
      'capacity of the 1% richest nodes (share)':
        sum(byWealth.subarray(0, Math.round(byWealth.length / 100))) / sum(byWealth),
    },
  };
}

/** The median, or NaN where it is not known. */
export function medianOf(distribution: Distribution): number {
  if (distribution.kind === 'values') return quantile(distribution.sorted, 0.5);
  return distribution.points.find(([share]) => share === 0.5)?.[1] ?? NaN;
}

/**
 * Kolmogorov and Smirnov's distance: the largest difference of the two cumulative distributions. Where one is known at some
 * shares only, what is sure of it: the distance is at least that. Null where both are.
 */
export function distance(
  a: Distribution,
  b: Distribution,
): { readonly value: number; readonly isExact: boolean } | null {
  if (a.kind === 'values' && b.kind === 'values') return { value: betweenSamples(a.sorted, b.sorted), isExact: true };
  if (a.kind === 'values' && b.kind === 'quantiles') return { value: atQuantiles(a.sorted, b.points), isExact: false };
  if (a.kind === 'quantiles' && b.kind === 'values') return distance(b, a);
  return null;
}

/** Kolmogorov and Smirnov’s distance of two samples, 0 … 1. @param a ascending @param b ascending */
export function betweenSamples(a: Float64Array, b: Float64Array): number {
  let [i, j, most] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= value) i++;
    while (j < b.length && b[j]! <= value) j++;
    most = Math.max(most, Math.abs(i / a.length - j / b.length));
  }
  return most;
}

/**
 * A quantile q at a share p says that at least p of the values are at most q, and at most p are below; of several equal
 * ones the last and the first say most.
 */
function atQuantiles(sorted: Float64Array, points: readonly (readonly [share: number, value: number])[]): number {
  let most = 0;
  for (const [share, value] of points) {
    const upTo = countWhile(sorted, (each) => each <= value) / sorted.length;
    const below = countWhile(sorted, (each) => each < value) / sorted.length;
    most = Math.max(most, share - upTo, below - share);
  }
  return most;
}

/** How many of ascending values fulfil what only the first ones do. */
function countWhile(sorted: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
