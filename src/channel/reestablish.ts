/**
 * What two ends tell each other after a disconnection, and what follows from it (BOLT 2, "Message Retransmission"):
 * which of the last `commitment_signed` and `revoke_and_ack` got lost, or which end has lost its memory.
 */
import { equalBytes } from '../base/bytes.ts';
import { mark } from '../base/marks.ts';
import type { ChannelLedger } from './channelLedger.ts';
import { isFeeAwaitingRevoke, isFeeSigned } from './feeUpdates.ts';
import type { Htlc } from './htlc.ts';
import { afterDisconnection, isAwaitingRevoke, isUnsignedByUs } from './htlcState.ts';
import type { ProtocolViolation } from './protocolViolation.ts';

/** `channel_reestablish`, in ledger form. */
export interface ChannelReestablish {
  /** the number of the commitment that the sender expects to be signed next */
  readonly nextCommitmentNumber: number;
  /** the number of the receiver's commitment that the sender expects to be revoked next */
  readonly nextRevocationNumber: number;
  /**
   * The secret of the receiver's commitment before that: 32 bytes, zeroes if none was revoked. `held` where the sender has
   * received it and nobody needs its bytes; only an end's own `reestablish` may say so, a liar has to show bytes.
   */
  readonly yourLastPerCommitmentSecret: Uint8Array | 'held';
}

/** What has to be sent, in this order, for the channel to go on where it was. */
export type Retransmission<T> =
  | { readonly type: 'update_add_htlc'; readonly htlc: Htlc<T> }
  | { readonly type: 'update_fulfill_htlc'; readonly htlc: Htlc<T>; readonly preimage: Uint8Array }
  | { readonly type: 'update_fail_htlc'; readonly htlc: Htlc<T> }
  | { readonly type: 'update_fee'; readonly feeratePerKw: number }
  | { readonly type: 'commitment_signed' }
  | { readonly type: 'revoke_and_ack' }
  | { readonly type: 'shutdown' };

/** What came of the other end's `channel_reestablish`. */
export type Reestablished<T> =
  | {
      readonly kind: 'resumed';
      /** neither end knows whether the other got `channel_ready`: it goes first */
      readonly resendsChannelReady: boolean;
      readonly messages: readonly Retransmission<T>[];
    }
  /** it proved that we revoked what we think current: our commitment must never be broadcast; ask it to fail the channel */
  | { readonly kind: 'fell-behind' }
  /** it has lost revocations or signatures of ours: wait for its `error`, then fail the channel */
  | { readonly kind: 'peer-fell-behind' }
  | { readonly kind: 'violation'; readonly violation: ProtocolViolation };

/** The counters of an end that the other's are held against. */
type Counters = Pick<ChannelLedger<unknown>, 'localNumber' | 'remoteNumber' | 'awaitingRevoke'>;

export const NO_SECRET: Uint8Array = new Uint8Array(32);

/** What an end says after a disconnection. @param secretOfPeer received ones by number, to show one; null to hold it */
export function channelReestablish(
  { localNumber, remoteNumber, awaitingRevoke }: Counters,
  secretOfPeer: ((number: number) => Uint8Array) | null,
): ChannelReestablish {
  const nextRevocationNumber = awaitingRevoke ? remoteNumber - 1 : remoteNumber;
  const shown = nextRevocationNumber === 0 ? NO_SECRET : secretOfPeer?.(nextRevocationNumber - 1);
  return {
    nextCommitmentNumber: localNumber + 1,
    nextRevocationNumber,
    yourLastPerCommitmentSecret: shown ?? 'held',
  };
}

/** What the other end's message means for this one: which of its two last messages were lost, or what is wrong. */
export type Verdict =
  | { readonly kind: 'resumed'; readonly commitLost: boolean; readonly revokeLost: boolean }
  | Exclude<Reestablished<never>, { readonly kind: 'resumed' }>;

