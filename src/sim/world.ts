/**
 * The world: nodes, links and the chain under one clock. It takes the earliest event, lets whom it concerns act, has the
 * auditor look, and goes on until the scenario is over and settled.
 */
import { assert, present } from '../base/assert.ts';
import { fromHex, utf8 } from '../base/bytes.ts';
import { RunDigest } from '../base/digest.ts';
import { UserError } from '../base/errors.ts';
import { EventQueue, type QueuedEvent } from '../base/eventQueue.ts';
import { Rng } from '../base/random.ts';
import type { Micros } from '../base/time.ts';
import type { ConnectedBlock } from '../chain/blockchain.ts';
import { newSha256, sha256 } from '../crypto/hashes.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { LightningNode } from '../node/lightningNode.ts';
import { MESSAGE_CODE, type Message } from '../node/messages.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import { Auditor, type Holdings } from './auditor.ts';
import { ChainNews } from './chainNews.ts';
import { chainResult } from './chainResult.ts';
import { ClosingLedger } from './closingLedger.ts';
import type { WorldConfig } from './config.ts';
import { Connections } from './connections.ts';
import { Course, shownPhase, type Phase } from './course.ts';
import { EventKind, type EventRef } from './events.ts';
import { HtlcRecorder } from './htlcRecorder.ts';
import { Faults } from './faults.ts';
import { Gossip } from './gossip.ts';
import { L1 } from './l1.ts';
import { latencyOf } from './latency/latency.ts';
import { Links } from './links.ts';
import { Network } from './network.ts';
import { NodePort } from './nodePort.ts';
import { Opening } from './opening.ts';
import { Payments } from './payments.ts';
import type { RunListener } from './records.ts';
import { Watchtowers } from './watchtowers.ts';
import { PlannedClosures } from './plannedClosures.ts';
import { PlannedOpenings } from './plannedOpenings.ts';
import { PlannedSplices } from './plannedSplices.ts';
import { BEGINNING, momentOf, warmUpOf } from './warmUp.ts';
import { RunStopped, type Progress, type WorldResult } from './worldResult.ts';

/** What makes a node's routing strategy. @param rng the node's own stream */
type NewStrategy = (rng: Rng, node: number) => RoutingStrategy;

export class World {
  readonly graph: CompiledGraph;
  readonly network: Network;
  readonly #config: WorldConfig;
  readonly #queue = new EventQueue<EventRef>();
  readonly #digest = new RunDigest(newSha256());
  readonly #l1: L1;
  readonly #links: Links;
  readonly #connections: Connections;
  readonly #auditor: Auditor;
  readonly #opening: Opening;
  readonly #openings: PlannedOpenings;
  readonly #splices: PlannedSplices;
  readonly #closings: ClosingLedger;
  /** where somebody wants to hear of HTLCs */
  readonly #htlcs: HtlcRecorder | null;
  readonly #traffic: Rng;
  readonly #notes: string[] = [];
  readonly #closures: PlannedClosures;
  readonly #payments: Payments;
  readonly #course: Course;
  readonly #news: ChainNews;
  readonly #faults: Faults;
  readonly #gossip: Gossip;
  readonly #watchtowers: Watchtowers;
  #opened = BEGINNING;
  #measured = BEGINNING;
  #events = 0;
  #onProgress: (progress: Progress) => void = () => undefined;

