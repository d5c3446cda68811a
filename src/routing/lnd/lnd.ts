/**
 * `lnd`: the router of lnd (commit 90ea05d5a, `routing/`), with mission control and either estimator.
 *
 * It follows the way of least fees + amount × blocks × 15·10⁻⁹ + (100 sat + 1000 ppm) ÷ probability. A payment that may be
 * split is tried whole and then halved until a part finds its way; the rest is asked for again.
 */
import { msat } from '../../base/units.ts';
import { amount, choice, count } from '../options.ts';
import { balanceFailure } from '../ownChannels.ts';
import { Parts } from '../parts.ts';
import { priceRoute } from '../route.ts';
import {
  type PayerView,
  type RouteFailure,
  type RouteRequest,
  type RoutingStrategy,
  requestFailure,
} from '../strategy.ts';
import { strategyKind } from '../strategyKind.ts';
import { aprioriEstimator } from './apriori.ts';
import { bimodalEstimator } from './bimodal.ts';
import type { ProbabilityEstimator } from './estimator.ts';
import { MissionControl } from './missionControl.ts';
import { type LndWeights, findPath } from './search.ts';

const OPTIONS = {
  estimator: choice('how probabilities are estimated', 'apriori', ['apriori', 'bimodal']),
  timePreference: amount('−1: cheap routes, 1: likely ones', 0, -1, 1),
  attemptCostSat: amount('a virtual cost of a failed attempt', 100, 0, 1e8),
  attemptCostMillionths: amount('added to it, as a share of the amount', 1000, 0, 1e6),
  riskFactorBillionths: count('cost of locking the amount for a block, as a share of it', 15, 0, 1e6),
  minProbability: amount('ways less likely than this are not followed', 0.01, 0, 1),
  minShardSat: count('no part is halved below this', 10_000, 1, 1e9),
  aprioriHopProbability: amount('of a pair of which nothing is known', 0.6, 0, 1),
  aprioriWeight: amount('of that guess against what was seen', 0.5, 0, 1),
  penaltyHalfLifeSeconds: amount('a failure counts half after this time', 3600, 1, 1e9),
  capacityFraction: amount('share of the capacity at which the probability falls', 0.9999, 0.75, 1),
  bimodalScaleMsat: amount('how far balances spread from the ends of a channel', 3e8, 1, 1e15),
  bimodalNodeWeight: amount('of a result on another pair of the node', 0.2, 0, 1),
  bimodalDecaySeconds: amount('what was learnt is worth 1/e after this time', 604_800, 1, 1e9),
} as const;

export const lnd = strategyKind({
  summary: 'fees, blocks and an attempt cost over the probability, as lnd weighs them',
  source: 'lnd 90ea05d5a, routing/{pathfind,probability_*,missioncontrol*,result_interpretation,unified_edges}.go',
  options: OPTIONS,
  prepare: (options) => {
    const estimator =
      options.estimator === 'bimodal'
        ? bimodalEstimator({
            scaleMsat: options.bimodalScaleMsat,
            nodeWeight: options.bimodalNodeWeight,
            decaySeconds: options.bimodalDecaySeconds,
          })
        : aprioriEstimator({
            hopProbability: options.aprioriHopProbability,
            weight: options.aprioriWeight,
            penaltyHalfLifeSeconds: options.penaltyHalfLifeSeconds,
            capacityFraction: options.capacityFraction,
          });
    const weights: LndWeights = {
      attemptCostMsat: options.attemptCostSat * 1000,
      attemptCostMillionths: options.attemptCostMillionths,
      riskFactorBillionths: options.riskFactorBillionths,
      timePreference: options.timePreference,
      minProbability: options.minProbability,
    };
    const minShardMsat = options.minShardSat * 1000;
    return () => new LndStrategy(estimator, weights, minShardMsat);
  },
});

/** lnd, `DefaultMaxParts`. */
const MAX_PARTS = 16;

class LndStrategy implements RoutingStrategy {
  readonly remembersFailures = true;
  readonly clientMaxParts = MAX_PARTS;
  readonly #memory = new MissionControl();
  readonly #estimator: ProbabilityEstimator;
  readonly #weights: LndWeights;
  readonly #minShardMsat: number;

  constructor(estimator: ProbabilityEstimator, weights: LndWeights, minShardMsat: number) {
    this.#estimator = estimator;
    this.#weights = weights;
    this.#minShardMsat = minShardMsat;
  }

  findRoutes(request: RouteRequest, view: PayerView): ReturnType<RoutingStrategy['findRoutes']> {
    const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
    if (fault !== null) return fault;
    const parts = new Parts();
    while (parts.deliveredMsat < request.amountMsat) {
      const found = this.#nextPart(request, view, parts);
      if (found !== null) return found;
    }
    return parts.routes;
  }

  learn(outcome: Parameters<RoutingStrategy['learn']>[0]): void {
    this.#memory.learn(outcome);
  }

  /** Adds a part for all that is left or, where no way carries that, for a half, a quarter, … of it. */
  #nextPart(request: RouteRequest, view: PayerView, parts: Parts): RouteFailure | null {
    const { graph } = view;
    const left = parts.after(view);
    const maxFeeMsat = parts.rest(request.maxFeeMsat, parts.feeMsat);
    let amountMsat = parts.rest(request.amountMsat, parts.deliveredMsat);
    for (;;) {
      const part = { ...request, amountMsat, maxFeeMsat };
      const path = findPath(part, left, this.#memory, this.#estimator, this.#weights);
      if (path !== null) {
        const { edges, grantedDeltas, probability } = path;
        const route = priceRoute(graph, edges, amountMsat, request.finalCltvExpiryDelta, grantedDeltas);
        parts.add({ ...route, probability });
        return null;
      }
      const isLast = parts.routes.length + 1 >= request.maxParts;
      amountMsat = msat(Math.floor(amountMsat / 2));
      if (isLast || amountMsat < this.#minShardMsat) return { failure: 'no-route' };
    }
  }
}
