/**
 * `pickhardt`: optimally reliable and cheap payment flows (Pickhardt and Richter, arXiv 2107.05322; the code is
 * pickhardtpayments bd7fbc5, `UncertaintyChannel.py`, `Payment.py`).
 *
 * Costs per sat: −ln of the uniform probability made piecewise linear in five pieces of equal size, piece i at (i + 1) × 15·10⁹/c'
 * with c' the sat between the bounds, plus μ × ppm. A minimum-cost flow, then rounds of what failed. The reference sends no
 * fees; here they are added upstream and ways are cut to what their channels can carry with them. The payer knows its own
 * channels. Over the limit on fees, μ grows tenfold.
 */
import { amount, count, onOff, type OptionsOf } from './options.ts';
import { balanceFailure, sendableMsat } from './ownChannels.ts';
import { costOfUnits } from './flow/costOfUnits.ts';
import { EdgeFilter, cheapestFlow, fewerParts, fitted } from './flow/flowRoutes.ts';
import { LiquidityBounds } from './flow/liquidityBounds.ts';
import type { ArcCosts } from './flow/minCostFlow.ts';
import { PieceWriter } from './flow/pieceWriter.ts';
import { boundedProbability } from './flow/probability.ts';
import { Parts } from './parts.ts';
import { type Route, priceRoute } from './route.ts';
import {
  type PayerView,
  type RouteOutcome,
  type RouteRequest,
  type RoutingStrategy,
  requestFailure,
} from './strategy.ts';
import { strategyKind } from './strategyKind.ts';
import { WaySearch } from './waySearch.ts';

/** What the uncertainty of a channel is measured by: the reference takes 150 BTC for the largest there can be. */
const LARGEST_CHANNEL_MSAT = 15_000_000_000_000;
/** Pieces of an arc. */
const PIECES = 5;
/** Pruning keeps channels that carry this much with at least this probability, in this many pieces. */
const PRUNED = { amountMsat: 250_000_000, probability: 0.9, pieces: 3 } as const;
/** Flows that are tried for one answer, with channels that did not fit left out. */
const ROUNDS = 15;
/** μ is raised tenfold so many times. */
const RAISES = 6;
/** A unit of flow is a sat, as in the reference; one way is searched to the msat. */
const FLOW_UNIT_MSAT = 1000;

const OPTIONS = {
  mu: count('weight of the fee rate against the uncertainty', 1, 0, 1e6),
  baseFeeThresholdMsat: amount('channels with a higher base fee are left out', 0, 0, 1e12),
  prune: onOff('leave out channels that carry 250,000 sat with less than 0.9', false),
  keepSeconds: amount('what was learnt is forgotten after this time', 1e9, 1, 1e12),
} as const;
type Options = OptionsOf<typeof OPTIONS>;

export const pickhardt = strategyKind({
  summary: 'the likeliest cheap flow, over as many ways as it takes',
  source: 'Pickhardt and Richter, arXiv 2107.05322; pickhardtpayments bd7fbc5',
  options: OPTIONS,
  prepare: (options) => () => new PickhardtStrategy(options),
});

/** The reference has no limit; a channel carries 483 HTLCs. */
const MAX_PARTS = 100;

class PickhardtStrategy implements RoutingStrategy {
  readonly remembersFailures = true;
  readonly clientMaxParts = MAX_PARTS;
  readonly #options: Options;
  readonly #bounds: LiquidityBounds;

  constructor(options: Options) {
    this.#options = options;
    this.#bounds = new LiquidityBounds(options.keepSeconds);
  }

  findRoutes(request: RouteRequest, view: PayerView): ReturnType<RoutingStrategy['findRoutes']> {
    const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
    if (fault !== null) return fault;
    let mu = this.#options.mu;
    for (let raise = 0; raise <= RAISES; raise++) {
      const routes = request.maxParts === 1 ? this.#oneWay(request, view, mu) : this.#flow(request, view, mu);
      if (routes === null) return { failure: 'no-route' };
      const feeMsat = routes.reduce((sum, route) => sum + route.feeMsat, 0);
      if (feeMsat <= request.maxFeeMsat) return routes.map((route) => this.#withProbability(route, view));
      mu = Math.max(1, 10 * mu);
    }
    return { failure: 'no-route' };
  }

  learn(outcome: RouteOutcome): void {
    this.#bounds.learn(outcome);
  }

  /** The one way of least cost for the whole amount. */
  #oneWay(request: RouteRequest, view: PayerView, mu: number): Route[] | null {
    const filter = new EdgeFilter(request, view);
    const costs = this.#costs(request, view, filter, mu, 1);
    const unlimited = { ...request, maxFeeMsat: Number.MAX_SAFE_INTEGER as RouteRequest['maxFeeMsat'] };
    const edges = new WaySearch(unlimited, view, (way, rest, edge) => {
      way.cost = rest.cost + costOfUnits(costs, edge, rest.amountMsat);
      return way.cost < Infinity;
    }).find();
    if (edges === null) return null;
    return [priceRoute(view.graph, edges, request.amountMsat, request.finalCltvExpiryDelta)];
  }

