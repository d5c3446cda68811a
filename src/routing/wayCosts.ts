/** Costs of ways by name: what `k-shortest` ranks by. */
import { ln } from '../base/math.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { WayCost } from './waySearch.ts';

/** How likely a channel carries an amount if its liquidity is uniform: 1 − a / (c + 1) (Pickhardt and others, arXiv 2103.08576). */
export const uniformProbability = (graph: CompiledGraph, edge: number, amountMsat: number): number =>
  1 - amountMsat / (graph.capacityMsat[edge >> 1]! + 1);

export const WAY_COSTS = ['fee', 'hops', 'blocks', 'risk'] as const;
export type WayCostName = (typeof WAY_COSTS)[number];

/** A cost by its name. */
export function wayCost(name: WayCostName, graph: CompiledGraph): WayCost {
  return (way, rest, edge, isOwn) => {
    const likely = isOwn ? 1 : uniformProbability(graph, edge, rest.amountMsat);
    if (likely <= 0) return false;
    way.probability = rest.probability * likely;
    switch (name) {
      case 'fee':
        way.cost = way.feeMsat;
        return true;
      case 'hops':
        way.cost = way.hops;
        return true;
      case 'blocks':
        way.cost = way.blocks;
        return true;
      case 'risk':
        way.cost = rest.cost - ln(likely);
        return true;
    }
  };
}
