/** A channel as one of its nodes holds it: the state machine's end, and what the node hangs on its HTLCs. */
import type { ChannelEnd, Htlc } from '../channel/channelEnd.ts';
import type { ChannelEndInit } from '../channel/channelLedger.ts';
import type { ClosingNegotiation } from '../channel/closingNegotiation.ts';
import type { Side } from '../channel/materialise.ts';
import type { SimpleClose } from '../channel/simpleClose.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { PaymentFailure } from '../payment/failure.ts';
import type { Onion } from '../payment/onion.ts';
import type { PaymentPart } from '../payment/outgoingPayment.ts';
import type { NodeSplicing } from './nodeSplicing.ts';
import type { ChannelMonitor } from './channelMonitor.ts';

/** What a node knows of an HTLC besides what the channel does. */
export interface HtlcTag {
  /** what came with it, or goes with it; sent again if the connection breaks before it is committed */
  readonly onion: Onion;
  /** of an offered HTLC that forwards another: the one that came in */
  readonly upstream: { readonly channel: NodeChannel; readonly htlc: NodeHtlc } | null;
  /** of an offered HTLC that starts here */
  readonly part: PaymentPart | null;
  /** why it failed, as the other end said or was told, until the removal is irrevocable */
  failure: PaymentFailure | null;
  /** of a received HTLC: what it became here is decided, so that it is decided once */
  settled: boolean;
}

export type NodeHtlc = Htlc<HtlcTag>;

/** The fee of a mutual close, as far as both ends have come with it. */
export type MutualClose =
  | { readonly kind: 'legacy'; readonly negotiation: ClosingNegotiation }
  | { readonly kind: 'simple'; readonly close: SimpleClose };

export interface NodeChannel {
  /** the node's own outgoing edge: `2 × channel + direction`; the other end's is `edge ^ 1` */
  readonly edge: number;
  /** the node that holds it */
  readonly owner: number;
  readonly peer: number;
  /** what the end started from */
  readonly init: ChannelEndInit;
  /** another after a crash */
  end: ChannelEnd<HtlcTag>;
  /** there from the moment that the channel goes on-chain without agreement, or the funding is spent */
  monitor: ChannelMonitor | null;
  /** `scriptpubkey` of the other's `shutdown` */
  remoteScript: Uint8Array | null;
  /** there once the fee of a mutual close is negotiated; the negotiation begins anew with each connection */
  closing: MutualClose | null;
  /** this end asked for the mutual close, and pays for it where that is the closer’s part */
  isCloser: boolean;
  /** its updates wait for the batching interval to be over, to be signed together */
  isBatching: boolean;
  /** this end is to send `shutdown` as soon as it may */
  owesShutdown: boolean;
  /** null until a splice is first thought of */
  splicing: NodeSplicing | null;
}

export const channelOf = (edge: number): number => edge >> 1;
export const sideOf = (edge: number): Side => (edge & 1) as Side;

/** A channel of a node as it begins. @param init what `end` was made from */
export const newNodeChannel = (
  edge: number,
  { edgeFrom, edgeTo }: Pick<CompiledGraph, 'edgeFrom' | 'edgeTo'>,
  init: ChannelEndInit,
  end: ChannelEnd<HtlcTag>,
): NodeChannel => ({
  edge,
  owner: edgeFrom[edge]!,
  peer: edgeTo[edge]!,
  init,
  end,
  monitor: null,
  remoteScript: null,
  closing: null,
  isCloser: false,
  isBatching: false,
  owesShutdown: false,
  splicing: null,
});
