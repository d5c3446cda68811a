/**
 * BOLT 2, "Normal Operation", as a node speaks it in all its channels: updates, signatures and revocations in, what
 * follows from them out. What an HTLC means is for others to say, who listen.
 */
import { present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import type { Msat } from '../base/units.ts';
import type { Moved } from '../channel/channelEnd.ts';
import { INVALID_ONION_HMAC, type PaymentFailure } from '../payment/failure.ts';
import type { ChannelCloser } from './channelCloser.ts';
import { feePolicy } from './channelFees.ts';
import type { NodeContext } from './context.ts';
import type { DurableState } from './durableState.ts';
import {
  COMMITMENT_SIGNED,
  REVOKE_AND_ACK,
  type UpdateAddHtlc,
  type UpdateFee,
  type UpdateMessage,
} from './messages.ts';
import type { HtlcTag, NodeChannel, NodeHtlc } from './nodeChannel.ts';
import type { Outbox } from './outbox.ts';
import { isSilent } from './nodeSplicing.ts';
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
}

/** The parts of the node that the protocol works with. */
export interface ProtocolSurroundings {
  readonly context: NodeContext;
  readonly outbox: Outbox;
  readonly durable: DurableState;
  /** channels with HTLCs or an open monitor */
  readonly active: Set<NodeChannel>;
  readonly closer: ChannelCloser;
  readonly towers: TowerClient;
  readonly listener: HtlcListener;
}

export class ChannelProtocol {
  readonly #context: NodeContext;
  readonly #outbox: Outbox;
  readonly #durable: DurableState;
  readonly #active: Set<NodeChannel>;
  readonly #closer: ChannelCloser;
  readonly #towers: TowerClient;
  readonly #listener: HtlcListener;

  constructor(around: ProtocolSurroundings) {
    this.#context = around.context;
    this.#outbox = around.outbox;
    this.#durable = around.durable;
    this.#active = around.active;
    this.#closer = around.closer;
    this.#towers = around.towers;
    this.#listener = around.listener;
  }

