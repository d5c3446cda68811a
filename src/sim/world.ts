/**
 * The world: nodes, links and the chain under one clock. It takes the earliest event, lets whom it concerns act, has the
 * auditor look, and goes on until the scenario is over and settled.
 */
import { assert, present } from '../base/assert.ts';
import { fromHex, utf8 } from '../base/bytes.ts';
import { RunDigest } from '../base/digest.ts';
import { EventQueue, type QueuedEvent } from '../base/eventQueue.ts';
import { Rng } from '../base/random.ts';
import { micros, type Micros } from '../base/time.ts';
import { proportional, type Msat } from '../base/units.ts';
import type { Blockchain, ConnectedBlock } from '../chain/blockchain.ts';
import { outPointKey, type OutPoint, type Transaction } from '../chain/transaction.ts';
import { inLocalCommitment, isBeingRemoved } from '../channel/htlcState.ts';
import { otherSide, type ChannelMaterial } from '../channel/materialise.ts';
import { newSha256, sha256 } from '../crypto/hashes.ts';
import { namedSecret } from '../crypto/keyDerivation.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { NodeContext, TransactionLabel } from '../node/context.ts';
import type { Waiting } from '../node/feeSchedule.ts';
import type { InvoicePolicy } from '../node/invoice.ts';
import type { LightningNode } from '../node/lightningNode.ts';
import { MESSAGE_CODE, type Message } from '../node/messages.ts';
import { sideOf, type NodeHtlc } from '../node/nodeChannel.ts';
import { OutgoingPayment } from '../payment/outgoingPayment.ts';
import { DEFAULT_FINAL_CLTV_EXPIRY_DELTA, FINAL_CLTV_PADDING_BLOCKS } from '../payment/forwarding.ts';
import { priceRoute } from '../routing/route.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import type { StrategyMaker } from '../routing/strategyKind.ts';
import { Auditor, type Holdings } from './auditor.ts';
import { chainResult, type ChainResult } from './chainResult.ts';
import { ClosingLedger } from './closingLedger.ts';
import { ClosureScript } from './closureScript.ts';
import type { WorldConfig } from './config.ts';
import { EventKind, type EventRef } from './events.ts';
import { L1, type ConfirmedTransaction, type L1Listener } from './l1.ts';
import { Links } from './links.ts';
import { Network } from './network.ts';
import { Opening } from './opening.ts';
import { recordOf, type ClosingAccount, type PaymentRecord } from './tally.ts';
import { poissonTraffic, type Traffic } from './traffic.ts';

/** What a progress bar shows. */
export interface Progress {
  readonly phase: 'opening' | 'paying' | 'settling';
  /** the phase that the time since the last report belongs to */
  readonly ended: 'opening' | 'paying' | 'settling';
  /** channels whose funding is broadcast */
  readonly channels: number;
  readonly ofChannels: number;
  readonly payments: number;
  readonly ofPayments: number;
  readonly now: Micros;
  readonly blocks: number;
  readonly events: number;
}

/** What a run leaves behind. */
export interface WorldResult {
  readonly digest: string;
  readonly events: number;
  readonly messages: number;
  readonly payments: readonly PaymentRecord[];
  readonly channelsOpened: number;
  /** channels whose capacity can't carry a commitment */
  readonly channelsTooSmall: number;
  /** channels opened without anchors, for they can't carry them */
  readonly channelsWithoutAnchors: number;
  readonly closings: readonly ClosingAccount[];
  readonly transactions: readonly ConfirmedTransaction[];
  readonly blocks: number;
  /** all its blocks, from the first on */
  readonly chain: Blockchain;
  readonly mining: ChainResult;
  readonly holdings: Holdings;
  readonly checks: { readonly events: number; readonly audits: number };
  /** µs of simulated time: when traffic started, and the end */
  readonly openedAt: Micros;
  readonly endedAt: Micros;
  /** what planned closures could not do */
  readonly notes: readonly string[];
  /** false: something was left when `maxSettlementBlocks` had passed; null: settling was not asked for */
  readonly settled: boolean | null;
}

