/**
 * The commitment specification: what a commitment transaction says, in integers, before any byte of it exists.
 * Fees and trimming follow BOLT 3, "Fees" and "Trimmed Outputs".
 */
import { msat, msatToSat, satToMsat, type Msat, type Sat } from '../base/units.ts';
import { ANCHOR_SAT, FORMAT, hasAnchors, HTLC_OUTPUT_WEIGHT, MAX_SHARED_ANCHOR_SAT } from './commitmentFormat.ts';
import type { CommitmentFormat } from './limits.ts';

export { ANCHOR_SAT, hasAnchors };

/** An HTLC as a commitment's owner sees it. */
export interface HtlcSpec {
  /** offered by the commitment's owner; received otherwise */
  readonly offered: boolean;
  readonly id: number;
  readonly amountMsat: Msat;
  readonly cltvExpiry: number;
  /** 32 bytes */
  readonly paymentHash: Uint8Array;
}

/** One commitment of one owner; `local` is the owner. `toLocalMsat + toRemoteMsat + Σ htlcs` is the capacity. */
export interface CommitmentSpec {
  readonly number: number;
  readonly toLocalMsat: Msat;
  readonly toRemoteMsat: Msat;
  readonly htlcs: readonly HtlcSpec[];
  readonly feeratePerKw: number;
  /** whether the owner opened the channel, and so pays the commitment's fee and both anchors */
  readonly ownerIsOpener: boolean;
}

/** The fee a commitment's weight asks for, in sat, rounded down. @param untrimmed how many HTLC outputs it has */
export function commitmentFeeSat(format: CommitmentFormat, feeratePerKw: number, untrimmed: number): Sat {
  const { paidWeight } = FORMAT[format];
  if (paidWeight === 0) return 0 as Sat;
  return Math.floor(((paidWeight + HTLC_OUTPUT_WEIGHT * untrimmed) * feeratePerKw) / 1000) as Sat;
}

/** All that the opener's balance gives for a commitment: its fee by weight and both keyed anchors (BOLT 3, "Fee Payment"). */
export const openerPaysSat = (format: CommitmentFormat, feeratePerKw: number, untrimmed: number): Sat =>
  (commitmentFeeSat(format, feeratePerKw, untrimmed) + (hasAnchors(format) ? 2 * ANCHOR_SAT : 0)) as Sat;

/** The fee of an HTLC-timeout or HTLC-success transaction, in sat; zero in the zero-fee formats. */
export function htlcTransactionFeeSat(
  format: CommitmentFormat,
  feeratePerKw: number,
  kind: 'timeout' | 'success',
): Sat {
  const { timeoutWeight, successWeight } = FORMAT[format];
  return Math.floor(((kind === 'timeout' ? timeoutWeight : successWeight) * feeratePerKw) / 1000) as Sat;
}

/**
 * Whether an HTLC has no output: it could not pay for its own claim above the owner's dust limit.
 * @param dustLimitSat 0: nothing is trimmed, and such a commitment is for theory alone
 * @param offered by the commitment's owner, who would claim it back by HTLC-timeout
 */
export function isTrimmed(
  format: CommitmentFormat,
  feeratePerKw: number,
  dustLimitSat: Sat,
  offered: boolean,
  amountMsat: Msat,
): boolean {
  if (dustLimitSat === 0) return false;
  const fee = htlcTransactionFeeSat(format, feeratePerKw, offered ? 'timeout' : 'success');
  return msatToSat(amountMsat) < dustLimitSat + fee;
}

/** The outputs' amounts after fee, anchors and trimming; an amount of 0 means there is no such output. */
export interface CommitmentAmounts {
  readonly toLocalSat: Sat;
  readonly toRemoteSat: Sat;
  readonly localAnchorSat: Sat;
  readonly remoteAnchorSat: Sat;
  /** of the anchor that both ends share, which may be worth 0; null in a format without it */
  readonly sharedAnchorSat: Sat | null;
  readonly htlcs: readonly HtlcSpec[];
  /** what the outputs leave of the capacity: the fee by weight, plus all that was trimmed or rounded */
  readonly feeSat: Sat;
}

/** BOLT 3, "Commitment Transaction Construction": from a specification to the amounts of the outputs. */
export function commitmentAmounts(
  spec: CommitmentSpec,
  format: CommitmentFormat,
  dustLimitSat: Sat,
  capacitySat: Sat,
): CommitmentAmounts {
  const htlcs = spec.htlcs.filter((h) => !isTrimmed(format, spec.feeratePerKw, dustLimitSat, h.offered, h.amountMsat));
  const openerPaysMsat = satToMsat(openerPaysSat(format, spec.feeratePerKw, htlcs.length));
  const afterFee = (balanceMsat: Msat, pays: boolean): Sat => {
    const sat = msatToSat(pays ? msat(Math.max(0, balanceMsat - openerPaysMsat)) : balanceMsat);
    return sat < dustLimitSat ? (0 as Sat) : sat;
  };
  const toLocalSat = afterFee(spec.toLocalMsat, spec.ownerIsOpener);
  const toRemoteSat = afterFee(spec.toRemoteMsat, !spec.ownerIsOpener);
  const anchored = hasAnchors(format);
  const localAnchorSat = (anchored && (toLocalSat > 0 || htlcs.length > 0) ? ANCHOR_SAT : 0) as Sat;
  const remoteAnchorSat = (anchored && (toRemoteSat > 0 || htlcs.length > 0) ? ANCHOR_SAT : 0) as Sat;
  let outputs = toLocalSat + toRemoteSat + localAnchorSat + remoteAnchorSat;
  for (const htlc of htlcs) outputs += msatToSat(htlc.amountMsat);
  const left = capacitySat - outputs;
  // what was trimmed and rounded goes to the shared anchor first, as far as it stays dust
  const sharedAnchorSat = FORMAT[format].anchors === 'shared' ? (Math.min(left, MAX_SHARED_ANCHOR_SAT) as Sat) : null;
  const feeSat = (left - (sharedAnchorSat ?? 0)) as Sat;
  return { toLocalSat, toRemoteSat, localAnchorSat, remoteAnchorSat, sharedAnchorSat, htlcs, feeSat };
}
