/**
 * One question to a strategy, outside any run: a payer that knows the public graph, and what its answer comes to.
 *
 * The payer's own channels hold all their capacity on its side, and nothing was learnt yet. The stated prior, by which
 * answers are compared whatever their strategies believe, is that a channel's liquidity is uniform: it forwards `a` with
 * probability 1 − a / (capacity + 1), in msat (Pickhardt and others, arXiv 2103.08576); the payer's own channels are
 * certain, and channels are independent.
 */
import { micros } from '../base/time.ts';
import { type Msat, msat, proportional } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { DEFAULT_FINAL_CLTV_EXPIRY_DELTA, FINAL_CLTV_PADDING_BLOCKS } from '../payment/forwarding.ts';
import type { Route } from '../routing/route.ts';
import {
  isRouteFailure,
  type PayerView,
  type RouteFailureReason,
  type RouteRequest,
  type RoutingStrategy,
} from '../routing/strategy.ts';
import { uniformProbability } from '../routing/wayCosts.ts';
import { type PolicyFault, policyFault } from './routeCheck.ts';

export interface QueryLimits {
  /** the most fees: so much, and so many millionths of the amount; null for no limit */
  readonly maxFee: { readonly baseMsat: Msat; readonly millionths: number } | null;
  readonly maxHops: number;
  /** blocks */
  readonly maxCltvExpiryDelta: number;
  readonly maxParts: number;
}

/** A question by indices of the graph. */
export interface Query {
  readonly source: number;
  readonly target: number;
  readonly amountMsat: Msat;
}

export interface RouteAnswer {
  /** none where there is a failure */
  readonly routes: readonly Route[];
  readonly failure: RouteFailureReason | null;
  /** a rule of the public graph that the routes break; null if none, or there are no routes */
  readonly fault: PolicyFault | null;
  readonly feeMsat: number;
  /** of the longest route */
  readonly hops: number;
  /** blocks that the payer's money may be locked for at most, what the payee asks for included */
  readonly cltvExpiryDelta: number;
  /** that all routes get through under the stated prior */
  readonly priorProbability: number;
  /** the same as the strategy sees it, where it says so of all its routes */
  readonly ownProbability: number | null;
}

export function requestOf({ source, target, amountMsat }: Query, limits: QueryLimits): RouteRequest {
  const { maxFee, maxHops, maxCltvExpiryDelta, maxParts } = limits;
  return {
    source,
    target,
    amountMsat,
    finalCltvExpiryDelta: DEFAULT_FINAL_CLTV_EXPIRY_DELTA + FINAL_CLTV_PADDING_BLOCKS,
    maxFeeMsat: msat(
      maxFee === null
        ? Number.MAX_SAFE_INTEGER - amountMsat // so that amount and fee stay exact
        : Math.min(Number.MAX_SAFE_INTEGER - amountMsat, maxFee.baseMsat + proportional(amountMsat, maxFee.millionths)),
    ),
    maxCltvExpiryDelta,
    maxHops,
    maxParts,
  };
}

/** What a payer sees that has only read the gossip. Its disabled channels are of no use to it either. */
export const gossipView = (graph: CompiledGraph): PayerView => ({
  graph,
  now: micros(0),
  spendableMsat: (edge) => (graph.enabled[edge] === 1 ? graph.capacityMsat[edge >> 1]! : 0),
  inFlightMsat: () => 0,
  excludedEdges: [],
  excludedNodes: [],
});

/** Asks, and reads the answer. */
export const ask = (strategy: RoutingStrategy, request: RouteRequest, view: PayerView): RouteAnswer =>
  readAnswer(strategy.findRoutes(request, view), request, view);

export function readAnswer(
  found: ReturnType<RoutingStrategy['findRoutes']>,
  request: RouteRequest,
  view: PayerView,
): RouteAnswer {
  const isFound = !isRouteFailure(found);
  const routes = isFound ? found : [];
  const own = routes.map(({ probability }) => probability ?? NaN).reduce((product, each) => product * each, 1);
  return {
    routes,
    failure: isFound ? null : found.failure,
    fault: isFound ? policyFault(request, view, routes) : null,
    feeMsat: routes.reduce((sum, { feeMsat }) => sum + feeMsat, 0),
    hops: Math.max(0, ...routes.map(({ edges }) => edges.length)),
    cltvExpiryDelta: Math.max(0, ...routes.map(({ cltvExpiryDeltas }) => cltvExpiryDeltas[0]!)),
    priorProbability: isFound ? priorProbability(routes, view.graph) : 0,
    ownProbability: isFound && !Number.isNaN(own) ? own : null,
  };
}

/** How likely all those routes get through under the stated prior; an edge of several routes carries their sum. */
export function priorProbability(routes: readonly Route[], graph: CompiledGraph): number {
  const carriedMsat = new Map<number, number>();
  for (const { edges, amountsMsat } of routes) {
    for (let hop = 1; hop < edges.length; hop++) {
      carriedMsat.set(edges[hop]!, (carriedMsat.get(edges[hop]!) ?? 0) + amountsMsat[hop]!);
    }
  }
  let probability = 1;
  for (const [edge, amountMsat] of carriedMsat) probability *= hopProbability(graph, edge, amountMsat);
  return probability;
}

/** How likely an edge that is not the payer's own carries an amount under the stated prior. */
export const hopProbability = (graph: CompiledGraph, edge: number, amountMsat: number): number =>
  Math.max(0, uniformProbability(graph, edge, amountMsat));