/** Holds the other end's numbers against ours. @param ownSecret this end's per-commitment secret by number */
export function judgeReestablish(
  own: Counters,
  message: ChannelReestablish,
  ownSecret: (number: number) => Uint8Array,
): Verdict {
  const { nextCommitmentNumber, nextRevocationNumber, yourLastPerCommitmentSecret: shown } = message;
  if (nextCommitmentNumber === 0) return { kind: 'violation', violation: 'reestablish-at-commitment-zero' };
  if (shown !== 'held') {
    const secret = nextRevocationNumber === 0 ? NO_SECRET : ownSecret(nextRevocationNumber - 1);
    if (!equalBytes(shown, secret)) return { kind: 'violation', violation: 'reestablish-secret' };
  }
  // all commitments of ours before the latest are revoked, and no more than those
  if (nextRevocationNumber > own.localNumber) return { kind: 'fell-behind' };
  if (nextRevocationNumber < own.localNumber - 1) return { kind: 'peer-fell-behind' };
  if (nextCommitmentNumber > own.remoteNumber + 1)
    return { kind: 'violation', violation: 'reestablish-commitment-number' };
  // a signature that it answered with a revocation it must have had
  const leastKnown = own.awaitingRevoke ? own.remoteNumber : own.remoteNumber + 1;
  if (nextCommitmentNumber < leastKnown) return { kind: 'peer-fell-behind' };
  return {
    kind: 'resumed',
    commitLost: nextCommitmentNumber === own.remoteNumber,
    revokeLost: nextRevocationNumber === own.localNumber - 1,
  };
}

/**
 * Forgets the updates that no signature covers, as the other end does too; removals decided here stay.
 * @returns the HTLCs forgotten, offered and received
 */
export function forgetUnsigned<T>(ledger: ChannelLedger<T>): Htlc<T>[] {
  ledger.keepFeeChanges((change) => isFeeSigned(change.state));
  const forgotten = ledger.htlcs.filter((htlc) => afterDisconnection(htlc.state) === null);
  if (forgotten.length > 0) ledger.htlcs = ledger.htlcs.filter((htlc) => afterDisconnection(htlc.state) !== null);
  for (const htlc of ledger.htlcs) {
    const after = afterDisconnection(htlc.state);
    if (after === null || after === htlc.state) continue;
    mark('a removal forgotten by a disconnection');
    htlc.state = after;
    htlc.preimage = null;
  }
  return forgotten;
}

/** Where this end's last signature and revocation stand in the order of all that it sent; 0 for none yet. */
export interface SentOrders {
  readonly commitOrder: number;
  readonly revokeOrder: number;
}

/**
 * What to send again: the lost messages in their first relative order, with the updates that the lost signature signed;
 * then `shutdown`, which nothing unsigned may precede; then removals that no signature covers, of before and since.
 */
export function retransmissions<T>(
  { htlcs, feeChanges }: ChannelLedger<T>,
  orders: SentOrders,
  lost: { readonly commitLost: boolean; readonly revokeLost: boolean },
  sentShutdown: boolean,
): Retransmission<T>[] {
  const due: { order: number; message: Retransmission<T> }[] = [];
  if (lost.commitLost) {
    for (const htlc of htlcs)
      if (isAwaitingRevoke(htlc.state)) due.push({ order: htlc.sentOrder, message: updateOf(htlc) });
    for (const { state, sentOrder, feeratePerKw } of feeChanges)
      if (isFeeAwaitingRevoke(state)) due.push({ order: sentOrder, message: { type: 'update_fee', feeratePerKw } });
    due.push({ order: orders.commitOrder, message: { type: 'commitment_signed' } });
  }
  if (lost.revokeLost) due.push({ order: orders.revokeOrder, message: { type: 'revoke_and_ack' } });
  due.sort((a, b) => a.order - b.order);
  const messages = due.map(({ message }) => message);
  if (sentShutdown) messages.push({ type: 'shutdown' });
  for (const htlc of htlcs) if (isUnsignedByUs(htlc.state)) messages.push(updateOf(htlc));
  return messages;
}

function updateOf<T>(htlc: Htlc<T>): Retransmission<T> {
  if (htlc.offered) return { type: 'update_add_htlc', htlc };
  const { preimage } = htlc;
  return preimage === null ? { type: 'update_fail_htlc', htlc } : { type: 'update_fulfill_htlc', htlc, preimage };
}
