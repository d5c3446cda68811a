/**
 * What a node may ask of the world around it: a few verbs, so that the same node runs in the simulator and in a test.
 */
import type { Micros } from '../base/time.ts';
import type { OutPoint, Transaction } from '../chain/transaction.ts';
import type { ChannelMaterial } from '../channel/materialise.ts';
import type { CompiledGraph, EdgeState } from '../graph/compiled.ts';
import type { ChannelUpdate } from '../graph/gossipLog.ts';
import type { PaymentFailure } from '../payment/failure.ts';
import type { OutgoingPayment, PaymentPart } from '../payment/outgoingPayment.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import type { FeeUpdateConfig } from './channelFees.ts';
import type { Waiting } from './feeSchedule.ts';
import type { OpeningPort } from './channelOpener.ts';
import type { SplicePort } from './channelSplicer.ts';
import type { Message } from './messages.ts';
import type { ClosingForm } from './mutualClosing.ts';
import type { NodeHtlc } from './nodeChannel.ts';
import type { OfferRefusal } from './offerRefusal.ts';

/** What a transaction is for: the world counts fees and weight by it. */
export type TransactionKind =
  | 'funding'
  /** moves a channel to a funding output of another value */
  | 'splice'
  | 'mutual-close'
  | 'commitment'
  | 'revoked-commitment'
  /** a child that pays for a commitment, through its anchor */
  | 'anchor'
  | 'htlc-timeout'
  | 'htlc-success'
  | 'htlc-claim'
  | 'sweep'
  | 'penalty';

export interface TransactionLabel {
  readonly kind: TransactionKind;
  readonly channel: number;
}

export interface NodeContext {
  readonly now: Micros;
  /** height of the tip */
  readonly height: number;
  /** the public graph; the policies of a node's own edges are its own */
  readonly graph: CompiledGraph;
  /** what the wallet pays for on-chain work that nothing presses, in sat per 1000 weight units */
  readonly feeratePerKw: number;
  /** What is expected to be confirmed within so many blocks, in sat per 1000 weight units; fewer never cost less. */
  feeratePerKwFor(targetBlocks: number): number;
  /** what is planned of channels that are to be opened */
  readonly openings: OpeningPort;
  /** how openers follow the fee estimate; null if they don't */
  readonly feeUpdates: FeeUpdateConfig | null;
  /** how the fee of a mutual close is found */
  readonly closingForm: ClosingForm;
  /** for how long an end gathers updates before it signs them; 0: not at all */
  readonly commitInterval: Micros;
  /** whom to tell of splices */
  readonly splices: SplicePort;
  /** What finds that node's routes, with that node's own memory; asked once. */
  strategyOf(node: number): RoutingStrategy;
  /** Sends a message over a channel; `edge` is the sender's own. It arrives in order, or is lost with the connection. */
  send(edge: number, message: Message): void;
  /** Hands a transaction to the network. @returns the reject reason, or null if the mempool took it */
  broadcast(transaction: Transaction, label: TransactionLabel): string | null;
  /** The same for a child with its unconfirmed parents, parents first, that may be taken together only. */
  broadcastPackage(transactions: readonly Transaction[], labels: readonly TransactionLabel[]): string | null;
  /** What waits to be mined and spends an output, with its fee; null if nothing does. */
  spenderInMempool(outPoint: OutPoint): Waiting | null;
  /** The transactions of a block of the chain. */
  transactionsAt(height: number): readonly Transaction[];
  /** The keys and limits of a channel, derived when they are first asked for. */
  material(channel: number): ChannelMaterial;
  /** From now on the monitor of `edge` hears when a confirmed transaction spends that output. */
  watch(outPoint: OutPoint, edge: number): void;
  /** How to undo what a node changes because of the block at that height, should that block leave the chain. */
  onUndo(undo: () => void, height: number): void;
  /** A part of a payment has ended: the payer is to try again, or to wait for the others, or the payment is over. */
  paymentChanged(payment: OutgoingPayment): void;
  /**
   * A node was to offer an HTLC, for whoever counts.
   * @param hop of its route, 1 for the payer's own channel @param refusal null: it did
   * @param part of the node's own payment; null where it forwards
   */
  htlcAsked(edge: number, hop: number, refusal: OfferRefusal | null, part: PaymentPart | null): void;
  /** A part of a payment has ended, for whoever keeps records; null: it went through. */
  partEnded(part: PaymentPart, failure: PaymentFailure | null): void;
  /** Has the node of `edge` told, so much later, that the batching interval of that channel is over. */
  wakeChannel(edge: number, after: Micros): void;
  /** Has the node told, so much later, that the time for the parts of that payment to come to it is up. */
  wakePayee(node: number, paymentHash: Uint8Array, after: Micros): void;
  /** A payee keeps a payment waiting that has just arrived. */
  paymentHeld(paymentHash: Uint8Array): void;
  /** An HTLC that this end had offered was in flight when its channel went on-chain, and has ended there. */
  htlcResolved(edge: number, htlc: NodeHtlc, fulfilled: boolean): void;
  /** What an edge's node asked for before its last change, while it still takes that; null after that. */
  formerPolicyOf(edge: number): EdgeState | null;
  /** The newest `channel_update` of an edge; undefined where its policy is what it was from the start. */
  channelUpdateOf(edge: number): ChannelUpdate | undefined;
  /**
   * A node reads an update in a failure.
   * @param since when it found the route that failed
   * @returns whether it could not know of the update then
   */
  hearUpdate(node: number, update: ChannelUpdate, since: Micros): boolean;
  /** The channel can't be used any more, from this end's side. */
  channelClosing(channel: number): void;
}
