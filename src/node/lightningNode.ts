/**
 * A Lightning node: it pays, forwards, settles and closes. One method a message of BOLT 2; everything that it knows
 * of the world comes through its `NodeContext`.
 */
import { assert, present, unreachable } from '../base/assert.ts';
import { equalBytes, toHex } from '../base/bytes.ts';
import { mark } from '../base/marks.ts';
import { msat, msatToSat, sat, type Msat } from '../base/units.ts';
import { outPointKey, type OutPoint, type Transaction } from '../chain/transaction.ts';
import type { Moved } from '../channel/channelEnd.ts';
import { isIrrevocable } from '../channel/htlcState.ts';
import {
  closingFeeSat,
  closingTransaction,
  signedClosingTransaction,
  type ClosingTerms,
} from '../channel/closingTransaction.ts';
import { materialiseCommitment } from '../channel/materialise.ts';
import type { FailureName, PaymentFailure } from '../payment/failure.ts';
import { DEFAULT_FINAL_CLTV_EXPIRY_DELTA, finalHopFailure, forwardingFailure } from '../payment/forwarding.ts';
import { Onion, type OnionPayload } from '../payment/onion.ts';
import type { OutgoingPayment } from '../payment/outgoingPayment.ts';
import type { Route } from '../routing/route.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import { honest, type Behaviour } from './behaviour.ts';
import { ChannelMonitor } from './channelMonitor.ts';
import { ClosingBroadcasts } from './closingBroadcasts.ts';
import type { NodeContext } from './context.ts';
import { isOverdue, mustFailBack } from './deadlines.ts';
import type { Invoice } from './invoice.ts';
import { COMMITMENT_SIGNED, REVOKE_AND_ACK, type ClosingSigned, type Message, type UpdateAddHtlc } from './messages.ts';
import { channelOf, sideOf, type HtlcTag, type NodeChannel, type NodeHtlc } from './nodeChannel.ts';
import type { Wallet } from './wallet.ts';

/** The least that a transaction may pay and still be relayed, in sat per 1000 weight units (BOLT 2: 253). */
const MIN_FEERATE_PER_KW = 253;

export class LightningNode {
  readonly index: number;
  readonly wallet: Wallet;
  behaviour: Behaviour = honest;
  readonly channels = new Map<number, NodeChannel>();
  readonly #context: NodeContext;
  readonly #strategy: RoutingStrategy;
  readonly #invoices = new Map<string, Invoice>();
  /** channels with HTLCs or an open monitor: those that a block may concern */
  readonly #active = new Set<NodeChannel>();
  /** closed channels whose funding output no confirmed transaction spends yet */
  readonly #closings: ClosingBroadcasts;

  constructor(index: number, wallet: Wallet, context: NodeContext) {
    this.index = index;
    this.wallet = wallet;
    this.#context = context;
    this.#strategy = context.strategyOf(index);
    this.#closings = new ClosingBroadcasts(this, context);
  }

  // ── Paying ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The payment is over: whatever still comes for it is unknown. */
  forgetInvoice(paymentHash: Uint8Array): void {
    this.#invoices.delete(toHex(paymentHash));
  }

  addInvoice(paymentHash: Uint8Array, invoice: Invoice): void {
    this.#invoices.set(toHex(paymentHash), invoice);
  }

