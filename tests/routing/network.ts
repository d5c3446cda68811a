/** Small named networks for stories, with requests, views and outcomes between their nodes. */
import { micros, seconds } from '../../src/base/time.ts';
import { msat, sat } from '../../src/base/units.ts';
import { type Policy, newChannelGraph } from '../../src/graph/channelGraph.ts';
import { type CompiledGraph, compileGraph } from '../../src/graph/compiled.ts';
import { type Route, priceRoute } from '../../src/routing/route.ts';
import type { PayerView, RouteOutcome, RouteRequest, RoutingStrategy } from '../../src/routing/strategy.ts';
import { isRouteFailure } from '../../src/routing/strategy.ts';

/** `['A-B', 1000]`: a channel whose both ends ask that base fee; further fields where a story needs them. */
export type Line = readonly [string, number, (Partial<Policy> & { capacitySat?: number })?];

/** Compiles those channels, `1x0x0`, `1x1x0`, … in their order. */
export function network(lines: readonly Line[]): CompiledGraph {
  const graph = newChannelGraph();
  lines.forEach(([ends, fee, { capacitySat = 1_000_000, ...terms } = {}], i) => {
    const [a, b] = ends.split('-') as [string, string];
    for (const key of [a, b]) if (!graph.hasNode(key)) graph.addNode(key, { alias: '' });
    const policy: Policy = {
      feeBaseMsat: msat(fee),
      feeProportionalMillionths: 0,
      cltvExpiryDelta: 40,
      htlcMinimumMsat: msat(0),
      htlcMaximumMsat: msat(capacitySat * 1000),
      disabled: false,
      ...terms,
    };
    graph.addEdgeWithKey(`1x${i}x0`, a, b, { capacitySat: sat(capacitySat), policy1: policy, policy2: policy });
  });
  return compileGraph(graph);
}

/** The edge from one node to another; of parallel ones the first. */
export function edgeOf(graph: CompiledGraph, from: string, to: string): number {
  const [source, target] = [graph.nodeIndex.get(from), graph.nodeIndex.get(to)];
  return graph.edgeFrom.findIndex((node, edge) => node === source && graph.edgeTo[edge] === target);
}

/** A request between two nodes with limits that are out of the way. */
export const requestOf = (
  graph: CompiledGraph,
  from: string,
  to: string,
  asked: Partial<RouteRequest> = {},
): RouteRequest => ({
  source: graph.nodeIndex.get(from) ?? -1,
  target: graph.nodeIndex.get(to) ?? -1,
  amountMsat: msat(10_000_000),
  finalCltvExpiryDelta: 18,
  maxFeeMsat: msat(1_000_000),
  maxCltvExpiryDelta: 2016,
  maxHops: 20,
  maxParts: 1,
  ...asked,
});

/** A payer whose own channels send all that they hold and more. */
export const viewOf = (graph: CompiledGraph, known: Partial<PayerView> = {}): PayerView => ({
  graph,
  now: micros(0),
  spendableMsat: () => 1e12,
  inFlightMsat: () => 0,
  excludedEdges: [],
  excludedNodes: [],
  ...known,
});

/** `A-B-C 30`: a way and its fee. */
export function written(graph: CompiledGraph, { edges, feeMsat }: Route): string {
  const nodes = [graph.edgeFrom[edges[0]!]!, ...edges.map((edge) => graph.edgeTo[edge]!)];
  return `${nodes.map((node) => graph.nodeKeys[node]).join('-')} ${feeMsat}`;
}

/** What a strategy answers: its ways with their fees, or the failure's name. */
export function answer(strategy: RoutingStrategy, request: RouteRequest, view: PayerView): string {
  const found = strategy.findRoutes(request, view);
  return isRouteFailure(found) ? found.failure : found.map((route) => written(view.graph, route)).join(', ');
}

/** The way `A-B-C`, priced. */
export function routeAlong(graph: CompiledGraph, way: string, amountMsat: number): Route {
  const nodes = way.split('-');
  const edges = nodes.slice(1).map((to, hop) => edgeOf(graph, nodes[hop]!, to));
  return priceRoute(graph, edges, msat(amountMsat), 18);
}

/** What the payer hears of an attempt along `A-B-C`. @param failed where it ended, or null for a success */
export function outcomeOf(
  graph: CompiledGraph,
  way: string,
  amountMsat: number,
  atSeconds: number,
  failed: { readonly name: string; readonly at: string } | null = null,
): RouteOutcome {
  const route = routeAlong(graph, way, amountMsat);
  const erringHop = failed === null ? null : way.split('-').indexOf(failed.at);
  const failedHop = erringHop === null || erringHop === route.edges.length ? null : erringHop;
  return { route, graph, at: seconds(atSeconds), erringHop, failedHop, failure: failed?.name ?? null };
}
