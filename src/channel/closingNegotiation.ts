/**
 * The fee negotiation of a mutual close (BOLT 2, "Legacy Closing Negotiation: `closing_signed`") as one end sees it: a
 * value, and what a message makes of it. With `fee_range` it takes at most three messages; without, each proposal lies
 * strictly between the last two, so that it ends too.
 */
import { assert, present } from '../base/assert.ts';
import { msatToSat, type Msat, type Sat } from '../base/units.ts';
import { dustLimitSat } from '../chain/script.ts';
import type { OutPoint, Transaction } from '../chain/transaction.ts';
import { balanceOutput, legacyClosingTransaction } from './closingTransaction.ts';
import type { ClosingSigner } from './closingSigner.ts';

/** `fee_range`, in sat, both ends included. */
export interface FeeRange {
  readonly minSat: number;
  readonly maxSat: number;
}

/** `closing_signed`. */
export interface ClosingSigned {
  readonly type: 'closing_signed';
  readonly feeSat: Sat;
  readonly feeRange: FeeRange | null;
  /** DER with its hash type */
  readonly signature: Uint8Array;
}

/** What of a channel a closing transaction depends on, from one end's view. */
export interface ClosingChannel {
  readonly funding: OutPoint;
  /** the opener pays the fee, and speaks first */
  readonly isOpener: boolean;
  /** final balances, no HTLC being left */
  readonly localMsat: Msat;
  readonly remoteMsat: Msat;
  /** where each wants its money: `scriptpubkey` of its `shutdown` */
  readonly localScript: Uint8Array;
  readonly remoteScript: Uint8Array;
  /** this end's `dust_limit_satoshis`: outputs below it are left out of what it signs */
  readonly localDustLimitSat: Sat;
}

/** What this end wants. */
export interface ClosingWish {
  /** what it proposes if it may choose, within the range */
  readonly idealSat: number;
  readonly range: FeeRange;
  /** whether it sends `fee_range` and heeds the other's */
  readonly usesRange: boolean;
}

/** A message that breaks the negotiation: the receiver fails the channel, naming this. */
export type ClosingViolation =
  | 'invalid-signature'
  | 'fee-over-balance'
  | 'fee-ranges-apart'
  | 'fee-outside-overlap'
  | 'fee-not-as-sent'
  | 'fee-not-strictly-between'
  | 'output-below-dust'
  | 'no-output'
  | 'message-out-of-order';

export interface ClosingNegotiation {
  readonly channel: ClosingChannel;
  readonly wish: ClosingWish;
  readonly signer: ClosingSigner;
  readonly sentSat: number | null;
  readonly receivedSat: number | null;
  /** the transaction of both, to be broadcast; null until a fee is agreed on */
  readonly closing: Transaction | null;
  readonly violation: ClosingViolation | null;
}

/** What a message made of a negotiation, and what is to be sent. */
export interface ClosingStep {
  readonly negotiation: ClosingNegotiation;
  readonly send: ClosingSigned | null;
}

/** Both said `shutdown` and no HTLC is left: the opener proposes its fee, the accepter waits for it. */
export function beginClosing(channel: ClosingChannel, wish: ClosingWish, signer: ClosingSigner): ClosingStep {
  const { idealSat, range } = wish;
  assert(range.minSat <= idealSat && idealSat <= range.maxSat, 'the ideal fee lies in the range');
  const most = openerSat(channel);
  // nothing beyond what the opener has can be paid, whatever was wished
  const payable: ClosingWish = {
    ...wish,
    idealSat: Math.min(idealSat, most),
    range: { minSat: Math.min(range.minSat, most), maxSat: Math.min(range.maxSat, most) },
  };
  const nothing = { sentSat: null, receivedSat: null, closing: null, violation: null };
  const quiet: ClosingNegotiation = { channel, wish: payable, signer, ...nothing };
  return channel.isOpener ? propose(quiet, payable.idealSat) : { negotiation: quiet, send: null };
}

