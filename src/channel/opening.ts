/**
 * The opening of a channel (BOLT 2, "Channel Establishment") as one end sees it: a value, and what an event makes of it.
 *
 *     opener                                        accepter
 *     offer            open_channel ─────────────▶  answer
 *     receive          ◀───────────── accept_channel
 *     fund             funding_created ──────────▶  receive
 *     receive          ◀───────────── funding_signed          (the opener broadcasts the funding now)
 *     depth            channel_ready ◀───────────▶  depth
 *
 * Of v2, which both ends fund, `dualOpening.ts` has the beginning: once terms are agreed on, they are v1's.
 *
 * A refusal is a value with its name, and ends the opening. What comes out are the terms and limits of a `ChannelEnd`.
 */
import { assert, present } from '../base/assert.ts';
import type { Msat, Sat } from '../base/units.ts';
import { equalBytes } from '../base/bytes.ts';
import { p2wsh } from '../chain/script.ts';
import { outPointKey, txidOf, type OutPoint, type Transaction } from '../chain/transaction.ts';
import {
  acceptRefusal,
  agreedRefusal,
  firstSpec,
  openRefusal,
  type OpeningPolicy,
  type OpeningRefusal,
} from './openingRules.ts';
import { agreedTerms } from './dualFunding.ts';
import type {
  AcceptChannel,
  ChannelType,
  FundingCreated,
  OpenChannel,
  OpenChannel2,
  OpeningMessage,
  OpeningPoints,
} from './openingMessages.ts';
import { fundingOutputOf, type OpeningFacts, type OpeningSigner } from './openingSigner.ts';
import { fundingScript } from './scripts.ts';
import type { ChannelLimits, ChannelTerms } from './limits.ts';
import {
  sharedFundingOf,
  sharedTransactionRefusal,
  unsignedSharedTransaction,
  type Part,
  type SharedTransaction,
} from './sharedTransaction.ts';

/**
 * Where an opening stands:
 *
 *     opener:    opened ─▶ accepted ─▶ created ─▶ signed ─▶ ready
 *     accepter:            accepted ────────────▶ signed ─▶ ready            any of them ─▶ failed
 */
export type OpeningPhase =
  /** the opener waits for `accept_channel` */
  | 'opened'
  /** the opener's wallet has to fund it; the accepter waits for `funding_created` */
  | 'accepted'
  /** the opener waits for `funding_signed` */
  | 'created'
  /** both wait for the funding to be deep enough, and for each other's `channel_ready` */
  | 'signed'
  /** both said `channel_ready` */
  | 'ready'
  | 'failed';

/** One end of an opening. */
export interface Opening {
  readonly role: 'opener' | 'accepter';
  readonly phase: OpeningPhase;
  readonly policy: OpeningPolicy;
  readonly signer: OpeningSigner;
  /** this end's, announced and not */
  readonly limits: ChannelLimits;
  readonly open: OpenChannel;
  readonly accept: AcceptChannel | null;
  /** what v2 has besides; null in v1 */
  readonly dual: DualFunding | null;
  readonly funding: OutPoint | null;
  readonly sentReady: boolean;
  readonly receivedReady: boolean;
  /** why it failed: this end's reason */
  readonly refusal: OpeningRefusal | null;
}

/** What is agreed on in v2 alone. */
export interface DualFunding {
  readonly open: OpenChannel2;
  /** what the accepter puts in; 0 until it said so */
  readonly accepterSat: Sat;
  /** once the opener completed it */
  readonly shared: SharedTransaction | null;
}

/** What an event made of an opening, and what is to be sent. */
export interface OpeningStep {
  readonly opening: Opening;
  readonly send: OpeningMessage | null;
}

/** What an end brings to an opening besides its policy. */
export interface OpeningSelf {
  readonly policy: OpeningPolicy;
  readonly signer: OpeningSigner;
  readonly limits: ChannelLimits;
  readonly points: OpeningPoints;
  /** empty: none is committed to */
  readonly upfrontShutdownScript: Uint8Array;
}

/** What the opener wants. */
export interface OpeningWish {
  readonly fundingSat: Sat;
  readonly pushMsat: Msat;
  readonly feeratePerKw: number;
  readonly channelType: ChannelType;
  readonly announceChannel: boolean;
}

