/**
 * What an end may add to a channel and what it must accept: the amounts and limits of BOLT 2's `update_add_htlc` and
 * `update_fee`, for the sender and for the receiver, and "Bounding exposure to trimmed in-flight HTLCs".
 *
 * The sender counts all that it knows of, the receiver only what the sender surely knew: so that no race between two
 * honest ends ever makes one fail the channel.
 */
import { satToMsat, type Msat, type Sat } from '../base/units.ts';
import type { ChannelLedger } from './channelLedger.ts';
import { ANCHOR_SAT, commitmentFeeSat, hasAnchors, isTrimmed } from './commitmentSpec.ts';
import type { FeePolicy } from './feeUpdates.ts';
import { CLTV_EXPIRY_BOUND, type Htlc } from './htlc.ts';
import { HtlcState, inLocalCommitment, inRemoteCommitment, isBeingRemoved } from './htlcState.ts';
import type { ProtocolViolation } from './protocolViolation.ts';

/** Why this end may not add an HTLC now: a value, not an error. */
export type AddRefusal =
  | 'channel-not-open'
  | 'peer-disconnected'
  | 'quiescent'
  | 'amount-below-minimum'
  | 'too-many-htlcs'
  | 'in-flight-limit'
  | 'insufficient-balance'
  | 'opener-cannot-pay-fee'
  | 'dust-exposure';

/** Why this end may not change the fee rate now. */
export type FeeRefusal =
  | 'channel-not-open'
  | 'peer-disconnected'
  | 'splice-pending'
  | 'not-the-opener'
  | 'zero-fee-format'
  | 'opener-cannot-pay-fee'
  | 'dust-exposure';

/** HTLCs beyond those there are that an opener must be able to pay for (BOLT 2, fee spike buffer). */
const FEE_BUFFER_HTLCS = 1;
/** The fee rate rise that an opener must be able to pay for. */
const FEE_BUFFER_FACTOR = 2;

type Ledger = ChannelLedger<unknown>;
type Owner = 'local' | 'remote';

// ── Adding an HTLC ───────────────────────────────────────────────────────────────────────────────────────────────────

/** HTLCs offered by this end that their commitment will hold, and what the balance is without those it lacks yet. */
function offeredOf(ledger: Ledger): { balanceMsat: number; inFlightMsat: number; slots: number } {
  let balanceMsat = ledger.remoteOurs;
  let inFlightMsat = 0;
  let slots = 0;
  for (const htlc of ledger.htlcs) {
    if (!htlc.offered) continue;
    if (htlc.state === HtlcState.SentAddHtlc) balanceMsat -= htlc.amountMsat;
    else if (!inRemoteCommitment(htlc.state)) continue;
    inFlightMsat += htlc.amountMsat;
    slots++;
  }
  return { balanceMsat, inFlightMsat, slots };
}

/** What this end keeps back when it offers an HTLC: its reserve and, as opener, the fee spike buffer, msat. */
function keptMsat(ledger: Ledger): number {
  const reserve = satToMsat(ledger.remoteLimits.channelReserveSat);
  if (!ledger.isOpener) return reserve;
  const feerate = ledger.feerateHighestPerKw;
  const untrimmed = untrimmedHtlcs(ledger, 'remote', feerate, 1 + FEE_BUFFER_HTLCS);
  return reserve + openerPaysMsat(ledger, FEE_BUFFER_FACTOR * feerate, untrimmed);
}

/** The largest HTLC that {@link addRefusal} would let pass, dust exposure aside, in msat; 0 if none. */
export function spendableMsat(ledger: Ledger): Msat {
  const { remoteLimits } = ledger;
  const { balanceMsat, inFlightMsat, slots } = offeredOf(ledger);
  if (slots >= remoteLimits.maxAcceptedHtlcs) return 0 as Msat;
  if (!ledger.isOpener && !remoteOpenerCanPay(ledger)) return 0 as Msat;
  const most = Math.min(balanceMsat - keptMsat(ledger), remoteLimits.maxHtlcValueInFlightMsat - inFlightMsat);
  return most < remoteLimits.htlcMinimumMsat ? (0 as Msat) : (Math.max(0, most) as Msat);
}

