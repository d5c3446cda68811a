/**
 * The onion as far as the simulation needs it (BOLT 4): each node learns its own payload and the next onion, nothing
 * else. It is not encrypted; that no node looks further is the type's doing.
 */
import { assert } from '../base/assert.ts';
import type { Msat } from '../base/units.ts';
import type { Route } from '../routing/route.ts';

/** `payment_data`: what the payee alone reads, to know the parts of a payment and that they come from who has its invoice. */
export interface PaymentData {
  /** 32 bytes, from the invoice */
  readonly paymentSecret: Uint8Array;
  /** what all parts bring together, the same in each */
  readonly totalMsat: Msat;
}

/** What one node reads (`tlv_payload`). */
export interface OnionPayload {
  /** the edge to forward over, or null at the payee */
  readonly nextEdge: number | null;
  /** `amt_to_forward`; at the payee, what it gets */
  readonly amountMsat: Msat;
  /** `outgoing_cltv_value`; at the payee, what the HTLC must at least have */
  readonly expiry: number;
  /** null but at the payee */
  readonly paymentData: PaymentData | null;
}

export class Onion {
  readonly #payloads: readonly OnionPayload[];
  readonly #position: number;
  /** false once somebody garbled it: its HMAC doesn't fit */
  readonly isReadable: boolean;

  private constructor(payloads: readonly OnionPayload[], position: number, isReadable = true) {
    this.#payloads = payloads;
    this.#position = position;
    this.isReadable = isReadable;
  }

  /** The onion that the payer hands to the first node after itself. @param height of the tip, as the payer knows it */
  static forRoute(route: Route, height: number, paymentData: PaymentData): Onion {
    const last = route.edges.length - 1;
    const payloads = route.edges.map((_, hop): OnionPayload => {
      const next = Math.min(hop + 1, last);
      return {
        nextEdge: hop < last ? route.edges[hop + 1]! : null,
        amountMsat: route.amountsMsat[next]!,
        expiry: height + route.cltvExpiryDeltas[next]!,
        paymentData: hop < last ? null : paymentData,
      };
    });
    return new Onion(payloads, 0);
  }

  /** How many hops from the payer the node is that reads this onion: 1 for the first. */
  get hop(): number {
    return this.#position + 1;
  }

  /** The same, but nobody can read it. */
  garbled(): Onion {
    return new Onion(this.#payloads, this.#position, false);
  }

  /** This node's payload, and the onion for the next; of one that is readable. */
  peel(): { payload: OnionPayload; next: Onion } {
    const payload = this.#payloads[this.#position];
    assert(this.isReadable, 'only a readable onion is peeled');
    assert(payload !== undefined, 'an onion is peeled by the nodes of its route only');
    return { payload, next: new Onion(this.#payloads, this.#position + 1) };
  }
}
