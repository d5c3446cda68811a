/**
 * `cln-xpay`: the path-finder of Core Lightning's `xpay`, askrene (commit 090f4b0e6, `plugins/askrene/child/mcf.c`).
 *
 * The amount is a thousand units; a channel's uncertainty is four pieces (certain, then 50, 30 and 15 % of what is between the
 * bounds) and its fee is linear, base fees and blocks weighed in. Both costs are brought to one scale by their medians and mixed
 * by μ: 1 % fees at first, more where the fees are over budget; blocks weigh more where the ways are too slow. A small rest
 * goes over one way.
 */
import { ln } from '../../base/math.ts';
import { msat } from '../../base/units.ts';
import { EdgeFilter, cheapestFlow, fewerParts, fitted } from '../flow/flowRoutes.ts';
import { LiquidityBounds } from '../flow/liquidityBounds.ts';
import { type ArcCosts, MOST_PIECES } from '../flow/minCostFlow.ts';
import { PieceWriter } from '../flow/pieceWriter.ts';
import { boundedCost, boundedProbability } from '../flow/probability.ts';
import { amount, count } from '../options.ts';
import { balanceFailure, sendableMsat } from '../ownChannels.ts';
import { Parts } from '../parts.ts';
import { priceRoute } from '../route.ts';
import {
  type PayerView,
  type RouteOutcome,
  type RouteRequest,
  type RoutingStrategy,
  requestFailure,
} from '../strategy.ts';
import { strategyKind } from '../strategyKind.ts';
import { WaySearch } from '../waySearch.ts';

/** Units that an amount is divided in. */
const UNITS = 1000;
/** Ends of the pieces as shares of what is between the bounds (`CHANNEL_PIVOTS`). */
const PIVOTS = [0, 0.5, 0.8, 0.95] as const;
/** μ that weighs fees alone. */
const MU_MOST = 100;
/** A median below this is of probabilities that nobody cares about. */
const TINY = 0.001;
/** Rounds before it gives up: askrene does after ten seconds. */
const OUT_OF_ROUNDS = 60;

/** Share of the width, and cost per unit of it, of each uncertain piece: the slope of −ln(1 − x) over it. */
const SLICES = PIVOTS.slice(1).map((end, i) => {
  const start = PIVOTS[i]!;
  const share = end - start;
  return { share, slope: ln((1 - start) / (1 - end)) / share };
});

const OPTIONS = {
  singlePathSat: count('a rest up to this goes over one way', 1000, 0, 1e9),
  delayFactor: amount('cost of a block at first, in parts per million', 1e-6, 1e-12, 10),
  delayFactorMost: amount('cost of a block at which it gives up', 10, 1e-12, 1e6),
  keepSeconds: amount('what was learnt is forgotten after this time', 3600, 1, 1e12),
} as const;

export const clnXpay = strategyKind({
  summary: 'a minimum-cost flow over uncertainty and fees, as Core Lightning’s askrene mixes them',
  source: 'Core Lightning 090f4b0e6, plugins/askrene/child/mcf.c, plugins/xpay/xpay.c',
  options: OPTIONS,
  prepare: (options) => () =>
    new XpayStrategy(1000 * options.singlePathSat, options.delayFactor, options.delayFactorMost, options.keepSeconds),
});

/** How costs are mixed in a round. */
interface Mix {
  /** 1 … 100, percent of fees */
  readonly mu: number;
  readonly delayFactor: number;
}

/** xpay, `maxparts`. */
const MAX_PARTS = 100;

class XpayStrategy implements RoutingStrategy {
  readonly remembersFailures = true;
  readonly clientMaxParts = MAX_PARTS;
  readonly #singlePathMsat: number;
  readonly #delayFactor: number;
  readonly #delayFactorMost: number;
  readonly #bounds: LiquidityBounds;

  constructor(singlePathMsat: number, delayFactor: number, delayFactorMost: number, keepSeconds: number) {
    this.#singlePathMsat = singlePathMsat;
    this.#delayFactor = delayFactor;
    this.#delayFactorMost = delayFactorMost;
    this.#bounds = new LiquidityBounds(keepSeconds);
  }