/** `closing_signed` arrives. */
export function receiveClosingSigned(before: ClosingNegotiation, message: ClosingSigned): ClosingStep {
  const { channel, signer, sentSat, wish } = before;
  const fail = (violation: ClosingViolation): ClosingStep => ({
    negotiation: { ...before, violation },
    send: null,
  });
  if (before.closing !== null || before.violation !== null || (channel.isOpener && sentSat === null)) {
    return fail('message-out-of-order');
  }
  const { feeSat, feeRange } = message;
  if (feeSat > openerSat(channel)) return fail('fee-over-balance');
  const signed = variants(channel, feeSat).find((each) => signer.verify(each, message.signature));
  if (signed === undefined) return fail('invalid-signature');
  if (signed.outputs.length === 0) return fail('no-output');
  if (signed.outputs.some(({ valueSat, script }) => valueSat < dustLimitSat(script))) return fail('output-below-dust');

  const agree = (): ClosingStep => ({
    negotiation: {
      ...before,
      sentSat: feeSat,
      receivedSat: feeSat,
      closing: signer.complete(signed, message.signature),
    },
    // the other end has not heard yet that its fee is fine
    send: sentSat === feeSat ? null : answer(before, feeSat, signed),
  });
  if (feeSat === sentSat) return agree();
  // what was announced as fine is fine
  if (sentSat !== null && wish.usesRange && isWithin(feeSat, wish.range)) return agree();
  if (feeRange !== null && wish.usesRange) {
    const overlap = {
      minSat: Math.max(feeRange.minSat, wish.range.minSat),
      maxSat: Math.min(feeRange.maxSat, wish.range.maxSat),
    };
    if (overlap.minSat > overlap.maxSat) return fail('fee-ranges-apart');
    if (channel.isOpener) return fail('fee-outside-overlap');
    if (sentSat !== null) return fail('fee-not-as-sent');
    if (isWithin(feeSat, overlap) && feeSat === clamp(wish.idealSat, overlap)) return agree();
    return propose({ ...before, receivedSat: feeSat }, clamp(wish.idealSat, overlap));
  }
  if (sentSat !== null && before.receivedSat !== null && !isBetween(feeSat, sentSat, before.receivedSat)) {
    return fail('fee-not-strictly-between');
  }
  if (isWithin(feeSat, wish.range)) return agree();
  const next = { ...before, receivedSat: feeSat };
  if (sentSat === null) return propose(next, wish.idealSat);
  const middle = Math.floor((sentSat + feeSat) / 2);
  // no sat is left in between: giving way costs one
  return isBetween(middle, sentSat, feeSat) ? propose(next, middle) : agree();
}

/** The whole sat that a fee can be taken from. */
const openerSat = ({ isOpener, localMsat, remoteMsat }: ClosingChannel): Sat =>
  msatToSat(isOpener ? localMsat : remoteMsat);

function propose(negotiation: ClosingNegotiation, feeSat: number): ClosingStep {
  const [whole] = variants(negotiation.channel, feeSat);
  return {
    negotiation: { ...negotiation, sentSat: feeSat },
    send: answer(negotiation, feeSat, present(whole, 'the closing transaction')),
  };
}

const answer = ({ wish, signer }: ClosingNegotiation, feeSat: number, unsigned: Transaction): ClosingSigned => ({
  type: 'closing_signed',
  feeSat: feeSat as Sat,
  feeRange: wish.usesRange ? wish.range : null,
  signature: signer.sign(unsigned),
});

/**
 * The closing transactions of a fee that the other end may have signed: with all outputs that are not dust to this end,
 * and without the other end's own, which it may leave out.
 */
function variants(channel: ClosingChannel, feeSat: number): Transaction[] {
  const { funding, isOpener, localMsat, remoteMsat, localScript, remoteScript, localDustLimitSat } = channel;
  const local = balanceOutput(localMsat, isOpener ? feeSat : 0, localScript);
  const remote = balanceOutput(remoteMsat, isOpener ? 0 : feeSat, remoteScript);
  const kept = [local, remote].filter(({ valueSat }) => valueSat >= localDustLimitSat);
  const withoutTheirs = kept.filter((output) => output !== remote);
  const lists = withoutTheirs.length === kept.length ? [kept] : [kept, withoutTheirs];
  return lists.map((outputs) => legacyClosingTransaction(funding, outputs));
}

const isWithin = (feeSat: number, { minSat, maxSat }: FeeRange): boolean => feeSat >= minSat && feeSat <= maxSat;
const clamp = (feeSat: number, { minSat, maxSat }: FeeRange): number => Math.min(Math.max(feeSat, minSat), maxSat);
const isBetween = (feeSat: number, a: number, b: number): boolean => feeSat > Math.min(a, b) && feeSat < Math.max(a, b);
