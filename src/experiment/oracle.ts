/**
 * The oracle: what a payment could have done, had its payer known what every channel can carry at that moment.
 *
 * It sees what no strategy may: `sendableMsat` of every edge. Three answers, each with a check of its own in the tests: the
 * most that can be delivered is a maximum flow, fees aside (successive shortest paths); the cheapest single route is exact
 * but for limits on hops and blocks, which a second search by hops tries to keep; the cheapest split is a minimum-cost flow
 * whose linear costs spread a base fee over all that an edge could carry, then made into parts with their fees upstream. It
 * is feasible, and not always the very cheapest: with base fees that is a fixed-charge problem, NP-hard.
 */
import { micros } from '../base/time.ts';
import { msat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { cheapestFlow, EdgeFilter, flowKernel, misfitOf, mostDeliverableMsat } from '../routing/flow/flowRoutes.ts';
import type { ArcCosts } from '../routing/flow/minCostFlow.ts';
import { Parts } from '../routing/parts.ts';
import { priceRoute, type Route } from '../routing/route.ts';
import { type PayerView, requestFailure, type RouteRequest } from '../routing/strategy.ts';
import { type WayCost, WaySearch } from '../routing/waySearch.ts';

/** What is true at one moment. */
export interface Truth {
  readonly graph: CompiledGraph;
  /** what the node that an edge leaves can send over it now, msat; 0 where it can send nothing */
  sendableMsat(edge: number): number;
}

/** How a payment could have been made. */
export type Verdict =
  /** in one part, within its limits */
  | 'one-route'
  /** within its limits, but only in several parts */
  | 'split'
  /** only beyond its limits on fees, hops or blocks, or with amounts that policies refuse */
  | 'beyond-limits'
  /** by nobody: the channels on the way don't hold the amount */
  | 'impossible';

export interface OracleAnswer {
  readonly verdict: Verdict;
  /** the most that any number of parts could deliver, fees aside, msat */
  readonly deliverableMsat: number;
  /** the cheapest single route within the limits, or null */
  readonly route: Route | null;
  /** the cheapest way there is within the limits, in one part or in several: never dearer than `route`; or null */
  readonly cheapest: readonly Route[] | null;
}

/** The most flows that are asked for, until one fits with its fees. */
const ROUNDS = 12;
/** No way carries its share in more HTLCs (BOLT 2, `max_accepted_htlcs`). */
const MOST_HTLCS = 483;
/** A cost of a msat over an edge: millionths of it, to a thousandth. */
const COST_SCALE = 1000;
/** No edge costs more than this a msat, so that costs along any way stay exact. */
const MOST_UNIT_COST = 1e11;

/**
 * @param request `maxParts` does not bind the oracle
 */
export function askOracle(request: RouteRequest, truth: Truth): OracleAnswer {
  if (requestFailure(request, truth.graph) !== null) {
    return { verdict: 'impossible', deliverableMsat: 0, route: null, cheapest: null };
  }
  const view = truthfulView(truth);
  const { source, target, amountMsat } = request;
  const deliverableMsat = maxDeliverableMsat(truth, source, target);
  const route = deliverableMsat < amountMsat ? null : cheapestRoute(request, view, truth);
  const split = deliverableMsat < amountMsat ? null : cheapestSplit(request, view, truth);
  const splitIsCheaper = split !== null && (route === null || split.feeMsat < route.feeMsat);
  const cheapest = splitIsCheaper ? split.routes : route && [route];
  const verdict =
    route !== null ? 'one-route' : split !== null ? 'split' : deliverableMsat >= amountMsat ? 'beyond-limits' : null;
  return { verdict: verdict ?? 'impossible', deliverableMsat, route, cheapest };
}

/** The most that any number of parts could deliver, fees aside: a maximum flow, msat. */
export function maxDeliverableMsat(truth: Truth, source: number, target: number): number {
  const { graph } = truth;
  const costs: ArcCosts = {
    describe(edge, capacity, unitCost, at) {
      const mostMsat = carriableMsat(truth, edge, source);
      capacity[at] = mostMsat;
      unitCost[at] = 1; // the shortest way first
      return mostMsat > 0 ? 1 : 0;
    },
  };
  return flowKernel(graph).solve(costs, source, target, Number.MAX_SAFE_INTEGER).sent;
}

/** What an edge carries at most, in any number of HTLCs: nothing where its owner would not forward, or not so little. */
function carriableMsat(truth: Truth, edge: number, source: number): number {
  const { graph } = truth;
  if (graph.edgeFrom[edge] !== source && graph.enabled[edge] !== 1) return 0;
  const mostMsat = truth.sendableMsat(edge);
  return Math.min(mostMsat, graph.usableMsat(edge)) < Math.max(1, graph.htlcMinimumMsat[edge]!) ? 0 : mostMsat;
}

const truthfulView = (truth: Truth): PayerView => ({
  graph: truth.graph,
  now: micros(0),
  spendableMsat: (edge) => truth.sendableMsat(edge),
  inFlightMsat: () => 0,
  excludedEdges: [],
  excludedNodes: [],
});

function cheapestRoute(request: RouteRequest, view: PayerView, truth: Truth): Route | null {
  const byCost = (costOf: (way: { readonly feeMsat: number; readonly hops: number }) => number): number[] | null => {
    const cost: WayCost = (way, rest, edge, isOwn) => {
      way.cost = costOf(way);
      return isOwn || truth.sendableMsat(edge) >= rest.amountMsat;
    };
    return new WaySearch(request, view, cost).find();
  };
  const edges = byCost(({ feeMsat }) => feeMsat) ?? byCost(({ hops }) => hops);
  return edges && priceRoute(view.graph, edges, request.amountMsat, request.finalCltvExpiryDelta);
}

/**
 * Asks for the cheapest flow until it fits with its fees: what they brought an edge beyond what it carries is kept free of the
 * amount the next time.
 */
function cheapestSplit(request: RouteRequest, view: PayerView, truth: Truth): Parts | null {
  const { graph } = truth;
  const { source, amountMsat, maxFeeMsat } = request;
  const filter = new EdgeFilter(request, view);
  /** per edge: kept free for fees, msat */
  const forFees = new Map<number, number>();
  const costs: ArcCosts = {
    describe(edge, capacity, unitCost, at) {
      if (!filter.allows(edge)) return 0;
      const mostMsat = carriableMsat(truth, edge, source) - (forFees.get(edge) ?? 0);
      const isOwn = graph.edgeFrom[edge] === source;
      const baseMsat = isOwn ? 0 : graph.feeBaseMsat[edge]!;
      if (mostMsat <= 0 || baseMsat > maxFeeMsat) return 0;
      const millionths = isOwn ? 0 : graph.feeProportionalMillionths[edge]!;
      const perMsat = millionths + (1e6 * baseMsat) / Math.min(amountMsat, mostMsat);
      capacity[at] = mostMsat;
      unitCost[at] = Math.min(MOST_UNIT_COST, Math.ceil(COST_SCALE * perMsat));
      return 1;
    },
  };
  for (let round = 0; round < ROUNDS; round++) {
    const paths = cheapestFlow(request, view, { costs, unitMsat: 1, amountMsat });
    if (paths === null) return null;
    const parts = new Parts();
    const misfits: number[] = [];
    for (const { arcs, units } of paths) {
      for (const route of htlcsOf(arcs, units, request, view)) {
        const misfit = misfitOf(route, graph, request);
        if (misfit === null) parts.add(route);
        else misfits.push(misfit);
      }
    }
    for (const edge of misfits) filter.ban(edge);
    const edges = new Set(parts.routes.flatMap((route) => route.edges));
    const over = [...edges].filter((edge) => parts.carriedMsat(edge) > truth.sendableMsat(edge));
    for (const edge of over) {
      const overMsat = parts.carriedMsat(edge) - truth.sendableMsat(edge);
      forFees.set(edge, (forFees.get(edge) ?? 0) + overMsat);
    }
    if (misfits.length === 0 && over.length === 0) return parts.feeMsat <= maxFeeMsat ? parts : null;
  }
  return null;
}

/** An amount over one way, in as few equal HTLCs as policies let through. */
function htlcsOf(edges: readonly number[], amountMsat: number, request: RouteRequest, view: PayerView): Route[] {
  const byPolicy = { ...view, spendableMsat: () => Infinity };
  const mostMsat = Math.max(
    1,
    mostDeliverableMsat(edges, byPolicy, () => 0),
  );
  const count = Math.min(MOST_HTLCS, Math.ceil(amountMsat / mostMsat));
  return Array.from({ length: count }, (_, index) => {
    const shareMsat = Math.floor(amountMsat / count) + (index < amountMsat % count ? 1 : 0);
    return priceRoute(view.graph, edges, msat(shareMsat), request.finalCltvExpiryDelta);
  });
}
