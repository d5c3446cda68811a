/**
 * The life of a payment at its payer: ask for a route, try it, learn from the failure, ask again, up to a limit.
 */
import { assert } from '../base/assert.ts';
import type { Micros } from '../base/time.ts';
import type { Msat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { Route } from '../routing/route.ts';
import {
  isRouteFailure,
  type PayerView,
  type RouteFailureReason,
  type RouteOutcome,
  type RoutingStrategy,
} from '../routing/strategy.ts';
import { isFinal, isNodeFailure, type FailureName, type PaymentFailure } from './failure.ts';
import { DEFAULT_FINAL_CLTV_EXPIRY_DELTA, FINAL_CLTV_PADDING_BLOCKS } from './forwarding.ts';

/** What is to be paid, and how hard to try. Nodes are indices of the compiled graph. */
export interface PaymentOrder {
  readonly id: number;
  readonly source: number;
  readonly target: number;
  readonly amountMsat: Msat;
  readonly maxFeeMsat: Msat;
  readonly maxAttempts: number;
  readonly maxHops: number;
  /** blocks */
  readonly maxCltvExpiryDelta: number;
}

/** Why a payment failed: no route, or the last failure that came back when the attempts were used up. */
export type PaymentFailureReason = RouteFailureReason | FailureName | 'payer-offline';

export type PaymentStatus = 'pending' | 'succeeded' | 'failed';

export class OutgoingPayment {
  readonly order: PaymentOrder;
  readonly startedAt: Micros;
  readonly paymentHash: Uint8Array;
  status: PaymentStatus = 'pending';
  endedAt: Micros | null = null;
  attempts = 0;
  /** the route being tried, or the one that went through */
  route: Route | null = null;
  failure: PaymentFailureReason | null = null;
  #lastFailure: FailureName | null = null;
  /** what the strategy's route was found on; null for a route from outside, which teaches it nothing */
  #graph: CompiledGraph | null = null;
  readonly #excludedEdges: number[] = [];
  readonly #excludedNodes: number[] = [];

  constructor(order: PaymentOrder, paymentHash: Uint8Array, startedAt: Micros) {
    this.order = order;
    this.paymentHash = paymentHash;
    this.startedAt = startedAt;
  }

  /** The route to try next, or null: the payment has then failed. */
  nextRoute(
    strategy: RoutingStrategy,
    graph: CompiledGraph,
    now: Micros,
    spendableMsat: (edge: number) => number,
  ): Route | null {
    assert(this.status === 'pending', 'only a pending payment asks for a route');
    const { order } = this;
    if (this.attempts >= order.maxAttempts) return this.#giveUp(now, this.#lastFailure ?? 'no-route');
    const view: PayerView = {
      graph,
      now,
      spendableMsat,
      inFlightMsat: () => 0, // one part at a time: the last one has ended
      excludedEdges: this.#excludedEdges,
      excludedNodes: this.#excludedNodes,
    };
    const found = strategy.findRoutes(
      { ...order, maxParts: 1, finalCltvExpiryDelta: DEFAULT_FINAL_CLTV_EXPIRY_DELTA + FINAL_CLTV_PADDING_BLOCKS },
      view,
    );
    if (isRouteFailure(found)) return this.#giveUp(now, found.failure);
    assert(found.length === 1, 'payments are sent in one part');
    this.#graph = graph;
    return this.useRoute(found[0]!);
  }

  /** Begins an attempt along a route that was given from outside. */
  useRoute(route: Route): Route {
    this.attempts++;
    this.route = route;
    return route;
  }

  /** Ends the payment before any attempt: its payer can't even try. */
  refuse(reason: PaymentFailureReason, now: Micros): void {
    this.#giveUp(now, reason);
  }

  /** The attempt failed. What failed is left out from now on, and the strategy hears of it. */
  attemptFailed(failure: PaymentFailure, graph: CompiledGraph, strategy: RoutingStrategy, now: Micros): void {
    const route = this.#tried();
    const { name, erringHop } = failure;
    const final = isFinal(name);
    const failedHop = final ? null : Math.min(erringHop, route.edges.length - 1);
    this.#teach(strategy, now, { erringHop, failedHop, failure: name });
    this.#lastFailure = name;
    if (final) {
      this.#giveUp(now, name);
    } else if (strategy.remembersFailures === true) {
      return;
    } else if (isNodeFailure(name)) {
      this.#excludedNodes.push(graph.edgeFrom[route.edges[Math.min(erringHop, route.edges.length - 1)]!]!);
    } else {
      // the erring node is the one before the edge it could not use: hop h forwards over edge h
      this.#excludedEdges.push(route.edges[Math.min(erringHop, route.edges.length - 1)]!);
    }
  }

  /** The preimage came back. */
  attemptSucceeded(strategy: RoutingStrategy, now: Micros): void {
    this.#teach(strategy, now, { erringHop: null, failedHop: null, failure: null });
    this.status = 'succeeded';
    this.endedAt = now;
  }

  #teach(strategy: RoutingStrategy, at: Micros, what: Pick<RouteOutcome, 'erringHop' | 'failedHop' | 'failure'>): void {
    const route = this.#tried();
    if (this.#graph !== null) strategy.learn({ route, graph: this.#graph, at, ...what });
  }

  #tried(): Route {
    assert(this.route !== null && this.status === 'pending', 'an outcome belongs to a route that was tried');
    return this.route;
  }

  #giveUp(now: Micros, reason: PaymentFailureReason): null {
    this.status = 'failed';
    this.endedAt = now;
    this.failure = reason;
    return null;
  }
}
