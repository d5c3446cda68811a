/**
 * A node as payee: its invoices, and what becomes of the HTLCs that pay them. Parts of a payment are held until all are
 * there (`payment/incomingPayment.ts`).
 */
import { present } from '../base/assert.ts';
import { equalBytes, toHex } from '../base/bytes.ts';
import { mark } from '../base/marks.ts';
import { isIrrevocable } from '../channel/htlcState.ts';
import type { FailureName } from '../payment/failure.ts';
import { DEFAULT_FINAL_CLTV_EXPIRY_DELTA, finalHopFailure } from '../payment/forwarding.ts';
import { IncomingPayment, MPP_TIMEOUT, paymentDataFailure } from '../payment/incomingPayment.ts';
import type { OnionPayload } from '../payment/onion.ts';
import type { Behaviour } from './behaviour.ts';
import type { ChannelProtocol } from './channelProtocol.ts';
import type { NodeContext } from './context.ts';
import type { Invoice } from './invoice.ts';
import type { NodeChannel, NodeHtlc } from './nodeChannel.ts';

/** A payee's BOLT 4 answer to whatever it can't or won't accept, so that nobody can probe for invoices. */
const UNKNOWN_DETAILS: FailureName = 'incorrect_or_unknown_payment_details';

/** An HTLC that is held, and this node's place in its route, for failures. */
interface HeldPart {
  readonly channel: NodeChannel;
  readonly htlc: NodeHtlc;
  readonly hop: number;
}

/** An invoice, and what has come for it. */
interface OpenInvoice {
  readonly invoice: Invoice;
  incoming: IncomingPayment<HeldPart> | null;
  /** some part was fulfilled before a crash: so are the others, as they come again */
  isSettled: boolean;
}

export class Receiving {
  readonly #node: { readonly index: number; readonly behaviour: Behaviour };
  readonly #context: NodeContext;
  readonly #active: ReadonlySet<NodeChannel>;
  readonly #protocol: ChannelProtocol;
  /** by payment hash */
  readonly #invoices = new Map<string, OpenInvoice>();
  #expectsCrash = false;

  /** @param active channels with HTLCs */
  constructor(
    node: { readonly index: number; readonly behaviour: Behaviour },
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
    this.#invoices.set(toHex(paymentHash), { invoice, incoming: null, isSettled: false });
  }

  /** The payment is over: whatever still comes for it is unknown, but to a node that may yet forget that it is. */
  forgetInvoice(paymentHash: Uint8Array): void {
    if (!this.#expectsCrash) this.#invoices.delete(toHex(paymentHash));
  }

  /** The node is going to crash: it may have to settle again what is over for the payer. */
  expectCrash(): void {
    this.#expectsCrash = true;
  }

  /** The node has crashed: what it held is forgotten, until its channels tell of it again; what it settled is written. */
  restart(channels: Iterable<NodeChannel>): void {
    const settled = new Set<string>();
    const all = [...channels];
    for (const { end } of all) {
      for (const { offered, preimage, paymentHash } of end.htlcs) {
        if (!offered && preimage !== null) settled.add(toHex(paymentHash));
      }
    }
    for (const [hash, open] of this.#invoices) {
      open.incoming = null;
      open.isSettled = settled.has(hash);
    }
    for (const channel of all) if (channel.end.phase === 'closed') this.resume(channel);
  }

  /** An HTLC whose last hop is this node is locked in. @param hop this node's place in the route, for failures */
  arrived(channel: NodeChannel, htlc: NodeHtlc, payload: OnionPayload, hop: number): void {
    const open = this.#invoices.get(toHex(htlc.paymentHash));
    if (open?.isSettled === true) return this.#protocol.fulfill(channel, htlc, open.invoice.preimage);
    const name = open ? this.#refusal(open, htlc, payload) : UNKNOWN_DETAILS;
    if (name !== null || !open)
      return this.#protocol.fail(channel, htlc, { name: name ?? UNKNOWN_DETAILS, erringHop: hop });
    this.#hold(open, { channel, htlc, hop }, payload);
  }

  /** After a restart: what was locked in and not settled in a channel that is on-chain is held again. */
  resume(channel: NodeChannel): void {
    for (const htlc of channel.end.htlcs) {
      if (htlc.offered || htlc.tag.settled || !isIrrevocable(htlc.state)) continue;
      const { onion } = htlc.tag;
      if (!onion.isReadable) continue;
      const { payload } = onion.peel();
      const open = this.#invoices.get(toHex(htlc.paymentHash));
      if (!open || payload.nextEdge !== null || open.incoming?.isComplete === true) continue;
      if (paymentDataFailure(open.invoice, payload.paymentData) !== null) continue;
      this.#hold(open, { channel, htlc, hop: onion.hop }, payload);
    }
  }

  /** Holds a part; with the last one the payment is there. */
  #hold(open: OpenInvoice, part: HeldPart, { paymentData }: OnionPayload): void {
    const { channel, htlc, hop } = part;
    const { totalMsat } = present(paymentData, 'what the whole comes to, which was checked');
    const isFirst = open.incoming === null;
    const incoming = (open.incoming ??= new IncomingPayment(totalMsat));
    if (incoming.totalMsat !== totalMsat) {
      // BOLT 4: the total is the same in all parts, or none is taken
      mark('parts of one payment that disagree on its total');
      this.#protocol.fail(channel, htlc, { name: UNKNOWN_DETAILS, erringHop: hop });
      return this.#failAll(open, UNKNOWN_DETAILS);
    }
    incoming.add(part, htlc.amountMsat);
    if (incoming.isComplete) this.#complete(open, incoming);
    else if (isFirst) this.#context.wakePayee(this.#node.index, htlc.paymentHash, MPP_TIMEOUT);
  }