  #flow(request: RouteRequest, view: PayerView, mu: number): Route[] | null {
    const filter = new EdgeFilter(request, view);
    const parts = new Parts();
    for (let round = 0; round < ROUNDS && parts.deliveredMsat < request.amountMsat; round++) {
      const now = parts.after(view);
      const amountMsat = parts.rest(request.amountMsat, parts.deliveredMsat);
      const costs = this.#costs(request, now, filter, mu, FLOW_UNIT_MSAT);
      const paths = cheapestFlow(request, now, { costs, unitMsat: FLOW_UNIT_MSAT, amountMsat });
      if (paths === null) break;
      const found = fitted(paths, FLOW_UNIT_MSAT, amountMsat, request, view, parts);
      if (found.parts.routes.length === 0 && found.misfits.length === 0) break;
      for (const route of found.parts.routes) parts.add(route);
      for (const edge of found.misfits) filter.ban(edge);
    }
    // a rest of less than a sat, or of channels that are full but for the fees: one way, as it would be in another round
    if (parts.deliveredMsat < request.amountMsat) {
      const amountMsat = parts.rest(request.amountMsat, parts.deliveredMsat);
      const last = this.#oneWay({ ...request, amountMsat }, parts.after(view), mu);
      if (last === null) return null;
      for (const route of last) parts.add(route);
    }
    return fewerParts(parts, request, view)?.routes ?? null;
  }

  /** @param unitMsat costs are of a unit: their proportions are the same whatever it is */
  #costs(request: RouteRequest, view: PayerView, filter: EdgeFilter, mu: number, unitMsat: number): ArcCosts {
    const { graph, now } = view;
    const { prune, baseFeeThresholdMsat } = this.#options;
    const bounds = this.#bounds;
    const writer = new PieceWriter();
    return {
      describe(edge, capacity, unitCost, at) {
        if (!filter.allows(edge) || graph.htlcMinimumMsat[edge]! > request.amountMsat) return 0;
        writer.begin(capacity, unitCost, at, graph.usableMsat(edge) / unitMsat);
        if (filter.isOwn(edge)) {
          writer.add(sendableMsat(view, edge) / unitMsat, 0);
          return writer.pieces;
        }
        if (graph.feeBaseMsat[edge]! > baseFeeThresholdMsat) return 0;
        const { leastMsat, mostMsat } = bounds.look(edge, graph.capacityMsat[edge >> 1]!, now);
        const inFlightMsat = view.inFlightMsat(edge);
        const uncertainMsat = mostMsat - Math.max(leastMsat, inFlightMsat);
        if (prune && (uncertainMsat + 1 - PRUNED.amountMsat) / (uncertainMsat + 1) < PRUNED.probability) return 0;
        const feeCost = mu * graph.feeProportionalMillionths[edge]!;
        writer.add((leastMsat - inFlightMsat) / unitMsat, feeCost);
        if (uncertainMsat <= 0) return writer.pieces;
        const split = PIECES - writer.pieces;
        const uncertaintyCost = Math.floor(LARGEST_CHANNEL_MSAT / uncertainMsat);
        const size = Math.floor(uncertainMsat / unitMsat / split);
        for (let i = 0; i < split && writer.pieces < (prune ? PRUNED.pieces : PIECES); i++) {
          // the last piece has what the division left over
          const units = i + 1 < split ? size : uncertainMsat / unitMsat - i * size;
          writer.add(units, (i + 1) * uncertaintyCost + feeCost);
        }
        return writer.pieces;
      },
    };
  }

  #withProbability(route: Route, view: PayerView): Route {
    return { ...route, probability: boundedProbability(route, view, this.#bounds) };
  }
}
