/**
 * The rules by which a node forwards or accepts an HTLC (BOLT 4, "Failure Messages" and "Accepting and Forwarding a
 * Payment"; BOLT 7, "HTLC Fees"). Pure: amounts, expiries and heights in, a failure's name or null out.
 */
import { forwardingFeeMsat } from '../base/units.ts';
import type { FailureName } from './failure.ts';

/** What a forwarding node asks on the outgoing channel. */
export interface ForwardingPolicy {
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  /** blocks */
  readonly cltvExpiryDelta: number;
  readonly htlcMinimumMsat: number;
  readonly htlcMaximumMsat: number;
  readonly enabled: boolean;
}

/** An HTLC at a node: what came in, and what the onion asks to send on. */
export interface HopAmounts {
  readonly amountInMsat: number;
  readonly amountOutMsat: number;
  readonly expiryIn: number;
  readonly expiryOut: number;
}

/** An outgoing HTLC must expire at least so many blocks from now (lnd: 3; eclair: 9). */
export const EXPIRY_SAFETY_BLOCKS = 3;
/** No HTLC may be locked for longer, in blocks (BOLT 4, `max_htlc_cltv`; lnd: 2016). */
export const MAX_HTLC_CLTV = 2016;
/** `min_final_cltv_expiry_delta` where an invoice names none (BOLT 11). */
export const DEFAULT_FINAL_CLTV_EXPIRY_DELTA = 18;
/** What a payer adds, for blocks found while the HTLC is on its way (lnd: 3). */
export const FINAL_CLTV_PADDING_BLOCKS = 3;

/** What a node's own policy fails an HTLC with; `temporary_channel_failure` is an amount over `htlc_maximum_msat`. */
export type ForwardingFailure = Extract<
  FailureName,
  | 'channel_disabled'
  | 'amount_below_minimum'
  | 'temporary_channel_failure'
  | 'fee_insufficient'
  | 'incorrect_cltv_expiry'
  | 'expiry_too_soon'
  | 'expiry_too_far'
>;

/** Whether a node forwards, by its own policy of the outgoing edge. @param height of the chain's tip */
export function forwardingFailure(policy: ForwardingPolicy, hop: HopAmounts, height: number): ForwardingFailure | null {
  if (!policy.enabled) return 'channel_disabled';
  if (hop.amountOutMsat < policy.htlcMinimumMsat) return 'amount_below_minimum';
  if (hop.amountOutMsat > policy.htlcMaximumMsat) return 'temporary_channel_failure';
  const fee = forwardingFeeMsat(hop.amountOutMsat, policy.feeBaseMsat, policy.feeProportionalMillionths);
  if (hop.amountInMsat < hop.amountOutMsat + fee) return 'fee_insufficient';
  if (hop.expiryIn < hop.expiryOut + policy.cltvExpiryDelta) return 'incorrect_cltv_expiry';
  if (hop.expiryOut <= height + EXPIRY_SAFETY_BLOCKS) return 'expiry_too_soon';
  if (hop.expiryOut > height + MAX_HTLC_CLTV) return 'expiry_too_far';
  return null;
}

/**
 * Whether the payee accepts an HTLC.
 * @param hop what came in
 * @param askedMsat what the onion says the payee gets
 * @param onionExpiry the expiry that the onion says the HTLC has
 * @param minFinalCltvExpiryDelta of the payee's invoice, blocks
 */
export function finalHopFailure(
  hop: { readonly amountInMsat: number; readonly expiryIn: number },
  askedMsat: number,
  onionExpiry: number,
  minFinalCltvExpiryDelta: number,
  height: number,
): FailureName | null {
  if (hop.amountInMsat < askedMsat) return 'final_incorrect_htlc_amount';
  if (hop.expiryIn < onionExpiry) return 'final_incorrect_cltv_expiry';
  // too short to claim it in safety: BOLT 4 gives it the same name as wrong details, so that nobody learns by probing
  if (hop.expiryIn < height + minFinalCltvExpiryDelta) return 'incorrect_or_unknown_payment_details';
  return null;
}
