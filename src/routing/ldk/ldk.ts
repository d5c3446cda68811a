/**
 * `ldk`: the router of LDK (commit cfee4b755, `lightning/src/routing/{router,scoring}.rs`) with the ProbabilisticScorer.
 *
 * A payment in one part takes the cheapest path that fills at most a quarter of any channel, or else the cheapest at all. One
 * that may be split collects paths of at least a share of the amount each, up to three times the amount, and keeps the
 * cheapest by value. LDK leaves blocks for a random delay that hides the payee's distance; `privacyBlocks` says how many.
 */
import { type Msat, msat } from '../../base/units.ts';
import type { CompiledGraph } from '../../graph/compiled.ts';
import { amount, count, onOff } from '../options.ts';
import { balanceFailure } from '../ownChannels.ts';
import { type Route, priceRoute } from '../route.ts';
import {
  type PayerView,
  type RouteFailure,
  type RouteOutcome,
  type RouteRequest,
  type RoutingStrategy,
  requestFailure,
} from '../strategy.ts';
import { strategyKind } from '../strategyKind.ts';
import { LiquidityMemory, type DecayOptions } from './liquidity.ts';
import { type PayerScores, Scorer } from './scorer.ts';
import { type LdkPath, findPath } from './search.ts';

/** LDK collects paths for so many times the amount before it chooses (`ROUTE_CAPACITY_PROVISION_FACTOR`). */
const PROVISION_FACTOR = 3;

const OPTIONS = {
  basePenaltyMsat: amount('a penalty for every channel', 5_120, 0, 1e9),
  basePenaltyAmountMultiplierMsat: amount('added to it, per 2^30 msat', 655_360, 0, 1e12),
  liquidityPenaltyMultiplierMsat: amount('per unit of −log₁₀ p by the present bounds', 0, 0, 1e9),
  liquidityPenaltyAmountMultiplierMsat: amount('the same, per 2^20 msat', 0, 0, 1e9),
  historicalLiquidityPenaltyMultiplierMsat: amount('per unit of −log₁₀ p by the bounds’ history', 50_000, 0, 1e9),
  historicalLiquidityPenaltyAmountMultiplierMsat: amount('the same, per 2^20 msat', 6_250, 0, 1e9),
  antiProbingPenaltyMsat: amount('for a maximum HTLC of half the capacity or more', 1_250, 0, 1e9),
  consideredImpossiblePenaltyMsat: amount('for more than the upper bound', 1e11, 0, 1e13),
  linearSuccessProbability: onOff('liquidity taken to be uniform', false),
  liquidityOffsetHalfLifeSeconds: amount('of the bounds', 1_800, 1, 1e9),
  historicalNoUpdatesHalfLifeSeconds: amount('of the history without news', 1_209_600, 1, 1e9),
  maxChannelSaturationPowerOfHalf: count('at most this power of ½ of a channel’s capacity in an HTLC', 2, 0, 16),
  privacyBlocks: count('blocks kept free for a random delay', 80, 0, 1_000),
} as const;

export const ldk = strategyKind({
  summary: 'fees and penalties for unlikely channels, as LDK’s ProbabilisticScorer sets them',
  source: 'LDK cfee4b755, lightning/src/routing/{router,scoring,log_approx}.rs',
  options: OPTIONS,
  prepare: (options) => {
    const scorer = new Scorer(options);
    const decay: DecayOptions = {
      offsetHalfLifeSeconds: options.liquidityOffsetHalfLifeSeconds,
      historyHalfLifeSeconds: options.historicalNoUpdatesHalfLifeSeconds,
    };
    const { maxChannelSaturationPowerOfHalf, privacyBlocks } = options;
    return () => new LdkStrategy(scorer, decay, maxChannelSaturationPowerOfHalf, privacyBlocks);
  },
});

/** LDK, `DEFAULT_MAX_PATH_COUNT`. */
const MAX_PARTS = 10;

class LdkStrategy implements RoutingStrategy {
  readonly clientMaxParts = MAX_PARTS;
  /** `previously_failed_channels` holds every channel that a failure named. */
  readonly leavesOutUpdated = true;
  readonly #scorer: Scorer;
  readonly #memory: LiquidityMemory;
  readonly #saturation: number;
  readonly #privacyBlocks: number;

  constructor(scorer: Scorer, decay: DecayOptions, saturation: number, privacyBlocks: number) {
    this.#scorer = scorer;
    this.#memory = new LiquidityMemory(decay);
    this.#saturation = saturation;
    this.#privacyBlocks = privacyBlocks;
  }

