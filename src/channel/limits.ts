/**
 * What the two ends of a channel agreed on when it was opened (BOLT 2, `open_channel` and `accept_channel`).
 */
import type { Msat, Sat } from '../base/units.ts';

/** What one end announces: the rules it sets for its own commitment and for what the other may send it. */
export interface ChannelLimits {
  /** outputs below it are trimmed from this end's own commitment; 0, for theory alone, trims none */
  readonly dustLimitSat: Sat;
  /** the balance that the *other* end must keep */
  readonly channelReserveSat: Sat;
  /** the smallest HTLC this end accepts */
  readonly htlcMinimumMsat: Msat;
  /** how much may be pending towards this end */
  readonly maxHtlcValueInFlightMsat: Msat;
  /** how many HTLCs may be pending towards this end: at most 483 (BOLT 2), 114 in zero-fee commitments */
  readonly maxAcceptedHtlcs: number;
  /** blocks that the *other* end waits for its own money after closing on its own */
  readonly toSelfDelay: number;
  /** the most that this end lets ride on trimmed HTLCs (BOLT 2, "Bounding exposure to trimmed in-flight HTLCs") */
  readonly maxDustHtlcExposureMsat: Msat;
}

/** BOLT 2's bound: 2 × 483 HTLC outputs keep the penalty transaction standard (BOLT 5). */
export const MOST_ACCEPTED_HTLCS = 483;
/** What `max_accepted_htlcs` can say: an unsigned integer of 16 bits. */
export const MOST_HTLC_SLOTS = 65_535;

/**
 * Whether limits are theory's, beyond what BOLT 2 allows: a commitment may hold outputs below any relay's dust limit, or
 * more of them than a standard transaction, so that such a channel can't go on-chain but by agreement.
 */
export const isForTheory = ({
  dustLimitSat,
  maxAcceptedHtlcs,
}: Pick<ChannelLimits, 'dustLimitSat' | 'maxAcceptedHtlcs'>): boolean =>
  dustLimitSat === 0 || maxAcceptedHtlcs > MOST_ACCEPTED_HTLCS;

/** How a channel's transactions are built (BOLT 3; BOLT 9 feature names). */
export type CommitmentFormat =
  /** `option_static_remotekey` alone */
  | 'static_remotekey'
  /** the first anchors: HTLC transactions pay their own fee (Appendix F) */
  | 'anchors'
  /** `option_anchors`: HTLC transactions pay no fee; the wallet adds it */
  | 'anchors_zero_fee_htlc_tx'
  /** `option_zero_fee_commitments`: version 3, no fee, one anchor that anybody can spend */
  | 'zero_fee_commitments';

/** Facts of a channel that do not change while it is open. */
export interface ChannelTerms {
  readonly capacitySat: Sat;
  /** sat per 1000 weight units of the commitment transaction; 0 in zero-fee commitments */
  readonly feeratePerKw: number;
  readonly format: CommitmentFormat;
}
