/**
 * What a node has written, and how it comes back from a crash with nothing else (`channel/channelSnapshot.ts` says when to
 * write). Its channels are written together, so that what is read is a state that the whole node once was in; the payer's
 * own record of its attempts is a database of its own and loses nothing.
 *
 * Copies are made only where a crash is planned, and only of channels that changed since the last.
 */
import { present } from '../base/assert.ts';
import { ChannelEnd } from '../channel/channelEnd.ts';
import { WRITE_BEFORE, type ChannelSnapshot } from '../channel/channelSnapshot.ts';
import { HtlcState } from '../channel/htlcState.ts';
import type { Message } from './messages.ts';
import type { HtlcTag, NodeChannel, NodeHtlc } from './nodeChannel.ts';

/** An HTLC by its channel's edge, who offered it, and its id. */
interface HtlcKey {
  readonly edge: number;
  readonly offered: boolean;
  readonly id: number;
}

/** A tag as it is written. */
interface SavedTag {
  /** the payer's own tag, which is its record; null for all others */
  readonly attempt: HtlcTag | null;
  /** the rest of it, with the HTLC upstream by its key */
  readonly tag: HtlcTag;
  readonly upstream: HtlcKey | null;
}

const WRITES: ReadonlySet<Message['type']> = new Set(WRITE_BEFORE);

export class DurableState {
  #written: Map<NodeChannel, ChannelSnapshot<SavedTag>> | null = null;
  readonly #changed = new Set<NodeChannel>();

  /** From now on what is written is kept. */
  keep(channels: Iterable<NodeChannel>): void {
    this.#written ??= new Map();
    for (const channel of channels) this.#changed.add(channel);
    this.write();
  }

  /** A channel may have changed since it was written. */
  changed(channel: NodeChannel): void {
    if (this.#written) this.#changed.add(channel);
  }

  /** Writes if the message may only leave once that is done. */
  writeBefore(message: Message): void {
    if (this.#written && WRITES.has(message.type)) this.write();
  }

  write(): void {
    if (!this.#written) return;
    for (const channel of this.#changed) this.#written.set(channel, channel.end.snapshot(saveTag));
    this.#changed.clear();
  }

  /**
   * Puts all channels back to what was written last; they have no connection then.
   * @returns attempts of the node's own payments that were never written: nobody else knows of them
   */
  restore(channels: Iterable<NodeChannel>): NodeHtlc[] {
    const written = present(this.#written, 'what was written before the crash');
    const all = [...channels];
    const attempts = all.flatMap(({ end }) => end.htlcs.filter(({ tag }) => tag.part !== null && !tag.settled));
    const upstreams = new Map<HtlcTag, HtlcKey>();
    const load = ({ attempt, tag, upstream }: SavedTag): HtlcTag => {
      const loaded = attempt ?? { ...tag };
      if (upstream) upstreams.set(loaded, upstream);
      return loaded;
    };
    for (const channel of all) {
      // a channel that was not written since it was opened has signed nothing since
      channel.end = ChannelEnd.restore(channel.init, written.get(channel) ?? channel.end.snapshot(saveTag), load);
      channel.closing = null;
      channel.monitor = null;
    }
    const byEdge = new Map(all.map((channel) => [channel.edge, channel]));
    for (const { end } of all) {
      for (const htlc of end.htlcs) {
        const key = upstreams.get(htlc.tag);
        if (!key) continue;
        const channel = present(byEdge.get(key.edge), 'the channel upstream');
        const upstream = channel.end.find(key.offered, key.id);
        // gone already: there is nobody left to tell
        htlc.tag = { ...htlc.tag, upstream: upstream ? { channel, htlc: upstream } : null };
      }
    }
    this.#changed.clear();
    const known = new Set(all.flatMap(({ end }) => end.htlcs.map(({ tag }) => tag)));
    return attempts.filter(({ tag }) => !known.has(tag));
  }
}

function saveTag(tag: HtlcTag): SavedTag {
  const { upstream, part } = tag;
  const key = upstream && { edge: upstream.channel.edge, offered: upstream.htlc.offered, id: upstream.htlc.id };
  return { attempt: part ? tag : null, tag: { ...tag, upstream: null }, upstream: key };
}

/**
 * Received HTLCs of a restarted node that nothing came of yet: they were about to be forwarded, settled or failed when it
 * crashed, and are decided on again.
 */
export function undecided(channel: NodeChannel, channels: Iterable<NodeChannel>): NodeHtlc[] {
  const forwarded = new Set<NodeHtlc>();
  for (const { end } of channels) {
    for (const { tag } of end.htlcs) if (tag.upstream) forwarded.add(tag.upstream.htlc);
  }
  return channel.end.htlcs.filter(
    (htlc) => htlc.state === HtlcState.RcvdAddAckRevocation && !forwarded.has(htlc) && !htlc.tag.settled,
  );
}
