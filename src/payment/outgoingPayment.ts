/**
 * The life of a payment at its payer: ask for routes, send a part along each, learn from what fails, ask again for what is
 * missing, up to a limit. A payment in one part is the same with one.
 */
import { assert } from '../base/assert.ts';
import type { Micros } from '../base/time.ts';
import { msat, type Msat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { Route } from '../routing/route.ts';
import {
  isRouteFailure,
  type PayerView,
  type RouteFailureReason,
  type RouteOutcome,
  type RoutingStrategy,
} from '../routing/strategy.ts';
import { isFinal, isNodeFailure, reachedPayee, type FailureName, type PaymentFailure } from './failure.ts';
import { DEFAULT_FINAL_CLTV_EXPIRY_DELTA, FINAL_CLTV_PADDING_BLOCKS } from './forwarding.ts';

/** What is to be paid, and how hard to try. Nodes are indices of the compiled graph. */
export interface PaymentOrder {
  readonly id: number;
  readonly source: number;
  readonly target: number;
  readonly amountMsat: Msat;
  readonly maxFeeMsat: Msat;
  /** tries of each part: after so many failures times the most parts that were on their way together, it gives up */
  readonly maxAttempts: number;
  readonly maxHops: number;
  /** blocks */
  readonly maxCltvExpiryDelta: number;
  /** parts on their way at once */
  readonly maxParts: number;
}

/** What the payer reads off the invoice. */
export interface PaymentRequest {
  /** 32 bytes each */
  readonly paymentHash: Uint8Array;
  readonly paymentSecret: Uint8Array;
}

/** What a payer brings when it asks for routes. */
export interface Payer {
  readonly strategy: RoutingStrategy;
  readonly graph: CompiledGraph;
  readonly now: Micros;
  /** what it can send over one of its own edges now, msat */
  readonly spendableMsat: (edge: number) => number;
  /** what its HTLCs, of all its payments, now carry over any edge, msat */
  readonly inFlightMsat: (edge: number) => number;
  /** What its own channels are short of, where they don't send an amount; null: some would. Left out: balance. */
  readonly shortage?: (amountMsat: Msat, maxParts: number) => Shortage | null;
}

/** What a payer's own channels are short of: balance, or what keeps them from sending what they have. */
export type Shortage =
  | 'insufficient-balance'
  | 'too-many-htlcs'
  | 'in-flight-limit'
  | 'opener-cannot-pay-fee'
  | 'dust-exposure'
  | 'amount-below-minimum'
  | 'channel-not-open'
  | 'peer-disconnected'
  | 'quiescent';

/** What a payer brings when it hears of an outcome: in flight is what its other parts carry. */
export interface Learner extends Pick<Payer, 'strategy' | 'now' | 'inFlightMsat'> {
  /** whether the failure brought a policy that the payer did not know when it found the route: then the edge may do */
  readonly isNews?: boolean;
}

/** One HTLC of a payment, from when it is sent until it is settled or has failed. */
export interface PaymentPart {
  readonly payment: OutgoingPayment;
  /** counts the payment's parts, from 1, in the order in which they began */
  readonly attempt: number;
  readonly startedAt: Micros;
  readonly route: Route;
  /** what the strategy's route was found on; null for a route from outside, which teaches it nothing */
  readonly graph: CompiledGraph | null;
}

/** Why a payment failed: no route, or the last failure that came back when the attempts were used up. */
export type PaymentFailureReason = RouteFailureReason | Shortage | FailureName | 'payer-offline';

export type PaymentStatus = 'pending' | 'succeeded' | 'failed';

function teach(
  { route, graph }: PaymentPart,
  { strategy, now, inFlightMsat }: Learner,
  what: Pick<RouteOutcome, 'erringHop' | 'failedHop' | 'failure'>,
): void {
  if (graph !== null) strategy.learn({ route, graph, at: now, inFlightMsat, ...what });
}

/** What a part brings to the payee. */
const deliveredMsat = ({ route }: PaymentPart): Msat => route.amountsMsat.at(-1) ?? msat(0);

export class OutgoingPayment {
  readonly order: PaymentOrder;
  readonly request: PaymentRequest;
  readonly startedAt: Micros;
  status: PaymentStatus = 'pending';
  endedAt: Micros | null = null;
  /** HTLCs that were sent, or refused by the payer's own channels */
  attempts = 0;
  failure: PaymentFailureReason | null = null;
  /** parts that went through */
  readonly settled: PaymentPart[] = [];
  readonly #inFlight = new Set<PaymentPart>();
  /** the most parts that were on their way together */
  #mostParts = 1;
  #failedParts = 0;
  #lastFailure: FailureName | null = null;
  #excludedEdges: number[] = [];
  #excludedNodes: number[] = [];

  constructor(order: PaymentOrder, request: PaymentRequest, startedAt: Micros) {
    this.order = order;
    this.request = request;
    this.startedAt = startedAt;
  }

  /** What is neither on its way nor there, msat. */
  get missingMsat(): Msat {
    let there = 0;
    for (const part of this.#inFlight) there += deliveredMsat(part);
    for (const part of this.settled) there += deliveredMsat(part);
    return msat(Math.max(0, this.order.amountMsat - there));
  }

  /** Whether another part has to be sent. A payment that has given up waits for the parts that are still on their way. */
  get wantsRoutes(): boolean {
    return this.status === 'pending' && this.failure === null && this.settled.length === 0 && this.missingMsat > 0;
  }

  /** The parts to send next; none when the payment has given up. They count as on their way until `partFailed`. */
  nextParts(payer: Payer): readonly PaymentPart[] {
    assert(this.wantsRoutes, 'a payment asks for routes while something is missing');
    const { order } = this;
    const { strategy, graph, now } = payer;
    if (this.#failedParts >= order.maxAttempts * this.#mostParts)
      return this.#giveUp(now, this.#lastFailure ?? 'no-route');
    const maxParts = order.maxParts - this.#inFlight.size;
    assert(maxParts > 0, 'what is missing was a part, which is not on its way any more');
    let feesMsat = 0;
    for (const { route } of this.#inFlight) feesMsat += route.feeMsat;
    const { spendableMsat, inFlightMsat } = payer;
    const view: PayerView = {
      graph,
      now,
      spendableMsat,
      inFlightMsat,
      excludedEdges: this.#excludedEdges,
      excludedNodes: this.#excludedNodes,
    };
    const found = strategy.findRoutes(
      {
        ...order,
        amountMsat: this.missingMsat,
        maxFeeMsat: msat(Math.max(0, order.maxFeeMsat - feesMsat)),
        maxParts,
        finalCltvExpiryDelta: DEFAULT_FINAL_CLTV_EXPIRY_DELTA + FINAL_CLTV_PADDING_BLOCKS,
      },
      view,
    );
    if (isRouteFailure(found)) return this.#giveUp(now, this.#reasonOf(found.failure, payer));
    assert(found.length > 0 && found.length <= maxParts, `${found.length} routes where ${maxParts} parts may be sent`);
    return found.map((route) => this.#begin(route, graph, now));
  }

  /** Begins the one attempt along a route that was given from outside. */
  partAlong(route: Route): PaymentPart {
    return this.#begin(route, null, this.startedAt);
  }

  /** Ends the payment: its payer can't try any more. */
  refuse(reason: PaymentFailureReason, now: Micros): void {
    this.#giveUp(now, reason);
  }

  /** A part failed. What failed is left out from now on, and the strategy hears of it. */
  partFailed(part: PaymentPart, failure: PaymentFailure, learner: Learner): void {
    this.#end(part);
    const { name, erringHop } = failure;
    const { route } = part;
    const lastHop = route.edges.length - 1;
    const failedHop = reachedPayee(name) ? null : Math.min(erringHop, lastHop);
    const { strategy, now } = learner;
    teach(part, learner, { erringHop, failedHop, failure: name });
    this.#lastFailure = name;
    this.#failedParts++;
    if (isFinal(name)) this.#giveUp(now, name);
    else if (failedHop !== null && strategy.remembersFailures !== true) {
      if (learner.isNews !== true || strategy.leavesOutUpdated === true) this.#exclude(part, name, failedHop);
    }
    this.#conclude(now);
  }

  /** The preimage came back over a part. */
  partSucceeded(part: PaymentPart, learner: Learner): void {
    this.#end(part);
    this.settled.push(part);
    teach(part, learner, { erringHop: null, failedHop: null, failure: null });
    this.#conclude(learner.now);
  }

  #begin(route: Route, graph: CompiledGraph | null, now: Micros): PaymentPart {
    const part: PaymentPart = { payment: this, attempt: ++this.attempts, startedAt: now, route, graph };
    this.#inFlight.add(part);
    this.#mostParts = Math.max(this.#mostParts, this.#inFlight.size);
    return part;
  }

  #end(part: PaymentPart): void {
    assert(this.#inFlight.delete(part), 'an outcome belongs to a part that is on its way');
  }

  /** Leaves out what failed: a node, or the edge that the erring node could not use. */
  #exclude({ route, graph }: PaymentPart, name: FailureName, failedHop: number): void {
    const edge = route.edges[failedHop]!;
    if (!isNodeFailure(name)) this.#excludedEdges.push(edge);
    else if (graph !== null) this.#excludedNodes.push(graph.edgeFrom[edge]!);
  }

  /** Why there are no routes. A strategy sees what its payer's channels can send, and not why it is no more. */
  #reasonOf(failure: RouteFailureReason, { shortage }: Payer): PaymentFailureReason {
    if (failure !== 'insufficient-balance' || shortage === undefined) return failure;
    // channels that would send it are left out for what became of the attempts over them
    return shortage(this.missingMsat, this.order.maxParts) ?? this.#lastFailure ?? failure;
  }

  #giveUp(now: Micros, reason: PaymentFailureReason): readonly PaymentPart[] {
    this.failure ??= reason;
    this.#conclude(now);
    return [];
  }

  /** The payment is over once no part is on its way and none is to follow: a single preimage proves that it was paid. */
  #conclude(now: Micros): void {
    if (this.status !== 'pending' || this.#inFlight.size > 0) return;
    if (this.settled.length > 0) {
      this.status = 'succeeded';
      this.failure = null;
    } else if (this.failure !== null) {
      this.status = 'failed';
    } else {
      return;
    }
    this.endedAt = now;
    this.#excludedEdges = [];
    this.#excludedNodes = [];
  }
}