/** The opener proposes a channel; it refuses itself what it would refuse from another. */
export function offerOpening(self: OpeningSelf, wish: OpeningWish): OpeningStep {
  const { policy, limits, points, upfrontShutdownScript } = self;
  const { maxDustHtlcExposureMsat: _private, ...announced } = limits;
  const open: OpenChannel = {
    type: 'open_channel',
    chainHash: policy.chainHash,
    ...wish,
    limits: announced,
    points,
    upfrontShutdownScript,
  };
  const opening = newOpening('opener', 'opened', self, open, null);
  // the opener trusts itself, and knows where its points come from
  const refusal = openRefusal(open, { ...policy, trustsZeroConf: true }, () => true);
  return refusal === null ? { opening, send: open } : failedOpening(opening, refusal);
}

/** The accepter answers `open_channel`. */
export function answerOpening(self: OpeningSelf, open: OpenChannel): OpeningStep {
  const { policy, signer, limits, points, upfrontShutdownScript } = self;
  const refusal = openRefusal(open, policy, (each) => signer.pointsAreValid(each));
  if (refusal !== null) return failedOpening(newOpening('accepter', 'failed', self, open, null), refusal);
  const { maxDustHtlcExposureMsat: _private, ...announced } = limits;
  const accept: AcceptChannel = {
    type: 'accept_channel',
    limits: announced,
    minimumDepth: open.channelType?.zeroConf ? 0 : policy.minimumDepth,
    points,
    channelType: open.channelType,
    upfrontShutdownScript,
  };
  const opening = newOpening('accepter', 'accepted', self, open, accept);
  const own = acceptRefusal(accept, open, policy, () => true);
  return own === null ? { opening, send: accept } : failedOpening(opening, own);
}

/** The opener's wallet made the funding transaction, which it must not broadcast before `signed`. */
export function fundOpening(opening: Opening, funding: OutPoint): OpeningStep {
  assert(opening.role === 'opener' && opening.phase === 'accepted', 'the opener funds what was accepted');
  const next: Opening = { ...opening, phase: 'created', funding };
  return {
    opening: next,
    send: createdOf(next, null),
  };
}

/** The opener has all inputs and outputs of a transaction that both fund. */
export function completeOpening(opening: Opening, shared: SharedTransaction): OpeningStep {
  const { dual } = opening;
  assert(opening.role === 'opener' && opening.phase === 'accepted' && dual !== null, 'the opener completes v2');
  const refusal = sharedRefusal(opening, shared);
  if (refusal !== null) return failedOpening(opening, refusal);
  const funding = sharedFundingOf(shared, unsignedSharedTransaction(shared));
  const next: Opening = { ...opening, phase: 'created', funding, dual: { ...dual, shared } };
  return { opening: next, send: createdOf(next, shared) };
}

const createdOf = (opening: Opening, shared: SharedTransaction | null): FundingCreated => {
  const facts = factsOf(opening);
  return { type: 'funding_created', funding: facts.funding, shared, signature: opening.signer.sign(facts, 'accepter') };
};

/** What is wrong with the transaction that both fund: in itself, or by what was agreed on. */
function sharedRefusal({ open, accept, dual }: Opening, shared: SharedTransaction): OpeningRefusal | null {
  const refusal = sharedTransactionRefusal(shared);
  if (refusal !== null) return refusal;
  const { open: asked, accepterSat } = present(dual, 'the terms of v2');
  const keys = [open, present(accept, 'the accepted terms')].map(({ points }) => points.basepoints.funding);
  const { initiator, other, previous, funding, feeratePerKw } = shared;
  const isAgreed =
    previous === null &&
    initiator.contributionSat === asked.fundingSat &&
    other.contributionSat === accepterSat &&
    feeratePerKw === asked.fundingFeeratePerKw &&
    equalBytes(funding.script, p2wsh(fundingScript(keys[0]!, keys[1]!)));
  return isAgreed ? null : 'contribution-not-as-agreed';
}

/** What the accepter of a channel that both fund has of its own. */
export interface OwnFunding {
  /** what it told the opener that it adds; null if it was not asked yet */
  readonly part: Part | null;
  /** What spends its inputs, by serial id. */
  witnesses(unsigned: Transaction): readonly (readonly Uint8Array[])[];
}

const NOTHING_OWN: OwnFunding = { part: null, witnesses: () => [] };

