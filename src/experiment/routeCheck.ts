/**
 * Whether routes are routes, and whether the public graph lets them through: what a benchmark asks of every strategy's
 * answers, and a run of those of a user's own.
 */
import { forwardingFeeMsat } from '../base/units.ts';
import type { Route } from '../routing/route.ts';
import type { PayerView, RouteRequest } from '../routing/strategy.ts';

/**
 * What makes these no routes for the request at all, in words; null if nothing does.
 *
 * Each must lead from the payer to the payee over edges of the graph, with an amount and an expiry for each, and together
 * they must bring the amount.
 */
export function structureFault(request: RouteRequest, view: PayerView, routes: readonly Route[]): string | null {
  const { graph } = view;
  const { source, target, amountMsat, maxParts } = request;
  if (routes.length === 0 || routes.length > maxParts) return `${routes.length} routes`;
  let deliveredMsat = 0;
  for (const [part, { edges, amountsMsat, cltvExpiryDeltas, feeMsat }] of routes.entries()) {
    const named = routes.length === 1 ? 'a route' : `route ${part + 1}`;
    let node = source;
    for (const [hop, edge] of edges.entries()) {
      if (!Number.isInteger(edge) || edge < 0 || edge >= graph.edgeCount) return `${named} over edge ${edge}`;
      if (graph.edgeFrom[edge] !== node) return `${named} whose edge ${hop} (${edge}) does not leave node ${node}`;
      node = graph.edgeTo[edge]!;
    }
    if (node !== target || edges.length === 0) return `${named} that ends at node ${node}`;
    if (amountsMsat.length !== edges.length || cltvExpiryDeltas.length !== edges.length) {
      return `${named} of ${edges.length} edges with ${amountsMsat.length} amounts and ${cltvExpiryDeltas.length} expiries`;
    }
    const odd = [...amountsMsat, ...cltvExpiryDeltas, feeMsat].find(
      (value) => !Number.isSafeInteger(value) || value < 0,
    );
    if (odd !== undefined) return `${named} with ${odd} for an amount, an expiry or a fee`;
    if (feeMsat !== amountsMsat[0]! - amountsMsat.at(-1)!)
      return `${named} whose fee is not what it sends beyond its amount`;
    deliveredMsat += amountsMsat.at(-1)!;
  }
  return deliveredMsat === amountMsat ? null : `routes that bring ${deliveredMsat} msat`;
}

/** Why the public graph or the request does not let a route through. */
export type PolicyFault =
  | 'loop'
  | 'disabled'
  | 'amount-below-minimum'
  | 'amount-above-maximum'
  | 'capacity'
  | 'fee-insufficient'
  | 'expiry-too-soon'
  | 'fee-limit'
  | 'cltv-limit'
  | 'hop-limit';

/**
 * The first rule that routes break; null if they keep them all. Routes over the same channel share its capacity.
 * @param routes with no `structureFault`
 */
export function policyFault(request: RouteRequest, view: PayerView, routes: readonly Route[]): PolicyFault | null {
  const { graph } = view;
  const carriedMsat = new Map<number, number>();
  for (const route of routes) {
    const { edges, amountsMsat, cltvExpiryDeltas } = route;
    if (edges.length > request.maxHops) return 'hop-limit';
    if (new Set(edges.map((edge) => graph.edgeTo[edge]).concat(request.source)).size <= edges.length) return 'loop';
    if (cltvExpiryDeltas[0]! > request.maxCltvExpiryDelta) return 'cltv-limit';
    if (cltvExpiryDeltas.at(-1)! < request.finalCltvExpiryDelta) return 'expiry-too-soon';
    for (const [hop, edge] of edges.entries()) {
      const amountMsat = amountsMsat[hop]!;
      carriedMsat.set(edge, (carriedMsat.get(edge) ?? 0) + amountMsat);
      if (amountMsat < graph.htlcMinimumMsat[edge]!) return 'amount-below-minimum';
      if (amountMsat > graph.htlcMaximumMsat[edge]!) return 'amount-above-maximum';
      if (hop === 0) continue;
      if (graph.enabled[edge] !== 1) return 'disabled';
      const asked = forwardingFeeMsat(amountMsat, graph.feeBaseMsat[edge]!, graph.feeProportionalMillionths[edge]!);
      if (amountsMsat[hop - 1]! - amountMsat < asked) return 'fee-insufficient';
      if (cltvExpiryDeltas[hop - 1]! - cltvExpiryDeltas[hop]! < graph.cltvExpiryDelta[edge]!) return 'expiry-too-soon';
    }
  }
  for (const [edge, amountMsat] of carriedMsat) {
    const isOwn = graph.edgeFrom[edge] === request.source;
    const mostMsat = Math.min(graph.capacityMsat[edge >> 1]!, isOwn ? view.spendableMsat(edge) : Infinity);
    if (amountMsat > mostMsat) return 'capacity';
  }
  const feeMsat = routes.reduce((sum, route) => sum + route.feeMsat, 0);
  return feeMsat > request.maxFeeMsat ? 'fee-limit' : null;
}
