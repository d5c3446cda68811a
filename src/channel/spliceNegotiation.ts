/**
 * A splice as one end sees it (BOLT 2, "Channel Splicing"): a value, and what an event makes of it.
 *
 *     initiator                                        the other                 both quiescent
 *     offerSplice      splice_init ────────────────▶   receiveSplice
 *     receiveSplice    ◀──────────────── splice_ack
 *     completeSplice   tx_complete ────────────────▶   receiveSplice
 *                      commitment_signed ◀─────────▶   commitment_signed
 *                      tx_signatures ◀─────────────▶   tx_signatures             the channel goes on: a candidate more
 *     spliceDepth      splice_locked ◀─────────────▶   spliceDepth               the candidate is the channel
 *
 * While a splice is not locked either end may start another try with `tx_init_rbf`, whose transaction replaces the last.
 */
import { assert, present } from '../base/assert.ts';
import { outPointKey, type Txid } from '../chain/transaction.ts';
import { withWitness } from './fundingSpend.ts';
import {
  sharedFundingOf,
  signsFirst,
  unsignedSharedTransaction,
  type SharedInput,
  type SharedTransaction,
} from './sharedTransaction.ts';
import { candidateTxid, type SpliceCandidate } from './spliceCandidate.ts';
import type {
  SpliceAbort,
  SpliceInit,
  SpliceMessage,
  SpliceViolation,
  TxInitRbf,
  TxSignatures,
} from './spliceMessages.ts';
import { initViolation, isOverdrawn, partsOf, spliceFeeSat, spliceRefusal } from './spliceRules.ts';
import type { BuiltSplice, SpliceAttempt, SpliceContext, Splices, SpliceStep } from './spliceState.ts';

/** This end asks for a splice, or for a replacement of one that is pending; what it may not do is named. */
export function offerSplice(
  splices: Splices,
  context: SpliceContext,
  wish: { readonly contributionSat: number; readonly feeratePerKw: number; readonly lockTime: number },
): SpliceStep {
  const isRbf = splices.pending.length > 0;
  const violation =
    initViolation(splices, context, isRbf, true) ??
    (isOverdrawn(context.ledger, 'us', wish.contributionSat) ? 'contribution-over-balance' : null);
  if (violation !== null) return failed(splices, violation);
  const { contributionSat, feeratePerKw, lockTime } = wish;
  const init = { contributionSat, feeratePerKw, lockTime, keyIndex: splices.keyCount };
  const attempt = newAttempt('initiator', isRbf, init, contributionSat, null);
  return stepOf({ ...splices, attempt }, { send: [{ type: isRbf ? 'tx_init_rbf' : 'splice_init', ...init }] });
}

/** The initiator has all inputs and outputs together: the last `tx_complete`. */
export function completeSplice(splices: Splices, context: SpliceContext, shared: SharedTransaction): SpliceStep {
  const attempt = present(splices.attempt, 'the attempt to complete');
  assert(attempt.role === 'initiator' && attempt.remoteSat !== null, 'the initiator completes what was answered');
  const refusal = spliceRefusal(splices, context, attempt, shared);
  if (refusal !== null) return abort(splices, refusal);
  const next = build(splices, context, attempt, shared);
  return stepOf(next, { send: [{ type: 'tx_complete', shared }, commitmentOf(next, context)] });
}

/** A message from the other end. */
export function receiveSplice(splices: Splices, context: SpliceContext, message: SpliceMessage): SpliceStep {
  const { attempt } = splices;
  switch (message.type) {
    case 'splice_init':
    case 'tx_init_rbf':
      return receiveInit(splices, context, message);
    case 'splice_ack':
    case 'tx_ack_rbf': {
      const isDue = attempt?.role === 'initiator' && attempt.remoteSat === null;
      if (!isDue || attempt.isRbf !== (message.type === 'tx_ack_rbf')) break;
      if (isOverdrawn(context.ledger, 'them', message.contributionSat)) {
        return failed(splices, 'contribution-over-balance');
      }
      return stepOf({ ...splices, attempt: { ...attempt, remoteSat: message.contributionSat } });
    }
    case 'tx_abort':
      // the echo of this end's own
      if (attempt === null) return stepOf(splices);
      // after its signatures an end cannot know whether the transaction will be mined
      if (hasSigned(splices)) break;
      return stepOf({ ...splices, attempt: null }, { send: [message], aborted: message.reason });
    case 'tx_complete': {
      if (attempt?.role !== 'other' || attempt.built !== null) break;
      const refusal = spliceRefusal(splices, context, attempt, message.shared);
      if (refusal !== null) return abort(splices, refusal);
      const next = build(splices, context, attempt, message.shared);
      return stepOf(next, { send: [commitmentOf(next, context)] });
    }
    case 'commitment_signed': {
      if (attempt === null || attempt.built === null) break;
      const { candidate, shared } = attempt.built;
      if (message.fundingTxid !== candidateTxid(candidate)) return failed(splices, 'unknown-splice');
      if (!context.signer.verifyCommitment(candidate, message.signature)) return failed(splices, 'invalid-signature');
      const next = { ...splices, attempt: { ...attempt, receivedCommitment: true } };
      const isTurn = signsFirst(shared, attempt.role, context.hasLowerNodeId) && !hasSigned(splices);
      return isTurn ? sendSignatures(next, context) : stepOf(next);
    }
    case 'tx_signatures':
      return receiveSignatures(splices, context, message);
    case 'splice_locked':
      if (!splices.pending.some(({ candidate }) => candidateTxid(candidate) === message.txid)) {
        return failed(splices, 'unknown-splice');
      }
      return lockedIfBoth({ ...splices, receivedLocked: message.txid });
  }
  return failed(splices, 'message-out-of-order');
}