  findRoutes(request: RouteRequest, view: PayerView): ReturnType<RoutingStrategy['findRoutes']> {
    const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
    if (fault !== null) return fault;
    const parts = this.#rounds(request, view);
    const fewer = parts === null ? null : fewerParts(parts, request, view);
    if (fewer === null || fewer.feeMsat > request.maxFeeMsat) return { failure: 'no-route' };
    return fewer.routes.map((route) => ({ ...route, probability: boundedProbability(route, view, this.#bounds) }));
  }

  learn(outcome: RouteOutcome): void {
    this.#bounds.learn(outcome);
  }

  /** Rounds of flow until all is delivered, each with its own limits kept before it counts. */
  #rounds(request: RouteRequest, view: PayerView): Parts | null {
    const filter = new EdgeFilter(request, view);
    const parts = new Parts();
    let mix: Mix = { mu: 1, delayFactor: this.#delayFactor };
    for (let round = 0; parts.deliveredMsat < request.amountMsat; round++) {
      if (round === OUT_OF_ROUNDS) return null;
      const amountMsat = parts.rest(request.amountMsat, parts.deliveredMsat);
      const budgetMsat = parts.rest(request.maxFeeMsat, parts.feeMsat);
      // how slow a way is, and what it costs, is judged below
      const asked = { ...request, amountMsat, maxFeeMsat: msat(Number.MAX_SAFE_INTEGER), maxCltvExpiryDelta: 1e9 };
      const now = parts.after(view);
      const isOne = request.maxParts === 1 || amountMsat <= this.#singlePathMsat;
      const found = isOne
        ? this.#oneWay(asked, now, filter, mix)
        : this.#flow(asked, now, filter, mix, view, parts, amountMsat);
      if (found === null) return null;
      if (found.routes.length === 0) continue; // channels were left out: again
      const share = found.deliveredMsat / amountMsat;
      if (found.feeMsat > budgetMsat * share) {
        if (mix.mu < MU_MOST) {
          mix = { ...mix, mu: mix.mu === 1 ? 10 : mix.mu + 10 };
          continue;
        }
        if (found.feeMsat > budgetMsat) return null;
      }
      if (found.routes.some(({ cltvExpiryDeltas }) => cltvExpiryDeltas[0]! > request.maxCltvExpiryDelta)) {
        if (mix.delayFactor > this.#delayFactorMost) return null;
        mix = { ...mix, delayFactor: 2 * mix.delayFactor };
        round--; // doubling ends by itself
        continue;
      }
      for (const route of found.routes) parts.add(route);
    }
    return parts;
  }

  #flow(
    request: RouteRequest,
    now: PayerView,
    filter: EdgeFilter,
    mix: Mix,
    view: PayerView,
    parts: Parts,
    amountMsat: number,
  ): Parts | null {
    const unitMsat = Math.max(1, Math.ceil(amountMsat / UNITS));
    const linear = new LinearCosts(request, now, filter, this.#bounds, unitMsat, amountMsat, mix.delayFactor);
    const paths = cheapestFlow(request, now, { costs: linear.mixed(mix.mu), unitMsat, amountMsat });
    if (paths === null) return this.#oneWay(request, now, filter, mix);
    const found = fitted(paths, unitMsat, amountMsat, request, view, parts);
    for (const edge of found.misfits) filter.ban(edge);
    return found.parts.routes.length === 0 && found.misfits.length === 0 ? null : found.parts;
  }

  /** The one way of least mixed cost. */
  #oneWay(request: RouteRequest, view: PayerView, filter: EdgeFilter, mix: Mix): Parts | null {
    const { graph } = view;
    const feeCost = (edge: number, feeMsat: number): number => feeMsat + mix.delayFactor * graph.cltvExpiryDelta[edge]!;
    const likely: number[] = [];
    const fees: number[] = [];
    for (let edge = 0; edge < graph.edgeCount; edge++) {
      if (!filter.allows(edge) || filter.isOwn(edge) || graph.usableMsat(edge) < request.amountMsat) continue;
      const cost = boundedCost(view, edge, request.amountMsat, this.#bounds);
      if (cost === Infinity) continue;
      likely.push(cost);
      const millionths = graph.feeProportionalMillionths[edge]!;
      fees.push(feeCost(edge, graph.feeBaseMsat[edge]! + (request.amountMsat * millionths) / 1e6));
    }
    const scale = medianRatio(Float64Array.from(fees), Float64Array.from(likely));
    const edges = new WaySearch(request, view, (way, rest, edge, isOwn) => {
      if (isOwn) {
        way.cost = rest.cost;
        return true;
      }
      if (!filter.allows(edge)) return false;
      const cost = boundedCost(view, edge, rest.amountMsat, this.#bounds);
      way.cost = rest.cost + mix.mu * feeCost(edge, way.feeMsat - rest.feeMsat) + (MU_MOST - mix.mu) * scale * cost;
      return cost < Infinity;
    }).find();
    if (edges === null) return null;
    const parts = new Parts();
    parts.add(priceRoute(graph, edges, request.amountMsat, request.finalCltvExpiryDelta));
    return parts;
  }
}

/** Both costs of every channel, linear by piece, for one amount. */
class LinearCosts {
  readonly #view: PayerView;
  readonly #filter: EdgeFilter;
  readonly #request: RouteRequest;
  readonly #bounds: LiquidityBounds;
  readonly #unitMsat: number;
  readonly #amountMsat: number;
  readonly #delayFactor: number;
  readonly #writer = new PieceWriter();

  constructor(
    request: RouteRequest,
    view: PayerView,
    filter: EdgeFilter,
    bounds: LiquidityBounds,
    unitMsat: number,
    amountMsat: number,
    delayFactor: number,
  ) {
    this.#view = view;
    this.#filter = filter;
    this.#request = request;
    this.#bounds = bounds;
    this.#unitMsat = unitMsat;
    this.#amountMsat = amountMsat;
    this.#delayFactor = delayFactor;
  }

  /** The costs mixed on one scale. */
  mixed(mu: number): ArcCosts {
    const scale = this.#scale();
    return {
      describe: (edge, capacity, unitCost, at) => {
        const pieces = this.#pieces(edge, capacity, unitCost, at);
        const fee = this.#feeCost(edge);
        for (let i = at; i < at + pieces; i++)
          unitCost[i] = Math.floor(fee * mu + (MU_MOST - mu) * unitCost[i]! * scale);
        return pieces;
      },
    };
  }

  /** Pieces with the cost of their uncertainty. */
  #pieces(edge: number, capacity: Float64Array, cost: Float64Array, at: number): number {
    const { graph, now } = this.#view;
    if (!this.#filter.allows(edge) || graph.htlcMinimumMsat[edge]! > this.#request.amountMsat) return 0;
    const unit = this.#unitMsat;
    const wanted = Math.ceil(this.#amountMsat / unit);
    const writer = this.#writer;
    writer.begin(capacity, cost, at, Math.min(Math.floor(graph.usableMsat(edge) / unit), wanted));
    if (this.#filter.isOwn(edge)) {
      writer.add(sendableMsat(this.#view, edge) / unit, 0);
      return writer.pieces;
    }
    const bounds = this.#bounds.look(edge, graph.capacityMsat[edge >> 1]!, now);
    const inFlightMsat = this.#view.inFlightMsat(edge);
    const most = Math.max(0, bounds.mostMsat - inFlightMsat);
    const least = Math.min(most, Math.max(0, bounds.leastMsat - inFlightMsat));
    const certain = Math.floor(least / unit);
    const width = 1 + Math.floor(most / unit) - certain;
    writer.add(certain, 0);
    for (const { share, slope } of SLICES)
      writer.add(share * width, (slope * UNITS * (this.#amountMsat / unit)) / width);
    return writer.pieces;
  }

  /** Parts per million: base fees as if a tenth of the amount went by each way, blocks by the factor. */
  #feeCost(edge: number): number {
    if (this.#filter.isOwn(edge)) return 0;
    const { graph } = this.#view;
    const base = (graph.feeBaseMsat[edge]! * 1e7) / this.#amountMsat;
    return Math.floor(graph.feeProportionalMillionths[edge]! + base + graph.cltvExpiryDelta[edge]! * this.#delayFactor);
  }

  /** What brings the median uncertainty to the median fee, over all pieces of all channels. */
  #scale(): number {
    const { graph } = this.#view;
    const fees = new Float64Array(4 * graph.edgeCount);
    const uncertain = new Float64Array(4 * graph.edgeCount);
    const capacity = new Float64Array(MOST_PIECES);
    const cost = new Float64Array(MOST_PIECES);
    let count = 0;
    for (let edge = 0; edge < graph.edgeCount; edge++) {
      const pieces = this.#pieces(edge, capacity, cost, 0);
      const fee = pieces === 0 ? 0 : this.#feeCost(edge);
      for (let i = 0; i < pieces; i++) {
        fees[count] = fee;
        uncertain[count++] = cost[i]!;
      }
    }
    return medianRatio(fees.subarray(0, count), uncertain.subarray(0, count));
  }
}

/** The median of the fees over that of the uncertainties; 1 where there is no uncertainty to speak of. Sorts both. */
function medianRatio(fees: Float64Array, uncertain: Float64Array): number {
  const middle = fees.length >> 1;
  if (fees.length === 0) return 1;
  uncertain.sort();
  if (uncertain[middle]! < TINY) return 1;
  fees.sort();
  return fees[middle]! / uncertain[middle]!;
}
