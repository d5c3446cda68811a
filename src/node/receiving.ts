/** A node as payee: its invoices, and what becomes of the HTLCs that pay them. */
import { present } from '../base/assert.ts';
import { equalBytes, toHex } from '../base/bytes.ts';
import { isIrrevocable } from '../channel/htlcState.ts';
import type { FailureName } from '../payment/failure.ts';
import { DEFAULT_FINAL_CLTV_EXPIRY_DELTA, finalHopFailure } from '../payment/forwarding.ts';
import type { OnionPayload } from '../payment/onion.ts';
import type { Behaviour } from './behaviour.ts';
import type { ChannelProtocol } from './channelProtocol.ts';
import type { NodeContext } from './context.ts';
import type { Invoice } from './invoice.ts';
import type { NodeChannel, NodeHtlc } from './nodeChannel.ts';

/** A payee's BOLT 4 answer to whatever it can't or won't accept, so that nobody can probe for invoices. */
const UNKNOWN_DETAILS: FailureName = 'incorrect_or_unknown_payment_details';

export class Receiving {
  readonly #node: { readonly behaviour: Behaviour };
  readonly #context: NodeContext;
  readonly #active: ReadonlySet<NodeChannel>;
  readonly #protocol: ChannelProtocol;
  readonly #invoices = new Map<string, Invoice>();

  /** @param active channels with HTLCs */
  constructor(
    node: { readonly behaviour: Behaviour },
    context: NodeContext,
    active: ReadonlySet<NodeChannel>,
    protocol: ChannelProtocol,
  ) {
    this.#node = node;
    this.#context = context;
    this.#active = active;
    this.#protocol = protocol;
  }

  addInvoice(paymentHash: Uint8Array, invoice: Invoice): void {
    this.#invoices.set(toHex(paymentHash), invoice);
  }

  /** The payment is over: whatever still comes for it is unknown. */
  forgetInvoice(paymentHash: Uint8Array): void {
    this.#invoices.delete(toHex(paymentHash));
  }

  /** An HTLC whose last hop is this node is locked in. @param hop this node's place in the route, for failures */
  arrived(channel: NodeChannel, htlc: NodeHtlc, payload: OnionPayload, hop: number): void {
    const invoice = this.#invoices.get(toHex(htlc.paymentHash));
    const { height } = this.#context;
    const failure: FailureName | null =
      invoice === undefined || htlc.amountMsat < invoice.amountMsat
        ? UNKNOWN_DETAILS
        : finalHopFailure(
            { amountInMsat: htlc.amountMsat, expiryIn: htlc.cltvExpiry },
            payload.amountMsat,
            payload.expiry,
            DEFAULT_FINAL_CLTV_EXPIRY_DELTA,
            height,
          );
    if (failure || !invoice) {
      return this.#protocol.fail(channel, htlc, { name: failure ?? UNKNOWN_DETAILS, erringHop: hop });
    }
    if (this.#node.behaviour.paymentArrived(invoice) === 'settle') {
      this.#protocol.fulfill(channel, htlc, invoice.preimage);
    }
  }

  /** Ends the holding of every HTLC of that payment: settles it, or fails it. */
  release(paymentHash: Uint8Array, settle: boolean): void {
    const invoice = this.#invoices.get(toHex(paymentHash));
    for (const channel of this.#active) {
      if (channel.end.phase === 'closed') continue;
      for (const htlc of channel.end.htlcs) {
        if (htlc.offered || !isIrrevocable(htlc.state) || !equalBytes(htlc.paymentHash, paymentHash)) continue;
        const { hop } = present(htlc.tag.onion, 'an onion');
        if (settle && invoice) this.#protocol.fulfill(channel, htlc, invoice.preimage);
        else this.#protocol.fail(channel, htlc, { name: UNKNOWN_DETAILS, erringHop: hop });
      }
    }
  }

  /** The preimage for a received HTLC that this node, being the payee, would claim on-chain with; null for none. */
  preimageToClaim(paymentHash: Uint8Array): Uint8Array | null {
    const invoice = this.#invoices.get(toHex(paymentHash));
    if (!invoice || this.#node.behaviour.paymentArrived(invoice) === 'hold') return null;
    return invoice.preimage;
  }
}
