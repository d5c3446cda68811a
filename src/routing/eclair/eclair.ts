/**
 * `eclair`: the router of eclair (commit 5b765e026, `router/{Graph,RouteCalculation,BalanceEstimate}.scala`).
 *
 * The three lightest ways (Yen), shuffled, direct ones first; at first with 6 hops, then with as many as the request
 * allows. A payment that may be split takes ways for its smallest part and sends a random share of what each can carry.
 */
import type { Rng } from '../../base/random.ts';
import { MICROS_PER_SECOND, type Micros } from '../../base/time.ts';
import { forwardingFeeMsat, msat } from '../../base/units.ts';
import type { CompiledGraph } from '../../graph/compiled.ts';
import { amount, choice, count, onOff, type OptionsOf } from '../options.ts';
import { balanceFailure, sendableMsat } from '../ownChannels.ts';
import { isAlone, parallelEdgesOf } from '../parallelEdges.ts';
import { type Route, priceRoute } from '../route.ts';
import {
  type PayerView,
  type RouteOutcome,
  type RouteRequest,
  type RoutingStrategy,
  requestFailure,
} from '../strategy.ts';
import { strategyKind } from '../strategyKind.ts';
import type { WayCost } from '../waySearch.ts';
import { type RankedWay, cheapestWays } from '../yen.ts';
import { BalanceEstimates } from './balanceEstimate.ts';
import { type EclairWeights, eclairWeight } from './weight.ts';

const OPTIONS = {
  routes: count('ways to find and shuffle', 3, 1, 20),
  randomize: onOff('shuffle them', true),
  maxRouteLength: count('hops that are tried first', 6, 1, 20),
  lockedFundsRisk: amount('cost of locking the amount for a block, as a share of it', 1e-8, 0, 1),
  failureCostSat: amount('virtual cost of a failed attempt', 2, 0, 1e6),
  failureCostMillionths: count('added to it, as a share of the amount', 500, 0, 1e6),
  hopCostMsat: count('virtual cost of a hop', 500, 0, 1e9),
  hopCostMillionths: count('added to it, as a share of the amount', 200, 0, 1e6),
  useLogProbability: onOff('weights that add up edge by edge', false),
  usePastRelayData: onOff('probabilities from what was learnt, not from the capacity alone', false),
  balanceHalfLifeSeconds: amount('of what was learnt', 86_400, 1, 1e9),
  excludeSeconds: amount('a channel that failed for now is left out for this time', 60, 0, 1e9),
  mppMinPartSat: count('no part is smaller', 15_000, 1, 1e9),
  mppMaxParts: count('ways that a payment is split over', 5, 1, 100),
  mppSplitting: choice('how much of what a way can carry is sent', 'randomize', [
    'randomize',
    'full-capacity',
    'max-expected-amount',
  ]),
} as const;
type Options = OptionsOf<typeof OPTIONS>;

export const eclair = strategyKind({
  summary: 'fees, hop costs, risk and failure costs of the way as a whole, as eclair weighs them',
  source: 'eclair 5b765e026, router/{Graph,RouteCalculation,BalanceEstimate}.scala and reference.conf',
  options: OPTIONS,
  prepare: (options) => (rng) => new EclairStrategy(options, rng),
});

class EclairStrategy implements RoutingStrategy {
  readonly clientMaxParts: number;
  readonly #options: Options;
  readonly #weights: EclairWeights;
  readonly #rng: Rng;
  readonly #balances: BalanceEstimates;
  /** per edge: until when it is left out */
  readonly #failing = new Map<number, number>();

