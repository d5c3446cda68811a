/**
 * What a node may ask of the world around it: a few verbs, so that the same node runs in the simulator and in a test.
 */
import type { Micros } from '../base/time.ts';
import type { OutPoint, Transaction, Txid } from '../chain/transaction.ts';
import type { ChannelMaterial } from '../channel/materialise.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { OutgoingPayment } from '../payment/outgoingPayment.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import type { Message } from './messages.ts';
import type { NodeHtlc } from './nodeChannel.ts';

/** What a transaction is for: the world counts fees and weight by it. */
export type TransactionKind =
  | 'funding'
  | 'mutual-close'
  | 'commitment'
  | 'revoked-commitment'
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
  /** what the wallet pays for on-chain work now, in sat per 1000 weight units */
  readonly feeratePerKw: number;
  /** What finds that node's routes, with that node's own memory. */
  strategyOf(node: number): RoutingStrategy;
  /** Sends a message over a channel; `edge` is the sender's own. It arrives in order. */
  send(edge: number, message: Message): void;
  /** Hands a transaction to the network. @returns the reject reason, or null if the mempool took it */
  broadcast(transaction: Transaction, label: TransactionLabel): string | null;
  /** Whether a transaction waits to be mined. */
  isInMempool(txid: Txid): boolean;
  /** The keys and limits of a channel, derived when they are first asked for. */
  material(channel: number): ChannelMaterial;
  /** From now on the monitor of `edge` hears when a confirmed transaction spends that output. */
  watch(outPoint: OutPoint, edge: number): void;
  /** How to undo what a node changes because of the block at hand, should that block leave the chain. */
  onUndo(undo: () => void): void;
  /** Whether the node is online, as its peers see it. */
  isOnline(node: number): boolean;
  /** An attempt of a payment has failed: the payer is to try again, or the payment is over. */
  paymentChanged(payment: OutgoingPayment): void;
  /** An HTLC that this end had offered was in flight when its channel went on-chain, and has ended there. */
  htlcResolved(edge: number, htlc: NodeHtlc, fulfilled: boolean): void;
  /** The channel can't be used any more, from this end's side. */
  channelClosing(channel: number): void;
}
