/**
 * A node's process ends and starts again: what it wrote of its channels is there, its wallet and monitors are made anew
 * from the chain, all else is lost. Its channels are on-chain already, or on the way.
 */
import { ChannelEnd } from '../../src/channel/channelEnd.ts';
import type { HtlcTag, NodeHtlc } from '../../src/node/nodeChannel.ts';
import type { PaymentFailure } from '../../src/payment/failure.ts';
import type { Lab } from './harness.ts';

/** An HTLC's tag as it is written: the HTLC upstream by its place. */
type SavedTag = Omit<HtlcTag, 'upstream'> & { readonly upstream: { edge: number; id: number } | null };

const saveTag = (tag: HtlcTag): SavedTag => ({
  ...tag,
  upstream: tag.upstream && { edge: tag.upstream.channel.edge, id: tag.upstream.htlc.id },
});

const GONE: PaymentFailure = { name: 'temporary_channel_failure', erringHop: 0 };

/** @param fromHeight of a block before which its channels' funding outputs were unspent */
export function restart(lab: Lab, index: number, fromHeight = 1): void {
  const before = lab.nodes[index]!;
  const node = lab.replaceNode(index);
  const lost: SavedTag[] = [];
  const load = new Map<NodeHtlc, SavedTag>();
  for (const [edge, { end, remoteScript, closingFeeSat }] of before.channels) {
    const snapshot = end.snapshot(saveTag);
    const restored = ChannelEnd.restore<HtlcTag, SavedTag>(lab.inits[edge]!, snapshot, (saved) => ({
      ...saved,
      upstream: null,
    }));
    for (const { offered, id, tag } of snapshot.htlcs) {
      const made = restored.find(offered, id);
      if (made) load.set(made, tag);
      // no signature covered it: it is as if it had never been offered
      else if (offered) lost.push(tag);
    }
    const channel = lab.hang(node, edge, restored);
    channel.remoteScript = remoteScript;
    channel.closingFeeSat = closingFeeSat;
  }
  for (const [htlc, { upstream }] of load) {
    const channel = upstream && node.channels.get(upstream.edge);
    const incoming = channel?.end.find(false, upstream!.id);
    // one that is gone already was settled or failed
    if (channel && incoming) htlc.tag = { ...htlc.tag, upstream: { channel, htlc: incoming } };
  }
  for (const channel of node.channels.values()) node.receiving.resume(channel);
  for (const { part, settled } of lost) if (part && !settled) node.paying.partFailed(part, GONE);
  node.rescan(fromHeight);
  node.onBlock();
}