  /**
   * @param graph compiled for this run alone: the world closes channels in it
   * @param listener hears of records while the run goes on
   * @throws SupplyExceeded if the chain can't issue what the network holds
   */
  constructor(config: WorldConfig, graph: CompiledGraph, newStrategy: NewStrategy, listener: RunListener = {}) {
    this.#config = config;
    this.graph = graph;
    this.#htlcs = listener.htlc ? new HtlcRecorder((record) => listener.htlc?.(record)) : null;
    const master = sha256(utf8(`leyden run ${config.seed}`));
    const rng = Rng.fromSeed(config.seed);
    this.#traffic = rng.stream('traffic');
    this.#gossip = new Gossip(config.gossip, config.policies, rng.stream('gossip'), {
      graph,
      queue: this.#queue,
      digest: this.#digest,
      isPaying: () => this.#course.phase === 'paying',
    });
    const routing = rng.stream('routing');
    const port = new NodePort(this.#gossip.log, config.channels, this.#queue, (node) =>
      this.#gossip.informing(newStrategy(routing.stream('node', node), node), node),
    );
    this.network = new Network(graph, config.channels, config.openings, master, rng.stream('channels'), port);
    this.#links = new Links(this.#queue, latencyOf(config.latency, rng.stream('latency')), graph);
    this.#connections = new Connections({
      network: this.network,
      links: this.#links,
      touch: (edge) => this.#auditor.touch(edge),
      openedAtHeight: () => this.#opened.height,
    });
    this.#closings = new ClosingLedger(graph.edgeFrom);
    const host = {
      network: this.network,
      queue: this.#queue,
      gossip: this.#gossip.log,
      isOnline: (node: number) => this.#links.isOnline(node),
      ended: () => this.#course.maybeSettle(),
      note: (text: string) => void this.#notes.push(text),
    };
    this.#payments = new Payments(config.traffic, master, {
      ...host,
      digest: this.#digest,
      htlcs: this.#htlcs,
      paymentStarts: listener.paymentStarts?.bind(listener),
      samples: listener.samples,
      measuring: listener.measuring?.bind(listener),
      lastStarted: () => this.#course.boundTheRest(),
    });
    this.#l1 = new L1(config.chain, rng, master, {
      outputSpent: (edge, outPoint, transaction, height) => this.#news.outputSpent(edge, outPoint, transaction, height),
      walletCredited: (node, outPoint, valueSat) => this.#news.walletCredited(node, outPoint, valueSat),
      walletSpent: (node, outPoint, valueSat) => this.#news.walletSpent(node, outPoint, valueSat),
      confirmed: (transaction, label, height, feeSat, flows) => {
        this.#news.confirmed(transaction, label, height, feeSat, flows);
        this.#watchtowers.confirmed(transaction, height);
      },
      coinbaseOutputs: (height) => this.#opening.coinbaseOutputs(height),
    });
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
    this.#closures = new PlannedClosures(config.closures, {
      ...host,
      payDirectly: (edge, amountMsat, policy) => this.#payments.payDirectly(edge, amountMsat, policy),
      connections: this.#connections,
    });
    const openingHost = {
      network: this.network,
      l1: this.#l1,
      auditor: this.#auditor,
      keepsHistory: this.#closures.cheated,
      later: new Set(config.openings.map(({ channel }) => channel)),
      splices: config.splices,
      onReady: (channel: number) => this.#openings.ready(channel),
      onFailed: (channel: number) => this.#openings.ended(channel),
      onFunded: () => this.#onProgress(this.progress()),
    };
    this.#openings = new PlannedOpenings(config.openings, {
      ...host,
      isLinkUp: (channel) => this.#links.isUp(channel),
    });
    this.#splices = new PlannedSplices(config.splices, { ...host, minimumDepth: config.chain.minimumDepth });
    this.#opening = new Opening(openingHost, config.chain, config.channels);
    this.#news = new ChainNews({
      network: this.network,
      closings: this.#closings,
      auditor: this.#auditor,
      digest: this.#digest,
      queue: this.#queue,
      plannedClosing: (channel) => this.#closures.kindOf(channel),
      fundingConfirmed: (channel, transaction, height) => this.#opening.fundingConfirmed(channel, transaction, height),
      onUndo: (undo) => this.#l1.onUndo(undo),
    });
    this.#course = new Course(config, {
      network: this.network,
      l1: this.#l1,
      closings: this.#closings,
      opened: () => this.#opening.opened,
      isTrafficOver: () =>
        this.#payments.areOver && this.#openings.areOver && this.#splices.areOver && this.#closures.areOver,
      isOnline: (node) => this.#links.isOnline(node),
      note: (text) => this.#notes.push(text),
    });
    this.#watchtowers = new Watchtowers(config.watchtowers, this.network, rng.stream('watchtowers'), port);
    this.#faults = new Faults(config.faults, rng.stream('faults'), {
      network: this.network,
      queue: this.#queue,
      connections: this.#connections,
      touch: (edge) => this.#auditor.touch(edge),
    });
    port.connect({
      network: this.network,
      l1: this.#l1,
      opening: this.#opening,
      splices: this.#splices,
      payments: this.#payments,
      news: this.#news,
      htlcs: this.#htlcs,
      listener,
      send: (edge, message) => this.#send(edge, message),
    });
  }

  // ── The clock ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Runs to the end.
   * @param onProgress called every so many events, and at the end of each phase
   * @throws RunStopped if an invariant broke: it names the seed and the event; UserError where a user's own strategy fails
   */
  run(onProgress: (progress: Progress) => void = () => undefined, progressEvery = 5_000): WorldResult {
    let phase = this.#course.phase;
    this.#onProgress = onProgress;
    try {
      this.#queue.push(this.#l1.nextAt, EventKind.Block);
      while (this.#course.phase !== 'over') {
        const event = present(this.#queue.pop(), 'an event: there is always a next block');
        this.#events++;
        this.#handle(event);
        this.#payments.afterEvent();
        this.#auditor.afterEvent();
        if (this.#events % this.#config.auditEvery === 0) this.#auditor.audit();
        if (this.#events % progressEvery !== 0 && phase === this.#course.phase) continue;
        onProgress(this.progress(phase));
        phase = this.#course.phase;
      }
      return this.#result(this.#auditor.audit());
    } catch (error) {
      if (error instanceof UserError) throw error; // a strategy of the user's own is at fault
      if (error instanceof Error) throw new RunStopped(this.#config.seed, this.#events, error);
      throw error;
    }
  }

  progress(since: Phase = this.#course.phase): Progress {
    return {
      phase: shownPhase(this.#course.phase),
      ended: shownPhase(since),
      channels: this.#opening.funded,
      ofChannels: this.#opening.channels,
      payments: this.#payments.records.length,
      ofPayments: this.#payments.planned,
      now: this.#now,
      blocks: this.#l1.chain.height,
      events: this.#events,
    };
  }

  #handle(event: QueuedEvent<EventRef>): void {
    const { time, kind, a, b, ref } = event;
    switch (kind) {
      case EventKind.Message: {
        assert(ref !== null && 'type' in ref, 'the message of an event');
        this.#digest.record(time, kind, a, MESSAGE_CODE[ref.type], 'id' in ref ? ref.id : 0);
        return this.#deliver(a, b, ref);
      }
      case EventKind.Payment:
        return this.#payments.startNext();
      case EventKind.HoldEnded:
        this.#digest.record(time, kind, a, b, 0);
        return this.#payments.holds.over(a);
      case EventKind.Block:
        return this.#advanceChain();
      case EventKind.Closure:
        this.#digest.record(time, kind, a, b, 0);
        return this.#closures.step(a, b);
      case EventKind.Opening:
        this.#digest.record(time, kind, a, 0, 0);
        return this.#openings.start(a);
      case EventKind.Splice:
        this.#digest.record(time, kind, a, 0, 0);
        return this.#splices.start(a);
      case EventKind.Fault:
        this.#digest.record(time, kind, a, b, 0);
        return this.#faults.act(a, b === 0);
      case EventKind.BatchOver:
        this.#digest.record(time, kind, a, 0, 0);
        this.#auditor.touch(a);
        return this.#node(this.graph.edgeFrom[a]!).batchOver(a);
      case EventKind.Policy:
        return this.#gossip.changePlanned(a);
      case EventKind.RandomPolicy:
        return this.#gossip.changeAtRandom();
      case EventKind.PartsTimeout:
        assert(ref instanceof Uint8Array, 'the payment hash of an event');
        this.#digest.record(time, kind, a, 0, 0);
        return this.#node(a).receiving.partsTimedOut(ref);
      default:
        assert(false, `an event of a known kind, not ${kind}`);
    }
  }

  // ── Messages ───────────────────────────────────────────────────────────────────────────────────────────────────

  #send(edge: number, message: Message): void {
    // before traffic starts messages take no time
    if (this.#course.phase === 'opening') return this.#node(this.graph.edgeTo[edge]!).receive(edge ^ 1, message);
    this.#auditor.touch(edge);
    this.#htlcs?.sent(edge, message, this.#now);
    this.#links.send(edge, message, this.#now);
  }

  #deliver(edge: number, connection: number, message: Message): void {
    if (!this.#links.arrives(edge, connection)) return;
    this.#auditor.touch(edge);
    this.#htlcs?.delivered(edge, message, this.#now);
    this.#node(this.graph.edgeFrom[edge]!).receive(edge, message);
  }

  // ── The chain ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** A block is found somewhere, or arrives somewhere: the chain may grow, or change its branch. */
  #advanceChain(): void {
    const { disconnected, connected } = this.#l1.advance(this.#now);
    for (const height of disconnected) this.#digest.record(this.#now, EventKind.BlockDisconnected, height, 0, 0);
    for (const { height, hash, block } of connected) {
      this.#digest.record(this.#now, EventKind.Block, height, block.transactions.length, 0);
      this.#digest.append(fromHex(hash));
    }
    if (connected.length > 0) this.#onBlocks(connected);
    this.#queue.push(this.#l1.nextAt, EventKind.Block);
  }

  #onBlocks(connected: readonly ConnectedBlock[]): void {
    if (this.#course.phase === 'opening') {
      for (const { height } of connected) this.#opening.onBlock(height);
      if (this.#opening.isDone) this.#begin();
      return;
    }
    for (const node of this.network.nodes) if (this.#links.isOnline(node.index)) node.onBlock();
    this.#watchtowers.onBlock();
    this.#course.onBlocks();
    // the chain changes its ways with a block
    if (this.#course.phase === 'warming-up' && this.#payments.warmUpResult) this.#measure();
  }

  /** The network is open. */
  #begin(): void {
    this.#opened = momentOf(this.#queue, this.#l1, this.#links);
    const { liquidity } = this.#config.channels;
    if (liquidity.kind !== 'steady-state') return this.#measure();
    this.#course.warmUp();
    this.#payments.warmUp(liquidity, this.#traffic);
  }

  /** Traffic that counts, closures and faults begin. */
  #measure(): void {
    this.#measured = momentOf(this.#queue, this.#l1, this.#links);
    this.#l1.begin(this.#now);
    this.#course.begin();
    this.#payments.begin(this.#traffic);
    this.#closures.begin();
    this.#openings.begin();
    this.#gossip.begin();
    this.#splices.begin();
    this.#faults.begin();
    this.#course.maybeSettle();
  }

  get #now(): Micros {
    return this.#queue.now;
  }

  #node(index: number): LightningNode {
    return present(this.network.nodes[index], 'a node');
  }

  #result(holdings: Holdings): WorldResult {
    this.#htlcs?.finish();
    const plans = this.network.plans;
    return {
      digest: this.#digest.hex(),
      events: this.#events,
      messages: this.#links.sent - this.#measured.messages,
      payments: this.#payments.records,
      blocking: this.#payments.blocking.byHop,
      warmUp: warmUpOf(this.#payments.warmUpResult, this.#opened, this.#measured, this.#l1.confirmed),
      channelsOpened: this.#opening.opened,
      channelsTooSmall: plans.filter((plan) => plan === null).length,
      splices: this.#splices.tally,
      channelsNotOpened: Object.fromEntries(this.#opening.failures),
      channelsWithoutAnchors: plans.filter((plan) => plan && plan.terms.format !== this.#config.channels.format).length,
      closings: this.#closings.accounts,
      transactions: this.#l1.confirmed,
      blocks: this.#l1.chain.height,
      chain: this.#l1.chain,
      watchtowers: this.#watchtowers.tally,
      mining: chainResult(this.#l1, this.#measured.height),
      holdings,
      checks: this.#auditor.checks,
      openedAt: this.#measured.at,
      endedAt: this.#now,
      notes: [...this.#config.notes, ...this.#notes, ...this.#faults.unbegun()],
      settled: this.#course.isSettled,
    };
  }
}
