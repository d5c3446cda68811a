/**
 * `cln-pay`: the path-finder of Core Lightning's `pay` (commit 090f4b0e6, `common/dijkstra.c`, `plugins/libplugin-pay.c`).
 *
 * An edge scores (1 − ln((c + 1 − a)/(c + 1))) × (fee + risk + 1), rounded down, with risk = a × 10 % a year for its blocks.
 * Where the best way breaks a limit, the shortest is taken. (pay then tries disabled channels, too; no payer here knows more of
 * them than that their nodes refuse.)
 */
import { ln } from '../../base/math.ts';
import { amount } from '../options.ts';
import { balanceFailure } from '../ownChannels.ts';
import { Parts } from '../parts.ts';
import { priceRoute } from '../route.ts';
import { type PayerView, type RouteRequest, type RoutingStrategy, requestFailure } from '../strategy.ts';
import { strategyKind } from '../strategyKind.ts';
import { type WayCost, WaySearch } from '../waySearch.ts';
import { uniformProbability } from '../wayCosts.ts';
import { msat } from '../../base/units.ts';

/** 365.25 days at ten minutes a block. */
const BLOCKS_PER_YEAR = 52_596;
/** What an edge scores at most: scores are 32 bits. */
const MOST_SCORE = 2 ** 32 - 1;
/** No part is split below this, msat (`MPP_MIN`, 10,000 sat). */
const LEAST_PART_MSAT = 10_000_000;

/** Parts at most (`PRESPLIT_MAX_SPLITS`). */
const MAX_PARTS = 16;

const OPTIONS = {
  riskFactor: amount('cost of locking funds, percent a year', 10, 0, 1e6),
} as const;

export const clnPay = strategyKind({
  summary: 'fees and risk, biased to large channels, as Core Lightning’s pay scores them',
  source: 'Core Lightning 090f4b0e6, common/{dijkstra,route}.c, plugins/libplugin-pay.c',
  options: OPTIONS,
  prepare:
    ({ riskFactor }) =>
    (): RoutingStrategy => ({
      clientMaxParts: MAX_PARTS,
      findRoutes(request, view) {
        const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
        if (fault !== null) return fault;
        const parts = new Parts();
        while (parts.deliveredMsat < request.amountMsat) {
          if (!addPart(parts, request, view, riskFactor)) return { failure: 'no-route' };
        }
        return parts.routes;
      },
      learn: () => undefined,
    }),
});

/** Adds a part for what is left or, where no way carries that, for a half of it, a quarter, … */
function addPart(parts: Parts, request: RouteRequest, view: PayerView, riskFactor: number): boolean {
  const left = parts.after(view);
  const maxFeeMsat = parts.rest(request.maxFeeMsat, parts.feeMsat);
  let amountMsat = parts.rest(request.amountMsat, parts.deliveredMsat);
  for (;;) {
    const asked = { ...request, amountMsat, maxFeeMsat };
    const edges = findWay(asked, left, riskFactor);
    if (edges !== null) {
      const route = priceRoute(view.graph, edges, amountMsat, request.finalCltvExpiryDelta);
      const probability = edges.reduce(
        (likely, edge, hop) =>
          hop === 0 ? likely : likely * uniformProbability(view.graph, edge, route.amountsMsat[hop]!),
        1,
      );
      parts.add({ ...route, probability });
      return true;
    }
    amountMsat = msat(Math.ceil(amountMsat / 2));
    if (parts.routes.length + 1 >= request.maxParts || amountMsat < LEAST_PART_MSAT) return false;
  }
}

/** The way of the best score or, where that breaks a limit, the shortest. */
function findWay(request: RouteRequest, view: PayerView, riskFactor: number): number[] | null {
  const score = capacityScore(view, riskFactor);
  return new WaySearch(request, view, score).find() ?? new WaySearch(request, view, shortest(riskFactor)).find();
}

const riskMsat = (amountMsat: number, blocks: number, riskFactor: number): number =>
  Math.floor(((amountMsat * riskFactor) / 100 / BLOCKS_PER_YEAR) * blocks);

function capacityScore({ graph }: PayerView, riskFactor: number): WayCost {
  return (way, rest, edge, isOwn) => {
    if (isOwn) {
      way.cost = rest.cost + 1;
      return true;
    }
    const likely = uniformProbability(graph, edge, rest.amountMsat);
    if (likely <= 0) return false;
    const risk = riskMsat(rest.amountMsat, way.blocks - rest.blocks, riskFactor);
    const score = (1 - ln(likely)) * (way.feeMsat - rest.feeMsat + risk + 1);
    way.cost = rest.cost + Math.min(MOST_SCORE, Math.floor(score));
    return true;
  };
}

/** Hops first, then fees and risk (`route_score_shorter`). */
function shortest(riskFactor: number): WayCost {
  return (way, rest, _edge, isOwn) => {
    const risk = isOwn ? 0 : riskMsat(rest.amountMsat, way.blocks - rest.blocks, riskFactor);
    way.cost = rest.cost + way.feeMsat - rest.feeMsat + risk + 2 ** 32;
    return true;
  };
}
