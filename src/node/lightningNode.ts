/**
 * A Lightning node: it pays, forwards, settles and closes. This is its door: what the world tells it goes to the part that
 * knows what to do (`paying.ts`, `receiving.ts`, `forwarding.ts`, `channelProtocol.ts`, `channelCloser.ts`), and here it
 * watches the chain. Everything that it knows of the world comes through its `NodeContext`.
 */
import { present, unreachable } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import type { OutPoint, Transaction } from '../chain/transaction.ts';
import { honest, type Behaviour } from './behaviour.ts';
import { ChannelCloser } from './channelCloser.ts';
import { feerateToAskFor } from './channelFees.ts';
import { ChannelOpener } from './channelOpener.ts';
import { ChannelMonitor } from './channelMonitor.ts';
import { ChannelProtocol, type HtlcListener } from './channelProtocol.ts';
import { ChannelSplicer } from './channelSplicer.ts';
import { ChannelTable, type ChannelSlots } from './channelTable.ts';
import { ClosingBroadcasts } from './closingBroadcasts.ts';
import type { NodeContext } from './context.ts';
import { DurableState } from './durableState.ts';
import { isOverdue, mustFailBack } from './deadlines.ts';
import { Forwarding } from './forwarding.ts';
import { isOpening, type Message } from './messages.ts';
import { channelOf, type NodeChannel, type NodeHtlc } from './nodeChannel.ts';
import { candidateOn, spliceOf } from './nodeSplicing.ts';
import { Outbox } from './outbox.ts';
import { Paying } from './paying.ts';
import { Receiving } from './receiving.ts';
import { Reconnecting } from './reconnecting.ts';
import { rescan } from './rescan.ts';
import { TowerClient } from './towerClient.ts';
import type { Wallet } from './wallet.ts';

export class LightningNode {
  readonly index: number;
  readonly wallet: Wallet;
  behaviour: Behaviour = honest;
  /** its own, by its edge */
  readonly channels: ChannelTable;
  readonly paying: Paying;
  readonly receiving: Receiving;
  /** who watches its channels while it is away */
  readonly towers: TowerClient;
  readonly opener: ChannelOpener;
  readonly splicer: ChannelSplicer;
  readonly #context: NodeContext;
  readonly #protocol: ChannelProtocol;
  readonly #forwarding: Forwarding;
  readonly #closer: ChannelCloser;
  readonly #reconnecting: Reconnecting;
  readonly #durable = new DurableState();
  /** channels with HTLCs or an open monitor: those that a block may concern */
  readonly #active = new Set<NodeChannel>();
  /** closed channels whose funding output no confirmed transaction spends yet */
  readonly #closings: ClosingBroadcasts;

