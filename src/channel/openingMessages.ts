/**
 * The messages by which a channel is opened (BOLT 2, "Channel Establishment v1" and "v2"), as plain data. `temporary_channel_id` is
 * not among their fields: each negotiation is a value of its own. Points are objects that compute what is asked for, so
 * that an opening nobody checks byte by byte costs no curve arithmetic; `second_per_commitment_point` travels with them.
 *
 * Of v2's messages, what an end adds to the shared transaction is one, and what follows travels in v1's: `funding_created` is
 * the opener's last `tx_complete` and its `commitment_signed`, `funding_signed` the accepter's and its `tx_signatures`.
 */
import type { Msat, Sat } from '../base/units.ts';
import type { BlockHash } from '../chain/block.ts';
import type { OutPoint } from '../chain/transaction.ts';
import { channelPoints, perCommitmentPoint, type ChannelPoints, type ChannelSecrets } from './keys.ts';
import type { ChannelLimits, CommitmentFormat } from './limits.ts';
import type { Part, SharedTransaction } from './sharedTransaction.ts';

/** `channel_type`: a format and its two variations. */
export interface ChannelType {
  readonly format: CommitmentFormat;
  /** `option_zeroconf`: the channel is used before its funding is confirmed */
  readonly zeroConf: boolean;
  /** `option_scid_alias`: the channel is never named by where its funding is */
  readonly scidAlias: boolean;
}

/** What an end announces of its limits: all but how much dust it puts up with, which is its own affair. */
export type AnnouncedLimits = Omit<ChannelLimits, 'maxDustHtlcExposureMsat'>;

/** `funding_pubkey`, the basepoints and the per-commitment points of the first two commitments. */
export interface OpeningPoints {
  readonly basepoints: ChannelPoints;
  /** of commitment 0 or 1 */
  readonly perCommitment: (number: 0 | 1) => Uint8Array;
}

/** `open_channel`. */
export interface OpenChannel {
  readonly type: 'open_channel';
  readonly chainHash: BlockHash;
  readonly fundingSat: Sat;
  /** the part of it that is the accepter's from the start */
  readonly pushMsat: Msat;
  readonly feeratePerKw: number;
  readonly limits: AnnouncedLimits;
  readonly points: OpeningPoints;
  /** the one defined bit of `channel_flags` */
  readonly announceChannel: boolean;
  readonly channelType: ChannelType | null;
  /** empty: none is committed to */
  readonly upfrontShutdownScript: Uint8Array;
}

/** `accept_channel`. */
export interface AcceptChannel {
  readonly type: 'accept_channel';
  readonly limits: AnnouncedLimits;
  /** confirmations after which the accepter says `channel_ready` */
  readonly minimumDepth: number;
  readonly points: OpeningPoints;
  readonly channelType: ChannelType | null;
  readonly upfrontShutdownScript: Uint8Array;
}

/** `open_channel2`: nothing is pushed, and the reserve is not negotiated. */
export interface OpenChannel2 extends Omit<OpenChannel, 'type' | 'pushMsat' | 'limits'> {
  readonly type: 'open_channel2';
  /** what the funding transaction pays, sat per 1000 weight units */
  readonly fundingFeeratePerKw: number;
  readonly limits: Omit<AnnouncedLimits, 'channelReserveSat'>;
}

/** `accept_channel2`. */
export interface AcceptChannel2 extends Omit<AcceptChannel, 'type' | 'limits'> {
  readonly type: 'accept_channel2';
  /** what the accepter puts in; may be 0 */
  readonly fundingSat: Sat;
  readonly limits: Omit<AnnouncedLimits, 'channelReserveSat'>;
}

/** All of an end's `tx_add_input` and `tx_add_output` in one; the channel's own output is understood. */
export interface TxAddInput {
  readonly type: 'tx_add_input';
  readonly part: Part;
}

/** `funding_created`. */
export interface FundingCreated {
  readonly type: 'funding_created';
  readonly funding: OutPoint;
  /** the transaction that both fund; null where the opener funds alone */
  readonly shared: SharedTransaction | null;
  /** of the opener under the accepter's first commitment: DER with its hash type */
  readonly signature: Uint8Array;
}

/** `funding_signed`. */
export interface FundingSigned {
  readonly type: 'funding_signed';
  /** of the accepter under the opener's first commitment: DER with its hash type */
  readonly signature: Uint8Array;
  /** of the accepter's inputs, by serial id */
  readonly witnesses: readonly (readonly Uint8Array[])[];
}

/** `channel_ready`. */
export interface ChannelReady {
  readonly type: 'channel_ready';
}

export type OpeningMessage =
  | OpenChannel
  | AcceptChannel
  | OpenChannel2
  | AcceptChannel2
  | TxAddInput
  | FundingCreated
  | FundingSigned
  | ChannelReady;

/** The points that belong to an end's secrets; each is computed when it is first asked for. */
export const openingPoints = (secrets: ChannelSecrets): OpeningPoints => ({
  basepoints: channelPoints(secrets),
  perCommitment: (number) => perCommitmentPoint(secrets, number),
});
