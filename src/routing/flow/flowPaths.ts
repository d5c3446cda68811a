/** Flows taken apart into the ways that carry them (flow decomposition: Ahuja, Magnanti and Orlin, Network Flows, 3.5). */
import { present } from '../../base/assert.ts';
import type { FlowResult } from './minCostFlow.ts';

export interface FlowPath {
  /** from the source to the target */
  readonly arcs: readonly number[];
  readonly units: number;
}

/**
 * Takes a flow apart: each way follows the strongest arc from every node. Circular flow is left out.
 * @param from per arc @param to per arc
 */
export function flowPaths(
  flow: FlowResult,
  from: Int32Array,
  to: Int32Array,
  source: number,
  target: number,
): FlowPath[] {
  const left = new Map<number, number>();
  const leaving = new Map<number, number[]>();
  flow.arcs.forEach((arc, i) => {
    left.set(arc, flow.flows[i]!);
    const arcs = leaving.get(from[arc]!);
    if (arcs === undefined) leaving.set(from[arc]!, [arc]);
    else arcs.push(arc);
  });
  const unitsOf = (arc: number): number => left.get(arc) ?? 0;
  const strongest = (node: number): number =>
    (leaving.get(node) ?? []).reduce(
      (best, arc) => (unitsOf(arc) > (best === -1 ? 0 : unitsOf(best)) ? arc : best),
      -1,
    );
  const take = (arcs: readonly number[]): number => {
    const units = Math.min(...arcs.map(unitsOf));
    for (const arc of arcs) left.set(arc, unitsOf(arc) - units);
    return units;
  };
  const paths: FlowPath[] = [];
  let sent = 0;
  while (sent < flow.sent) {
    const arcs: number[] = [];
    /** where in `arcs` the way left each node */
    const leftAt = new Map<number, number>();
    for (let node = source; node !== target;) {
      const seenAt = leftAt.get(node);
      if (seenAt !== undefined) {
        const circle = arcs.splice(seenAt);
        take(circle);
        for (const arc of circle) leftAt.delete(from[arc]!);
      }
      const arc = strongest(node);
      present(arc === -1 ? null : arc, `flow that leaves node ${node}`);
      leftAt.set(node, arcs.length);
      arcs.push(arc);
      node = to[arc]!;
    }
    const units = take(arcs);
    paths.push({ arcs, units });
    sent += units;
  }
  return paths;
}