  /** What is wrong with an HTLC by itself, or null. */
  #refusal({ invoice, incoming }: OpenInvoice, htlc: NodeHtlc, payload: OnionPayload): FailureName | null {
    // a payment that is there wants no more
    if (incoming?.isComplete === true) return UNKNOWN_DETAILS;
    const hop = { amountInMsat: htlc.amountMsat, expiryIn: htlc.cltvExpiry };
    const { amountMsat, expiry, paymentData } = payload;
    return (
      paymentDataFailure(invoice, paymentData) ??
      finalHopFailure(hop, amountMsat, expiry, DEFAULT_FINAL_CLTV_EXPIRY_DELTA, this.#context.height)
    );
  }

  #complete(open: OpenInvoice, { parts }: IncomingPayment<HeldPart>): void {
    const { invoice } = open;
    if (parts.length > 1) mark('a payment in several parts is complete');
    switch (this.#node.behaviour.paymentArrived(invoice)) {
      case 'settle':
        for (const { channel, htlc } of parts) this.#protocol.fulfill(channel, htlc, invoice.preimage);
        return;
      case 'refuse':
        return this.#failAll(open, UNKNOWN_DETAILS);
      case 'hold':
      case 'hold-and-claim':
        return this.#context.paymentHeld(present(parts[0], 'a part').htlc.paymentHash);
    }
  }

  /** The time for the parts of a payment to come is up. */
  partsTimedOut(paymentHash: Uint8Array): void {
    const open = this.#invoices.get(toHex(paymentHash));
    if (!open?.incoming || open.incoming.isComplete) return;
    mark('parts of a payment timed out at its payee');
    this.#failAll(open, 'mpp_timeout');
  }

  #failAll(open: OpenInvoice, name: FailureName): void {
    const parts = open.incoming?.parts ?? [];
    open.incoming = null;
    for (const { channel, htlc, hop } of parts) this.#protocol.fail(channel, htlc, { name, erringHop: hop });
  }

  /** Ends the holding of every HTLC of that payment: settles it, or fails it. */
  release(paymentHash: Uint8Array, settle: boolean): void {
    const open = this.#invoices.get(toHex(paymentHash));
    for (const channel of this.#active) {
      if (channel.end.phase === 'closed') continue;
      for (const htlc of channel.end.htlcs) {
        if (htlc.offered || !isIrrevocable(htlc.state) || !equalBytes(htlc.paymentHash, paymentHash)) continue;
        const { hop } = htlc.tag.onion;
        if (settle && open?.incoming?.isComplete) this.#protocol.fulfill(channel, htlc, open.invoice.preimage);
        else this.#protocol.fail(channel, htlc, { name: UNKNOWN_DETAILS, erringHop: hop });
      }
    }
  }

  /**
   * The preimage for a received HTLC that this node, being the payee, would claim on-chain with; null for none: not before
   * all of the payment is there.
   */
  preimageToClaim(paymentHash: Uint8Array): Uint8Array | null {
    const open = this.#invoices.get(toHex(paymentHash));
    if (!open?.incoming?.isComplete) return null;
    const policy = this.#node.behaviour.paymentArrived(open.invoice);
    return policy === 'hold' || policy === 'refuse' ? null : open.invoice.preimage;
  }
}
