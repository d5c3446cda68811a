/**
 * The messages of a splice (BOLT 2, "Channel Splicing"), as plain data. What `tx_add_input`, `tx_add_output` and
 * `tx_complete` say one by one is here one message of the initiator, the whole transaction.
 */
import type { Txid } from '../chain/transaction.ts';
import type { SharedTransaction, SharedTransactionRefusal } from './sharedTransaction.ts';

/** `splice_init`. */
export interface SpliceInit {
  readonly type: 'splice_init';
  /** sat that its sender adds to its balance, or, negative, takes out of it */
  readonly contributionSat: number;
  readonly feeratePerKw: number;
  readonly lockTime: number;
  /** says which funding keys of both ends the new output has: in the place of `funding_pubkey` */
  readonly keyIndex: number;
}

/** `splice_ack`. */
export interface SpliceAck {
  readonly type: 'splice_ack';
  readonly contributionSat: number;
}

/** `tx_init_rbf`: another try, with other contributions if need be. */
export interface TxInitRbf {
  readonly type: 'tx_init_rbf';
  readonly contributionSat: number;
  readonly feeratePerKw: number;
  readonly lockTime: number;
  /** says which funding keys of both ends the new output has: in the place of `funding_pubkey` */
  readonly keyIndex: number;
}

/** `tx_ack_rbf`. */
export interface TxAckRbf {
  readonly type: 'tx_ack_rbf';
  readonly contributionSat: number;
}

/** `tx_abort`: this splice is not to be, and the channel goes on. */
/** Also of an opening that both ends fund: then the accepter's coins do not suffice yet. */
export interface TxAbort {
  readonly type: 'tx_abort';
  readonly reason: SpliceAbort;
}

/** `tx_complete` from the initiator, with all that was added before it. */
export interface TxComplete {
  readonly type: 'tx_complete';
  readonly shared: SharedTransaction;
}

/** `commitment_signed` for the commitment on the new funding output. */
export interface SpliceCommitmentSigned {
  readonly type: 'commitment_signed';
  readonly fundingTxid: Txid;
  /** DER with its hash type; empty in ledger form */
  readonly signature: Uint8Array;
}

/** `tx_signatures`. */
export interface TxSignatures {
  readonly type: 'tx_signatures';
  readonly txid: Txid;
  /** for the input that spends the old funding output; empty in ledger form */
  readonly sharedInputSignature: Uint8Array;
  /** of the sender's own inputs, by serial id */
  readonly witnesses: readonly (readonly Uint8Array[])[];
}

/** `splice_locked`. */
export interface SpliceLocked {
  readonly type: 'splice_locked';
  readonly txid: Txid;
}

export type SpliceMessage =
  | SpliceInit
  | SpliceAck
  | TxInitRbf
  | TxAckRbf
  | TxAbort
  | TxComplete
  | SpliceCommitmentSigned
  | TxSignatures
  | SpliceLocked;

/** Why an end rejects a splice and lets the channel go on. */
export type SpliceAbort =
  'unwanted' | 'not-enough-coins' | 'feerate-unacceptable' | 'forgotten' | SpliceTransactionRefusal;

/** What an end finds wrong with the transaction (`tx_complete`). */
export type SpliceTransactionRefusal =
  | SharedTransactionRefusal
  | 'not-the-current-funding'
  | 'contribution-not-as-agreed'
  | 'not-as-agreed'
  | 'fee-below-last'
  | 'balance-below-reserve';

/** A message that breaks the protocol: the receiver closes the connection or fails the channel, naming this. */
export type SpliceViolation =
  | 'not-quiescent'
  | 'not-quiescence-initiator'
  | 'channel-not-ready'
  | 'splice-already-negotiated'
  | 'splice-not-locked'
  | 'nothing-to-replace'
  | 'splice-after-shutdown'
  | 'rbf-after-locked'
  | 'rbf-with-zero-conf'
  | 'contribution-over-balance'
  | 'unknown-splice'
  | 'invalid-signature'
  | 'wrong-witness-count'
  | 'message-out-of-order';