/** Whether an HTLC of that amount may be added now (BOLT 2, `update_add_htlc`, sender); null means yes. */
export function addRefusal(ledger: Ledger, amountMsat: Msat): AddRefusal | null {
  const { remoteLimits } = ledger;
  if (amountMsat <= 0 || amountMsat < remoteLimits.htlcMinimumMsat) return 'amount-below-minimum';
  const { balanceMsat, inFlightMsat, slots } = offeredOf(ledger);
  if (slots + 1 > remoteLimits.maxAcceptedHtlcs) return 'too-many-htlcs';
  if (inFlightMsat + amountMsat > remoteLimits.maxHtlcValueInFlightMsat) return 'in-flight-limit';
  if (balanceMsat - amountMsat < keptMsat(ledger)) return 'insufficient-balance';
  if (!ledger.isOpener && !remoteOpenerCanPay(ledger)) return 'opener-cannot-pay-fee';
  return addsDustBeyondLimit(ledger, amountMsat) ? 'dust-exposure' : null;
}

/** What an `update_add_htlc` that arrives breaks (BOLT 2, receiver), its id and the moment aside; null for nothing. */
export function addViolation(ledger: Ledger, amountMsat: Msat, cltvExpiry: number): ProtocolViolation | null {
  const limits = ledger.localLimits;
  if (amountMsat <= 0 || amountMsat < limits.htlcMinimumMsat) return 'add-below-minimum';
  if (cltvExpiry >= CLTV_EXPIRY_BOUND) return 'add-expiry-not-a-height';
  let inFlight: number = amountMsat;
  let slots = 1;
  for (const htlc of ledger.htlcs) {
    if (htlc.offered || (htlc.state !== HtlcState.RcvdAddHtlc && !inLocalCommitment(htlc.state))) continue;
    inFlight += htlc.amountMsat;
    slots++;
  }
  if (slots > limits.maxAcceptedHtlcs) return 'add-too-many';
  if (inFlight > limits.maxHtlcValueInFlightMsat) return 'add-over-in-flight-limit';
  const feerate = ledger.feerateToBePerKw;
  const fee = ledger.isOpener ? 0 : openerPaysMsat(ledger, feerate, untrimmedHtlcs(ledger, 'local', feerate, 1));
  const balance = proposedBalanceMsat(ledger) - amountMsat;
  return balance < satToMsat(limits.channelReserveSat) + fee ? 'add-over-balance' : null;
}

/** The other end's balance in our commitment, without the HTLCs that it proposed, msat. */
function proposedBalanceMsat(ledger: Ledger): number {
  let balance = ledger.localTheirs;
  for (const htlc of ledger.htlcs) if (htlc.state === HtlcState.RcvdAddHtlc) balance -= htlc.amountMsat;
  return balance;
}

// ── Changing the fee rate ────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Whether this end may ask for that fee rate now (BOLT 2, `update_fee`, sender); null means yes. A rise must leave its
 * reserve, with one HTLC more than there are, for one that the other end may be adding meanwhile.
 */
export function feeRefusal(ledger: Ledger, feeratePerKw: number): FeeRefusal | null {
  if (!ledger.isOpener) return 'not-the-opener';
  if (ledger.terms.format === 'zero_fee_commitments') return 'zero-fee-format';
  if (feeratePerKw <= ledger.feerateToBePerKw) return null;
  const untrimmed = untrimmedHtlcs(ledger, 'remote', feeratePerKw, FEE_BUFFER_HTLCS);
  const kept = satToMsat(ledger.remoteLimits.channelReserveSat) + openerPaysMsat(ledger, feeratePerKw, untrimmed);
  if (offeredOf(ledger).balanceMsat < kept) return 'opener-cannot-pay-fee';
  return exceedsDustExposure(ledger, feeratePerKw) ? 'dust-exposure' : null;
}

/** What an `update_fee` that arrives breaks (BOLT 2, receiver); null for nothing. */
export function feeViolation(ledger: Ledger, feeratePerKw: number, policy: FeePolicy): ProtocolViolation | null {
  if (ledger.isOpener) return 'fee-from-accepter';
  if (ledger.terms.format === 'zero_fee_commitments') return 'fee-in-zero-fee-format';
  if (feeratePerKw < policy.feerateMinPerKw) return 'fee-too-low';
  if (feeratePerKw > policy.feerateMaxPerKw) return 'fee-too-high';
  if (feeratePerKw <= ledger.feerateToBePerKw) return null;
  const fee = openerPaysMsat(ledger, feeratePerKw, untrimmedHtlcs(ledger, 'local', feeratePerKw, 0));
  const kept = satToMsat(ledger.localLimits.channelReserveSat) + fee;
  if (proposedBalanceMsat(ledger) < kept) return 'fee-over-balance';
  return policy.failsOverDustExposure && exceedsDustExposure(ledger, feeratePerKw) ? 'fee-dust-exposure' : null;
}

