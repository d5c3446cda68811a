/** A node as payer: it sends attempts over its own channels, and learns from what becomes of them. */
import { msat, type Msat } from '../base/units.ts';
import type { PaymentFailure } from '../payment/failure.ts';
import { Onion } from '../payment/onion.ts';
import type { OutgoingPayment } from '../payment/outgoingPayment.ts';
import type { Route } from '../routing/route.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import type { ChannelProtocol } from './channelProtocol.ts';
import type { NodeContext } from './context.ts';
import type { HtlcTag, NodeChannel } from './nodeChannel.ts';

export class Paying {
  readonly #context: NodeContext;
  readonly #channels: ReadonlyMap<number, NodeChannel>;
  readonly #protocol: ChannelProtocol;
  readonly #strategy: RoutingStrategy;

  /** @param channels the node's own, by its edge */
  constructor(
    context: NodeContext,
    channels: ReadonlyMap<number, NodeChannel>,
    protocol: ChannelProtocol,
    strategy: RoutingStrategy,
  ) {
    this.#context = context;
    this.#channels = channels;
    this.#protocol = protocol;
    this.#strategy = strategy;
  }

  /** Tries the next route of a payment of this node; on return it is on its way, or failed. */
  pay(payment: OutgoingPayment): void {
    const context = this.#context;
    while (payment.status === 'pending') {
      const route = payment.nextRoute(this.#strategy, context.graph, context.now, (edge) => this.spendableMsat(edge));
      if (!route) return;
      if (this.sendAlong(payment, route)) return;
      // its own channel changed since the route was found, or can't carry this very amount
      payment.attemptFailed(
        { name: 'temporary_channel_failure', erringHop: 0 },
        context.graph,
        this.#strategy,
        context.now,
      );
    }
  }

  /** Sends an attempt along a route, if its own channel takes it. @returns whether it is on its way */
  sendAlong(payment: OutgoingPayment, route: Route): boolean {
    const { height } = this.#context;
    const channel = this.#channels.get(route.edges[0]!);
    const amountMsat = route.amountsMsat[0]!;
    if (!channel || !this.#context.isOnline(channel.peer) || channel.end.refusal(amountMsat) !== null) return false;
    const { paymentHash } = payment;
    const cltvExpiry = height + route.cltvExpiryDeltas[0]!;
    const onion = Onion.forRoute(route, height);
    const tag: HtlcTag = { onion: null, upstream: null, payment, failure: null, settled: false };
    this.#protocol.offer(channel, { amountMsat, paymentHash, cltvExpiry, onion }, tag);
    return true;
  }

  /** What this node can send over one of its own edges now, in msat. */
  spendableMsat(edge: number): Msat {
    const channel = this.#channels.get(edge);
    if (!channel || !this.#context.isOnline(channel.peer)) return msat(0);
    return channel.end.spendableMsat();
  }

  /** An attempt of this node's payment arrived. */
  attemptSucceeded(payment: OutgoingPayment): void {
    payment.attemptSucceeded(this.#strategy, this.#context.now);
    this.#context.paymentChanged(payment);
  }

  /** An attempt of this node's payment failed. */
  attemptFailed(payment: OutgoingPayment, failure: PaymentFailure): void {
    const { graph, now } = this.#context;
    payment.attemptFailed(failure, graph, this.#strategy, now);
    this.#context.paymentChanged(payment);
  }
}
