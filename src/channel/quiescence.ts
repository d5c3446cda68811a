/**
 * Quiescence (BOLT 2, "Channel Quiescence"): both ends say `stfu` once nothing of theirs is on its way, and send no update
 * until that is over for which they wanted it.
 */
import { assert } from '../base/assert.ts';
import type { ChannelLedger } from './channelLedger.ts';
import { isBeingRemoved, isIrrevocable } from './htlcState.ts';

/** `stfu`. */
export interface Stfu {
  readonly type: 'stfu';
  /** whether its sender asked first, as far as it knows */
  readonly initiator: boolean;
}

/** One end's view; the connection's loss ends it. */
export interface Quiescence {
  readonly sent: Stfu | null;
  readonly received: Stfu | null;
}

export type QuiescenceViolation = 'stfu-twice' | 'stfu-with-pending-updates';

/** Nobody asked for silence. */
export const NOT_QUIESCENT: Quiescence = { sent: null, received: null };

/** Whether this end may send updates: not after its `stfu`, and better not after the other's. */
export const maySendUpdates = ({ sent, received }: Quiescence): boolean => sent === null && received === null;

/** Whether both are silent. */
export const isQuiescent = ({ sent, received }: Quiescence): boolean => sent !== null && received !== null;

/** Whether this end may go on with what the silence is for; where both asked at once it is the opener's turn. */
export function isQuiescenceInitiator({ sent, received }: Quiescence, isOpener: boolean): boolean {
  if (sent === null || received === null) return false;
  return sent.initiator && (!received.initiator || isOpener);
}

/** Whether this end's `stfu` may be sent now: once, and when none of its additions, removals and fee changes is pending. */
export const maySendStfu = ({ sent }: Quiescence, ledger: ChannelLedger<unknown>): boolean =>
  sent === null && !hasPendingUpdate(ledger, 'us');

/** Says `stfu`, first or in answer. @throws InvariantError where `maySendStfu` says no */
export function sendStfu(
  quiescence: Quiescence,
  ledger: ChannelLedger<unknown>,
): { readonly quiescence: Quiescence; readonly send: Stfu } {
  assert(maySendStfu(quiescence, ledger), 'an end falls silent once, with nothing of its own pending');
  const send: Stfu = { type: 'stfu', initiator: quiescence.received === null };
  return { quiescence: { ...quiescence, sent: send }, send };
}

/** `stfu` arrives; the caller answers as soon as `maySendStfu` allows it. */
export function receiveStfu(
  quiescence: Quiescence,
  ledger: ChannelLedger<unknown>,
  message: Stfu,
): Quiescence | QuiescenceViolation {
  if (quiescence.received !== null) return 'stfu-twice';
  return hasPendingUpdate(ledger, 'them') ? 'stfu-with-pending-updates' : { ...quiescence, received: message };
}

/** Whether an update of one end is not yet in both commitments for good. */
export function hasPendingUpdate(ledger: ChannelLedger<unknown>, by: 'us' | 'them'): boolean {
  if (ledger.feeChanges.length > 0 && ledger.isOpener === (by === 'us')) return true;
  return ledger.htlcs.some(({ state, offered }) => {
    // an addition is its offerer's update, a removal the other's
    const ours = offered !== isBeingRemoved(state);
    return !isIrrevocable(state) && ours === (by === 'us');
  });
}