  constructor(options: Options, rng: Rng) {
    this.#options = options;
    this.clientMaxParts = options.mppMaxParts;
    this.#weights = {
      lockedFundsRisk: options.lockedFundsRisk,
      failure: { baseMsat: Math.round(1000 * options.failureCostSat), millionths: options.failureCostMillionths },
      hop: { baseMsat: options.hopCostMsat, millionths: options.hopCostMillionths },
      useLogProbability: options.useLogProbability,
    };
    this.#rng = rng;
    this.#balances = new BalanceEstimates(options.balanceHalfLifeSeconds);
  }

  findRoutes(request: RouteRequest, view: PayerView): ReturnType<RoutingStrategy['findRoutes']> {
    const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
    if (fault !== null) return fault;
    const now = this.#withoutFailing(view);
    if (request.maxParts === 1) return this.#onePart(request, now) ?? { failure: 'no-route' };
    // what a channel did not carry in this payment it may carry in another split (`MultiPartPaymentLifecycle`)
    const again = view.excludedEdges.length === 0 ? null : this.#withoutFailing({ ...view, excludedEdges: [] });
    const routes = this.#manyParts(request, now) ?? (again && this.#manyParts(request, again));
    return routes ?? { failure: 'no-route' };
  }

  learn({ route, graph, at, failedHop, failure }: RouteOutcome): void {
    if (failure === 'temporary_channel_failure' && failedHop !== null) {
      this.#failing.set(route.edges[failedHop]!, at + this.#options.excludeSeconds * MICROS_PER_SECOND);
    }
    if (!this.#options.usePastRelayData) return;
    const parallel = parallelEdgesOf(graph);
    for (let hop = 1; hop < route.edges.length; hop++) {
      const edge = route.edges[hop]!;
      const pair = parallel.first[edge]!;
      const amountMsat = route.amountsMsat[hop]!;
      const capacityMsat = pairCapacityMsat(graph, pair);
      if (capacityMsat === 0) continue;
      if (failure === null) {
        this.#balances.didSend(pair, amountMsat, capacityMsat, at, isAlone(parallel, edge));
      } else if (failedHop === null || hop < failedHop) {
        this.#balances.couldSend(pair, amountMsat, capacityMsat, at);
      } else {
        if (failure === 'temporary_channel_failure') this.#balances.couldNotSend(pair, amountMsat, capacityMsat, at);
        return;
      }
    }
  }

  #onePart(request: RouteRequest, view: PayerView): Route[] | null {
    const ways = this.#ways(request, view, this.#options.routes);
    const first = this.#shuffled(ways)[0];
    return first === undefined ? null : [this.#priced(first, request.amountMsat, request, view.graph)];
  }

  #manyParts(request: RouteRequest, view: PayerView): Route[] | null {
    const { amountMsat, target } = request;
    const direct = [...parallelTo(view, request.source, target)].length;
    const parts = Math.max(Math.min(this.#options.mppMaxParts, request.maxParts), Math.min(direct, request.maxParts));
    const leastMsat = Math.min(
      amountMsat,
      Math.max(1000 * this.#options.mppMinPartSat, Math.floor(amountMsat / parts)),
    );
    const ways = this.#ways({ ...request, amountMsat: msat(leastMsat) }, view, parts);
    const cheapFirst = [...ways];
    for (const order of [this.#shuffled(ways), cheapFirst]) {
      const routes = this.#split(request, view, order, leastMsat, parts);
      if (routes === null) continue;
      const feeMsat = routes.reduce((sum, route) => sum + route.feeMsat, 0);
      if (feeMsat <= request.maxFeeMsat) return routes;
    }
    return null;
  }

  /** Shares the amount out over ways, each up to what it can carry beside those before it; a way may be used again. */
  #split(
    request: RouteRequest,
    view: PayerView,
    ways: readonly RankedWay[],
    leastMsat: number,
    maxParts: number,
  ): Route[] | null {
    const { graph } = view;
    const usedMsat = new Map<number, number>();
    const queue = [...ways];
    const chosen: { ranked: RankedWay; amountMsat: number; mostMsat: number }[] = [];
    let leftMsat: number = request.amountMsat;
    while (queue.length > 0 && leftMsat > 0 && chosen.length < maxParts) {
      const ranked = queue.shift()!;
      const mostMsat = this.#mostOver(ranked.edges, view, usedMsat);
      if (mostMsat < Math.min(leastMsat, leftMsat)) continue;
      const wanted = this.#share(ranked.edges, mostMsat, view, usedMsat);
      const amountMsat = Math.min(leftMsat, mostMsat, Math.max(leastMsat, wanted));
      const full = priceRoute(graph, ranked.edges, msat(mostMsat), request.finalCltvExpiryDelta);
      full.edges.forEach((edge, hop) => usedMsat.set(edge, (usedMsat.get(edge) ?? 0) + full.amountsMsat[hop]!));
      chosen.push({ ranked, amountMsat, mostMsat });
      leftMsat -= amountMsat;
      queue.push(ranked);
    }
    const possibleMsat = chosen.reduce((sum, { mostMsat }) => sum + mostMsat, 0);
    if (possibleMsat < request.amountMsat) return null;
    // what the shares left over is spread by what each way has to spare
    const share = leftMsat === 0 ? 0 : leftMsat / (possibleMsat - (request.amountMsat - leftMsat));
    const routes: Route[] = [];
    let restMsat: number = request.amountMsat;
    for (const { ranked, amountMsat, mostMsat } of chosen) {
      const more = Math.ceil((mostMsat - amountMsat) * share);
      const sentMsat = Math.min(restMsat, amountMsat + more);
      if (sentMsat === 0) break;
      const route = this.#priced(ranked, msat(sentMsat), request, graph);
      if (route.edges.some((edge, hop) => route.amountsMsat[hop]! < graph.htlcMinimumMsat[edge]!)) return null;
      routes.push(route);
      restMsat -= sentMsat;
    }
    return restMsat === 0 ? routes : null;
  }

  /** The most that the payee can get over a way, beside what its edges carry already, msat. */
  #mostOver(edges: readonly number[], view: PayerView, usedMsat: ReadonlyMap<number, number>): number {
    const { graph } = view;
    let mostMsat = Infinity;
    edges.forEach((edge, hop) => {
      // fees of what comes in, not of what goes out: a little too much, so the way always carries it
      if (hop > 0)
        mostMsat -= forwardingFeeMsat(mostMsat, graph.feeBaseMsat[edge]!, graph.feeProportionalMillionths[edge]!);
      const limitMsat = hop === 0 ? sendableMsat(view, edge) : graph.usableMsat(edge);
      mostMsat = Math.min(mostMsat, limitMsat - (usedMsat.get(edge) ?? 0));
    });
    return Math.max(0, mostMsat);
  }

  /** What of it is sent. */
  #share(edges: readonly number[], mostMsat: number, view: PayerView, usedMsat: ReadonlyMap<number, number>): number {
    switch (this.#options.mppSplitting) {
      case 'full-capacity':
        return mostMsat;
      case 'randomize':
        return Math.floor((mostMsat * (20 + this.#rng.below(81))) / 100);
      case 'max-expected-amount':
        return mostExpected(edges, mostMsat, (edge) => view.graph.capacityMsat[edge >> 1]! - (usedMsat.get(edge) ?? 0));
    }
  }

  #priced(
    { edges, way }: RankedWay,
    amountMsat: Route['amountsMsat'][number],
    request: RouteRequest,
    graph: CompiledGraph,
  ): Route {
    return { ...priceRoute(graph, edges, amountMsat, request.finalCltvExpiryDelta), probability: way.probability };
  }

  /** The lightest ways: of few hops, or else of as many as are allowed. */
  #ways(request: RouteRequest, view: PayerView, routes: number): RankedWay[] {
    const cost = this.#cost(request, view);
    const short = Math.min(request.maxHops, this.#options.maxRouteLength);
    const found = cheapestWays({ ...request, maxHops: short }, view, cost, routes);
    return found.length > 0 || short === request.maxHops ? found : cheapestWays(request, view, cost, routes);
  }

  #cost(request: RouteRequest, view: PayerView): WayCost {
    const { graph, now } = view;
    const pairOf = parallelEdgesOf(graph).first;
    const probability = this.#options.usePastRelayData
      ? (edge: number, amountMsat: number): number => {
          const pair = pairOf[edge]!;
          return this.#balances.probability(pair, amountMsat, pairCapacityMsat(graph, pair), now);
        }
      : (edge: number, amountMsat: number): number => 1 - amountMsat / graph.capacityMsat[edge >> 1]!;
    return eclairWeight(this.#weights, probability, request.finalCltvExpiryDelta);
  }

  #shuffled(ways: readonly RankedWay[]): RankedWay[] {
    const direct = ways.filter(({ edges }) => edges.length === 1);
    const others = ways.filter(({ edges }) => edges.length > 1);
    if (!this.#options.randomize) return [...direct, ...others];
    return [...this.#rng.shuffle(direct), ...this.#rng.shuffle(others)];
  }

  #withoutFailing(view: PayerView): PayerView {
    this.#forget(view.now);
    if (this.#failing.size === 0) return view;
    return { ...view, excludedEdges: [...view.excludedEdges, ...this.#failing.keys()] };
  }

  #forget(now: Micros): void {
    for (const [edge, until] of this.#failing) if (until <= now) this.#failing.delete(edge);
  }
}

/** The amount for which amount × probability is largest, capacities uniform: where its derivative changes sign. */
function mostExpected(edges: readonly number[], mostMsat: number, capacityOf: (edge: number) => number): number {
  let low = 1;
  let high = mostMsat;
  while (high - low > 1) {
    const x = Math.floor((low + high) / 2);
    const slope = edges.slice(1).reduce((sum, edge) => sum - 1 / (capacityOf(edge) - x), 1 / x);
    if (slope > 0) low = x;
    else high = x;
  }
  return high;
}

/** The payer's edges to a node. */
function* parallelTo({ graph }: PayerView, source: number, target: number): Generator<number> {
  for (let i = graph.rowStart[source]!; i < graph.rowStart[source + 1]!; i++) {
    const edge = graph.rowEdge[i]! ^ 1;
    if (graph.edgeTo[edge] === target) yield edge;
  }
}

/** The capacity of a pair's largest channel, msat. */
function pairCapacityMsat(graph: CompiledGraph, pair: number): number {
  const { next } = parallelEdgesOf(graph);
  let most = 0;
  for (let edge = pair; edge !== -1; edge = next[edge]!) most = Math.max(most, graph.capacityMsat[edge >> 1]!);
  return most;
}
