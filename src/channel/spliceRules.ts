/** What BOLT 2, "Channel Splicing", lets an end ask for and agree to, each rule with its name. */
import { equalBytes } from '../base/bytes.ts';
import { present } from '../base/assert.ts';
import { p2wsh } from '../chain/script.ts';
import { outPointKey } from '../chain/transaction.ts';
import type { ChannelLedger } from './channelLedger.ts';
import { isQuiescenceInitiator, isQuiescent } from './quiescence.ts';
import { fundingScript } from './scripts.ts';
import { paidByPartSat, sharedTransactionRefusal, type Part, type SharedTransaction } from './sharedTransaction.ts';
import { spliceReserveSat } from './spliceCandidate.ts';
import type { SpliceTransactionRefusal, SpliceViolation } from './spliceMessages.ts';
import type { SpliceAttempt, SpliceContext, Splices } from './spliceState.ts';

/** What a `splice_init` or `tx_init_rbf` breaks, sent by us or by them. */
export function initViolation(
  splices: Splices,
  { quiescence, isReady, isShuttingDown, zeroConf, ledger }: SpliceContext,
  isRbf: boolean,
  byUs: boolean,
): SpliceViolation | null {
  if (!isQuiescent(quiescence)) return 'not-quiescent';
  if (isQuiescenceInitiator(quiescence, ledger.isOpener) !== byUs) return 'not-quiescence-initiator';
  if (!isReady) return 'channel-not-ready';
  if (splices.attempt !== null) return 'splice-already-negotiated';
  if (isShuttingDown) return 'splice-after-shutdown';
  if (!isRbf) return splices.pending.length > 0 ? 'splice-not-locked' : null;
  if (splices.pending.length === 0) return 'nothing-to-replace';
  if (zeroConf) return 'rbf-with-zero-conf';
  const locked = byUs ? splices.sentLocked : splices.receivedLocked;
  return locked === null ? null : 'rbf-after-locked';
}

/** Whether an end would take out more than its balance in either commitment. */
export function isOverdrawn(ledger: ChannelLedger<unknown>, who: 'us' | 'them', contributionSat: number): boolean {
  const balanceMsat =
    who === 'us' ? Math.min(ledger.localOurs, ledger.remoteOurs) : Math.min(ledger.localTheirs, ledger.remoteTheirs);
  return contributionSat < 0 && -1000 * contributionSat > balanceMsat;
}

/** BOLT 2, "The `tx_complete` Message" of splices. */
export function spliceRefusal(
  splices: Splices,
  { ledger, funding, fundingKeys }: SpliceContext,
  attempt: SpliceAttempt,
  shared: SharedTransaction,
): SpliceTransactionRefusal | null {
  const { role, localSat, lockTime, feeratePerKw, isRbf } = attempt;
  const remoteSat = present(attempt.remoteSat, 'the other end’s contribution');
  const [ours, theirs] = partsOf(role, shared);
  const { previous } = shared;
  if (previous === null || outPointKey(previous.prevout) !== outPointKey(funding)) return 'not-the-current-funding';
  if (previous.valueSat !== ledger.terms.capacitySat) return 'not-the-current-funding';
  if (ours.contributionSat !== localSat || theirs.contributionSat !== remoteSat) return 'contribution-not-as-agreed';
  const script = p2wsh(fundingScript(...fundingKeys(attempt.keyIndex)));
  if (shared.lockTime !== lockTime || shared.feeratePerKw !== feeratePerKw) return 'not-as-agreed';
  if (!equalBytes(shared.funding.script, script)) return 'not-as-agreed';
  const refusal = sharedTransactionRefusal(shared);
  if (refusal !== null) return refusal;
  const last = splices.pending.at(-1);
  if (isRbf && last !== undefined && spliceFeeSat(shared) < last.feeSat) return 'fee-below-last';
  const reserveMsat = 1000 * spliceReserveSat(ledger, shared.funding.valueSat);
  const isBelow = (balanceMsat: number, part: Part, contributionSat: number): boolean =>
    part.outputs.length > 0 && balanceMsat + 1000 * contributionSat < reserveMsat;
  if (isBelow(ledger.localOurs, ours, localSat) || isBelow(ledger.localTheirs, theirs, remoteSat)) {
    return 'balance-below-reserve';
  }
  return null;
}

/** What a splice transaction pays to its miner, in sat. */
export const spliceFeeSat = ({ initiator, other }: SharedTransaction): number =>
  paidByPartSat(initiator) + paidByPartSat(other);

/** This end's part and the other's. */
export const partsOf = (role: SpliceAttempt['role'], { initiator, other }: SharedTransaction): readonly [Part, Part] =>
  role === 'initiator' ? [initiator, other] : [other, initiator];
