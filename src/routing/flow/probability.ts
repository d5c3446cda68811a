/** How likely liquidity between bounds carries an amount if it is uniform (Pickhardt and Richter, arXiv 2107.05322). */
import { exp, ln } from '../../base/math.ts';
import type { Route } from '../route.ts';
import type { PayerView } from '../strategy.ts';
import type { LiquidityBounds } from './liquidityBounds.ts';

/** How likely a route carries its amounts: (most + 1 − a) / (most + 1 − least) above the lower bound, at each foreign channel. */
export function boundedProbability(route: Route, view: PayerView, bounds: LiquidityBounds): number {
  let cost = 0;
  for (let hop = 1; hop < route.edges.length; hop++) {
    cost += boundedCost(view, route.edges[hop]!, route.amountsMsat[hop]!, bounds);
  }
  return cost === Infinity ? 0 : exp(-cost);
}

/** −ln of that probability at one edge, beside what is in flight there; infinite above the upper bound. */
export function boundedCost(view: PayerView, edge: number, amountMsat: number, bounds: LiquidityBounds): number {
  const { leastMsat, mostMsat } = bounds.look(edge, view.graph.capacityMsat[edge >> 1]!, view.now);
  const totalMsat = amountMsat + view.inFlightMsat(edge);
  if (totalMsat <= leastMsat) return 0;
  if (totalMsat > mostMsat) return Infinity;
  return -ln((mostMsat + 1 - totalMsat) / (mostMsat + 1 - leastMsat));
}
