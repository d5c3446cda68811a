/**
 * A node between others: an HTLC that came in goes out again, and its outcome goes back to where it came from. HTLCs that
 * end here go to `receiving.ts`, outcomes of the node's own payments to `paying.ts`.
 */
import { mark } from '../base/marks.ts';
import { tellsPolicy } from '../payment/failure.ts';
import { forwardingFailure } from '../payment/forwarding.ts';
import type { Onion, OnionPayload } from '../payment/onion.ts';
import type { Behaviour } from './behaviour.ts';
import type { ChannelProtocol, HtlcListener } from './channelProtocol.ts';
import type { ChannelTable } from './channelTable.ts';
import type { NodeContext } from './context.ts';
import type { NodeChannel, NodeHtlc } from './nodeChannel.ts';
import { offerRefusal, type OfferRefusal } from './offerRefusal.ts';
import type { Paying } from './paying.ts';
import type { Receiving } from './receiving.ts';

export class Forwarding implements HtlcListener {
  readonly #node: { readonly behaviour: Behaviour };
  readonly #context: NodeContext;
  readonly #channels: ChannelTable;
  readonly #protocol: ChannelProtocol;
  readonly #receiving: Receiving;
  readonly #paying: Paying;

  /** @param channels the node's own, by its edge */
  constructor(
    node: { readonly behaviour: Behaviour },
    context: NodeContext,
    channels: ChannelTable,
    protocol: ChannelProtocol,
    receiving: Receiving,
    paying: Paying,
  ) {
    this.#node = node;
    this.#context = context;
    this.#channels = channels;
    this.#protocol = protocol;
    this.#receiving = receiving;
    this.#paying = paying;
  }

  /** A received HTLC is locked in: forward it, settle it, hold it or fail it. */
  committed(channel: NodeChannel, htlc: NodeHtlc): void {
    const { onion } = htlc.tag;
    if (channel.end.isOverDustExposure(htlc)) {
      mark('a dust HTLC failed for exposure');
      return this.#protocol.fail(channel, htlc, { name: 'temporary_channel_failure', erringHop: onion.hop });
    }
    if (!onion.isReadable) {
      mark('an onion that cannot be read');
      return this.#protocol.fail(channel, htlc, { name: 'invalid_onion_hmac', erringHop: onion.hop });
    }
    const { payload, next } = onion.peel();
    if (payload.nextEdge === null) return this.#receiving.arrived(channel, htlc, payload, onion.hop);
    const refusal = this.#forward(channel, htlc, payload, payload.nextEdge, next);
    // the payer's own channel is the first hop, and this node that many hops from it
    this.#context.htlcAsked(payload.nextEdge, onion.hop + 1, refusal, null);
    if (refusal === null) return;
    const { name } = refusal;
    const update = tellsPolicy(name) ? this.#context.channelUpdateOf(payload.nextEdge) : undefined;
    this.#protocol.fail(channel, htlc, { name, erringHop: onion.hop, ...(update && { update }) });
  }

  /** @returns why not; null: it is on its way */
  #forward(
    channel: NodeChannel,
    htlc: NodeHtlc,
    payload: OnionPayload,
    nextEdge: number,
    next: Onion,
  ): OfferRefusal | null {
    const { graph, height } = this.#context;
    const outgoing = this.#channels.get(nextEdge);
    if (!outgoing) return { name: 'unknown_next_peer', channel: null };
    const enabled = graph.enabled[nextEdge] === 1 && outgoing.end.phase === 'normal';
    const hop = {
      amountInMsat: htlc.amountMsat,
      amountOutMsat: payload.amountMsat,
      expiryIn: htlc.cltvExpiry,
      expiryOut: payload.expiry,
    };
    const name = forwardingFailure({ ...graph.stateOf(nextEdge), enabled }, hop, height);
    if (name !== null) {
      // who goes by the policy that was may not have heard of the one that is
      const former = this.#context.formerPolicyOf(nextEdge);
      if (former === null || forwardingFailure({ ...former, enabled }, hop, height) !== null)
        return { name, channel: null };
      mark('an HTLC forwarded by the policy that was');
    }
    const { amountMsat, expiry } = payload;
    const refusal = offerRefusal(this.#node.behaviour, outgoing, amountMsat);
    if (refusal !== null) return refusal;
    const offer = { amountMsat, paymentHash: htlc.paymentHash, cltvExpiry: expiry };
    const upstream = { channel, htlc };
    const onion = this.#node.behaviour.onionToForward(next);
    this.#protocol.offer(outgoing, offer, { onion, upstream, part: null, failure: null, settled: false });
    return null;
  }

  /** An HTLC offered by this node was fulfilled: by a message, or on-chain by its witness. */
  fulfilled(htlc: NodeHtlc, preimage: Uint8Array): void {
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    const { upstream, part } = htlc.tag;
    if (upstream) this.#protocol.fulfill(upstream.channel, upstream.htlc, preimage);
    if (part) this.#paying.partSucceeded(part);
  }

  /** An HTLC offered by this node is gone for good without a preimage. */
  failed(htlc: NodeHtlc): void {
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    const { upstream, part } = htlc.tag;
    // the outgoing channel went on-chain before an answer came: this node itself reports it
    const failure = htlc.tag.failure ?? { name: 'permanent_channel_failure', erringHop: htlc.tag.onion.hop - 1 };
    if (upstream) this.#protocol.fail(upstream.channel, upstream.htlc, failure);
    if (part) this.#paying.partFailed(part, failure);
  }
}