/** A splice transaction has that many confirmations; deep enough, this end says `splice_locked`, once for each. */
export function spliceDepth(splices: Splices, txid: Txid, confirmations: number, minimumDepth: number): SpliceStep {
  const isPending = splices.pending.some(({ candidate }) => candidateTxid(candidate) === txid);
  if (!isPending || splices.sentLocked === txid || confirmations < minimumDepth) return stepOf(splices);
  const step = lockedIfBoth({ ...splices, sentLocked: txid });
  return { ...step, send: [{ type: 'splice_locked', txid }] };
}

/** The connection is gone: a try without a transaction is forgotten, what this end signed a commitment for is not. */
export const disconnectSplice = (splices: Splices): Splices =>
  splices.attempt === null || splices.attempt.built !== null ? splices : { ...splices, attempt: null };

/** `next_funding` of `channel_reestablish`: the splice for which this end lacks the other's signatures; null for none. */
export const nextFunding = ({ attempt }: Splices): Txid | null =>
  attempt === null || attempt.built === null ? null : candidateTxid(attempt.built.candidate);

/** The connection is back, and the other end lacks something of a splice. @param wanted its `next_funding` */
export function resumeSplice(splices: Splices, context: SpliceContext, wanted: Txid | null): SpliceStep {
  const { attempt, sentSignatures } = splices;
  const again = sentSignatures !== null && sentSignatures.txid === wanted ? [sentSignatures] : [];
  if (attempt === null || attempt.built === null) return stepOf(splices, { send: again });
  if (nextFunding(splices) === wanted) return stepOf(splices, { send: [commitmentOf(splices, context), ...again] });
  // with this end's signatures the other may have finished: it sends its own again
  if (hasSigned(splices)) return stepOf(splices);
  // without them it has forgotten all of it
  return stepOf({ ...splices, attempt: null }, { aborted: 'forgotten' });
}

function receiveInit(splices: Splices, context: SpliceContext, message: SpliceInit | TxInitRbf): SpliceStep {
  const isRbf = message.type === 'tx_init_rbf';
  const violation = initViolation(splices, context, isRbf, false);
  if (violation !== null) return failed(splices, violation);
  if (isOverdrawn(context.ledger, 'them', message.contributionSat)) return failed(splices, 'contribution-over-balance');
  if (message.feeratePerKw < context.leastFeeratePerKw) return abort(splices, 'feerate-unacceptable');
  const answer = context.answer(message);
  if (answer === null) return abort(splices, 'unwanted');
  assert(!isOverdrawn(context.ledger, 'us', answer.contributionSat), 'an end takes out no more than it has');
  const attempt = newAttempt('other', isRbf, message, answer.contributionSat, message.contributionSat);
  const send = [{ type: isRbf ? ('tx_ack_rbf' as const) : ('splice_ack' as const), ...answer }];
  return stepOf({ ...splices, attempt }, { send });
}

function build(splices: Splices, context: SpliceContext, attempt: SpliceAttempt, shared: SharedTransaction): Splices {
  const unsigned = unsignedSharedTransaction(shared);
  const candidate: SpliceCandidate = {
    funding: sharedFundingOf(shared, unsigned),
    capacitySat: shared.funding.valueSat,
    localSat: attempt.localSat,
    remoteSat: present(attempt.remoteSat, 'the other end’s contribution'),
    keyIndex: attempt.keyIndex,
    localNumber: context.ledger.localNumber,
    remoteNumber: context.ledger.remoteNumber,
  };
  const spent = outPointKey(context.funding);
  const input = unsigned.inputs.findIndex(({ prevout }) => outPointKey(prevout) === spent);
  const built: BuiltSplice = { shared, unsigned, input, candidate };
  const keyCount = Math.max(splices.keyCount, attempt.keyIndex + 1);
  return { ...splices, keyCount, attempt: { ...attempt, built } };
}

