/**
 * The port between a payment and what chooses its way: find routes, learn from what became of them.
 *
 * A strategy object belongs to one payer and keeps that payer's memory. It sees the public graph, the payer's own channels
 * and the outcomes it is told: never another node's balance. Thousands of payers have one each, so an object is small until
 * it has learnt something; what a search writes down is shared by all searches on a graph.
 */
import type { Micros } from '../base/time.ts';
import type { Msat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { Route } from './route.ts';

/** What a payer asks for. Nodes are indices of the compiled graph. */
export interface RouteRequest {
  readonly source: number;
  readonly target: number;
  /** what the payee is to get; its forwarding fees come on top */
  readonly amountMsat: Msat;
  /** blocks the payee asks for (BOLT 11 `min_final_cltv_expiry_delta`), with what the payer adds to hide its distance */
  readonly finalCltvExpiryDelta: number;
  /** the most that all forwarding fees may come to */
  readonly maxFeeMsat: Msat;
  /** the most blocks, the payee's included, that the payer's own HTLC may be pending */
  readonly maxCltvExpiryDelta: number;
  /** the most channels in a route, the payer's own included */
  readonly maxHops: number;
  /** the most routes that the amount may be split over */
  readonly maxParts: number;
}

/** What the payer knows when it asks. */
export interface PayerView {
  readonly graph: CompiledGraph;
  readonly now: Micros;
  /** What the payer can send over one of its own edges now, msat; 0 for a channel that cannot send at all. */
  spendableMsat(edge: number): number;
  /** What the payer's own HTLCs, of this payment and of others, now carry over any edge, msat. */
  inFlightMsat(edge: number): number;
  /** Edges not to be used, for instance because they failed for this payment. */
  readonly excludedEdges: readonly number[];
  /** Nodes not to be passed through. */
  readonly excludedNodes: readonly number[];
}

/** Why there are no routes. */
export type RouteFailureReason =
  /** none on the public graph within the request's limits */
  | 'no-route'
  /** no channel of the payer can send the amount (where it may be split: not even all of them together) */
  | 'insufficient-balance'
  /** the payee is the payer */
  | 'self-payment'
  /** the amount is zero */
  | 'zero-amount'
  /** the payer or the payee is not in the graph */
  | 'unknown-node';

export interface RouteFailure {
  readonly failure: RouteFailureReason;
}

/** What became of a route that was tried. */
export interface RouteOutcome {
  readonly route: Route;
  /** the graph whose edges the route's are */
  readonly graph: CompiledGraph;
  readonly at: Micros;
  /**
   * which node of the route said so, in hops from the payer: 0 is the payer's own, the number of edges is the payee; null
   * when the payee took the HTLC
   */
  readonly erringHop: number | null;
  /** position in the route of the edge that did not carry the HTLC; null when the payee was reached */
  readonly failedHop: number | null;
  /** BOLT 4 name (`temporary_channel_failure`); null when the payee was reached */
  readonly failure: string | null;
  /** What the payer's other HTLCs, of this payment and of others, now carry over an edge, msat; left out: nothing. */
  inFlightMsat?(edge: number): number;
}

export interface RoutingStrategy {
  /** One route that carries the whole amount, or several that carry it together; or why there are none. */
  findRoutes(request: RouteRequest, view: PayerView): readonly Route[] | RouteFailure;
  /** Takes in what a route taught. */
  learn(outcome: RouteOutcome): void;
  /**
   * True for a strategy that decides by its own memory when to try a failed edge again. Without it, what failed for a
   * payment is in `excludedEdges` and `excludedNodes` for the rest of that payment.
   */
  readonly remembersFailures?: boolean;
  /**
   * True for a client that leaves a failed edge out for the rest of the payment even where the failure brought a policy of it
   * that was news; others try the edge again at once.
   */
  readonly leavesOutUpdated?: boolean;
  /** Parts that its client splits a payment into at most, unless it is told otherwise; left out: it sends one. */
  readonly clientMaxParts?: number;
}

/** Tells a failure from routes. */
export const isRouteFailure = (found: readonly Route[] | RouteFailure): found is RouteFailure => 'failure' in found;

/** What is wrong with a request whatever the graph says of its channels, or null. */
export function requestFailure(request: RouteRequest, graph: CompiledGraph): RouteFailure | null {
  const known = (node: number): boolean => Number.isInteger(node) && node >= 0 && node < graph.nodeCount;
  if (!known(request.source) || !known(request.target)) return { failure: 'unknown-node' };
  if (request.source === request.target) return { failure: 'self-payment' };
  if (request.amountMsat === 0) return { failure: 'zero-amount' };
  return null;
}