  findRoutes(request: RouteRequest, view: PayerView): ReturnType<RoutingStrategy['findRoutes']> {
    const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
    if (fault !== null) return fault;
    const scores: PayerScores = { scorer: this.#scorer, memory: this.#memory, now: view.now };
    const chosen = choose(this.#collect(request, view, scores), request, view.graph);
    if (chosen === null) return { failure: 'no-route' };
    const routes = chosen.map((route) => ({ ...route, probability: this.#probability(route, view) }));
    const feeMsat = routes.reduce((sum, route) => sum + route.feeMsat, 0);
    return feeMsat > request.maxFeeMsat ? ({ failure: 'no-route' } satisfies RouteFailure) : routes;
  }

  /** A failure's amount is the one the payee was to get, on every hop of the route. */
  learn({ route, graph, at, failedHop, failure }: RouteOutcome): void {
    const amountMsat = route.amountsMsat.at(-1) ?? 0;
    const last = failedHop ?? route.edges.length - 1;
    for (let hop = 0; hop <= last; hop++) {
      const edge = route.edges[hop]!;
      const capacityMsat = graph.capacityMsat[edge >> 1]!;
      if (failure === null) this.#memory.succeeded(edge, amountMsat, capacityMsat, at);
      else if (hop === failedHop) this.#memory.failed(edge, amountMsat, capacityMsat, at);
      else this.#memory.passed(edge, amountMsat, capacityMsat, at);
    }
  }

  /** Collects paths until there is enough to choose from, and says what each costs. */
  #collect(request: RouteRequest, view: PayerView, scores: PayerScores): LdkPath[] {
    const { amountMsat, finalCltvExpiryDelta } = request;
    const paths: LdkPath[] = [];
    const usedMsat = new Map<number, number>();
    const maxCltvExpiryDelta =
      request.maxCltvExpiryDelta - finalCltvExpiryDelta >= this.#privacyBlocks
        ? request.maxCltvExpiryDelta - this.#privacyBlocks
        : request.maxCltvExpiryDelta;
    const leastContributionMsat = Math.ceil(amountMsat / request.maxParts);
    let saturationPowerOfHalf = this.#saturation;
    let collectedMsat = 0;
    while (collectedMsat < PROVISION_FACTOR * amountMsat) {
      const demand = {
        valueMsat: amountMsat,
        leastContributionMsat,
        saturationPowerOfHalf,
        maxCltvExpiryDelta,
        usedMsat,
      };
      const path = findPath(request, view, scores, demand);
      if (path === null) {
        if (saturationPowerOfHalf === 0) break;
        saturationPowerOfHalf = 0;
        continue;
      }
      paths.push(path);
      collectedMsat += path.valueMsat;
      if (collectedMsat === amountMsat && paths.length === 1) break;
      reserve(usedMsat, path, request, view.graph);
    }
    return paths;
  }

  #probability(route: Route, view: PayerView): number {
    let likely = 1;
    for (let hop = 1; hop < route.edges.length; hop++) {
      const edge = route.edges[hop]!;
      const capacityMsat = view.graph.capacityMsat[edge >> 1]!;
      const liquidity = this.#memory.look(edge, capacityMsat, view.now);
      likely *= this.#scorer.probability(liquidity, route.amountsMsat[hop]!, view.inFlightMsat(edge), capacityMsat);
    }
    return likely;
  }
}

/** Takes a path's amounts off its channels; one that could carry more gives its middle channel up, or it would come again. */
function reserve(usedMsat: Map<number, number>, path: LdkPath, request: RouteRequest, graph: CompiledGraph): void {
  const route = priceRoute(graph, path.edges, msat(path.valueMsat), request.finalCltvExpiryDelta);
  route.edges.forEach((edge, hop) => usedMsat.set(edge, (usedMsat.get(edge) ?? 0) + route.amountsMsat[hop]!));
  if (path.valueMsat < request.amountMsat) return;
  const victim = path.edges[path.edges.length >> 1]!;
  usedMsat.set(victim, Infinity).set(victim ^ 1, Infinity);
}

interface Candidate {
  readonly path: LdkPath;
  route: Route;
  readonly cost: number;
}

/** Keeps the paths that cost least by value, and takes what they bring too much off one of them. */
function choose(paths: readonly LdkPath[], request: RouteRequest, graph: CompiledGraph): Route[] | null {
  const price = (edges: readonly number[], valueMsat: number): Route =>
    priceRoute(graph, edges, msat(valueMsat), request.finalCltvExpiryDelta);
  const candidates = paths.map((path): Candidate => {
    const route = price(path.edges, path.valueMsat);
    return { path, route, cost: route.feeMsat + path.penaltyMsat };
  });
  let overpaidMsat = paths.reduce((sum, { valueMsat }) => sum + valueMsat, 0) - request.amountMsat;
  if (overpaidMsat < 0) return null;
  const byCost = candidates.toSorted((a, b) => b.cost * a.path.valueMsat - a.cost * b.path.valueMsat);
  let left = byCost.length;
  const kept = byCost.filter(({ path: { valueMsat } }) => {
    if (left === 1 || valueMsat > overpaidMsat) return true;
    overpaidMsat -= valueMsat;
    left--;
    return false;
  });
  if (overpaidMsat > 0) {
    const millionths = ({ path }: Candidate): number =>
      path.edges.reduce((sum, edge, hop) => sum + (hop === 0 ? 0 : graph.feeProportionalMillionths[edge]!), 0);
    const reduced = kept
      .toSorted((a, b) => millionths(a) - millionths(b) || b.cost - a.cost)
      .map((candidate) => ({
        candidate,
        route:
          candidate.path.valueMsat > overpaidMsat
            ? price(candidate.path.edges, candidate.path.valueMsat - overpaidMsat)
            : null,
      }))
      // LDK pays more where the rest is below a minimum; here another path is reduced
      .find(({ route }) => route?.edges.every((edge, hop) => route.amountsMsat[hop]! >= graph.htlcMinimumMsat[edge]!));
    if (reduced === undefined || reduced.route === null) return null;
    reduced.candidate.route = reduced.route;
  }
  return merged(
    kept.map(({ route }) => route),
    price,
  );
}

/** Makes one route of those that go the same way. */
function merged(routes: readonly Route[], price: (edges: readonly number[], valueMsat: number) => Route): Route[] {
  const values = new Map<string, { edges: readonly number[]; valueMsat: number }>();
  for (const { edges, amountsMsat } of routes) {
    const way = edges.join(' ');
    const valueMsat: Msat = amountsMsat.at(-1)!;
    values.set(way, { edges, valueMsat: (values.get(way)?.valueMsat ?? 0) + valueMsat });
  }
  return [...values.values()].map(({ edges, valueMsat }) => price(edges, valueMsat));
}
