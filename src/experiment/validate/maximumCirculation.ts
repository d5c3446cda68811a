/**
 * The most of a demand that can go on for ever on channels of any size: the maximum circulation in it (Sivaraman et al.,
 * Spider, NSDI 2020, section 5). A circulation is what is left when as little as possible is taken out of the demand so that
 * each node pays what it is paid: a flow of least cost from nodes that pay more to nodes that pay less.
 */
import { MinCostFlow } from '../../routing/flow/minCostFlow.ts';

/** One pays another so often; an integer. */
export interface PairDemand {
  readonly from: number;
  readonly to: number;
  readonly rate: number;
}

/** @param nodes how many @returns the sum of rates of a largest circulation */
export function maximumCirculation(nodes: number, demands: readonly PairDemand[]): number {
  const [source, target] = [nodes, nodes + 1];
  /** by node, what it pays more than it is paid */
  const excess = new Float64Array(nodes);
  for (const { from, to, rate } of demands) {
    excess[from]! += rate;
    excess[to]! -= rate;
  }
  const ends = Array.from(excess, (more, node) =>
    more > 0 ? { from: source, to: node, rate: more } : { from: node, to: target, rate: -more },
  );
  const arcs = [...demands, ...ends];
  const flow = new MinCostFlow(
    nodes + 2,
    Int32Array.from(arcs, ({ from }) => from),
    Int32Array.from(arcs, ({ to }) => to),
  );
  const all = demands.reduce((sum, { rate }) => sum + rate, 0);
  const taken = excess.reduce((sum, more) => sum + Math.max(0, more), 0);
  if (taken === 0) return all;
  const describe = (arc: number, capacity: Float64Array, unitCost: Float64Array, at: number): number => {
    capacity[at] = arcs[arc]!.rate;
    unitCost[at] = arc < demands.length ? 1 : 0;
    return arcs[arc]!.rate > 0 ? 1 : 0;
  };
  return all - flow.solve({ describe }, source, target, taken).cost;
}
