/**
 * A channel end as plain data: what a node writes to disk, and an end made of it again after a crash.
 *
 * When a node must write. An end that restarts must know every signature and every revocation that it let out, or it
 * would sign one commitment number twice, think a revoked commitment current, or break its own `shutdown`. So it writes
 * after the step and before the message of {@link WRITE_BEFORE} leaves. All else may be lost: updates that no signature
 * covers are forgotten by both ends (BOLT 2, "Message Retransmission"), and what the other end signed or revoked it sends
 * again. A node's channels are written together: the preimage that one of them brought is then never lost to another.
 *
 * After a restart the node holds its HTLCs against each other: a received one that is irrevocably committed, has no
 * preimage and no offered counterpart was about to be forwarded, settled or failed, and is decided on again; one whose
 * counterpart has a preimage is fulfilled.
 */
import { assert } from '../base/assert.ts';
import type { CommitmentSpec } from './commitmentSpec.ts';
import type { ChannelLedger } from './channelLedger.ts';
import { NO_FEE_CHANGES, type FeeChange } from './feeUpdates.ts';
import type { Htlc } from './htlc.ts';
import type { SpliceCandidate } from './spliceCandidate.ts';

/** The messages that may only leave once the step that made them is written. */
export const WRITE_BEFORE = ['commitment_signed', 'revoke_and_ack', 'shutdown'] as const;

export type ChannelPhase = 'opening' | 'normal' | 'shutting-down' | 'closed';

/** What was, by commitment number: kept only on ends where an old commitment can come up. */
export interface CommitmentHistory {
  /** revoked or current commitments of this end */
  readonly local: CommitmentSpec[];
  /** those of the other end; the `local` inside is the other end */
  readonly remote: CommitmentSpec[];
}

/** What an end knows besides its ledger and must not forget. */
export interface EndMemory {
  phase: ChannelPhase;
  /** the other end proved that our commitment is revoked: nothing of this end may be broadcast any more */
  fellBehind: boolean;
  shutdownSent: boolean;
  shutdownReceived: boolean;
  nextOfferedId: number;
  nextReceivedId: number;
  /** how much this end has sent, and where its last signature and revocation were in it: resending keeps their order */
  sentCount: number;
  commitOrder: number;
  revokeOrder: number;
}

/** Of a channel that is being opened. */
export const newMemory = (): EndMemory => ({
  phase: 'opening',
  fellBehind: false,
  shutdownSent: false,
  shutdownReceived: false,
  nextOfferedId: 0,
  nextReceivedId: 0,
  sentCount: 0,
  commitOrder: 0,
  revokeOrder: 0,
});

/** `S` is what the node makes of an HTLC's tag. All of it is numbers, booleans, texts and byte strings if `S` is. */
export interface ChannelSnapshot<S> {
  readonly memory: Readonly<EndMemory>;
  readonly numbers: LedgerNumbers;
  readonly htlcs: readonly Readonly<Htlc<S>>[];
  readonly feeChanges: readonly Readonly<FeeChange>[];
  /** that the channel went through, and that it may yet go through */
  readonly splices: { readonly adopted: readonly SpliceCandidate[]; readonly candidates: readonly SpliceCandidate[] };
  readonly history: { readonly local: readonly CommitmentSpec[]; readonly remote: readonly CommitmentSpec[] } | null;
}

type LedgerNumbers = Readonly<
  Pick<
    ChannelLedger<unknown>,
    | 'feeratePerKw'
    | 'localNumber'
    | 'remoteNumber'
    | 'awaitingRevoke'
    | 'localOurs'
    | 'localTheirs'
    | 'remoteOurs'
    | 'remoteTheirs'
  >
>;

/** All of an end as plain data, with what `saveTag` makes of the tags. */
export function snapshotOf<T, S>(
  ledger: ChannelLedger<T>,
  memory: EndMemory,
  history: CommitmentHistory | null,
  candidates: readonly SpliceCandidate[],
  saveTag: (tag: T) => S,
): ChannelSnapshot<S> {
  assert(!ledger.owesRevoke, 'a commitment is taken in, answered and written in one go');
  const { feeratePerKw, localNumber, remoteNumber, awaitingRevoke, localOurs, localTheirs, remoteOurs, remoteTheirs } =
    ledger;
  return {
    memory: { ...memory },
    numbers: {
      feeratePerKw,
      localNumber,
      remoteNumber,
      awaitingRevoke,
      localOurs,
      localTheirs,
      remoteOurs,
      remoteTheirs,
    },
    htlcs: ledger.htlcs.map((htlc) => ({ ...htlc, tag: saveTag(htlc.tag) })),
    feeChanges: ledger.feeChanges.map((change) => ({ ...change })),
    splices: { adopted: ledger.adopted, candidates },
    history: history && { local: history.local.slice(), remote: history.remote.slice() },
  };
}

/** Puts what a snapshot holds into a fresh ledger. */
export function restoreLedger<T, S>(
  ledger: ChannelLedger<T>,
  { numbers, htlcs, feeChanges }: ChannelSnapshot<S>,
  loadTag: (saved: S) => T,
): void {
  Object.assign(ledger, numbers);
  ledger.htlcs = htlcs.map((htlc) => ({ ...htlc, tag: loadTag(htlc.tag) }));
  ledger.feeChanges = feeChanges.length === 0 ? NO_FEE_CHANGES : feeChanges.map((change) => ({ ...change }));
}
