/** A node as payer: it sends the parts of payments over its own channels, and learns from what becomes of them. */
import { mark } from '../base/marks.ts';
import { msat, satToMsat, type Msat } from '../base/units.ts';
import { AmountsInFlight } from '../payment/amountsInFlight.ts';
import type { PaymentFailure } from '../payment/failure.ts';
import { Onion } from '../payment/onion.ts';
import type { Learner, OutgoingPayment, Payer, PaymentPart, Shortage } from '../payment/outgoingPayment.ts';
import type { Route } from '../routing/route.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import type { Behaviour } from './behaviour.ts';
import type { ChannelProtocol } from './channelProtocol.ts';
import type { ChannelTable } from './channelTable.ts';
import type { NodeContext } from './context.ts';
import type { HtlcTag } from './nodeChannel.ts';
import { offerRefusal, type OfferRefusal } from './offerRefusal.ts';

/** What the payer's own node says of a part that none of its channels takes. */
const OWN_CHANNEL_FAILED: PaymentFailure = { name: 'temporary_channel_failure', erringHop: 0 };

/** An edge that the node does not have. */
const UNKNOWN_CHANNEL: OfferRefusal = { name: 'unknown_next_peer', channel: null };

export class Paying {
  readonly #node: { readonly behaviour: Behaviour };
  readonly #context: NodeContext;
  readonly #channels: ChannelTable;
  readonly #protocol: ChannelProtocol;
  readonly #strategy: RoutingStrategy;
  readonly #inFlight = new AmountsInFlight();

  /** @param channels the node's own, by its edge */
  constructor(
    node: { readonly behaviour: Behaviour },
    context: NodeContext,
    channels: ChannelTable,
    protocol: ChannelProtocol,
    strategy: RoutingStrategy,
  ) {
    this.#node = node;
    this.#context = context;
    this.#channels = channels;
    this.#protocol = protocol;
    this.#strategy = strategy;
  }

  /** Parts that it splits a payment into at most where nobody says otherwise. */
  get clientMaxParts(): number {
    return this.#strategy.clientMaxParts ?? 1;
  }

  /** Sends what a payment of this node still misses; on return all of it is on its way, or the payment has given up. */
  pay(payment: OutgoingPayment): void {
    const payer = this.#payer();
    while (payment.wantsRoutes) {
      for (const part of payment.nextParts(payer)) {
        // its own channel changed since the route was found, or can't carry this very amount
        if (!this.sendPart(part)) this.#ended(part, OWN_CHANNEL_FAILED, payer);
      }
    }
  }

  /** Sends a payment along a route that was given from outside; if its own channel does not take it, that attempt failed. */
  payAlong(payment: OutgoingPayment, route: Route): void {
    const part = payment.partAlong(route);
    if (!this.sendPart(part)) this.#ended(part, OWN_CHANNEL_FAILED, this.#payer());
  }

  #payer(): Payer {
    const { graph, now } = this.#context;
    return {
      strategy: this.#strategy,
      graph,
      now,
      spendableMsat: (edge) => this.spendableMsat(edge),
      inFlightMsat: (edge) => this.#inFlight.over(edge),
      shortage: (amountMsat, maxParts) => this.#shortage(amountMsat, maxParts),
    };
  }

  /** Of what keeps channels from sending what they have above their reserves, the commonest, if that would be enough. */
  #shortage(amountMsat: Msat, maxParts: number): Shortage | null {
    const counts = new Map<Shortage, number>();
    let [most, together, sendable] = [0, 0, 0];
    for (const { end } of this.#channels.values()) {
      const hasMsat = end.toLocalMsat - satToMsat(end.ledger.remoteLimits.channelReserveSat);
      if (hasMsat <= 0 || (maxParts === 1 && hasMsat < amountMsat)) continue;
      const refusal = end.refusal(msat(Math.min(hasMsat, amountMsat)));
      if (refusal === null) sendable = Math.max(sendable, hasMsat);
      else counts.set(refusal, (counts.get(refusal) ?? 0) + 1);
      most = Math.max(most, hasMsat);
      together += hasMsat;
    }
    if (sendable >= amountMsat) return null;
    if ((maxParts > 1 ? together : most) < amountMsat) return 'insufficient-balance';
    const [commonest] = [...counts].toSorted(([, a], [, b]) => b - a);
    return commonest?.[0] ?? 'insufficient-balance';
  }

  /** Sends a part along its route, if its own channel takes it. @returns whether it is on its way */
  sendPart(part: PaymentPart): boolean {
    const { route, payment } = part;
    const { height } = this.#context;
    const edge = route.edges[0]!;
    const channel = this.#channels.get(edge);
    const amountMsat = route.amountsMsat[0]!;
    const refusal = channel ? offerRefusal(this.#node.behaviour, channel, amountMsat) : UNKNOWN_CHANNEL;
    this.#context.htlcAsked(edge, 1, refusal, part);
    if (!channel || refusal !== null) return false;
    const { paymentHash, paymentSecret } = payment.request;
    const cltvExpiry = height + route.cltvExpiryDeltas[0]!;
    const onion = Onion.forRoute(route, height, { paymentSecret, totalMsat: payment.order.amountMsat });
    const tag: HtlcTag = { onion, upstream: null, part, failure: null, settled: false };
    this.#inFlight.add(route);
    this.#protocol.offer(channel, { amountMsat, paymentHash, cltvExpiry }, tag);
    return true;
  }

  /** What this node can send over one of its own edges now, in msat. */
  spendableMsat(edge: number): Msat {
    return this.#channels.get(edge)?.end.spendableMsat() ?? msat(0);
  }

  /** A part of this node's payment went through. */
  partSucceeded(part: PaymentPart): void {
    this.#inFlight.remove(part.route);
    this.#ended(part, null, this.#payer());
    this.#context.paymentChanged(part.payment);
  }

  /** A part of this node's payment failed. */
  partFailed(part: PaymentPart, failure: PaymentFailure): void {
    this.#inFlight.remove(part.route);
    const { update } = failure;
    const { source } = part.payment.order;
    const isNews = update !== undefined && this.#context.hearUpdate(source, update, part.startedAt);
    if (isNews) mark('a failure brought a policy that its payer had not heard of');
    this.#ended(part, failure, { ...this.#payer(), isNews });
    this.#context.paymentChanged(part.payment);
  }

  /** @param failure null: it went through */
  #ended(part: PaymentPart, failure: PaymentFailure | null, payer: Learner): void {
    if (failure === null) part.payment.partSucceeded(part, payer);
    else part.payment.partFailed(part, failure, payer);
    this.#context.partEnded(part, failure);
  }
}
