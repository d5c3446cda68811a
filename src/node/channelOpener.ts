/**
 * How a node opens channels: BOLT 2, "Channel Establishment v1", as the opener and as the accepter. The rules are those of
 * `channel/opening.ts`; here are the wallet, the chain, and the channel that comes of it.
 */
import { present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import { p2wsh } from '../chain/script.ts';
import { txidOf, type OutPoint, type Transaction } from '../chain/transaction.ts';
import { ChannelEnd } from '../channel/channelEnd.ts';
import {
  answerOpening,
  fundingDepth,
  fundingSeen,
  fundOpening,
  mayForget,
  offerOpening,
  openedChannel,
  receiveOpening,
  type Opening,
  type OpeningSelf,
  type OpeningStep,
  type OpeningWish,
} from '../channel/opening.ts';
import type { OpeningMessage } from '../channel/openingMessages.ts';
import type { OpeningRefusal } from '../channel/openingRules.ts';
import { fundingScript } from '../channel/scripts.ts';
import type { NodeContext } from './context.ts';
import { channelOf, newNodeChannel, type HtlcTag, type NodeChannel } from './nodeChannel.ts';
import type { Wallet } from './wallet.ts';

/** Why a channel was not opened: the refusal of an end, or what became of its funding transaction. */
export type OpeningFailure = OpeningRefusal | 'funding-not-relayed' | 'funding-not-seen' | 'disconnected';

/** What a node asks of whoever plans channels, and tells of them. */
export interface OpeningPort {
  /** sat per 1000 weight units that a funding transaction pays */
  readonly feeratePerKw: number;
  /** What the end of `edge` brings to its channel's opening. */
  selfOf(edge: number): OpeningSelf;
  /** What the opener of a channel wants. */
  wishOf(channel: number): OpeningWish;
  /** This end has the other's signature: the channel is there, and not in use yet. */
  signed(edge: number, end: ChannelEnd<HtlcTag>, funding: OutPoint): void;
  /** This end said and heard `channel_ready`. */
  ready(edge: number): void;
  /** There will be no such channel. */
  failed(edge: number, reason: OpeningFailure): void;
}

/** An opening that this node takes part in. */
interface Pending {
  opening: Opening;
  /** the opener's, once it is made */
  transaction: Transaction | null;
  /** height at which this end was done signing */
  signedAt: number;
  /** height of the block that holds the funding; null while none does */
  confirmedAt: number | null;
}

export class ChannelOpener {
  readonly #wallet: Wallet;
  readonly #context: NodeContext;
  readonly #channels: Map<number, NodeChannel>;
  /** by this node's edge */
  readonly #pending = new Map<number, Pending>();

  /** @param channels the node's, by edge: those it opens are added */
  constructor(wallet: Wallet, context: NodeContext, channels: Map<number, NodeChannel>) {
    this.#wallet = wallet;
    this.#context = context;
    this.#channels = channels;
  }

  /** Proposes the channel of `edge` to its peer. */
  begin(edge: number): void {
    const { openings } = this.#context;
    this.#take(edge, offerOpening(openings.selfOf(edge), openings.wishOf(channelOf(edge))));
  }

  /** A message of an opening arrives. */
  receive(edge: number, message: OpeningMessage): void {
    if (message.type === 'open_channel') {
      return this.#take(edge, answerOpening(this.#context.openings.selfOf(edge), message));
    }
    const pending = this.#pending.get(edge);
    // this end has given up the channel, and said so; or is done with it
    if (!pending) return;
    if (message.type === 'channel_ready' && pending.opening.receivedReady) return;
    this.#take(edge, receiveOpening(pending.opening, message));
    if (message.type === 'accept_channel') this.fund(edge);
    else if (message.type === 'funding_signed') this.#broadcast(edge, pending);
    // the accepter of a zero-conf channel has nothing to wait for once the opener has broadcast
    else if (message.type === 'channel_ready') this.look(edge);
  }

  /** Whether the other end's `error` ends an opening of which nothing can be on the chain. */
  receiveError(edge: number): boolean {
    const pending = this.#pending.get(edge);
    if (pending === undefined) return false;
    const { role, phase, receivedReady } = pending.opening;
    const isFunded =
      role === 'opener' ? phase === 'signed' || phase === 'ready' : receivedReady || pending.confirmedAt !== null;
    if (!isFunded) this.#forget(edge, pending);
    return !isFunded;
  }

  /** The connection is gone: what both have not signed is forgotten (BOLT 2, "Message Retransmission"). */
  disconnected(edge: number): void {
    const pending = this.#pending.get(edge);
    if (!pending || pending.opening.phase === 'signed' || pending.opening.phase === 'ready') return;
    mark('an opening forgotten by a disconnection');
    this.#forget(edge, pending);
    if (pending.opening.role === 'opener') this.#context.openings.failed(edge, 'disconnected');
  }

  /** Says `channel_ready` again: neither end knows whether the other got it. */
  tellReady(edge: number): void {
    const isSaid = this.#pending.get(edge)?.opening.sentReady ?? this.#channels.get(edge)?.end.phase === 'normal';
    if (isSaid) this.#context.send(edge, { type: 'channel_ready' });
  }

  /** Makes the funding transaction of an accepted channel. @returns whether the wallet had the coins, or need not have them */
  fund(edge: number): boolean {
    const pending = this.#pending.get(edge);
    if (pending?.opening.role !== 'opener' || pending.opening.phase !== 'accepted') return true;
    const { open, accept } = pending.opening;
    const accepter = present(accept, 'the accepted terms').points.basepoints;
    const script = p2wsh(fundingScript(open.points.basepoints.funding, accepter.funding));
    const output = { valueSat: open.fundingSat, script };
    const transaction = this.#wallet.pay(output, this.#context.openings.feeratePerKw);
    if (transaction === null) {
      mark('a funding waits for change');
      return false;
    }
    pending.transaction = transaction;
    this.#take(edge, fundOpening(pending.opening, { txid: txidOf(transaction), vout: 0 }));
    return true;
  }

  /** Takes note of what a step made of an opening, and sends what it says. */
  #take(edge: number, { opening, send }: OpeningStep): void {
    const { height } = this.#context;
    let pending = this.#pending.get(edge);
    const before = pending?.opening.phase;
    if (pending) pending.opening = opening;
    else this.#pending.set(edge, (pending = { opening, transaction: null, signedAt: height, confirmedAt: null }));
    const { phase, refusal } = opening;
    if (refusal !== null) return this.#fail(edge, pending, refusal);
    if (phase === 'signed' && before !== 'signed') this.#establish(edge, pending);
    if (phase === 'ready' && before !== 'ready') this.#becomeReady(edge, pending);
    if (send !== null) this.#context.send(edge, send);
  }

  /** Both ends have signed the first commitments: the channel is there. */
  #establish(edge: number, pending: Pending): void {
    const { opening } = pending;
    pending.signedAt = this.#context.height;
    const init = openedChannel(opening);
    const end = new ChannelEnd<HtlcTag>(init);
    this.#channels.set(edge, newNodeChannel(edge, this.#context.graph.edgeTo[edge]!, init, end));
    this.#context.openings.signed(edge, end, present(opening.funding, 'the funding output'));
  }

  #becomeReady(edge: number, pending: Pending): void {
    const { end } = present(this.#channels.get(edge), 'the channel that was opened');
    if (end.phase === 'opening') end.phase = 'normal';
    this.#context.openings.ready(edge);
    this.#release(edge, pending);
  }

  /** Keeps of a channel in use what the opener may have to broadcast again, until it is confirmed. */
  #release(edge: number, { opening, transaction, confirmedAt }: Pending): void {
    if (opening.phase === 'ready' && (transaction === null || confirmedAt !== null)) this.#pending.delete(edge);
  }

  #broadcast(edge: number, pending: Pending): void {
    const { transaction, opening } = pending;
    if (opening.phase !== 'signed' || transaction === null) return;
    const refused = this.#context.broadcast(transaction, { kind: 'funding', channel: channelOf(edge) });
    if (refused !== null) return this.#fail(edge, pending, 'funding-not-relayed');
    // a channel that is used before it is confirmed is used now
    this.look(edge);
  }

  #fail(edge: number, pending: Pending, reason: OpeningFailure): void {
    this.#forget(edge, pending);
    this.#context.openings.failed(edge, reason);
    // the opener's own refusal comes before anything was said
    if (pending.opening.accept !== null || pending.opening.role === 'accepter') {
      this.#context.send(edge, { type: 'error', reason });
    }
  }

  #forget(edge: number, { transaction }: Pending): void {
    this.#pending.delete(edge);
    this.#channels.delete(edge);
    if (transaction !== null && this.#context.spenderInMempool(firstCoin(transaction)) === null) {
      this.#wallet.release(transaction);
    }
  }

  // ── The chain ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** A block holds the funding transaction of the channel of `edge`. */
  fundingConfirmed(edge: number, transaction: Transaction, height: number): void {
    const pending = this.#pending.get(edge);
    if (!pending) return;
    const { refusal } = fundingSeen(pending.opening, transaction).opening;
    if (refusal !== null) return this.#fail(edge, pending, refusal);
    pending.confirmedAt = height;
    this.#release(edge, pending);
    this.#context.onUndo(() => {
      mark('the confirmation of a funding undone');
      pending.confirmedAt = null;
      if (pending.transaction !== null) this.#pending.set(edge, pending);
    }, height);
  }

  /** Says `channel_ready` if the funding is deep enough. */
  look(edge: number): void {
    const pending = this.#pending.get(edge);
    if (pending?.opening.phase !== 'signed') return;
    const { confirmedAt, opening } = pending;
    const confirmations = confirmedAt === null ? 0 : this.#context.height - confirmedAt + 1;
    this.#take(edge, fundingDepth(opening, confirmations));
  }

  /** A block came, or the node is back online. */
  onBlock(): void {
    const { height } = this.#context;
    for (const [edge, pending] of this.#pending) {
      this.fund(edge);
      if (pending.confirmedAt === null && pending.transaction !== null) this.#broadcastAgain(edge, pending.transaction);
      this.look(edge);
      if (mayForget(pending.opening, height - pending.signedAt)) {
        mark('a channel whose funding never came forgotten');
        this.#fail(edge, pending, 'funding-not-seen');
      }
    }
  }

  /** What fell out of the mempool, or left the chain with its block, is offered again. */
  #broadcastAgain(edge: number, transaction: Transaction): void {
    if (this.#context.spenderInMempool(firstCoin(transaction)) !== null) return;
    mark('a funding transaction broadcast again');
    this.#wallet.reserve(transaction);
    this.#context.broadcast(transaction, { kind: 'funding', channel: channelOf(edge) });
  }
}

const firstCoin = ({ inputs }: Transaction): OutPoint =>
  present(inputs[0], 'an input of a funding transaction').prevout;
