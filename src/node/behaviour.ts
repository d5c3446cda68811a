/**
 * Behaviour: where a node may differ from the honest one. Every hook has an honest default, so an attack is a short file.
 */
import type { Msat } from '../base/units.ts';
import type { Onion } from '../payment/onion.ts';
import type { Invoice, InvoicePolicy } from './invoice.ts';

export interface Behaviour {
  /** What becomes of a payment that arrived for an invoice of this node. */
  paymentArrived(invoice: Invoice): InvoicePolicy;
  /** What the node sends on of an onion that it peeled. */
  onionToForward(onion: Onion): Onion;
  /** Whether the node offers an HTLC over one of its edges that could carry it: its own payment, or what it forwards. */
  offers(edge: number, amountMsat: Msat): boolean;
  /** Whether the node punishes a revoked commitment when it sees one. */
  punishes(): boolean;
}

export const honest: Behaviour = {
  paymentArrived: (invoice) => invoice.policy,
  onionToForward: (onion) => onion,
  offers: () => true,
  punishes: () => true,
};
