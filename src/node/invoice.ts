/** An invoice as its payee keeps it: the preimage, and what the payee means to do with a payment for it. */
import type { Msat } from '../base/units.ts';

/** What the payee does when the payment is there. */
export type InvoicePolicy =
  /** reveals the preimage at once */
  | 'settle'
  /** fails it at once, as if it knew of no such invoice */
  | 'refuse'
  /** holds the HTLC; claims it on-chain if the channel goes there */
  | 'hold-and-claim'
  /** holds the HTLC for ever, on-chain too: it times out */
  | 'hold';

export interface Invoice {
  readonly amountMsat: Msat;
  /** 32 bytes; its SHA-256 is the payment hash */
  readonly preimage: Uint8Array;
  /** 32 bytes that only who was given the invoice knows; every part of the payment shows them (BOLT 4, `payment_secret`) */
  readonly paymentSecret: Uint8Array;
  readonly policy: InvoicePolicy;
}
