/** What a payer's own channels can send: the first thing that every strategy asks. */
import type { PayerView, RouteFailure, RouteRequest } from './strategy.ts';

/** The payer's own edges, by rising edge. */
export function ownEdges(view: PayerView, source: number): number[] {
  const { graph } = view;
  const edges: number[] = [];
  for (let i = graph.rowStart[source]!; i < graph.rowStart[source + 1]!; i++) edges.push(graph.rowEdge[i]! ^ 1);
  return edges;
}

/** What one HTLC over an own edge may carry now, msat: the gossiped limits hold for its owner too. */
export const sendableMsat = (view: PayerView, edge: number): number =>
  Math.min(view.spendableMsat(edge), view.graph.usableMsat(edge));

/** `insufficient-balance` where no own channel, or not all that the parts may use together, can send the amount. */
export function balanceFailure(request: RouteRequest, view: PayerView): RouteFailure | null {
  const excluded = new Set(view.excludedEdges);
  const blocked = new Set(view.excludedNodes);
  let most = 0;
  let together = 0;
  for (const edge of ownEdges(view, request.source)) {
    const peer = view.graph.edgeTo[edge]!;
    if (excluded.has(edge) || (blocked.has(peer) && peer !== request.target)) continue;
    most = Math.max(most, sendableMsat(view, edge));
    together += view.spendableMsat(edge);
  }
  const reachable = request.maxParts > 1 ? together : most;
  return reachable < request.amountMsat ? { failure: 'insufficient-balance' } : null;
}
