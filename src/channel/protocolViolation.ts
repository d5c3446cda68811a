/** The messages that break BOLT 2, by name. The receiver of one fails the channel, or warns and closes the connection. */

export type ProtocolViolation =
  // update_add_htlc
  | 'add-out-of-order'
  | 'add-after-shutdown'
  | 'add-below-minimum'
  | 'add-expiry-not-a-height'
  | 'add-too-many'
  | 'add-over-in-flight-limit'
  | 'add-over-balance'
  // update_fulfill_htlc, update_fail_htlc, update_fail_malformed_htlc
  | 'unknown-htlc'
  | 'wrong-preimage'
  | 'malformed-without-badonion'
  // update_fee
  | 'fee-from-accepter'
  | 'fee-in-zero-fee-format'
  | 'fee-after-shutdown'
  | 'fee-too-low'
  | 'fee-too-high'
  | 'fee-over-balance'
  | 'fee-dust-exposure'
  // commitment_signed, revoke_and_ack
  | 'empty-commitment'
  | 'unexpected-revocation'
  // shutdown
  | 'shutdown-twice'
  | 'shutdown-with-pending-updates'
  // channel_reestablish
  | 'message-before-reestablish'
  | 'unexpected-reestablish'
  | 'reestablish-at-commitment-zero'
  | 'reestablish-commitment-number'
  | 'reestablish-secret';
