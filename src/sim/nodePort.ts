/** The world as its nodes see it: what `NodeContext` asks for, answered by the world's parts. */
import { present } from '../base/assert.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import { micros, type Micros } from '../base/time.ts';
import type { OutPoint, Transaction } from '../chain/transaction.ts';
import type { ChannelMaterial } from '../channel/materialise.ts';
import type { CompiledGraph, EdgeState } from '../graph/compiled.ts';
import type { ChannelUpdate, GossipLog } from '../graph/gossipLog.ts';
import type { FeeUpdateConfig } from '../node/channelFees.ts';
import type { NodeContext, TransactionLabel } from '../node/context.ts';
import type { Waiting } from '../node/feeSchedule.ts';
import type { Message } from '../node/messages.ts';
import type { ClosingForm } from '../node/mutualClosing.ts';
import type { NodeHtlc } from '../node/nodeChannel.ts';
import type { OfferRefusal } from '../node/offerRefusal.ts';
import type { PaymentFailure } from '../payment/failure.ts';
import type { OutgoingPayment, PaymentPart } from '../payment/outgoingPayment.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import type { ChainNews } from './chainNews.ts';
import type { ChannelConfig } from './config.ts';
import { EventKind, type EventRef } from './events.ts';
import type { HtlcRecorder } from './htlcRecorder.ts';
import type { L1 } from './l1.ts';
import type { Network } from './network.ts';
import type { Opening } from './opening.ts';
import type { PlannedSplices } from './plannedSplices.ts';
import type { Payments } from './payments.ts';
import { tellAttempt, type RunListener } from './records.ts';

/** Who answers. The nodes are made first: the parts come to be around them. */
export interface NodePortParts {
  readonly network: Network;
  readonly l1: L1;
  readonly opening: Opening;
  readonly splices: PlannedSplices;
  readonly payments: Payments;
  readonly news: ChainNews;
  readonly htlcs: HtlcRecorder | null;
  readonly listener: RunListener;
  send(edge: number, message: Message): void;
}

export class NodePort implements NodeContext {
  readonly graph: CompiledGraph;
  readonly feeUpdates: FeeUpdateConfig | null;
  readonly commitInterval: Micros;
  readonly #gossip: GossipLog;
  readonly closingForm: ClosingForm;
  readonly #queue: EventQueue<EventRef>;
  readonly #newStrategy: (node: number) => RoutingStrategy;
  #parts: NodePortParts | null = null;

  /** @param newStrategy makes the strategy of a node, once */
  constructor(
    gossip: GossipLog,
    { feeUpdates, commitInterval, closing }: ChannelConfig,
    queue: EventQueue<EventRef>,
    newStrategy: (node: number) => RoutingStrategy,
  ) {
    this.graph = gossip.graph;
    this.#gossip = gossip;
    this.feeUpdates = feeUpdates;
    this.commitInterval = commitInterval;
    this.closingForm = closing;
    this.#queue = queue;
    this.#newStrategy = newStrategy;
  }

  /** The parts are there. */
  connect(parts: NodePortParts): void {
    this.#parts = parts;
  }

  get #world(): NodePortParts {
    return present(this.#parts, 'the parts of the world');
  }

  get now(): Micros {
    return this.#queue.now;
  }

  get height(): number {
    return this.#world.l1.chain.height;
  }

  get feeratePerKw(): number {
    return this.#world.l1.feeratePerKw;
  }

  feeratePerKwFor(targetBlocks: number): number {
    return this.#world.l1.feeratePerKwFor(targetBlocks);
  }

  get openings(): Opening {
    return this.#world.opening;
  }

  get splices(): PlannedSplices {
    return this.#world.splices;
  }

  strategyOf(node: number): RoutingStrategy {
    return this.#newStrategy(node);
  }

  send(edge: number, message: Message): void {
    this.#world.send(edge, message);
  }

  broadcast(transaction: Transaction, label: TransactionLabel): string | null {
    return this.#world.l1.broadcast(transaction, label, this.now);
  }

  broadcastPackage(transactions: readonly Transaction[], labels: readonly TransactionLabel[]): string | null {
    return this.#world.l1.broadcastPackage(transactions, labels, this.now);
  }

  spenderInMempool(outPoint: OutPoint): Waiting | null {
    return this.#world.l1.spenderInMempool(outPoint);
  }

  transactionsAt(height: number): readonly Transaction[] {
    return this.#world.l1.chain.blockAt(height).block.transactions;
  }

  onUndo(undo: () => void, height: number): void {
    this.#world.l1.onUndo(undo, height);
  }

  material(channel: number): ChannelMaterial {
    return this.#world.network.material(channel);
  }

  watch(outPoint: OutPoint, edge: number): void {
    this.#world.l1.watch(outPoint, edge);
  }

  paymentChanged(payment: OutgoingPayment): void {
    this.#world.payments.changed(payment);
  }

  htlcAsked(edge: number, hop: number, refusal: OfferRefusal | null, part: PaymentPart | null): void {
    // those that the scenario placed are no payments of the traffic
    if (part === null || part.payment.order.id >= 0) this.#world.payments.blocking.asked(edge, hop, refusal);
  }

  partEnded(part: PaymentPart, failure: PaymentFailure | null): void {
    tellAttempt(this.#world.listener, part, failure, this.now);
  }

  wakePayee(node: number, paymentHash: Uint8Array, after: Micros): void {
    this.#queue.push(micros(this.now + after), EventKind.PartsTimeout, node, 0, 0, paymentHash);
  }

  wakeChannel(edge: number, after: Micros): void {
    this.#queue.push(micros(this.now + after), EventKind.BatchOver, edge);
  }

  paymentHeld(paymentHash: Uint8Array): void {
    this.#world.payments.holds.arrived(paymentHash);
  }

  htlcResolved(edge: number, htlc: NodeHtlc, fulfilled: boolean): void {
    this.#world.htlcs?.resolvedOnChain(edge, htlc.id, fulfilled, this.now);
    this.#world.news.htlcResolved(edge, htlc, fulfilled);
  }

  channelClosing(channel: number): void {
    if (this.graph.capacityMsat[channel] !== 0) this.#gossip.closeChannel(channel, this.now);
    this.#world.splices.closing(channel);
  }

  formerPolicyOf(edge: number): EdgeState | null {
    return this.#gossip.formerOf(edge, this.now);
  }

  channelUpdateOf(edge: number): ChannelUpdate | undefined {
    return this.#gossip.updateOf(edge);
  }

  hearUpdate(node: number, update: ChannelUpdate, since: Micros): boolean {
    return this.#gossip.hear(node, update, since, this.now);
  }
}
