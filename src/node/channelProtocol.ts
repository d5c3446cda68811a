/**
 * BOLT 2, "Normal Operation", as a node speaks it in all its channels: updates, signatures and revocations in, what
 * follows from them out. What an HTLC means is for others to say, who listen.
 */
import type { Msat } from '../base/units.ts';
import type { Moved } from '../channel/channelEnd.ts';
import type { PaymentFailure } from '../payment/failure.ts';
import type { Onion } from '../payment/onion.ts';
import type { ChannelCloser } from './channelCloser.ts';
import type { NodeContext } from './context.ts';
import { COMMITMENT_SIGNED, REVOKE_AND_ACK, type UpdateAddHtlc, type UpdateMessage } from './messages.ts';
import type { HtlcTag, NodeChannel, NodeHtlc } from './nodeChannel.ts';
import type { TowerClient } from './towerClient.ts';

/** Who is told what becomes of HTLCs. */
export interface HtlcListener {
  /** A received HTLC is locked in: it is to be forwarded, settled, held or failed. */
  committed(channel: NodeChannel, htlc: NodeHtlc): void;
  /** An HTLC offered by this node was fulfilled. */
  fulfilled(htlc: NodeHtlc, preimage: Uint8Array): void;
  /** An HTLC offered by this node is gone for good without a preimage. */
  failed(htlc: NodeHtlc): void;
}

/** An HTLC to be offered. */
export interface HtlcOffer {
  readonly amountMsat: Msat;
  readonly paymentHash: Uint8Array;
  readonly cltvExpiry: number;
  readonly onion: Onion;
}

export class ChannelProtocol {
  readonly #context: NodeContext;
  readonly #active: Set<NodeChannel>;
  readonly #closer: ChannelCloser;
  readonly #towers: TowerClient;
  readonly #listener: HtlcListener;

  /** @param active channels with HTLCs or an open monitor */
  constructor(
    context: NodeContext,
    active: Set<NodeChannel>,
    closer: ChannelCloser,
    towers: TowerClient,
    listener: HtlcListener,
  ) {
    this.#context = context;
    this.#active = active;
    this.#closer = closer;
    this.#towers = towers;
    this.#listener = listener;
  }

  // ── In ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  receive(channel: NodeChannel, message: UpdateMessage): void {
    const { end } = channel;
    switch (message.type) {
      case 'update_add_htlc':
        return this.#receiveAdd(channel, message);
      case 'update_fulfill_htlc': {
        const htlc = end.receiveRemove(message.id, message.preimage);
        if (typeof htlc === 'string') return this.#closer.fail(channel, htlc);
        return this.#listener.fulfilled(htlc, message.preimage);
      }
      case 'update_fail_htlc': {
        const htlc = end.receiveRemove(message.id, null);
        if (typeof htlc === 'string') return this.#closer.fail(channel, htlc);
        htlc.tag.failure = message.failure;
        return;
      }
      case 'commitment_signed': {
        const violation = end.receiveCommit();
        if (violation) return this.#closer.fail(channel, violation);
        const moved = end.sendRevoke();
        this.#context.send(channel.edge, REVOKE_AND_ACK);
        this.#settleMoved(channel, moved);
        return this.#commit(channel);
      }
      case 'revoke_and_ack': {
        const revoked = this.#towers.isNeeded ? end.spec('remote-before') : null;
        const moved = end.receiveRevoke();
        if (typeof moved === 'string') return this.#closer.fail(channel, moved);
        if (revoked) this.#towers.revoked(channel.edge, revoked);
        this.#settleMoved(channel, moved);
        return this.#commit(channel);
      }
    }
  }

  #receiveAdd(channel: NodeChannel, message: UpdateAddHtlc): void {
    const tag: HtlcTag = { onion: message.onion, upstream: null, part: null, failure: null, settled: false };
    const { id, amountMsat, paymentHash, cltvExpiry } = message;
    const violation = channel.end.receiveAdd(id, amountMsat, paymentHash, cltvExpiry, tag);
    if (violation) return this.#closer.fail(channel, violation);
    this.#active.add(channel);
  }

  #settleMoved(channel: NodeChannel, moved: Moved<HtlcTag>): void {
    for (const htlc of moved.committed) if (!htlc.offered) this.#listener.committed(channel, htlc);
    for (const htlc of moved.removed) {
      if (htlc.offered && htlc.preimage === null) this.#listener.failed(htlc);
    }
    if (channel.end.htlcs.length === 0 && !channel.monitor) this.#active.delete(channel);
  }

  // ── Out ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Offers an HTLC, which `channel.end` doesn't refuse. */
  offer(channel: NodeChannel, { onion, ...offer }: HtlcOffer, tag: HtlcTag): void {
    const { amountMsat, paymentHash, cltvExpiry } = offer;
    const { id } = channel.end.offer(amountMsat, paymentHash, cltvExpiry, tag);
    this.#active.add(channel);
    this.#context.send(channel.edge, { type: 'update_add_htlc', id, ...offer, onion });
    this.#commit(channel);
  }

  /** Fulfils a received HTLC, by message or, if its channel is there, on-chain; once. */
  fulfill(channel: NodeChannel, htlc: NodeHtlc, preimage: Uint8Array): void {
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    if (channel.end.phase === 'closed') {
      htlc.preimage = preimage;
      channel.monitor?.preimageLearned(htlc.paymentHash, preimage);
      this.#active.add(channel);
      return;
    }
    channel.end.remove(htlc, preimage);
    this.#context.send(channel.edge, { type: 'update_fulfill_htlc', id: htlc.id, preimage });
    this.#commit(channel);
  }

  /** Fails a received HTLC; on-chain nothing needs to be done for that. */
  fail(channel: NodeChannel, htlc: NodeHtlc, failure: PaymentFailure): void {
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    if (channel.end.phase === 'closed') return;
    channel.end.remove(htlc, null);
    this.#context.send(channel.edge, { type: 'update_fail_htlc', id: htlc.id, failure });
    this.#commit(channel);
  }

  /** Signs the other's next commitment if there is something to sign. */
  #commit(channel: NodeChannel): void {
    if (channel.end.mayCommit) {
      channel.end.sendCommit();
      this.#context.send(channel.edge, COMMITMENT_SIGNED);
    }
    if (channel.end.phase === 'shutting-down') this.#closer.negotiate(channel);
  }
}
