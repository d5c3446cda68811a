/**
 * A node's channels when connections break and come back (BOLT 2, "Message Retransmission"), and when the node itself has
 * crashed meanwhile.
 */
import { mark } from '../base/marks.ts';
import { nextFunding } from '../channel/spliceNegotiation.ts';
import { revocationSecretOf } from '../channel/keys.ts';
import type { Retransmission } from '../channel/reestablish.ts';
import type { ChannelCloser } from './channelCloser.ts';
import type { ChannelOpener } from './channelOpener.ts';
import type { ChannelSplicer } from './channelSplicer.ts';
import type { ChannelProtocol, HtlcListener } from './channelProtocol.ts';
import type { ChannelTable } from './channelTable.ts';
import type { NodeContext } from './context.ts';
import { undecided } from './durableState.ts';
import type { ChannelReestablishMessage } from './messages.ts';
import { channelOf, sideOf, type HtlcTag, type NodeChannel, type NodeHtlc } from './nodeChannel.ts';
import type { Outbox } from './outbox.ts';

export class Reconnecting {
  readonly #context: NodeContext;
  readonly #channels: ChannelTable;
  readonly #outbox: Outbox;
  readonly #protocol: ChannelProtocol;
  readonly #closer: ChannelCloser;
  readonly #listener: HtlcListener;
  readonly #opener: ChannelOpener;
  readonly #splicer: ChannelSplicer;
  /** channels that the node has not spoken in since it crashed */
  readonly #restarted = new Set<NodeChannel>();

  /** @param channels the node's own, by its edge */
  constructor(
    context: NodeContext,
    channels: ChannelTable,
    outbox: Outbox,
    protocol: ChannelProtocol,
    closer: ChannelCloser,
    listener: HtlcListener,
    opener: ChannelOpener,
    splicer: ChannelSplicer,
  ) {
    this.#splicer = splicer;
    this.#opener = opener;
    this.#context = context;
    this.#channels = channels;
    this.#outbox = outbox;
    this.#protocol = protocol;
    this.#closer = closer;
    this.#listener = listener;
  }

  /** Connections are gone, all of these at once: HTLCs that no signature covers are forgotten by both ends, and fail. */
  disconnected(channels: readonly NodeChannel[]): void {
    const living = channels.filter(({ end }) => end.phase !== 'closed');
    const dropped = living.flatMap((channel) => {
      this.#closer.disconnected(channel);
      return channel.end.disconnect();
    });
    this.giveUp(dropped);
    for (const channel of living) this.#splicer.disconnected(channel);
  }

  /** HTLCs that this node offered are gone before the other end was bound to them. */
  giveUp(htlcs: readonly NodeHtlc[]): void {
    for (const htlc of htlcs) {
      mark('an HTLC forgotten by a disconnection');
      htlc.tag.failure = { name: 'temporary_channel_failure', erringHop: htlc.tag.onion.hop - 1 };
      this.#listener.failed(htlc);
    }
  }

  /** The node starts again after a crash, with what it had written. */
  restarted(): void {
    for (const channel of this.#channels.values()) this.#restarted.add(channel);
  }

  /** Channels that went on-chain before the node spoke in them again: nothing in them is decided on by messages any more. */
  takeClosed(): NodeChannel[] {
    const closed = [...this.#restarted].filter(({ end }) => end.phase === 'closed');
    for (const channel of closed) this.#restarted.delete(channel);
    return closed;
  }

  /** A connection is there again. */
  connected(channel: NodeChannel): void {
    if (channel.end.phase === 'closed') return;
    const next = channel.splicing && nextFunding(channel.splicing.splices);
    this.#outbox.send(channel, { type: 'channel_reestablish', ...channel.end.reestablish(), nextFunding: next });
  }

  receive(channel: NodeChannel, message: ChannelReestablishMessage): void {
    // the other end doesn't know yet that this one went on-chain
    if (channel.end.phase === 'closed') return this.#outbox.send(channel, { type: 'error', reason: 'channel-closed' });
    const result = channel.end.receiveReestablish(message, (number) => {
      const { secrets } = this.#context.material(channelOf(channel.edge));
      return revocationSecretOf(secrets[sideOf(channel.edge)], number);
    });
    switch (result.kind) {
      case 'resumed':
        if (result.resendsChannelReady) this.#opener.tellReady(channel.edge);
        for (const each of result.messages) this.#sendAgain(channel, each);
        this.#splicer.resumed(channel, message.nextFunding);
        if (this.#restarted.delete(channel)) this.#decideAgain(channel);
        return this.#protocol.moveOn(channel);
      case 'fell-behind':
        mark('a node that fell behind asks the other end to close');
        return this.#closer.fail(channel, 'fell-behind');
      case 'peer-fell-behind':
        // it says so itself, and this end then closes
        return mark('the other end fell behind');
      case 'violation':
        return this.#closer.fail(channel, result.violation);
    }
  }

  #sendAgain(channel: NodeChannel, message: Retransmission<HtlcTag>): void {
    mark('a message sent again after a disconnection');
    switch (message.type) {
      case 'update_add_htlc':
        return this.#protocol.tellAdd(channel, message.htlc);
      case 'update_fulfill_htlc':
      case 'update_fail_htlc':
        return this.#protocol.tellRemove(channel, message.htlc);
      case 'shutdown':
        return this.#closer.tellShutdown(channel);
      case 'update_fee':
      case 'commitment_signed':
      case 'revoke_and_ack':
        return this.#outbox.send(channel, message);
    }
  }

  /** HTLCs that were about to be forwarded, settled or failed when the node crashed. */
  #decideAgain(channel: NodeChannel): void {
    for (const htlc of undecided(channel, this.#channels.values())) {
      mark('an HTLC decided on again after a crash');
      this.#listener.committed(channel, htlc);
    }
  }
}
