/**
 * How a node opens channels: BOLT 2, "Channel Establishment", v1 and v2, as the opener and as the accepter. The rules are
 * those of `channel/opening.ts`; here are the wallet, the chain, and the channel that comes of it.
 */
import { present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import type { Sat } from '../base/units.ts';
import { p2wsh } from '../chain/script.ts';
import { txidOf, type OutPoint, type Transaction } from '../chain/transaction.ts';
import { ChannelEnd } from '../channel/channelEnd.ts';
import { dualFundingOutput } from '../channel/dualFunding.ts';
import { answerDualOpening, offerDualOpening } from '../channel/dualOpening.ts';
import {
  answerOpening,
  completeOpening,
  fundingDepth,
  fundingSeen,
  fundOpening,
  mayForget,
  offerOpening,
  openedChannel,
  receiveOpening,
  type DualFunding,
  type Opening,
  type OpeningSelf,
  type OpeningStep,
  type OpeningWish,
} from '../channel/opening.ts';
import type { OpeningMessage } from '../channel/openingMessages.ts';
import type { OpeningRefusal } from '../channel/openingRules.ts';
import { fundingScript } from '../channel/scripts.ts';
import type { Part, SharedTransaction } from '../channel/sharedTransaction.ts';
import type { ChannelTable } from './channelTable.ts';
import type { NodeContext } from './context.ts';
import { channelOf, newNodeChannel, type HtlcTag } from './nodeChannel.ts';
import type { Wallet } from './wallet.ts';
import { dualPart, partWitnesses, signedShared } from './walletPart.ts';

/** Why a channel was not opened: the refusal of an end, or what became of its funding transaction. */
export type OpeningFailure = OpeningRefusal | 'funding-not-relayed' | 'funding-not-seen' | 'disconnected';

/** What a node asks of whoever plans channels, and tells of them. */
export interface OpeningPort {
  /** sat per 1000 weight units that a funding transaction pays */
  readonly feeratePerKw: number;
  /** What the end of `edge` brings to its channel's opening. */
  selfOf(edge: number): OpeningSelf;
  /** What the end of `edge` puts into a channel that both fund; null where the opener funds alone (v1). */
  contributionOf(edge: number): Sat | null;
  /** What the opener of a channel wants; where both fund, `fundingSat` and `pushMsat` are not looked at. */
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
  /** what this end adds to a funding transaction of both */
  part: Part | null;
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
  readonly #channels: ChannelTable;
  /** by this node's edge */
  readonly #pending = new Map<number, Pending>();

  /** @param channels the node's, by edge: those it opens are added */
  constructor(wallet: Wallet, context: NodeContext, channels: ChannelTable) {
    this.#wallet = wallet;
    this.#context = context;
    this.#channels = channels;
  }

  /** Proposes the channel of `edge` to its peer. */
  begin(edge: number): void {
    const { openings } = this.#context;
    const self = openings.selfOf(edge);
    const wish = openings.wishOf(channelOf(edge));
    const fundingSat = openings.contributionOf(edge);
    if (fundingSat === null) return this.#take(edge, offerOpening(self, wish));
    const { pushMsat: _nothing, ...rest } = wish;
    this.#take(edge, offerDualOpening(self, { ...rest, fundingSat, fundingFeeratePerKw: openings.feeratePerKw }));
  }

  /** A message of an opening arrives. */
  receive(edge: number, message: OpeningMessage): void {
    const { openings } = this.#context;
    if (message.type === 'open_channel') return this.#take(edge, answerOpening(openings.selfOf(edge), message));
    if (message.type === 'open_channel2') {
      const fundingSat = openings.contributionOf(edge) ?? (0 as Sat);
      return this.#take(edge, answerDualOpening(openings.selfOf(edge), message, fundingSat));
    }
    const pending = this.#pending.get(edge);
    // this end has given up the channel, and said so; or is done with it
    if (!pending) return;
    if (message.type === 'channel_ready' && pending.opening.receivedReady) return;
    if (message.type === 'tx_add_input' && this.#receivePart(edge, pending, message.part)) return;
    const { part } = pending;
    const witnesses = (unsigned: Transaction): Uint8Array[][] =>
      part === null ? [] : partWitnesses(this.#wallet, part, unsigned);
    this.#take(edge, receiveOpening(pending.opening, message, { part, witnesses }));
    if (message.type === 'accept_channel' || message.type === 'accept_channel2') this.fund(edge);
    else if (message.type === 'funding_signed') {
      const shared = pending.opening.dual?.shared;
      if (shared && pending.opening.phase === 'signed') {
        pending.transaction = signedShared(this.#wallet, shared, message.witnesses);
      }
      this.#broadcast(edge, pending);
    }
    // the accepter of a zero-conf channel has nothing to wait for once the opener has broadcast
    else if (message.type === 'channel_ready') this.look(edge);
  }

  /** The other end adds to the transaction that both fund. @returns whether it was due */
  #receivePart(edge: number, pending: Pending, other: Part): boolean {
    const { opening, part } = pending;
    const { role, phase, dual } = opening;
    if (dual === null || phase !== 'accepted') return false;
    if (role === 'opener') {
      if (part === null) return false;
      const { open, accept } = opening;
      const accepter = present(accept, 'the accepted terms').points;
      const shared: SharedTransaction = {
        feeratePerKw: dual.open.fundingFeeratePerKw,
        lockTime: 0,
        funding: dualFundingOutput(open.points, accepter, open.fundingSat, 0),
        previous: null,
        initiator: part,
        other,
      };
      this.#take(edge, completeOpening(opening, shared));
      return true;
    }
    if (part !== null) return false;
    pending.part = dualPart(this.#wallet, dual, 'accepter');
    if (pending.part === null) {
      mark('an accepter that waits for change');
      this.#context.send(edge, { type: 'tx_abort', reason: 'not-enough-coins' });
    } else this.#context.send(edge, { type: 'tx_add_input', part: pending.part });
    return true;
  }

  /** Whether `tx_abort` is about an opening: then the opener keeps its coins free until it asks again. */
  receiveAbort(edge: number): boolean {
    const pending = this.#pending.get(edge);
    if (pending?.opening.role !== 'opener' || pending.opening.phase !== 'accepted') return false;
    this.#wallet.releaseCoins(coinsOf(pending));
    pending.part = null;
    return true;
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
    const { open, accept, dual } = pending.opening;
    if (dual !== null) return this.#addPart(edge, pending, dual);
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

  /** Adds the opener's money to a transaction that both fund. @returns whether neither wallet has to wait */
  #addPart(edge: number, pending: Pending, dual: DualFunding): boolean {
    if (pending.part !== null) return true;
    const part = dualPart(this.#wallet, dual, 'opener');
    if (part === null) {
      mark('a funding waits for change');
      return false;
    }
    pending.part = part;
    this.#context.send(edge, { type: 'tx_add_input', part });
    // where messages take no time, the accepter has answered
    return this.#pending.get(edge)?.part !== null;
  }

  /** Takes note of what a step made of an opening, and sends what it says. */
  #take(edge: number, { opening, send }: OpeningStep): void {
    const { height } = this.#context;
    let pending = this.#pending.get(edge);
    const before = pending?.opening.phase;
    if (pending) pending.opening = opening;
    else
      this.#pending.set(
        edge,
        (pending = { opening, part: null, transaction: null, signedAt: height, confirmedAt: null }),
      );
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
    this.#channels.add(newNodeChannel(edge, this.#context.graph, init, end));
    this.#context.openings.signed(edge, end, present(opening.funding, 'the funding output'));
  }

  #becomeReady(edge: number, pending: Pending): void {
    const { end } = present(this.#channels.get(edge), 'the channel that was opened');
    if (end.phase === 'opening') end.phase = 'normal';
    this.#context.openings.ready(edge);
    this.#release(edge, pending);
  }

  /** Keeps of a channel in use what who funds it may have to broadcast again, or keep coins for, until it is confirmed. */
  #release(edge: number, pending: Pending): void {
    const isDone = coinsOf(pending).length === 0 || pending.confirmedAt !== null;
    if (pending.opening.phase === 'ready' && isDone) this.#pending.delete(edge);
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

  #forget(edge: number, pending: Pending): void {
    this.#pending.delete(edge);
    this.#channels.delete(edge);
    if (!this.#isInMempool(pending)) this.#wallet.releaseCoins(coinsOf(pending));
  }

  #isInMempool(pending: Pending): boolean {
    const [first] = coinsOf(pending);
    return first !== undefined && this.#context.spenderInMempool(first) !== null;
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
      if (coinsOf(pending).length > 0) this.#pending.set(edge, pending);
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
    // before any coin is chosen
    for (const pending of this.#pending.values()) {
      if (pending.confirmedAt === null && !this.#isInMempool(pending)) this.#wallet.reserveCoins(coinsOf(pending));
    }
    for (const [edge, pending] of this.#pending) {
      this.fund(edge);
      this.#broadcastAgain(edge, pending);
      this.look(edge);
      if (mayForget(pending.opening, height - pending.signedAt)) {
        mark('a channel whose funding never came forgotten');
        this.#fail(edge, pending, 'funding-not-seen');
      }
    }
  }

  /** What fell out of the mempool, or left the chain with its block, is offered again. */
  #broadcastAgain(edge: number, pending: Pending): void {
    const { transaction, confirmedAt, opening } = pending;
    // what the accepter has not signed for is not broadcast at all
    const isSigned = opening.phase === 'signed' || opening.phase === 'ready';
    if (transaction === null || confirmedAt !== null || !isSigned || this.#isInMempool(pending)) return;
    mark('a funding transaction broadcast again');
    this.#context.broadcast(transaction, { kind: 'funding', channel: channelOf(edge) });
  }
}

/** This end's coins in the funding; those of both in a transaction that the opener has signed. */
const coinsOf = ({ transaction, part }: Pending): readonly OutPoint[] =>
  (part ?? transaction)?.inputs.map(({ prevout }) => prevout) ?? [];