  /** @param slots where it keeps its channels, which nodes of one world may share */
  constructor(index: number, wallet: Wallet, context: NodeContext, slots: ChannelSlots = []) {
    this.index = index;
    this.channels = new ChannelTable(index, slots);
    this.wallet = wallet;
    this.#context = context;
    this.towers = new TowerClient(context, wallet.script);
    this.opener = new ChannelOpener(wallet, context, this.channels);
    this.#closings = new ClosingBroadcasts(this, context);
    const outbox = new Outbox(context, this.#durable);
    this.#closer = new ChannelCloser(wallet, context, this.#closings, outbox, this.#durable);
    const listener: HtlcListener = {
      committed: (channel, htlc) => this.#forwarding.committed(channel, htlc),
      fulfilled: (htlc, preimage) => this.#forwarding.fulfilled(htlc, preimage),
      failed: (htlc) => this.#forwarding.failed(htlc),
    };
    this.#protocol = new ChannelProtocol({
      context,
      outbox,
      durable: this.#durable,
      active: this.#active,
      closer: this.#closer,
      towers: this.towers,
      listener,
    });
    this.splicer = new ChannelSplicer({
      wallet,
      context,
      durable: this.#durable,
      closer: this.#closer,
      protocol: this.#protocol,
    });
    this.#reconnecting = new Reconnecting(
      context,
      this.channels,
      outbox,
      this.#protocol,
      this.#closer,
      listener,
      this.opener,
      this.splicer,
    );
    this.receiving = new Receiving(this, context, this.#active, this.#protocol);
    this.paying = new Paying(this, context, this.channels, this.#protocol, context.strategyOf(index));
    this.#forwarding = new Forwarding(this, context, this.channels, this.#protocol, this.receiving, this.paying);
  }

  // ── Messages ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** A message arrives over the channel of `edge`, this node's own edge. */
  receive(edge: number, message: Message): void {
    if (isOpening(message)) return this.opener.receive(edge, message);
    if (message.type === 'error' && (this.opener.receiveError(edge) || !this.channels.has(edge))) return;
    if (message.type === 'tx_abort' && this.opener.receiveAbort(edge)) return;
    if (message.type === 'channel_reestablish' && !this.channels.has(edge)) {
      return this.#context.send(edge, { type: 'error', reason: 'unknown-channel' });
    }
    const channel = this.#channelAt(edge);
    // after going on-chain nothing is agreed on any more, but the other end may not know
    if (channel.end.phase === 'closed' && message.type !== 'channel_reestablish') return;
    switch (message.type) {
      case 'update_add_htlc':
      case 'update_fulfill_htlc':
      case 'update_fail_htlc':
      case 'update_fail_malformed_htlc':
      case 'update_fee':
      case 'revoke_and_ack':
        this.#protocol.receive(channel, message);
        return this.splicer.goOn(channel);
      case 'commitment_signed':
        if ('fundingTxid' in message) return this.splicer.receive(channel, message);
        this.#protocol.receive(channel, message);
        return this.splicer.goOn(channel);
      case 'shutdown':
      case 'closing_signed':
      case 'closing_complete':
      case 'closing_sig':
        this.#closer.receive(channel, message);
        return this.splicer.goOn(channel);
      case 'channel_reestablish':
        return this.#reconnecting.receive(channel, message);
      case 'error':
        this.#closer.receiveError(channel);
        return this.splicer.goOn(channel);
      case 'stfu':
      case 'splice_init':
      case 'splice_ack':
      case 'splice_locked':
      case 'tx_init_rbf':
      case 'tx_ack_rbf':
      case 'tx_abort':
      case 'tx_complete':
      case 'tx_signatures':
        return this.splicer.receive(channel, message);
      default:
        return unreachable(message);
    }
  }

  #channelAt(edge: number): NodeChannel {
    return present(this.channels.get(edge), 'a channel of this node');
  }

  /** The preimage for a received HTLC that this node, being the payee, would claim on-chain with; null for none. */
  preimageToClaim(paymentHash: Uint8Array): Uint8Array | null {
    return this.receiving.preimageToClaim(paymentHash);
  }

  /** The batching interval of the channel of an own edge is over. */
  batchOver(edge: number): void {
    const channel = this.channels.get(edge);
    if (channel) this.#protocol.batchOver(channel);
  }

  // ── Connections ────────────────────────────────────────────────────────────────────────────────────────────────

  /** The connections over these own edges are gone, all at once. */
  disconnected(edges: readonly number[]): void {
    for (const edge of edges) this.opener.disconnected(edge);
    this.#reconnecting.disconnected(edges.flatMap((edge) => this.channels.get(edge) ?? []));
  }

  /** The connection over an own edge is there again. */
  connected(edge: number): void {
    const channel = this.channels.get(edge);
    if (channel) this.#reconnecting.connected(channel);
  }

  /** The node is going to crash: from now on what it writes is kept. */
  expectCrash(): void {
    this.#durable.keep(this.channels.values());
    this.receiving.expectCrash();
  }

  /**
   * Loses all that was not written, and starts again: it knows its channels, its invoices, its payments and its wallet.
   * @param fromHeight where it begins to read the chain: no channel of it was closed before
   */
  crash(fromHeight: number): void {
    const lost = this.#durable.restore(this.channels.values());
    this.#active.clear();
    this.receiving.restart(this.channels.values());
    this.#reconnecting.restarted();
    this.rescan(fromHeight);
    this.#reconnecting.giveUp(lost);
  }

  // ── Closing ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Starts a mutual close. */
  closeMutually(edge: number): void {
    this.#closer.closeMutually(this.#channelAt(edge));
  }

  /** Fails a channel: broadcasts the latest commitment, and tells the other end why. */
  failChannel(channel: NodeChannel, reason: string): void {
    this.#closer.fail(channel, reason);
    this.splicer.goOn(channel);
  }

  /** Cheats: broadcasts a commitment that was revoked, by its number. @returns whether the channel is on its way to the chain */
  broadcastRevoked(edge: number, number: number): boolean {
    return this.#closer.broadcastRevoked(this.#channelAt(edge), number);
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
    const splice = spliceOf(channel, transaction);
    if (splice) return this.splicer.confirmed(channel, splice, height);
    for (const { prevout } of transaction.inputs) {
      const candidate = candidateOn(channel, prevout);
      if (candidate) this.#context.onUndo(channel.end.adopt(candidate), height);
    }
    channel.end.phase = 'closed';
    this.splicer.goOn(channel);
    this.#context.channelClosing(channelOf(edge));
    this.#context.onUndo(() => this.#active.add(channel), height);
    this.#closings.confirmed(channel, height);
    this.#resumeClosed();
    const monitor = (channel.monitor ??= new ChannelMonitor(channel, this, this.#context));
    this.#active.add(channel);
    monitor.fundingSpent(transaction, height);
  }

  /** After a crash: payments that came to this node in channels which are on-chain now, and can be claimed there. */
  #resumeClosed(): void {
    for (const channel of this.#reconnecting.takeClosed()) {
      mark('a payment taken up again in a channel that closed after a crash');
      this.receiving.resume(channel);
    }
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
    htlc.preimage ??= preimage;
    this.#context.htlcResolved(edge, htlc, htlc.preimage !== null);
    if (preimage) this.#forwarding.fulfilled(htlc, preimage);
    else this.#forwarding.failed(htlc);
  }

  /** A block came, or the node is back online: watch deadlines, make the claims that are due. */
  onBlock(): void {
    const { height } = this.#context;
    this.wallet.refresh((outPoint) => this.#context.spenderInMempool(outPoint));
    this.#resumeClosed();
    this.#closings.onBlock();
    this.#closer.onBlock();
    this.opener.onBlock();
    this.#followFees();
    this.splicer.onBlock();
    for (const channel of this.#active) {
      if (channel.end.htlcs.some((htlc) => mustFailBack(htlc, height))) this.#failBack(channel, height);
      if (channel.monitor) {
        if (channel.monitor.act()) this.#active.delete(channel);
        continue;
      }
      if (channel.end.phase === 'closed') continue;
      if (channel.end.htlcs.some((htlc) => isOverdue(htlc, height, this))) this.failChannel(channel, 'htlc-deadline');
    }
  }

  /** The channels that this node opened follow the fee estimate, if channels here do that. */
  #followFees(): void {
    const { feeUpdates } = this.#context;
    if (feeUpdates === null) return;
    for (const channel of this.channels.values()) {
      const feeratePerKw = feerateToAskFor(channel.end, feeUpdates, this.#context);
      if (feeratePerKw !== null) this.#protocol.changeFee(channel, feeratePerKw);
    }
  }

  /** Gives up forwarded HTLCs whose outcome comes too late to keep the channel that they came through. */
  #failBack(channel: NodeChannel, height: number): void {
    for (const htlc of channel.end.htlcs) {
      if (!mustFailBack(htlc, height)) continue;
      mark('an HTLC failed back before its outcome was known');
      this.#forwarding.failed(htlc);
    }
  }

  /** Starts again: what became of its channels is read from the blocks from a height on, at which they were unspent. */
  rescan(fromHeight: number): void {
    for (const channel of this.channels.values()) if (channel.end.htlcs.length > 0) this.#active.add(channel);
    rescan(this, this.#context, fromHeight);
    for (const channel of this.channels.values()) {
      if (channel.end.phase === 'closed' && channel.monitor === null) this.#closings.await(channel);
    }
  }
}
