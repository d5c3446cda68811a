/**
 * The life of a change of the fee rate, as a table (BOLT 2, "Updating Fees: `update_fee`").
 *
 * Only the opener sends one. Like an added HTLC it travels through both commitments; unlike an HTLC it is never removed,
 * but replaced by the next. Several may be on their way at once, each in its own state: a commitment's fee rate is that of
 * the latest change it holds.
 *
 *     sent by us, the opener                              sent by them
 *     SENT_FEE                                            RCVD_FEE
 *       we sign ─▶ in the remote commitment                 they sign ─▶ in the local commitment
 *     SENT_FEE_COMMIT                                     RCVD_FEE_COMMIT
 *       they revoke                                         we revoke
 *     RCVD_FEE_REVOCATION                                 SENT_FEE_REVOCATION
 *       they sign ─▶ in the local commitment                we sign ─▶ in the remote commitment
 *     RCVD_FEE_ACK_COMMIT                                 SENT_FEE_ACK_COMMIT
 *       we revoke                                           they revoke
 *     SENT_FEE_ACK_REVOCATION   (irrevocable)             RCVD_FEE_ACK_REVOCATION   (irrevocable)
 */
import { row, type Row, type Step } from './htlcState.ts';

export const FeeState = {
  SentFee: 0,
  SentFeeCommit: 1,
  RcvdFeeRevocation: 2,
  RcvdFeeAckCommit: 3,
  SentFeeAckRevocation: 4,
  RcvdFee: 5,
  RcvdFeeCommit: 6,
  SentFeeRevocation: 7,
  SentFeeAckCommit: 8,
  RcvdFeeAckRevocation: 9,
} as const;
export type FeeState = (typeof FeeState)[keyof typeof FeeState];

/** A change of the fee rate on its way through both commitments. */
export interface FeeChange {
  /** sat per 1000 weight units */
  feeratePerKw: number;
  state: FeeState;
  /** when this end sent it, in the order of all that it sent; 0 for one that the other end sent */
  sentOrder: number;
}

/** What a channel without a change on its way holds: one list for all of them. */
export const NO_FEE_CHANGES: readonly FeeChange[] = Object.freeze([]);

/** What the receiver of `update_fee` thinks of fee rates now: its own policy, BOLT 2 leaves the numbers to it. */
export interface FeePolicy {
  /** sat per 1000 weight units: below it a commitment would not confirm, or not even be relayed, in time */
  readonly feerateMinPerKw: number;
  /** sat per 1000 weight units: above it a fee is unreasonably large */
  readonly feerateMaxPerKw: number;
  /** whether the channel fails when the HTLCs that a new rate trims add up to too much (BOLT 2: MAY) */
  readonly failsOverDustExposure: boolean;
}

const S = FeeState;
// prettier-ignore
const TABLE: readonly Row<FeeState>[] = [
  //                     moved on by       to                        local remote
  /* SentFee         */ row('sendCommit',    S.SentFeeCommit,          0, 0),
  /* SentFeeCommit   */ row('receiveRevoke', S.RcvdFeeRevocation,      0, 1),
  /* RcvdFeeRevocat. */ row('receiveCommit', S.RcvdFeeAckCommit,       0, 1),
  /* RcvdFeeAckComm. */ row('sendRevoke',    S.SentFeeAckRevocation,   1, 1),
  /* SentFeeAckRevo. */ row(null,            S.SentFeeAckRevocation,   1, 1),
  /* RcvdFee         */ row('receiveCommit', S.RcvdFeeCommit,          0, 0),
  /* RcvdFeeCommit   */ row('sendRevoke',    S.SentFeeRevocation,      1, 0),
  /* SentFeeRevocat. */ row('sendCommit',    S.SentFeeAckCommit,       1, 0),
  /* SentFeeAckComm. */ row('receiveRevoke', S.RcvdFeeAckRevocation,   1, 1),
  /* RcvdFeeAckRevo. */ row(null,            S.RcvdFeeAckRevocation,   1, 1),
];

/** Where a change in `state` goes at `step`; itself where the step does not concern it. */
export function advanceFee(state: FeeState, step: Step): FeeState {
  const entry = TABLE[state]!;
  return entry.step === step ? entry.next : state;
}

/** Whether both commitments hold the change for good, so that it is the channel's fee rate and no change any more. */
export const isFeeIrrevocable = (state: FeeState): boolean =>
  state === S.SentFeeAckRevocation || state === S.RcvdFeeAckRevocation;
/** Whether we have something to sign because of it. */
export const feeAwaitsOurCommit = (state: FeeState): boolean => TABLE[state]!.step === 'sendCommit';
/** Whether we signed a change of ours, and they have not revoked what was before. */
export const isFeeAwaitingRevoke = (state: FeeState): boolean => state === S.SentFeeCommit;
/** Whether a commitment holds it or ever will: all that a disconnection leaves (BOLT 2, "Message Retransmission"). */
export const isFeeSigned = (state: FeeState): boolean => state !== S.SentFee && state !== S.RcvdFee;

/** A commitment: our latest, their latest that we signed, or theirs before an outstanding signature. */
export type CommitmentView = 'local' | 'remote' | 'remote-before';

/** Whether a commitment holds a change in that state. */
export function holdsFee(state: FeeState, which: CommitmentView): boolean {
  const entry = TABLE[state]!;
  if (which === 'local') return entry.inLocal;
  // what awaits their revocation entered by the signature outstanding
  return entry.inRemote && (which === 'remote' || entry.step !== 'receiveRevoke');
}
