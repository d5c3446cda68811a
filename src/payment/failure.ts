/** Failures as BOLT 4, "Returning Errors", names them: what a payer learns of an HTLC that did not arrive. */

import type { ChannelUpdate } from '../graph/gossipLog.ts';

export type FailureName =
  | 'temporary_node_failure'
  | 'permanent_node_failure'
  | 'temporary_channel_failure'
  | 'permanent_channel_failure'
  | 'unknown_next_peer'
  | 'amount_below_minimum'
  | 'fee_insufficient'
  | 'incorrect_cltv_expiry'
  | 'expiry_too_soon'
  | 'expiry_too_far'
  | 'channel_disabled'
  | 'incorrect_or_unknown_payment_details'
  | 'final_incorrect_cltv_expiry'
  | 'final_incorrect_htlc_amount'
  | 'mpp_timeout'
  | 'invalid_onion_hmac';

/**
 * What a node that cannot read an onion says, in plain, to the one before it (BOLT 4: BADONION, PERM and 5); that one makes
 * a failure of it.
 */
export const INVALID_ONION_HMAC = 0x8000 | 0x4000 | 5;

/** A failure on its way back to the payer. */
export interface PaymentFailure {
  readonly name: FailureName;
  /**
   * Which node of the route says so, counted in hops from the payer: 1 is the first node after it. A failure that the
   * payer's own node meets is at 0.
   */
  readonly erringHop: number;
  /** `channel_update`: the erring node's policy, where it is not what it was from the start */
  readonly update?: ChannelUpdate;
}

/** Failures that concern a policy (BOLT 4: the UPDATE flag): they tell what it is. */
export const tellsPolicy = (name: FailureName): boolean => POLICY_FAILURES.has(name);

const POLICY_FAILURES: ReadonlySet<FailureName> = new Set([
  'temporary_channel_failure',
  'amount_below_minimum',
  'fee_insufficient',
  'incorrect_cltv_expiry',
  'expiry_too_soon',
  'channel_disabled',
]);

/** Failures that the payee alone sends: another route would not help. */
export const isFinal = (name: FailureName): boolean =>
  name === 'incorrect_or_unknown_payment_details' ||
  name === 'final_incorrect_cltv_expiry' ||
  name === 'final_incorrect_htlc_amount';

/** Failures of an HTLC that had come to the payee: no node on the way is to blame. */
export const reachedPayee = (name: FailureName): boolean => isFinal(name) || name === 'mpp_timeout';

/** Failures that concern a whole node, not one of its channels (BOLT 4: the NODE flag). */
export const isNodeFailure = (name: FailureName): boolean =>
  name === 'temporary_node_failure' || name === 'permanent_node_failure';