/** A broken invariant, with what replays it. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
  readonly seed: number;
  readonly event: number;

  constructor(seed: number, event: number, cause: Error) {
    super(`${cause.message} (seed ${seed}, event ${event})`, { cause });
    this.seed = seed;
    this.event = event;
  }
}

type Phase = Progress['phase'] | 'over';

export class World implements NodeContext {
  readonly graph: CompiledGraph;
  readonly network: Network;
  readonly #config: WorldConfig;
  readonly #master: Uint8Array;
  readonly #newStrategy: StrategyMaker;
  readonly #routing: Rng;
  readonly #queue = new EventQueue<EventRef>();
  readonly #digest = new RunDigest(newSha256());
  readonly #l1: L1;
  readonly #links: Links;
  readonly #auditor: Auditor;
  readonly #opening: Opening;
  readonly #closings: ClosingLedger;
  readonly #traffic: Rng;
  readonly #records: PaymentRecord[] = [];
  readonly #notes: string[] = [];
  readonly #closures: ClosureScript[];
  /** channels in a planned closure, by channel */
  readonly #planned: ReadonlyMap<number, ClosureScript>;
  readonly #scripted = new Set<OutgoingPayment>();
  #demand: Traffic | null = null;
  #phase: Phase = 'opening';
  #openedAt = 0 as Micros;
  #openedAtHeight = 0;
  #started = 0;
  #invoices = 0;
  #pending = 0;
  #events = 0;
  #settleUntil = Infinity;
  #unsettled = false;
  #onProgress: (progress: Progress) => void = () => undefined;

  /**
   * @param graph compiled for this run alone: the world closes channels in it
   * @throws SupplyExceeded if the chain can't issue what the network holds
   */
  constructor(config: WorldConfig, graph: CompiledGraph, newStrategy: StrategyMaker) {
    this.#config = config;
    this.graph = graph;
    this.#newStrategy = newStrategy;
    this.#master = sha256(utf8(`leyden run ${config.seed}`));
    const rng = Rng.fromSeed(config.seed);
    this.#traffic = rng.stream('traffic');
    this.#routing = rng.stream('routing');
    this.network = new Network(graph, config.channels, this.#master, rng.stream('channels'), this);
    this.#links = new Links(this.#queue, rng.stream('latency'), config.latency, graph.edgeCount);
    this.#closings = new ClosingLedger(graph.edgeFrom);
    this.#l1 = new L1(config.chain, rng, this.#master, this.#l1Listener());
    this.#auditor = new Auditor({
      chain: this.#l1.chain,
      mempool: this.#l1.mempool,
      ends: this.network.ends,
      ownerOf: (script) => {
        if (this.#l1.walletOf(script) !== null) return 'wallet';
        return this.#l1.isMiners(script) ? 'miner' : null;
      },
      walletsSat: () => this.network.nodes.reduce((sum, { wallet }) => sum + wallet.confirmedSat, 0),
    });
    this.#closures = config.closures.map((plan) => new ClosureScript(plan, this.#closureHost()));
    this.#planned = new Map(this.#closures.map((script) => [script.plan.channel, script]));
    const cheated = config.closures.filter((plan) => plan.kind.startsWith('revoked')).map((plan) => plan.channel);
    this.#opening = new Opening(this.network, this.#l1, this.#auditor, config.chain, new Set(cheated), () =>
      this.#onProgress(this.progress()),
    );
  }

  // ── The clock ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Runs to the end.
   * @param onProgress called every so many events, and at the end of each phase
   * @throws RunStopped if an invariant broke: it names the seed and the event
   */
  run(onProgress: (progress: Progress) => void = () => undefined, progressEvery = 5_000): WorldResult {
    let phase: Phase = this.#phase;
    this.#onProgress = onProgress;
    try {
      this.#queue.push(this.#l1.nextAt, EventKind.Block);
      while (this.#phase !== 'over') {
        const event = present(this.#queue.pop(), 'an event: there is always a next block');
        this.#events++;
        this.#handle(event);
        this.#auditor.afterEvent();
        if (this.#events % this.#config.auditEvery === 0) this.#auditor.audit();
        if (this.#events % progressEvery !== 0 && phase === this.#phase) continue;
        onProgress(this.progress(phase));
        phase = this.#phase;
      }
      return this.#result(this.#auditor.audit());
    } catch (error) {
      if (error instanceof Error) throw new RunStopped(this.#config.seed, this.#events, error);
      throw error;
    }
  }

  progress(since: Phase = this.#phase): Progress {
    const named = (phase: Phase): Progress['phase'] => (phase === 'over' ? 'settling' : phase);
    return {
      phase: named(this.#phase),
      ended: named(since),
      channels: this.#opening.funded,
      ofChannels: this.#opening.channels,
      payments: this.#records.length,
      ofPayments: this.#config.traffic.payments,
      now: this.now,
      blocks: this.height,
      events: this.#events,
    };
  }

  #handle(event: QueuedEvent<EventRef>): void {
    const { time, kind, a, b, ref } = event;
    switch (kind) {
      case EventKind.Message: {
        const message = present(ref, 'the message of an event');
        this.#digest.record(time, kind, a, MESSAGE_CODE[message.type], 'id' in message ? message.id : 0);
        return this.#deliver(a, message);
      }
      case EventKind.Payment:
        return this.#startPayment();
      case EventKind.Block:
        return this.#advanceChain();
      case EventKind.Closure: {
        this.#digest.record(time, kind, a, b, 0);
        const again = present(this.#closures[a], 'a closure').step();
        if (again !== null) this.#queue.push(micros(time + again), EventKind.Closure, a, b + 1);
        else this.#maybeSettle();
        return;
      }
      case EventKind.Fault:
        this.#digest.record(time, kind, a, b, 0);
        return this.#fault(a, b === 0);
      default:
        assert(false, `an event of a known kind, not ${kind}`);
    }
  }

  // ── Payments ───────────────────────────────────────────────────────────────────────────────────────────────────

  #startPayment(): void {
    const { traffic } = this.#config;
    const demand = present(this.#demand, 'traffic');
    const { source, target, amountMsat } = demand.next();
    const id = this.#started++;
    this.#digest.record(this.now, EventKind.Payment, source, target, amountMsat);
    if (this.#started < traffic.payments) this.#queue.push(micros(this.now + demand.interval()), EventKind.Payment);
    else this.#boundTheRest();
    const order = {
      id,
      source,
      target,
      amountMsat,
      maxFeeMsat: (traffic.maxFeeBaseMsat + proportional(amountMsat, traffic.maxFeeMillionths)) as Msat,
      maxAttempts: traffic.maxAttempts,
      maxHops: traffic.maxHops,
      maxCltvExpiryDelta: traffic.maxCltvExpiryDelta,
    };
    const payment = new OutgoingPayment(order, this.#invoice(target, amountMsat, 'settle'), this.now);
    this.#pending++;
    if (this.isOnline(source)) this.#node(source).paying.pay(payment);
    else payment.refuse('payer-offline', this.now);
    if (payment.status !== 'pending') this.#finish(payment);
  }

  /** An invoice of `payee` for a fresh preimage. @returns the payment hash */
  #invoice(payee: number, amountMsat: Msat, policy: InvoicePolicy): Uint8Array {
    const preimage = namedSecret(this.#master, `preimage ${this.#invoices++}`);
    const paymentHash = sha256(preimage);
    this.#node(payee).receiving.addInvoice(paymentHash, { amountMsat, preimage, policy });
    return paymentHash;
  }

  paymentChanged(payment: OutgoingPayment): void {
    if (this.#scripted.has(payment)) return;
    const { source } = payment.order;
    if (payment.status === 'pending') {
      if (this.isOnline(source)) this.#node(source).paying.pay(payment);
      else payment.refuse('payer-offline', this.now);
    }
    if (payment.status !== 'pending') this.#finish(payment);
  }

  #finish(payment: OutgoingPayment): void {
    const record = recordOf(payment, this.now);
    this.#records.push(record);
    this.#pending--;
    this.#digest.record(this.now, EventKind.PaymentEnded, record.id, record.succeeded ? 1 : 0, record.feeMsat);
    this.#node(payment.order.target).receiving.forgetInvoice(payment.paymentHash);
    this.#maybeSettle();
  }

  #closureHost(): ConstructorParameters<typeof ClosureScript>[1] {
    const network = this.network;
    return {
      network,
      payDirectly: (edge, amountMsat, policy) => this.#payDirectly(edge, amountMsat, policy),
      setOnline: (node, online) => this.#setOnline(node, online),
      isOnline: (node) => this.isOnline(node),
      note: (text) => this.#notes.push(text),
    };
  }

  #payDirectly(edge: number, amountMsat: Msat, policy: InvoicePolicy): Uint8Array | null {
    const source = this.graph.edgeFrom[edge]!;
    const target = this.graph.edgeTo[edge]!;
    const finalDelta = DEFAULT_FINAL_CLTV_EXPIRY_DELTA + FINAL_CLTV_PADDING_BLOCKS;
    const paymentHash = this.#invoice(target, amountMsat, policy);
    const limits = { maxFeeMsat: 0 as Msat, maxAttempts: 1, maxHops: 1, maxCltvExpiryDelta: finalDelta };
    const payment = new OutgoingPayment({ id: -1, source, target, amountMsat, ...limits }, paymentHash, this.now);
    const route = payment.useRoute(priceRoute(this.graph, [edge], amountMsat, finalDelta));
    this.#scripted.add(payment);
    return this.#node(source).paying.sendAlong(payment, route) ? paymentHash : null;
  }

  // ── Messages ───────────────────────────────────────────────────────────────────────────────────────────────────

  send(edge: number, message: Message): void {
    this.#auditor.touch(edge);
    this.#links.send(edge, message, this.now);
  }

  #deliver(edge: number, message: Message): void {
    const node = this.graph.edgeFrom[edge]!;
    if (this.#links.holds(node, edge, message)) return;
    this.#auditor.touch(edge);
    this.#node(node).receive(edge, message);
  }

  isOnline(node: number): boolean {
    return this.#links.isOnline(node);
  }

  #setOnline(node: number, online: boolean): void {
    if (!online) return this.#links.goOffline(node);
    const waited = this.#links.comeOnline(node);
    if (!waited) return;
    for (const { edge, message } of waited) this.#deliver(edge, message);
    this.#node(node).onBlock();
  }

  // ── The chain ──────────────────────────────────────────────────────────────────────────────────────────────────

  #l1Listener(): L1Listener {
    return {
      outputSpent: (edge, outPoint, transaction, height) => this.#outputSpent(edge, outPoint, transaction, height),
      walletCredited: (node, outPoint, valueSat) => {
        const { wallet } = this.#node(node);
        wallet.credit(outPoint, valueSat);
        this.onUndo(() => wallet.uncredit(outPoint));
      },
      walletSpent: (node, outPoint, valueSat) => {
        const { wallet } = this.#node(node);
        wallet.spent(outPoint);
        this.onUndo(() => wallet.unspent(outPoint, valueSat));
      },
      confirmed: (transaction, label, height, feeSat, flows) => {
        if (label?.kind === 'funding') this.#opening.fundingConfirmed(label.channel, transaction, height);
        else if (label) this.onUndo(this.#closings.transaction(label.channel, label.kind, feeSat, flows));
      },
      coinbaseOutputs: (height) => this.#opening.coinbaseOutputs(height),
    };
  }

  /** A block is found somewhere, or arrives somewhere: the chain may grow, or change its branch. */
  #advanceChain(): void {
    const { disconnected, connected } = this.#l1.advance(this.now);
    for (const height of disconnected) this.#digest.record(this.now, EventKind.BlockDisconnected, height, 0, 0);
    for (const { height, hash, block } of connected) {
      this.#digest.record(this.now, EventKind.Block, height, block.transactions.length, 0);
      this.#digest.append(fromHex(hash));
    }
    if (connected.length > 0) this.#onBlocks(connected);
    this.#queue.push(this.#l1.nextAt, EventKind.Block);
  }

  #onBlocks(connected: readonly ConnectedBlock[]): void {
    if (this.#phase === 'opening') {
      for (const { height } of connected) this.#opening.onBlock(height, this.now);
      if (this.#opening.isDone) this.#begin();
      return;
    }
    for (const node of this.network.nodes) if (this.isOnline(node.index)) node.onBlock();
    if (this.#phase === 'settling') this.#checkSettled();
    else if (this.height >= this.#settleUntil) {
      this.#notes.push('stopped: payments or closures were still waiting when maxSettlementBlocks had passed');
      this.#giveUp();
    }
  }

  /** The network is open: traffic, closures and faults begin. */
  #begin(): void {
    const { traffic, closures, faults } = this.#config;
    this.#openedAt = this.now;
    this.#openedAtHeight = this.height;
    this.#phase = 'paying';
    this.#l1.begin(this.now);
    const [payers, payees] = [this.network.endpoints('out'), this.network.endpoints('in')];
    const able = payers.length > 0 && payees.length > 0 && new Set([...payers, ...payees]).size > 1;
    this.#demand = poissonTraffic(traffic, payers, payees, this.#traffic);
    if (traffic.payments > 0 && able) this.#queue.push(micros(this.now + this.#demand.interval()), EventKind.Payment);
    if (traffic.payments > 0 && !able) this.#notes.push('no node can pay another: no channel is enabled');
    if (!able) this.#started = traffic.payments;
    if (this.#started >= traffic.payments) this.#boundTheRest();
    closures.forEach((plan, index) => this.#queue.push(micros(this.now + plan.at), EventKind.Closure, index));
    faults.forEach((plan, index) => {
      this.#queue.push(micros(this.now + plan.at), EventKind.Fault, index, 0);
      if (plan.kind === 'offline') this.#queue.push(micros(this.now + plan.until), EventKind.Fault, index, 1);
    });
    this.#maybeSettle();
  }

  #fault(index: number, begins: boolean): void {
    const fault = present(this.#config.faults[index], 'a fault');
    switch (fault.kind) {
      case 'offline':
        return this.#setOnline(fault.node, !begins);
      case 'corrupt-balance':
        this.network.ends[2 * fault.channel]?.corruptBalance(fault.msat);
        return this.#auditor.touch(2 * fault.channel);
    }
  }

  #outputSpent(edge: number, outPoint: OutPoint, transaction: Transaction, height: number): void {
    const channel = edge >> 1;
    const node = this.#node(this.graph.edgeFrom[edge]!);
    const funding = present(this.network.fundings[channel], 'a funding output');
    if (outPointKey(outPoint) !== outPointKey(funding)) return node.outputSpent(edge, outPoint, transaction, height);
    // both ends watch the funding output; the ledger hears of it once, before either acts
    if (!this.#closings.has(channel)) this.#closeInLedgers(channel, outPoint, height);
    node.fundingSpent(edge, transaction, height);
    const kind = node.channels.get(edge)?.monitor?.spendKind;
    if (kind) this.#closings.classify(channel, sideOf(edge), kind);
  }

  #closeInLedgers(channel: number, outPoint: OutPoint, height: number): void {
    const end = present(this.network.ends[2 * channel], 'an end');
    this.#auditor.channelSpent(channel, outPointKey(outPoint), end.terms.capacitySat);
    const planned = this.#planned.get(channel)?.plan.kind ?? null;
    this.#closings.open(channel, planned, height, [end.toLocalMsat, end.toRemoteMsat]);
    this.onUndo(() => {
      this.#auditor.channelOpened(channel, outPointKey(outPoint), end.terms.capacitySat);
      this.#closings.reopen(channel);
    });
    this.#digest.record(this.now, EventKind.ChannelClosed, channel, height, 0);
  }

  htlcResolved(edge: number, htlc: NodeHtlc, fulfilled: boolean): void {
    const channel = edge >> 1;
    const offerer = sideOf(edge);
    const asNode1 = present(this.network.ends[2 * channel], 'an end').find(offerer === 0, htlc.id);
    if (!asNode1) return;
    const winner = fulfilled ? otherSide(offerer) : offerer;
    if (!this.#closings.isNews(edge, htlc.id)) return;
    if (inLocalCommitment(asNode1.state)) this.#closings.htlcResolved(channel, winner, htlc.amountMsat);
    else if (fulfilled && !isBeingRemoved(asNode1.state)) {
      // still in its offerer's balance as node1 has it, but the other's commitment held it already
      this.#closings.htlcResolved(channel, offerer, -htlc.amountMsat);
      this.#closings.htlcResolved(channel, winner, htlc.amountMsat);
    }
  }

  // ── Settling ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Once the last payment has ended and the last closure is made, the rest is settled. */
  #maybeSettle(): void {
    if (this.#phase !== 'paying' || this.#pending > 0 || this.#started < this.#config.traffic.payments) return;
    if (this.#closures.some((script) => !script.isDone)) return;
    if (this.#config.settle === 'none') {
      this.#phase = 'over';
      return;
    }
    this.#phase = 'settling';
    this.#boundTheRest();
    if (this.#config.settle === 'all') this.#closeEverything();
  }

  #closeEverything(): void {
    for (let edge = 0; edge < this.graph.edgeCount; edge++) {
      const end = this.network.ends[edge];
      if (!end?.isOpener || end.phase !== 'normal') continue;
      const closer = this.isOnline(this.graph.edgeFrom[edge]!) ? edge : edge ^ 1;
      this.#node(this.graph.edgeFrom[closer]!).closeMutually(closer);
    }
  }

  #checkSettled(): void {
    const settled =
      this.#l1.mempool.size === 0 &&
      !this.#isClosing() &&
      !this.network.nodes.some((node) => node.isSettling) &&
      (this.#config.settle !== 'all' || this.#closings.size === this.#opening.opened);
    if (settled) this.#phase = 'over';
    else if (this.height >= this.#settleUntil) this.#giveUp();
  }

  /** Whether a channel is on its way to the chain and not there yet. */
  #isClosing(): boolean {
    return this.network.ends.some(
      (end, edge) =>
        end !== null && end.phase !== 'normal' && end.phase !== 'opening' && !this.#closings.has(edge >> 1),
    );
  }

  /** From now on the run has so many blocks to come to its end. */
  #boundTheRest(): void {
    this.#settleUntil = this.height + this.#config.chain.maxSettlementBlocks;
  }

  #giveUp(): void {
    this.#unsettled = true;
    this.#phase = 'over';
  }

  // ── What nodes ask ─────────────────────────────────────────────────────────────────────────────────────────────

  get now(): Micros {
    return this.#queue.now;
  }

  get height(): number {
    return this.#l1.chain.height;
  }

  get feeratePerKw(): number {
    return this.#l1.feeratePerKw;
  }

  feeratePerKwFor(targetBlocks: number): number {
    return this.#l1.feeratePerKwFor(targetBlocks);
  }

  strategyOf(node: number): RoutingStrategy {
    return this.#newStrategy(this.#routing.stream('node', node));
  }

  broadcast(transaction: Transaction, label: TransactionLabel): string | null {
    return this.#l1.broadcast(transaction, label, this.now);
  }

  broadcastPackage(transactions: readonly Transaction[], labels: readonly TransactionLabel[]): string | null {
    return this.#l1.broadcastPackage(transactions, labels, this.now);
  }

  spenderInMempool(outPoint: OutPoint): Waiting | null {
    return this.#l1.spenderInMempool(outPoint);
  }

  transactionsAt(height: number): readonly Transaction[] {
    return this.#l1.chain.blockAt(height).block.transactions;
  }

  onUndo(undo: () => void, height?: number): void {
    this.#l1.onUndo(undo, height);
  }

  material(channel: number): ChannelMaterial {
    return this.network.material(channel);
  }

  watch(outPoint: OutPoint, edge: number): void {
    this.#l1.watch(outPoint, edge);
  }

  channelClosing(channel: number): void {
    if (this.graph.capacityMsat[channel] !== 0) this.graph.closeChannel(channel);
  }

  #node(index: number): LightningNode {
    return present(this.network.nodes[index], 'a node');
  }

  #lateFaults(): string[] {
    return this.#config.faults
      .map((fault, index) => ({ ...fault, index }))
      .filter(({ at }) => this.#openedAt + at > this.now)
      .map(({ index, kind }) => `faults[${index}] (${kind}) never began: the run was over before`);
  }

  #result(holdings: Holdings): WorldResult {
    const plans = this.network.plans;
    return {
      digest: this.#digest.hex(),
      events: this.#events,
      messages: this.#links.sent,
      payments: this.#records,
      channelsOpened: this.#opening.opened,
      channelsTooSmall: plans.filter((plan) => plan === null).length,
      channelsWithoutAnchors: plans.filter((plan) => plan && plan.terms.format !== this.#config.channels.format).length,
      closings: this.#closings.accounts,
      transactions: this.#l1.confirmed,
      blocks: this.height,
      chain: this.#l1.chain,
      mining: chainResult(this.#l1, this.#openedAtHeight),
      holdings,
      checks: this.#auditor.checks,
      openedAt: this.#openedAt,
      endedAt: this.now,
      notes: [...this.#notes, ...this.#lateFaults()],
      settled: this.#config.settle === 'none' ? null : !this.#unsettled,
    };
  }
}