// ── What it costs ────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the opener pays of a commitment: the fee by weight, and both anchors, msat. */
function openerPaysMsat({ terms }: Ledger, feeratePerKw: number, untrimmed: number): number {
  const anchors = hasAnchors(terms.format) ? 2 * ANCHOR_SAT : 0;
  return satToMsat((commitmentFeeSat(terms.format, feeratePerKw, untrimmed) + anchors) as Sat);
}

/** Whether the other end, being the opener, could still pay for one HTLC more in its own commitment. */
function remoteOpenerCanPay(ledger: Ledger): boolean {
  const feerate = ledger.feerateHighestPerKw;
  const fee = openerPaysMsat(ledger, feerate, untrimmedHtlcs(ledger, 'remote', feerate, 1));
  return ledger.remoteTheirs >= satToMsat(ledger.localLimits.channelReserveSat) + fee;
}

/**
 * HTLC outputs in the next commitment of a side at a fee rate, plus `more`.
 *
 * For their side, before we offer: all that is in it or proposed by anyone. For our side, when they offer: only what
 * they knew of when they did, which is what is in it, what they proposed, and what of ours they had acknowledged.
 */
function untrimmedHtlcs(ledger: Ledger, owner: Owner, feeratePerKw: number, more: number): number {
  let count = more;
  for (const htlc of ledger.htlcs) {
    const { state } = htlc;
    const counts =
      owner === 'local'
        ? inLocalCommitment(state) || state === HtlcState.RcvdAddHtlc || state === HtlcState.RcvdAddRevocation
        : inRemoteCommitment(state) || !isBeingRemoved(state);
    if (counts && !isDust(ledger, owner, feeratePerKw, htlc.offered, htlc.amountMsat)) count++;
  }
  return count;
}

// ── Dust ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Whether a commitment of that owner trims an HTLC at a fee rate. @param offered by this end */
function isDust(
  { terms, localLimits, remoteLimits }: Ledger,
  owner: Owner,
  feeratePerKw: number,
  offered: boolean,
  amountMsat: Msat,
): boolean {
  const { dustLimitSat } = owner === 'local' ? localLimits : remoteLimits;
  return isTrimmed(terms.format, feeratePerKw, dustLimitSat, offered === (owner === 'local'), amountMsat);
}

/** All that rides on trimmed HTLCs in a commitment at a fee rate, msat. */
function dustExposureMsat(ledger: Ledger, owner: Owner, feeratePerKw: number): number {
  let exposure = 0;
  for (const { offered, amountMsat } of ledger.htlcs)
    if (isDust(ledger, owner, feeratePerKw, offered, amountMsat)) exposure += amountMsat;
  return exposure;
}

const OWNERS: readonly Owner[] = ['local', 'remote'];

/** Whether offering that HTLC puts more on trimmed HTLCs, in either commitment, than this end allows. */
function addsDustBeyondLimit(ledger: Ledger, amountMsat: Msat): boolean {
  const feerate = ledger.feerateHighestPerKw;
  return OWNERS.some(
    (owner) =>
      isDust(ledger, owner, feerate, true, amountMsat) &&
      dustExposureMsat(ledger, owner, feerate) + amountMsat > ledger.localLimits.maxDustHtlcExposureMsat,
  );
}

/** Whether that fee rate would trim more of either commitment than this end allows; never where HTLCs pay no fee. */
function exceedsDustExposure(ledger: Ledger, feeratePerKw: number): boolean {
  return OWNERS.some((owner) => {
    const exposure = dustExposureMsat(ledger, owner, feeratePerKw);
    const exposureNow = dustExposureMsat(ledger, owner, ledger.feerateToBePerKw);
    return exposure > exposureNow && exposure > ledger.localLimits.maxDustHtlcExposureMsat;
  });
}

/** Whether more rides on trimmed HTLCs than this end allows, so that this dust HTLC is failed once it is committed. */
export function isOverDustExposure(ledger: Ledger, { offered, amountMsat }: Htlc<unknown>): boolean {
  const feerate = ledger.feerateHighestPerKw;
  return OWNERS.some(
    (owner) =>
      isDust(ledger, owner, feerate, offered, amountMsat) &&
      dustExposureMsat(ledger, owner, feerate) > ledger.localLimits.maxDustHtlcExposureMsat,
  );
}
