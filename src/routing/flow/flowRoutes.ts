/**
 * From a minimum-cost flow on the channel graph to routes that carry it: ways are cut to what they can carry once their fees
 * are added upstream, and what breaks a limit is left out of the next round.
 */
import { forwardingFeeMsat, msat } from '../../base/units.ts';
import type { CompiledGraph } from '../../graph/compiled.ts';
import { sendableMsat } from '../ownChannels.ts';
import { Parts } from '../parts.ts';
import { type Route, priceRoute } from '../route.ts';
import type { PayerView, RouteRequest } from '../strategy.ts';
import { type FlowPath, flowPaths } from './flowPaths.ts';
import { type ArcCosts, MinCostFlow } from './minCostFlow.ts';
import { perGraph } from '../perGraph.ts';

/** The flow kernel over a graph's edges, shared by all that search on it. */
export const flowKernel = perGraph(({ nodeCount, edgeFrom, edgeTo }) => new MinCostFlow(nodeCount, edgeFrom, edgeTo));

/** What a round of flow may use, and what one unit is. */
export interface FlowRound {
  readonly costs: ArcCosts;
  readonly unitMsat: number;
  readonly amountMsat: number;
}

/** The ways that carry an amount at the least cost, the strongest first; null where the whole amount can't be carried. */
export function cheapestFlow(request: RouteRequest, view: PayerView, round: FlowRound): FlowPath[] | null {
  const { graph } = view;
  const { source, target } = request;
  const units = Math.ceil(round.amountMsat / round.unitMsat);
  const flow = flowKernel(graph).solve(round.costs, source, target, units);
  if (flow.sent < units) return null;
  return flowPaths(flow, graph.edgeFrom, graph.edgeTo, source, target).toSorted((a, b) => b.units - a.units);
}

/** Whether an edge may take part at all: what does not depend on the cost. */
export class EdgeFilter {
  readonly #request: RouteRequest;
  readonly #view: PayerView;
  readonly #edges: Set<number>;
  readonly #nodes: ReadonlySet<number>;

  constructor(request: RouteRequest, view: PayerView) {
    this.#request = request;
    this.#view = view;
    this.#edges = new Set(view.excludedEdges);
    this.#nodes = new Set(view.excludedNodes);
  }

  /** Leaves an edge out from now on. */
  ban(edge: number): void {
    this.#edges.add(edge);
  }

  isOwn(edge: number): boolean {
    return this.#view.graph.edgeFrom[edge] === this.#request.source;
  }

  /** Whether a route may go over the edge: none goes through the payee or back to the payer. */
  allows(edge: number): boolean {
    const { graph } = this.#view;
    const { source, target } = this.#request;
    return graph.edgeTo[edge] !== source && graph.edgeFrom[edge] !== target && this.isUsable(edge);
  }