  /** Tries the next route of a payment of this node; on return it is on its way, or failed. */
  pay(payment: OutgoingPayment): void {
    const context = this.#context;
    while (payment.status === 'pending') {
      const route = payment.nextRoute(this.#strategy, context.graph, context.now, (edge) => this.spendableMsat(edge));
      if (!route) return;
      if (this.sendAlong(payment, route)) return;
      // its own channel changed since the route was found, or can't carry this very amount
      payment.attemptFailed(
        { name: 'temporary_channel_failure', erringHop: 0 },
        context.graph,
        this.#strategy,
        context.now,
      );
    }
  }

  /** Sends an attempt along a route, if its own channel takes it. @returns whether it is on its way */
  sendAlong(payment: OutgoingPayment, route: Route): boolean {
    const { height } = this.#context;
    const channel = this.channels.get(route.edges[0]!);
    const amountMsat = route.amountsMsat[0]!;
    if (!channel || !this.#context.isOnline(channel.peer) || channel.end.refusal(amountMsat) !== null) return false;
    const expiry = height + route.cltvExpiryDeltas[0]!;
    const tag: HtlcTag = { onion: null, upstream: null, payment, failure: null, settled: false };
    this.#offer(channel, amountMsat, payment.paymentHash, expiry, Onion.forRoute(route, height), tag);
    return true;
  }

  /** What this node can send over one of its own edges now, in msat. */
  spendableMsat(edge: number): Msat {
    const channel = this.channels.get(edge);
    if (!channel || !this.#context.isOnline(channel.peer)) return msat(0);
    return channel.end.spendableMsat();
  }

  // ── Messages ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** A message arrives over the channel of `edge`, this node's own edge. */
  receive(edge: number, message: Message): void {
    const channel = present(this.channels.get(edge), 'the channel a message came through');
    const { end } = channel;
    // after going on-chain nothing is agreed on any more
    if (end.phase === 'closed') return;
    switch (message.type) {
      case 'update_add_htlc':
        return this.#receiveAdd(channel, message);
      case 'update_fulfill_htlc': {
        const htlc = end.receiveRemove(message.id, message.preimage);
        if (typeof htlc === 'string') return this.failChannel(channel, htlc);
        return this.#outgoingFulfilled(htlc, message.preimage);
      }
      case 'update_fail_htlc': {
        const htlc = end.receiveRemove(message.id, null);
        if (typeof htlc === 'string') return this.failChannel(channel, htlc);
        htlc.tag.failure = message.failure;
        return;
      }
      case 'commitment_signed': {
        const violation = end.receiveCommit();
        if (violation) return this.failChannel(channel, violation);
        const moved = end.sendRevoke();
        this.#context.send(edge, REVOKE_AND_ACK);
        this.#settleMoved(channel, moved);
        return this.#commit(channel);
      }
      case 'revoke_and_ack': {
        const moved = end.receiveRevoke();
        if (typeof moved === 'string') return this.failChannel(channel, moved);
        this.#settleMoved(channel, moved);
        return this.#commit(channel);
      }
      case 'shutdown': {
        channel.remoteScript = message.script;
        if (end.receiveShutdown()) this.#sendShutdown(channel);
        return this.#negotiateClosing(channel);
      }
      case 'closing_signed':
        return this.#receiveClosingSigned(channel, message);
      case 'error':
        // the other end goes on-chain; so does this one's view of the channel
        end.phase = 'closed';
        this.#closings.await(channel);
        return this.#context.channelClosing(channelOf(edge));
      default:
        return unreachable(message);
    }
  }

  #receiveAdd(channel: NodeChannel, message: UpdateAddHtlc): void {
    const tag: HtlcTag = { onion: message.onion, upstream: null, payment: null, failure: null, settled: false };
    const { id, amountMsat, paymentHash, cltvExpiry } = message;
    const violation = channel.end.receiveAdd(id, amountMsat, paymentHash, cltvExpiry, tag);
    if (violation) return this.failChannel(channel, violation);
    this.#active.add(channel);
  }

  /** Signs the other's next commitment if there is something to sign. */
  #commit(channel: NodeChannel): void {
    if (channel.end.mayCommit) {
      channel.end.sendCommit();
      this.#context.send(channel.edge, COMMITMENT_SIGNED);
    }
    if (channel.end.phase === 'shutting-down') this.#negotiateClosing(channel);
  }

  #settleMoved(channel: NodeChannel, moved: Moved<HtlcTag>): void {
    for (const htlc of moved.committed) if (!htlc.offered) this.#process(channel, htlc);
    for (const htlc of moved.removed) {
      if (htlc.offered && htlc.preimage === null) this.#outgoingFailed(htlc);
    }
    if (channel.end.htlcs.length === 0 && !channel.monitor) this.#active.delete(channel);
  }

