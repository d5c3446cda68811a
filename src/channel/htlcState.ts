/**
 * The life of one HTLC on one end of a channel, as a table (BOLT 2, "Normal Operation"; the states are named as Core
 * Lightning's `htlc_state.c` names them).
 *
 * An HTLC is added, then irrevocably committed, then removed, and each step travels through both commitments:
 *
 *     offered by us                                       offered by them
 *     SENT_ADD_HTLC                                       RCVD_ADD_HTLC
 *       we sign ─▶ in the remote commitment                 they sign ─▶ in the local commitment
 *     SENT_ADD_COMMIT                                     RCVD_ADD_COMMIT
 *       they revoke                                         we revoke
 *     RCVD_ADD_REVOCATION                                 SENT_ADD_REVOCATION
 *       they sign ─▶ in the local commitment                we sign ─▶ in the remote commitment
 *     RCVD_ADD_ACK_COMMIT                                 SENT_ADD_ACK_COMMIT
 *       we revoke                                           they revoke
 *     SENT_ADD_ACK_REVOCATION   (irrevocable)             RCVD_ADD_ACK_REVOCATION   (irrevocable)
 *       … and the same again, mirrored, for the removal.
 */

export const HtlcState = {
  SentAddHtlc: 0,
  SentAddCommit: 1,
  RcvdAddRevocation: 2,
  RcvdAddAckCommit: 3,
  SentAddAckRevocation: 4,
  RcvdRemoveHtlc: 5,
  RcvdRemoveCommit: 6,
  SentRemoveRevocation: 7,
  SentRemoveAckCommit: 8,
  RcvdRemoveAckRevocation: 9,
  RcvdAddHtlc: 10,
  RcvdAddCommit: 11,
  SentAddRevocation: 12,
  SentAddAckCommit: 13,
  RcvdAddAckRevocation: 14,
  SentRemoveHtlc: 15,
  SentRemoveCommit: 16,
  RcvdRemoveRevocation: 17,
  RcvdRemoveAckCommit: 18,
  SentRemoveAckRevocation: 19,
} as const;
export type HtlcState = (typeof HtlcState)[keyof typeof HtlcState];

/** The four messages that move HTLCs on; adding and removing start the two halves of the journey. */
export type Step = 'sendCommit' | 'receiveRevoke' | 'receiveCommit' | 'sendRevoke';

/** One line of a table of states: what moves a change on, to where, and which commitments hold it before. */
export interface Row<State> {
  readonly step: Step | null;
  readonly next: State;
  /** whether the latest commitment of that side holds the change */
  readonly inLocal: boolean;
  readonly inRemote: boolean;
}

export const row = <State>(step: Step | null, next: State, inLocal: 0 | 1, inRemote: 0 | 1): Row<State> => ({
  step,
  next,
  inLocal: inLocal === 1,
  inRemote: inRemote === 1,
});

const S = HtlcState;

