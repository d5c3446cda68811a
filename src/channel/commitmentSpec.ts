/**
 * The commitment specification: what a commitment transaction says, in integers, before any byte of it exists.
 * Fees and trimming follow BOLT 3, "Fees" and "Trimmed Outputs".
 */
import { msat, msatToSat, satToMsat, type Msat, type Sat } from '../base/units.ts';
import type { CommitmentFormat } from './limits.ts';

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

/** BOLT 3, "Anchor output": 330 sat, the dust limit of P2WSH. */
export const ANCHOR_SAT = 330 as Sat;

// BOLT 3, Appendix A: expected weights
const COMMITMENT_WEIGHT = 724;
const COMMITMENT_WEIGHT_ANCHORS = 1124;
/** 43 bytes of P2WSH output × 4 */
const HTLC_OUTPUT_WEIGHT = 172;
// prettier-ignore
const HTLC_TX_WEIGHT = {
  //                          timeout       success
  static_remotekey:         { timeout: 663, success: 703 },
  anchors:                  { timeout: 666, success: 706 },
  anchors_zero_fee_htlc_tx: { timeout: 666, success: 706 },
} as const;

export const hasAnchors = (format: CommitmentFormat): boolean => format !== 'static_remotekey';

/** The fee a commitment's weight asks for, in sat, rounded down. @param untrimmed how many HTLC outputs it has */
export function commitmentFeeSat(format: CommitmentFormat, feeratePerKw: number, untrimmed: number): Sat {
  const base = hasAnchors(format) ? COMMITMENT_WEIGHT_ANCHORS : COMMITMENT_WEIGHT;
  return Math.floor(((base + HTLC_OUTPUT_WEIGHT * untrimmed) * feeratePerKw) / 1000) as Sat;
}

/** The fee of an HTLC-timeout or HTLC-success transaction, in sat; zero in the zero-fee format. */
export function htlcTransactionFeeSat(
  format: CommitmentFormat,
  feeratePerKw: number,
  kind: 'timeout' | 'success',
): Sat {
  if (format === 'anchors_zero_fee_htlc_tx') return 0 as Sat;
  return Math.floor((HTLC_TX_WEIGHT[format][kind] * feeratePerKw) / 1000) as Sat;
}

/**
 * Whether an HTLC has no output: it could not pay for its own claim above the owner's dust limit.
 * @param offered by the commitment's owner, who would claim it back by HTLC-timeout
 */
export function isTrimmed(
  format: CommitmentFormat,
  feeratePerKw: number,
  dustLimitSat: Sat,
  offered: boolean,
  amountMsat: Msat,
): boolean {
  const fee = htlcTransactionFeeSat(format, feeratePerKw, offered ? 'timeout' : 'success');
  return msatToSat(amountMsat) < dustLimitSat + fee;
}

/** The outputs' amounts after fee, anchors and trimming; an amount of 0 means there is no such output. */
export interface CommitmentAmounts {
  readonly toLocalSat: Sat;
  readonly toRemoteSat: Sat;
  readonly localAnchorSat: Sat;
  readonly remoteAnchorSat: Sat;
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
  const anchors = hasAnchors(format) ? 2 * ANCHOR_SAT : 0;
  const openerPaysMsat = satToMsat((commitmentFeeSat(format, spec.feeratePerKw, htlcs.length) + anchors) as Sat);
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
  return { toLocalSat, toRemoteSat, localAnchorSat, remoteAnchorSat, htlcs, feeSat: (capacitySat - outputs) as Sat };
}