/**
 * A message from the other end; those that propose a channel are for {@link answerOpening} and `answerDualOpening`, and
 * what is added to a shared transaction is for wallets.
 */
export function receiveOpening(opening: Opening, message: OpeningMessage, own = NOTHING_OWN): OpeningStep {
  const { role, phase, signer, policy, open } = opening;
  switch (message.type) {
    case 'accept_channel2': {
      if (role !== 'opener' || phase !== 'opened' || opening.dual === null) break;
      const { open: asked } = opening.dual;
      const terms = agreedTerms(asked, message);
      const { channelReserveSat } = terms.open.limits;
      const dual = { ...opening.dual, accepterSat: message.fundingSat };
      const limits = { ...opening.limits, channelReserveSat };
      const next: Opening = { ...opening, ...terms, phase: 'accepted', limits, dual };
      const refusal = agreedRefusal(terms, { ...policy, trustsZeroConf: true }, (points) =>
        signer.pointsAreValid(points),
      );
      return refusal === null ? { opening: next, send: null } : failedOpening(next, refusal);
    }
    case 'accept_channel': {
      if (role !== 'opener' || phase !== 'opened' || opening.dual !== null) break;
      const refusal = acceptRefusal(message, open, policy, (points) => signer.pointsAreValid(points));
      const next: Opening = { ...opening, phase: 'accepted', accept: message };
      return refusal === null ? { opening: next, send: null } : failedOpening(next, refusal);
    }
    case 'funding_created': {
      if (role !== 'accepter' || phase !== 'accepted') break;
      const { shared } = message;
      const { dual } = opening;
      if ((shared === null) !== (dual === null)) break;
      let witnesses: ReturnType<OwnFunding['witnesses']> = [];
      if (shared !== null) {
        // the accepter signs for what it added, and nothing else
        if (own.part === null || !isSamePart(shared.other, own.part))
          return failedOpening(opening, 'contribution-not-as-agreed');
        const refusal = sharedRefusal(opening, shared);
        if (refusal !== null) return failedOpening(opening, refusal);
        const unsigned = unsignedSharedTransaction(shared);
        const named = sharedFundingOf(shared, unsigned);
        if (outPointKey(named) !== outPointKey(message.funding)) return failedOpening(opening, 'wrong-funding-output');
        witnesses = own.witnesses(unsigned);
      }
      const next: Opening = {
        ...opening,
        phase: 'signed',
        funding: message.funding,
        dual: dual && { ...dual, shared },
      };
      const facts = factsOf(next);
      if (!signer.verify(facts, 'accepter', message.signature)) return failedOpening(next, 'invalid-signature');
      return { opening: next, send: { type: 'funding_signed', signature: signer.sign(facts, 'opener'), witnesses } };
    }
    case 'funding_signed': {
      if (phase !== 'created') break;
      const expected = opening.dual?.shared?.other.inputs.length ?? 0;
      if (message.witnesses.length !== expected) return failedOpening(opening, 'wrong-witness-count');
      if (!signer.verify(factsOf(opening), 'opener', message.signature))
        return failedOpening(opening, 'invalid-signature');
      return { opening: { ...opening, phase: 'signed' }, send: null };
    }
    case 'channel_ready':
      if (phase !== 'signed' || opening.receivedReady) break;
      return { opening: readied({ ...opening, receivedReady: true }), send: null };
    case 'open_channel':
    case 'open_channel2':
    case 'tx_add_input':
      break;
  }
  return failedOpening(opening, 'message-out-of-order');
}

/** Blocks after which an accepter forgets a channel whose funding it never saw (BOLT 2, "The `channel_ready` Message"). */
const FORGET_FUNDING_AFTER_BLOCKS = 2016;

/** Whether an accepter may forget a channel whose funding did not come up in so many blocks. */
export const mayForget = ({ role, phase, sentReady }: Opening, blocksWaited: number): boolean =>
  role === 'accepter' && phase === 'signed' && !sentReady && blocksWaited >= FORGET_FUNDING_AFTER_BLOCKS;

/**
 * The funding transaction was seen, by its id: its output has to pay the channel, in value and script, before
 * `channel_ready` may be said.
 */