// prettier-ignore
const TABLE: readonly Row<HtlcState>[] = [
  //                     moved on by       to                         local remote
  /* SentAddHtlc     */ row('sendCommit',    S.SentAddCommit,           0, 0),
  /* SentAddCommit   */ row('receiveRevoke', S.RcvdAddRevocation,       0, 1),
  /* RcvdAddRevocat. */ row('receiveCommit', S.RcvdAddAckCommit,        0, 1),
  /* RcvdAddAckComm. */ row('sendRevoke',    S.SentAddAckRevocation,    1, 1),
  /* SentAddAckRevo. */ row(null,            S.RcvdRemoveHtlc,          1, 1),
  /* RcvdRemoveHtlc  */ row('receiveCommit', S.RcvdRemoveCommit,        1, 1),
  /* RcvdRemoveComm. */ row('sendRevoke',    S.SentRemoveRevocation,    0, 1),
  /* SentRemoveRevo. */ row('sendCommit',    S.SentRemoveAckCommit,     0, 1),
  /* SentRemoveAckC. */ row('receiveRevoke', S.RcvdRemoveAckRevocation, 0, 0),
  /* RcvdRemoveAckR. */ row(null,            S.RcvdRemoveAckRevocation, 0, 0),
  /* RcvdAddHtlc     */ row('receiveCommit', S.RcvdAddCommit,           0, 0),
  /* RcvdAddCommit   */ row('sendRevoke',    S.SentAddRevocation,       1, 0),
  /* SentAddRevocat. */ row('sendCommit',    S.SentAddAckCommit,        1, 0),
  /* SentAddAckComm. */ row('receiveRevoke', S.RcvdAddAckRevocation,    1, 1),
  /* RcvdAddAckRevo. */ row(null,            S.SentRemoveHtlc,          1, 1),
  /* SentRemoveHtlc  */ row('sendCommit',    S.SentRemoveCommit,        1, 1),
  /* SentRemoveComm. */ row('receiveRevoke', S.RcvdRemoveRevocation,    1, 0),
  /* RcvdRemoveRevo. */ row('receiveCommit', S.RcvdRemoveAckCommit,     1, 0),
  /* RcvdRemoveAckC. */ row('sendRevoke',    S.SentRemoveAckRevocation, 0, 0),
  /* SentRemoveAckR. */ row(null,            S.SentRemoveAckRevocation, 0, 0),
];

/** The one reducer: where an HTLC in `state` goes at `step`; itself where the step does not concern it. */
export function advance(state: HtlcState, step: Step): HtlcState {
  const entry = TABLE[state]!;
  return entry.step === step ? entry.next : state;
}

/** Whether our latest commitment holds an HTLC in that state. */
export const inLocalCommitment = (state: HtlcState): boolean => TABLE[state]!.inLocal;
/** Whether their latest commitment that we signed holds it. */
export const inRemoteCommitment = (state: HtlcState): boolean => TABLE[state]!.inRemote;
/** Whether their latest *unrevoked-for-sure* commitment, the one before an outstanding signature, holds it. */
export function inRemoteCommitmentBefore(state: HtlcState): boolean {
  const entry = TABLE[state]!;
  return entry.step === 'receiveRevoke' ? !entry.inRemote : entry.inRemote;
}
/** Whether we have something to sign because of it. */
export const awaitsOurCommit = (state: HtlcState): boolean => TABLE[state]!.step === 'sendCommit';
/** Whether nothing moves until someone removes it: locked in on both sides. */
export const isIrrevocable = (state: HtlcState): boolean =>
  state === S.SentAddAckRevocation || state === S.RcvdAddAckRevocation;
/** Whether it is gone from both commitments for good. */
export const isRemoved = (state: HtlcState): boolean =>
  state === S.RcvdRemoveAckRevocation || state === S.SentRemoveAckRevocation;
/**
 * What a disconnection leaves of that state (BOLT 2, "Message Retransmission"): an addition that no commitment holds yet
 * is forgotten by both ends (null), and so is a removal that they proposed; one that we proposed is decided and stays.
 */
export function afterDisconnection(state: HtlcState): HtlcState | null {
  if (state === S.SentAddHtlc || state === S.RcvdAddHtlc) return null;
  return state === S.RcvdRemoveHtlc ? S.SentAddAckRevocation : state;
}
/** Whether we signed an update of ours about it, and they have not revoked what was before. */
export const isAwaitingRevoke = (state: HtlcState): boolean =>
  state === S.SentAddCommit || state === S.SentRemoveCommit;
/** Whether our update about it waits for our signature, or theirs for theirs: no commitment holds it. */
export const isUnsignedByUs = (state: HtlcState): boolean => state === S.SentAddHtlc || state === S.SentRemoveHtlc;
export const isUnsignedByThem = (state: HtlcState): boolean => state === S.RcvdAddHtlc || state === S.RcvdRemoveHtlc;
/** Whether its removal has begun. */
export const isBeingRemoved = (state: HtlcState): boolean =>
  (state >= S.RcvdRemoveHtlc && state <= S.RcvdRemoveAckRevocation) || state >= S.SentRemoveHtlc;