  // ── In ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  receive(channel: NodeChannel, message: UpdateMessage): void {
    const { end } = channel;
    this.#durable.changed(channel);
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
      case 'update_fail_malformed_htlc': {
        const htlc = end.receiveFailMalformed(message.id, message.failureCode);
        if (typeof htlc === 'string') return this.#closer.fail(channel, htlc);
        // the other end can't write to the payer without reading the onion: this node does it
        htlc.tag.failure = { name: 'invalid_onion_hmac', erringHop: htlc.tag.onion.hop - 1 };
        return;
      }
      case 'update_fee':
        return this.#receiveFee(channel, message);
      case 'commitment_signed': {
        const violation = end.receiveCommit();
        if (violation) return this.#closer.fail(channel, violation);
        const moved = end.sendRevoke();
        this.#outbox.send(channel, REVOKE_AND_ACK);
        this.#settleMoved(channel, moved);
        return this.moveOn(channel);
      }
      case 'revoke_and_ack': {
        const revoked = this.#towers.isNeeded ? end.spec('remote-before') : null;
        const moved = end.receiveRevoke();
        if (typeof moved === 'string') return this.#closer.fail(channel, moved);
        if (revoked) this.#towers.revoked(channel, revoked);
        this.#settleMoved(channel, moved);
        return this.moveOn(channel);
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

  #receiveFee(channel: NodeChannel, { feeratePerKw }: UpdateFee): void {
    const violation = channel.end.receiveFee(feeratePerKw, feePolicy(this.#context));
    if (violation) this.#closer.fail(channel, violation);
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
  offer(channel: NodeChannel, { amountMsat, paymentHash, cltvExpiry }: HtlcOffer, tag: HtlcTag): void {
    const htlc = channel.end.offer(amountMsat, paymentHash, cltvExpiry, tag);
    this.#active.add(channel);
    this.tellAdd(channel, htlc);
    this.#commitSoon(channel);
  }

  /** Tells the other end of an HTLC, for the first time or again. */
  tellAdd(channel: NodeChannel, { id, amountMsat, paymentHash, cltvExpiry, tag: { onion } }: NodeHtlc): void {
    this.#outbox.send(channel, { type: 'update_add_htlc', id, amountMsat, paymentHash, cltvExpiry, onion });
  }

  /** Asks for a fee rate, which `channel.end` doesn't refuse, sat per 1000 weight units. */
  changeFee(channel: NodeChannel, feeratePerKw: number): void {
    channel.end.offerFee(feeratePerKw);
    this.#outbox.send(channel, { type: 'update_fee', feeratePerKw });
    this.#commitSoon(channel);
  }

  /** Fulfils a received HTLC, by message or, if its channel is there, on-chain; once. */
  fulfill(channel: NodeChannel, htlc: NodeHtlc, preimage: Uint8Array): void {
    if (isSilent(channel)) return this.#later(channel, () => this.fulfill(channel, htlc, preimage));
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    if (channel.end.phase === 'closed') {
      htlc.preimage = preimage;
      channel.monitor?.preimageLearned(htlc.paymentHash, preimage);
      this.#active.add(channel);
      return;
    }
    this.#remove(channel, htlc, preimage);
  }

  /** Fails a received HTLC; on-chain nothing needs to be done for that. */
  fail(channel: NodeChannel, htlc: NodeHtlc, failure: PaymentFailure): void {
    if (isSilent(channel)) return this.#later(channel, () => this.fail(channel, htlc, failure));
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    if (channel.end.phase === 'closed') return;
    htlc.tag.failure = failure;
    this.#remove(channel, htlc, null);
  }

  /** Nothing is removed while a channel is silent (BOLT 2, "Channel Quiescence"). */
  #later(channel: NodeChannel, act: () => void): void {
    mark('a removal waits for the end of silence');
    present(channel.splicing, 'the reason for silence').later.push(act);
  }

  /** Without a connection it is decided all the same, and told when there is one. */
  #remove(channel: NodeChannel, htlc: NodeHtlc, preimage: Uint8Array | null): void {
    channel.end.remove(htlc, preimage);
    this.#durable.changed(channel);
    if (!channel.end.isConnected) return;
    this.tellRemove(channel, htlc);
    this.#commitSoon(channel);
  }

  /** Tells the other end what became of an HTLC of its, for the first time or again. */
  tellRemove(channel: NodeChannel, { id, preimage, tag: { failure, onion } }: NodeHtlc): void {
    if (preimage) return this.#outbox.send(channel, { type: 'update_fulfill_htlc', id, preimage });
    if (!onion.isReadable) {
      const failureCode = INVALID_ONION_HMAC;
      return this.#outbox.send(channel, { type: 'update_fail_malformed_htlc', id, failureCode });
    }
    this.#outbox.send(channel, { type: 'update_fail_htlc', id, failure: present(failure, 'why an HTLC failed') });
  }

  /** Signs this end's updates: at once, or with all that follow within the batching interval, as lnd does. */
  #commitSoon(channel: NodeChannel): void {
    const { commitInterval } = this.#context;
    if (commitInterval === 0) return this.moveOn(channel);
    if (channel.isBatching) return;
    channel.isBatching = true;
    this.#context.wakeChannel(channel.edge, commitInterval);
  }

  /** The batching interval is over. */
  batchOver(channel: NodeChannel): void {
    channel.isBatching = false;
    this.moveOn(channel);
  }

  /** Signs the other's next commitment if there is something to sign, and goes on closing if that is under way. */
  moveOn(channel: NodeChannel): void {
    if (channel.end.mayCommit) {
      channel.end.sendCommit();
      this.#outbox.send(channel, COMMITMENT_SIGNED);
    }
    this.#closer.moveOn(channel);
  }
}
