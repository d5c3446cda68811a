/** What a convex cost asks for a number of units: so that one way can be searched under the costs of a flow. */
import { type ArcCosts, MOST_PIECES } from './minCostFlow.ts';

const capacity = new Float64Array(MOST_PIECES);
const unitCost = new Float64Array(MOST_PIECES);

/** The cost of that many units on an arc that carries nothing else; infinite where they don't fit. */
export function costOfUnits(costs: ArcCosts, arc: number, units: number): number {
  const pieces = costs.describe(arc, capacity, unitCost, 0);
  let left = units;
  let cost = 0;
  for (let piece = 0; piece < pieces && left > 0; piece++) {
    const taken = Math.min(left, capacity[piece]!);
    cost += taken * unitCost[piece]!;
    left -= taken;
  }
  return left > 0 ? Infinity : cost;
}