  // ── Forwarding and settling ────────────────────────────────────────────────────────────────────────────────────

  /** A received HTLC is locked in: forward it, settle it, hold it or fail it. */
  #process(channel: NodeChannel, htlc: NodeHtlc): void {
    const onion = present(htlc.tag.onion, 'the onion of a received HTLC');
    if (channel.end.isOverDustExposure(htlc)) {
      mark('a dust HTLC failed for exposure');
      return this.#failIncoming(channel, htlc, { name: 'temporary_channel_failure', erringHop: onion.hop });
    }
    const { payload, next } = onion.peel();
    if (payload.nextEdge === null) return this.#receivePayment(channel, htlc, payload, onion.hop);
    const failure = this.#forward(channel, htlc, payload, payload.nextEdge, next);
    if (failure) this.#failIncoming(channel, htlc, { name: failure, erringHop: onion.hop });
  }

  #forward(
    channel: NodeChannel,
    htlc: NodeHtlc,
    payload: OnionPayload,
    nextEdge: number,
    next: Onion,
  ): FailureName | null {
    const { graph, height } = this.#context;
    const outgoing = this.channels.get(nextEdge);
    if (!outgoing) return 'unknown_next_peer';
    const failure = forwardingFailure(
      {
        feeBaseMsat: graph.feeBaseMsat[nextEdge]!,
        feeProportionalMillionths: graph.feeProportionalMillionths[nextEdge]!,
        cltvExpiryDelta: graph.cltvExpiryDelta[nextEdge]!,
        htlcMinimumMsat: graph.htlcMinimumMsat[nextEdge]!,
        htlcMaximumMsat: graph.htlcMaximumMsat[nextEdge]!,
        enabled: graph.enabled[nextEdge] === 1 && outgoing.end.phase === 'normal',
      },
      {
        amountInMsat: htlc.amountMsat,
        amountOutMsat: payload.amountMsat,
        expiryIn: htlc.cltvExpiry,
        expiryOut: payload.expiry,
      },
      height,
    );
    if (failure) return failure;
    if (!this.#context.isOnline(outgoing.peer)) return 'temporary_channel_failure';
    if (outgoing.end.refusal(payload.amountMsat) !== null) return 'temporary_channel_failure';
    this.#offer(outgoing, payload.amountMsat, htlc.paymentHash, payload.expiry, next, {
      onion: null,
      upstream: { channel, htlc },
      payment: null,
      failure: null,
      settled: false,
    });
    return null;
  }

  #offer(
    channel: NodeChannel,
    amountMsat: Msat,
    paymentHash: Uint8Array,
    cltvExpiry: number,
    onion: Onion,
    tag: HtlcTag,
  ): void {
    const htlc = channel.end.offer(amountMsat, paymentHash, cltvExpiry, tag);
    this.#active.add(channel);
    this.#context.send(channel.edge, {
      type: 'update_add_htlc',
      id: htlc.id,
      amountMsat,
      paymentHash,
      cltvExpiry,
      onion,
    });
    this.#commit(channel);
  }

  #receivePayment(channel: NodeChannel, htlc: NodeHtlc, payload: OnionPayload, hop: number): void {
    const invoice = this.#invoices.get(toHex(htlc.paymentHash));
    const { height } = this.#context;
    const failure: FailureName | null =
      invoice === undefined || htlc.amountMsat < invoice.amountMsat
        ? 'incorrect_or_unknown_payment_details'
        : finalHopFailure(
            { amountInMsat: htlc.amountMsat, expiryIn: htlc.cltvExpiry },
            payload.amountMsat,
            payload.expiry,
            DEFAULT_FINAL_CLTV_EXPIRY_DELTA,
            height,
          );
    if (failure || !invoice) {
      return this.#failIncoming(channel, htlc, {
        name: failure ?? 'incorrect_or_unknown_payment_details',
        erringHop: hop,
      });
    }
    if (this.behaviour.paymentArrived(invoice) === 'settle') this.#fulfillIncoming(channel, htlc, invoice.preimage);
  }

  /** Ends the holding of every HTLC of that payment: settles it, or fails it. */
  release(paymentHash: Uint8Array, settle: boolean): void {
    const invoice = this.#invoices.get(toHex(paymentHash));
    for (const channel of this.#active) {
      if (channel.end.phase === 'closed') continue;
      for (const htlc of channel.end.htlcs) {
        if (htlc.offered || !isIrrevocable(htlc.state) || !equalBytes(htlc.paymentHash, paymentHash)) continue;
        if (settle && invoice) this.#fulfillIncoming(channel, htlc, invoice.preimage);
        else
          this.#failIncoming(channel, htlc, {
            name: 'incorrect_or_unknown_payment_details',
            erringHop: present(htlc.tag.onion, 'an onion').hop,
          });
      }
    }
  }

  /** The preimage for a received HTLC that this node, being the payee, would claim on-chain with; null for none. */
  preimageToClaim(paymentHash: Uint8Array): Uint8Array | null {
    const invoice = this.#invoices.get(toHex(paymentHash));
    if (!invoice || this.behaviour.paymentArrived(invoice) === 'hold') return null;
    return invoice.preimage;
  }

  /** An HTLC offered by this node was fulfilled: by a message, or on-chain by its witness. */
  #outgoingFulfilled(htlc: NodeHtlc, preimage: Uint8Array): void {
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    const { upstream, payment } = htlc.tag;
    if (upstream) this.#fulfillIncoming(upstream.channel, upstream.htlc, preimage);
    if (payment) {
      payment.attemptSucceeded(this.#strategy, this.#context.now);
      this.#context.paymentChanged(payment);
    }
  }

  /** An HTLC offered by this node is gone for good without a preimage. */
  #outgoingFailed(htlc: NodeHtlc): void {
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    const { upstream, payment } = htlc.tag;
    const failure = htlc.tag.failure ?? this.#ownFailure(htlc);
    if (upstream) this.#failIncoming(upstream.channel, upstream.htlc, failure);
    if (payment) {
      const { graph, now } = this.#context;
      payment.attemptFailed(failure, graph, this.#strategy, now);
      this.#context.paymentChanged(payment);
    }
  }

  /** The outgoing channel went on-chain before an answer came: this node itself reports it. */
  #ownFailure(htlc: NodeHtlc): PaymentFailure {
    const onion = htlc.tag.upstream?.htlc.tag.onion;
    return { name: 'permanent_channel_failure', erringHop: onion ? onion.hop : 0 };
  }

  #fulfillIncoming(channel: NodeChannel, htlc: NodeHtlc, preimage: Uint8Array): void {
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    if (channel.end.phase === 'closed') {
      htlc.preimage = preimage;
      channel.monitor?.preimageLearned(htlc.paymentHash, preimage);
      this.#active.add(channel);
      return;
    }
    channel.end.remove(htlc, preimage);
    this.#context.send(channel.edge, { type: 'update_fulfill_htlc', id: htlc.id, preimage });
    this.#commit(channel);
  }

  #failIncoming(channel: NodeChannel, htlc: NodeHtlc, failure: PaymentFailure): void {
    if (htlc.tag.settled) return;
    htlc.tag.settled = true;
    if (channel.end.phase === 'closed') return;
    channel.end.remove(htlc, null);
    this.#context.send(channel.edge, { type: 'update_fail_htlc', id: htlc.id, failure });
    this.#commit(channel);
  }

  // ── Closing ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Starts a mutual close (BOLT 2, "Channel Close"). */
  closeMutually(edge: number): void {
    const channel = present(this.channels.get(edge), 'the channel to close');
    if (channel.end.phase !== 'normal') return;
    this.#sendShutdown(channel);
  }

  #sendShutdown(channel: NodeChannel): void {
    channel.end.sendShutdown();
    this.#context.channelClosing(channelOf(channel.edge));
    this.#context.send(channel.edge, { type: 'shutdown', script: this.wallet.script });
  }

  /** The opener proposes the fee once no HTLC is left. */
  #negotiateClosing(channel: NodeChannel): void {
    if (!channel.end.mayNegotiateClosing || !channel.end.isOpener || channel.closingFeeSat !== null) return;
    const material = this.#context.material(channelOf(channel.edge));
    const asked = closingFeeSat(material, this.#closingTerms(channel), this.#context.feeratePerKw);
    const feeSat = sat(Math.min(asked, msatToSat(channel.end.toLocalMsat)));
    const closing = closingTransaction(material, this.#closingTerms(channel), feeSat);
    // a channel of dust: nothing would be left to pay out, or the opener can't pay what relays ask
    if (closing.outputs.length === 0 || feeSat < asked * Math.min(1, MIN_FEERATE_PER_KW / this.#context.feeratePerKw)) {
      mark('a mutual close that the opener cannot pay for');
      return this.failChannel(channel, 'closing-fee');
    }
    channel.closingFeeSat = feeSat;
    this.#context.send(channel.edge, { type: 'closing_signed', feeSat });
  }

  /** The accepter agrees with what the opener pays, and answers; both then hold the closing transaction. */
  #receiveClosingSigned(channel: NodeChannel, message: ClosingSigned): void {
    if (!channel.end.mayNegotiateClosing) return this.failChannel(channel, 'unknown-htlc');
    if (!channel.end.isOpener) {
      channel.closingFeeSat = message.feeSat;
      this.#context.send(channel.edge, message);
    } else {
      assert(message.feeSat === channel.closingFeeSat, 'the accepter agrees to the opener’s closing fee');
    }
    const material = this.#context.material(channelOf(channel.edge));
    const closing = signedClosingTransaction(material, this.#closingTerms(channel), message.feeSat);
    channel.end.phase = 'closed';
    if (channel.end.isOpener) this.#closings.await(channel, closing, 'mutual-close');
    else this.#closings.broadcast(channel, closing, 'mutual-close');
  }

  #closingTerms(channel: NodeChannel): ClosingTerms {
    const { toLocalMsat, toRemoteMsat } = channel.end;
    const remoteScript = present(channel.remoteScript, 'the other’s shutdown script');
    return sideOf(channel.edge) === 0
      ? { balancesMsat: [toLocalMsat, toRemoteMsat], scripts: [this.wallet.script, remoteScript] }
      : { balancesMsat: [toRemoteMsat, toLocalMsat], scripts: [remoteScript, this.wallet.script] };
  }

  /** Fails a channel: broadcasts the latest commitment, and tells the other end why. */
  failChannel(channel: NodeChannel, reason: string): void {
    if (channel.end.phase === 'closed') return;
    const side = sideOf(channel.edge);
    const commitment = materialiseCommitment(
      this.#context.material(channelOf(channel.edge)),
      side,
      channel.end.spec('local'),
    );
    if (commitment.transaction.outputs.length === 0) {
      // all of it is dust: there is nothing to broadcast, and nothing to win by it (BOLT 5: a node may wait)
      mark('a commitment without outputs');
      return;
    }
    channel.end.phase = 'closed';
    this.#context.channelClosing(channelOf(channel.edge));
    this.#context.send(channel.edge, { type: 'error', reason });
    // a commitment that the other proved revoked is theirs to punish: only theirs may go on-chain (BOLT 2, data loss)
    if (channel.end.fellBehind) this.#closings.await(channel);
    else this.#closings.broadcast(channel, commitment.transaction, 'commitment');
  }

  /** Cheats: broadcasts a commitment that was revoked. @param number its commitment number */
  broadcastRevoked(edge: number, number: number): void {
    const channel = present(this.channels.get(edge), 'the channel to cheat in');
    if (channel.end.phase === 'closed') return;
    const spec = present(channel.end.history?.local[number], `the commitment ${number} that was kept`);
    const commitment = materialiseCommitment(this.#context.material(channelOf(edge)), sideOf(edge), spec);
    channel.end.phase = 'closed';
    this.#context.channelClosing(channelOf(edge));
    this.#closings.broadcast(channel, commitment.transaction, 'revoked-commitment');
  }

  /** Whether any of its channels is on-chain with something left to claim or report. */
  get isSettling(): boolean {
    for (const channel of this.#active) if (channel.monitor?.isBusy) return true;
    return false;
  }

  // ── The chain ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** The funding output of one of this node's channels was spent by a confirmed transaction. */
  fundingSpent(edge: number, transaction: Transaction, height: number): void {
    const channel = present(this.channels.get(edge), 'the channel whose funding was spent');
    channel.end.phase = 'closed';
    this.#context.channelClosing(channelOf(edge));
    this.#context.onUndo(() => this.#active.add(channel), height);
    this.#closings.confirmed(channel, height);
    const monitor = (channel.monitor ??= new ChannelMonitor(channel, this, this.#context));
    this.#active.add(channel);
    monitor.fundingSpent(transaction, height);
  }

  /** A watched output of one of its channels was spent. */
  outputSpent(edge: number, outPoint: OutPoint, transaction: Transaction, height: number): void {
    const channel = present(this.channels.get(edge), 'the channel whose output was spent');
    present(channel.monitor, 'the monitor that watches').outputSpent(outPoint, transaction, height);
    this.#active.add(channel);
    this.#context.onUndo(() => this.#active.add(channel), height);
  }

  /** What happened on-chain to an HTLC that this node offered. */
  resolvedOnChain(edge: number, htlc: NodeHtlc, preimage: Uint8Array | null): void {
    this.#context.htlcResolved(edge, htlc, preimage !== null || htlc.preimage !== null);
    if (preimage) this.#outgoingFulfilled(htlc, preimage);
    else this.#outgoingFailed(htlc);
  }

  /** A block came, or the node is back online: watch deadlines, make the claims that are due. */
  onBlock(): void {
    const { height } = this.#context;
    this.wallet.refresh((outPoint) => this.#context.spenderInMempool(outPoint));
    this.#closings.onBlock();
    for (const channel of this.#active) {
      if (channel.end.htlcs.some((htlc) => mustFailBack(htlc, height))) this.#failBack(channel, height);
      if (channel.monitor) {
        if (channel.monitor.act()) this.#active.delete(channel);
        continue;
      }
      if (channel.end.phase === 'closed') continue;
      if (channel.end.htlcs.some((htlc) => isOverdue(htlc, height))) this.failChannel(channel, 'htlc-deadline');
    }
  }

  /** Gives up forwarded HTLCs whose outcome comes too late to keep the channel that they came through. */
  #failBack(channel: NodeChannel, height: number): void {
    for (const htlc of channel.end.htlcs) {
      if (!mustFailBack(htlc, height)) continue;
      mark('an HTLC failed back before its outcome was known');
      this.#outgoingFailed(htlc);
    }
  }

  /**
   * What a node does when it starts: reads the blocks from a height on, in which the funding outputs of its channels were
   * still unspent, and finds out what became of them.
   */
  rescan(fromHeight: number): void {
    const fundings = new Map<string, number>();
    for (const [edge, channel] of this.channels) {
      fundings.set(outPointKey(this.#context.material(channelOf(edge)).funding), edge);
      if (channel.end.htlcs.length > 0) this.#active.add(channel);
    }
    for (let height = fromHeight; height <= this.#context.height; height++) {
      for (const transaction of this.#context.transactionsAt(height)) {
        for (const { prevout } of transaction.inputs) {
          const edge = fundings.get(outPointKey(prevout));
          if (edge !== undefined) this.fundingSpent(edge, transaction, height);
          else this.#outputSpentAgain(prevout, transaction, height);
        }
      }
    }
    for (const channel of this.channels.values()) {
      if (channel.end.phase === 'closed' && channel.monitor === null) this.#closings.await(channel);
    }
  }

  #outputSpentAgain(outPoint: OutPoint, transaction: Transaction, height: number): void {
    for (const [edge, { monitor }] of this.channels) {
      if (monitor?.awaits(outPoint)) this.outputSpent(edge, outPoint, transaction, height);
    }
  }
}