  /** Whether the edge is announced, enabled and not left out, wherever the route goes. The payer's own need no announcement. */
  isUsable(edge: number): boolean {
    const { graph } = this.#view;
    const { source, target } = this.#request;
    const from = graph.edgeFrom[edge]!;
    const to = graph.edgeTo[edge]!;
    if (this.#edges.size > 0 && this.#edges.has(edge)) return false;
    if (this.#nodes.size > 0 && (this.#nodes.has(from) || (to !== target && this.#nodes.has(to)))) return false;
    return from === source || graph.enabled[edge] === 1;
  }
}

/** Routes that fit, and edges to be left out because a way over them does not. */
export interface Fitted {
  readonly parts: Parts;
  readonly misfits: readonly number[];
}

/**
 * Makes routes of ways, each cut to what its channels can carry beside those before it.
 * @param before parts that are there already @param amountMsat what all ways are to bring
 */
export function fitted(
  paths: readonly FlowPath[],
  unitMsat: number,
  amountMsat: number,
  request: RouteRequest,
  view: PayerView,
  before: Parts,
): Fitted {
  const { graph } = view;
  const parts = new Parts();
  const misfits: number[] = [];
  let wantedMsat = amountMsat;
  for (const { arcs, units } of paths) {
    const carried = (edge: number): number => before.carriedMsat(edge) + parts.carriedMsat(edge);
    const mostMsat = mostDeliverableMsat(arcs, view, carried);
    const deliveredMsat = Math.min(units * unitMsat, wantedMsat, mostMsat);
    if (deliveredMsat <= 0) {
      if (wantedMsat > 0) misfits.push(tightest(arcs, view, carried));
      continue;
    }
    const route = priceRoute(graph, arcs, msat(deliveredMsat), request.finalCltvExpiryDelta);
    const misfit = misfitOf(route, graph, request);
    if (misfit === null) {
      parts.add(route);
      wantedMsat -= deliveredMsat;
    } else {
      misfits.push(misfit);
    }
  }
  return { parts, misfits };
}

/** The most that a way brings to its end, msat. @param carriedMsat what an edge carries already */
export function mostDeliverableMsat(
  edges: readonly number[],
  view: PayerView,
  carriedMsat: (edge: number) => number,
): number {
  const { graph } = view;
  let mostMsat = Infinity;
  edges.forEach((edge, hop) => {
    if (hop > 0) mostMsat = forwardedMsat(mostMsat, graph.feeBaseMsat[edge]!, graph.feeProportionalMillionths[edge]!);
    mostMsat = Math.min(mostMsat, roomMsat(edge, hop, view, carriedMsat));
  });
  return Math.max(0, mostMsat);
}

/** What one more HTLC over an edge of a way may carry, msat. */
function roomMsat(edge: number, hop: number, view: PayerView, carriedMsat: (edge: number) => number): number {
  const { graph } = view;
  if (hop === 0) return Math.min(sendableMsat(view, edge), view.spendableMsat(edge) - carriedMsat(edge));
  return Math.min(graph.usableMsat(edge), graph.capacityMsat[edge >> 1]! - carriedMsat(edge));
}

/** The most that can be forwarded of what comes in: the largest x with x + fee(x) ≤ incoming. */
function forwardedMsat(incomingMsat: number, baseMsat: number, millionths: number): number {
  let x = Math.max(0, Math.floor(((incomingMsat - baseMsat) * 1_000_000) / (1_000_000 + millionths)));
  while (x > 0 && x + forwardingFeeMsat(x, baseMsat, millionths) > incomingMsat) x--;
  while (x + 1 + forwardingFeeMsat(x + 1, baseMsat, millionths) <= incomingMsat) x++;
  return x;
}

/** The edge whose limits a route breaks, or null: minimums, hops, blocks. */
export function misfitOf(route: Route, graph: CompiledGraph, request: RouteRequest): number | null {
  const { edges, amountsMsat, cltvExpiryDeltas } = route;
  for (let hop = 0; hop < edges.length; hop++) {
    if (amountsMsat[hop]! < graph.htlcMinimumMsat[edges[hop]!]!) return edges[hop]!;
  }
  if (edges.length > request.maxHops) return edges[edges.length >> 1]!;
  if (cltvExpiryDeltas[0]! <= request.maxCltvExpiryDelta || edges.length === 1) return null;
  // the slowest of the forwarding nodes
  return edges.slice(1).reduce((a, b) => (graph.cltvExpiryDelta[b]! > graph.cltvExpiryDelta[a]! ? b : a));
}

/** The edge of a way that has the least room. */
function tightest(edges: readonly number[], view: PayerView, carriedMsat: (edge: number) => number): number {
  let best = 0;
  edges.forEach((edge, hop) => {
    if (roomMsat(edge, hop, view, carriedMsat) < roomMsat(edges[best]!, best, view, carriedMsat)) best = hop;
  });
  return edges[best]!;
}

/**
 * Brings parts down to a number: those that go the same way become one, then the largest are kept and raised to what the rest
 * carried. @returns null where they can't be
 */
export function fewerParts(parts: Parts, request: RouteRequest, view: PayerView): Parts | null {
  const byWay = new Map<string, { edges: readonly number[]; amountMsat: number }>();
  for (const { edges, amountsMsat } of parts.routes) {
    const way = edges.join(' ');
    byWay.set(way, { edges, amountMsat: (byWay.get(way)?.amountMsat ?? 0) + amountsMsat.at(-1)! });
  }
  const ways = [...byWay.values()].toSorted((a, b) => b.amountMsat - a.amountMsat);
  const kept = ways.slice(0, request.maxParts);
  let missingMsat = ways.slice(request.maxParts).reduce((sum, { amountMsat }) => sum + amountMsat, 0);
  const result = new Parts();
  for (const { edges, amountMsat } of kept) {
    const carried = (edge: number): number => result.carriedMsat(edge);
    const mostMsat = mostDeliverableMsat(edges, view, carried);
    const sentMsat = Math.min(mostMsat, amountMsat + missingMsat);
    missingMsat -= sentMsat - amountMsat;
    if (sentMsat <= 0) continue;
    result.add(priceRoute(view.graph, edges, msat(sentMsat), request.finalCltvExpiryDelta));
  }
  const keepsLimits = result.routes.every((route) => misfitOf(route, view.graph, request) === null);
  return missingMsat === 0 && result.deliveredMsat === request.amountMsat && keepsLimits ? result : null;
}
