/** Graphs with hubs and equal fees, and the best ways in them by a search that leaves nothing out. */
import { Rng } from '../../src/base/random.ts';
import { micros } from '../../src/base/time.ts';
import { forwardingFeeMsat, msat } from '../../src/base/units.ts';
import { CompiledGraph } from '../../src/graph/compiled.ts';
import type { PayerView, RouteRequest } from '../../src/routing/strategy.ts';

/**
 * A graph with hubs, whose rows are read in parts, and with fees of which many are equal: both sides of the search meet in
 * many places, at many nodes of the same bound.
 */
function hubs(rng: Rng, nodes: number): CompiledGraph {
  const ends = Array.from({ length: 4 * nodes }, () => {
    const one = rng.below(nodes);
    const hub = rng.below(3) === 0 ? rng.below(nodes) : rng.below(4);
    return one === hub ? [one, (one + 1) % nodes] : [one, hub];
  });
  const perEdge = <T>(draw: () => T): T[] => Array.from({ length: 2 * ends.length }, draw);
  const bases = [0, 0, 1, 2, 3, 1000];
  const rates = [0, 0, 1, 3, 100];
  return new CompiledGraph({
    nodeKeys: Array.from({ length: nodes }, (_, i) => `node ${i}`),
    channelIds: ends.map((_, i) => `${i}x0x0`),
    node1: ends.map(([one]) => one!),
    node2: ends.map(([, other]) => other!),
    capacityMsat: ends.map(() => 1e12),
    feeBaseMsat: perEdge(() => bases[rng.below(bases.length)]!),
    feeProportionalMillionths: perEdge(() => rates[rng.below(rates.length)]!),
    cltvExpiryDelta: perEdge(() => 1),
    htlcMinimumMsat: perEdge(() => 0),
    htlcMaximumMsat: perEdge(() => 1e12),
    enabled: perEdge(() => (rng.below(20) === 0 ? 0 : 1)),
  });
}

/** Fee and hops of the best way from every node, by settling one node after another and looking at all of them. */
function plainly(
  graph: CompiledGraph,
  target: number,
  amountMsat: number,
  out: ReadonlySet<number>,
): [number, number][] {
  const best = Array.from({ length: graph.nodeCount }, (): [number, number] => [Infinity, Infinity]);
  const open = new Set(best.keys());
  best[target] = [0, 0];
  for (;;) {
    let at = -1;
    for (const node of open) if (at === -1 || isLess(best[node]!, best[at]!)) at = node;
    if (at === -1 || best[at]![0] === Infinity) return best;
    open.delete(at);
    const [fee, hops] = best[at]!;
    for (let i = graph.rowStart[at]!; i < graph.rowStart[at + 1]!; i++) {
      const edge = graph.rowEdge[i]!;
      if (graph.enabled[edge] === 0 || out.has(edge)) continue;
      const forwarded = amountMsat + fee;
      const more = forwardingFeeMsat(forwarded, graph.feeBaseMsat[edge]!, graph.feeProportionalMillionths[edge]!);
      const way: [number, number] = [fee + more, hops + 1];
      const from = graph.edgeFrom[edge]!;
      if (isLess(way, best[from]!)) best[from] = way;
    }
  }
}

const isLess = ([fee, hops]: [number, number], [otherFee, otherHops]: [number, number]): boolean =>
  fee < otherFee || (fee === otherFee && hops < otherHops);

/** Of the payer's own edges, which are free, the one that leads to the best way on. */
function bestFree(
  graph: CompiledGraph,
  source: number,
  best: readonly [number, number][],
  view: PayerView,
  out: ReadonlySet<number>,
): [number, number] {
  let least: [number, number] = [Infinity, Infinity];
  for (let i = graph.rowStart[source]!; i < graph.rowStart[source + 1]!; i++) {
    const edge = graph.rowEdge[i]! ^ 1;
    if (out.has(edge) || view.spendableMsat(edge) === 0) continue;
    const [fee, hops] = best[graph.edgeTo[edge]!]!;
    if (isLess([fee, hops + 1], least)) least = [fee, hops + 1];
  }
  return least;
}

/** Fee and hops. */
export type Best = readonly [number, number];

/**
 * Every node but the last of a drawn graph as payer to the last, some edges excluded.
 * @param check gets what is asked, and the fee and hops of the best way, infinite where there is none
 */
export function amongHubs(
  seed: number,
  nodes: number,
  amountMsat: number,
  check: (request: RouteRequest, view: PayerView, best: Best) => void,
): void {
  const rng = Rng.fromSeed(seed);
  const graph = hubs(rng, nodes);
  const target = nodes - 1;
  const out = new Set(Array.from({ length: rng.below(6) }, () => rng.below(graph.edgeCount)));
  const best = plainly(graph, target, amountMsat, out);
  const view: PayerView = {
    graph,
    now: micros(0),
    // the payer may not know that its edge is disabled, and uses it: here it does not
    spendableMsat: (edge) => (graph.enabled[edge] === 1 ? 1e12 : 0),
    inFlightMsat: () => 0,
    excludedEdges: [...out],
    excludedNodes: [],
  };
  for (let source = 0; source < target; source++) {
    const request = {
      source,
      target,
      amountMsat: msat(amountMsat),
      finalCltvExpiryDelta: 9,
      maxFeeMsat: msat(1e9),
      maxCltvExpiryDelta: 1000,
      maxHops: 60,
      maxParts: 1,
    };
    check(request, view, bestFree(graph, source, best, view, out));
  }
}