export function fundingSeen(opening: Opening, transaction: Transaction): OpeningStep {
  const facts = factsOf(opening);
  const { outPoint, valueSat, keys } = fundingOutputOf(facts);
  assert(txidOf(transaction) === outPoint.txid, 'the transaction is the one that was named');
  const output = transaction.outputs[outPoint.vout];
  const isRight = output?.valueSat === valueSat && equalBytes(output.script, p2wsh(fundingScript(...keys)));
  return isRight ? { opening, send: null } : failedOpening(opening, 'wrong-funding-output');
}

/**
 * The funding transaction has that many confirmations: as soon as they suffice this end says `channel_ready`, once.
 * Without confirmations a channel is ready as soon as it is signed, if it is of the zero-conf kind.
 */
export function fundingDepth(opening: Opening, confirmations: number): OpeningStep {
  const depth = present(opening.accept, 'the accepted terms').minimumDepth;
  if (opening.phase !== 'signed' || opening.sentReady || confirmations < depth) return { opening, send: null };
  return { opening: readied({ ...opening, sentReady: true }), send: { type: 'channel_ready' } };
}

/** What both ends agreed on, from one end's view: what a `ChannelEnd` starts from, and what is kept beside it. */
export interface OpenedChannel {
  readonly terms: ChannelTerms;
  readonly localLimits: ChannelLimits;
  readonly remoteLimits: ChannelLimits;
  readonly isOpener: boolean;
  readonly toLocalMsat: Msat;
  readonly toRemoteMsat: Msat;
  readonly channelType: ChannelType;
  readonly announceChannel: boolean;
  readonly minimumDepth: number;
  /** empty where the end committed to none */
  readonly localShutdownScript: Uint8Array;
  readonly remoteShutdownScript: Uint8Array;
}

/** The result of an opening that came as far as both ends' terms. */
export function openedChannel({ role, open, accept, limits }: Opening): OpenedChannel {
  const accepted = present(accept, 'the accepted terms');
  const channelType = present(open.channelType, 'the channel type');
  const isOpener = role === 'opener';
  const [own, other] = isOpener ? [open, accepted] : [accepted, open];
  const { toLocalMsat, toRemoteMsat } = firstSpec(open, role);
  return {
    terms: { capacitySat: open.fundingSat, feeratePerKw: open.feeratePerKw, format: channelType.format },
    localLimits: limits,
    // how much dust the other end puts up with is not announced; nothing of it is asked for here
    remoteLimits: { ...other.limits, maxDustHtlcExposureMsat: limits.maxDustHtlcExposureMsat },
    isOpener,
    toLocalMsat,
    toRemoteMsat,
    channelType,
    announceChannel: open.announceChannel,
    minimumDepth: accepted.minimumDepth,
    localShutdownScript: own.upfrontShutdownScript,
    remoteShutdownScript: other.upfrontShutdownScript,
  };
}

export function newOpening(
  role: Opening['role'],
  phase: OpeningPhase,
  { policy, signer, limits }: OpeningSelf,
  open: OpenChannel,
  accept: AcceptChannel | null,
  dual: DualFunding | null = null,
): Opening {
  const nothing = { funding: null, sentReady: false, receivedReady: false, refusal: null };
  return { role, phase, policy, signer, limits, open, accept, dual, ...nothing };
}

const factsOf = ({ open, accept, funding }: Opening): OpeningFacts => ({
  open,
  accept: present(accept, 'the accepted terms'),
  funding: present(funding, 'the funding output'),
});

/** Whether two parts add the same: inputs by their outpoints, outputs by value and script. */
function isSamePart(a: Part, b: Part): boolean {
  const sameInputs =
    a.inputs.length === b.inputs.length &&
    a.inputs.every((each, index) => outPointKey(each.prevout) === outPointKey(b.inputs[index]!.prevout));
  const sameOutputs =
    a.outputs.length === b.outputs.length &&
    a.outputs.every(({ valueSat, script }, index) => {
      const other = b.outputs[index]!;
      return valueSat === other.valueSat && equalBytes(script, other.script);
    });
  return sameInputs && sameOutputs && a.contributionSat === b.contributionSat;
}

const readied = (opening: Opening): Opening =>
  opening.sentReady && opening.receivedReady ? { ...opening, phase: 'ready' } : opening;

export const failedOpening = (opening: Opening, refusal: OpeningRefusal): OpeningStep => ({
  opening: { ...opening, phase: 'failed', refusal },
  send: null,
});