/** Whether this end's signatures for the try are out. */
const hasSigned = ({ attempt, sentSignatures }: Splices): boolean =>
  attempt !== null && attempt.built !== null && sentSignatures?.txid === candidateTxid(attempt.built.candidate);

function commitmentOf({ attempt }: Splices, { signer }: SpliceContext): SpliceMessage {
  const { candidate } = present(attempt?.built, 'the splice transaction');
  return {
    type: 'commitment_signed',
    fundingTxid: candidateTxid(candidate),
    signature: signer.signCommitment(candidate),
  };
}

/** Lets this end's signatures out. */
function sendSignatures(splices: Splices, context: SpliceContext): SpliceStep {
  const attempt = present(splices.attempt, 'the attempt');
  const { shared, unsigned, input, candidate } = present(attempt.built, 'the splice transaction');
  const [own] = partsOf(attempt.role, shared);
  const message: TxSignatures = {
    type: 'tx_signatures',
    txid: candidateTxid(candidate),
    sharedInputSignature: context.signer.signShared(unsigned, input),
    witnesses: bySerial(own.inputs).map((each) => context.witness(unsigned, each)),
  };
  return stepOf({ ...splices, sentSignatures: message }, { send: [message] });
}

function receiveSignatures(splices: Splices, context: SpliceContext, message: TxSignatures): SpliceStep {
  const { attempt } = splices;
  if (attempt === null || attempt.built === null) {
    // sent again, because the other end could not know that they had come
    const isKnown = splices.pending.some(({ candidate }) => candidateTxid(candidate) === message.txid);
    return isKnown ? stepOf(splices) : failed(splices, 'message-out-of-order');
  }
  if (!attempt.receivedCommitment) return failed(splices, 'message-out-of-order');
  const { shared, unsigned, input, candidate } = attempt.built;
  if (message.txid !== candidateTxid(candidate)) return failed(splices, 'unknown-splice');
  const { signer } = context;
  if (!signer.verifyShared(unsigned, input, message.sharedInputSignature)) return failed(splices, 'invalid-signature');
  const [, theirs] = partsOf(attempt.role, shared);
  if (message.witnesses.length !== theirs.inputs.length) return failed(splices, 'wrong-witness-count');
  const answered = hasSigned(splices) ? stepOf(splices) : sendSignatures(splices, context);
  const ours = present(answered.splices.sentSignatures, 'this end’s signatures');
  const [ourPart] = partsOf(attempt.role, shared);
  let signed = signer.complete(unsigned, input, message.sharedInputSignature);
  for (const [inputs, witnesses] of [
    [bySerial(theirs.inputs), message.witnesses],
    [bySerial(ourPart.inputs), ours.witnesses],
  ] as const) {
    for (const [i, { prevout }] of inputs.entries()) {
      const at = unsigned.inputs.findIndex((each) => outPointKey(each.prevout) === outPointKey(prevout));
      signed = withWitness(signed, at, present(witnesses[i], 'a witness'));
    }
  }
  const pending = [...splices.pending, { candidate, transaction: signed, feeSat: spliceFeeSat(shared) }];
  return stepOf({ ...answered.splices, attempt: null, pending }, { send: answered.send, broadcast: signed });
}

/** Where both ends named the same candidate it is the channel; where they named different ones, a fork has to end first. */
function lockedIfBoth(splices: Splices): SpliceStep {
  if (splices.sentLocked === null || splices.sentLocked !== splices.receivedLocked) return stepOf(splices);
  const { candidate } = present(
    splices.pending.find((each) => candidateTxid(each.candidate) === splices.sentLocked),
    'the locked splice',
  );
  const locked = { ...splices, pending: [], sentLocked: null, receivedLocked: null };
  return stepOf(locked, { locked: candidate });
}

const newAttempt = (
  role: SpliceAttempt['role'],
  isRbf: boolean,
  { feeratePerKw, lockTime, keyIndex }: Pick<SpliceInit, 'feeratePerKw' | 'lockTime' | 'keyIndex'>,
  localSat: number,
  remoteSat: number | null,
): SpliceAttempt => ({
  role,
  isRbf,
  feeratePerKw,
  lockTime,
  keyIndex,
  localSat,
  remoteSat,
  built: null,
  receivedCommitment: false,
});

const bySerial = (inputs: readonly SharedInput[]): SharedInput[] => inputs.toSorted((a, b) => a.serialId - b.serialId);

const stepOf = (splices: Splices, change: Partial<SpliceStep> = {}): SpliceStep => ({
  splices,
  send: [],
  broadcast: null,
  locked: null,
  aborted: null,
  violation: null,
  ...change,
});

const failed = (splices: Splices, violation: SpliceViolation): SpliceStep => stepOf(splices, { violation });

const abort = (splices: Splices, reason: SpliceAbort): SpliceStep =>
  stepOf({ ...splices, attempt: null }, { send: [{ type: 'tx_abort', reason }], aborted: reason });
