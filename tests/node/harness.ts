/**
 * A line of real nodes on a real chain, for tests: node 0 ─ channel 0 ─ node 1 ─ channel 1 ─ node 2 … The lab delivers a
 * message when the test says so, finds a block when the test says so, and keeps books of who paid which fee. Funding
 * outputs and wallets' coins come straight from a coinbase, so that a history costs milliseconds.
 */
import { utf8 } from '../../src/base/bytes.ts';
import { Rng } from '../../src/base/random.ts';
import { micros, type Micros } from '../../src/base/time.ts';
import { msat, sat, type Msat } from '../../src/base/units.ts';
import { Blockchain, type ConnectedBlock } from '../../src/chain/blockchain.ts';
import { Mempool } from '../../src/chain/mempool.ts';
import { mineBlock } from '../../src/chain/miner.ts';
import { GENESIS_TIME_SECONDS } from '../../src/chain/regtest.ts';
import { p2wsh } from '../../src/chain/script.ts';
import { outPointKey, txidOf, type OutPoint, type Transaction, type Txid } from '../../src/chain/transaction.ts';
import { ChannelEnd } from '../../src/channel/channelEnd.ts';
import type { ChannelEndInit } from '../../src/channel/channelLedger.ts';
import type { ChannelLimits } from '../../src/channel/limits.ts';
import type { ChannelMaterial } from '../../src/channel/materialise.ts';
import { fundingScript } from '../../src/channel/scripts.ts';
import { sha256 } from '../../src/crypto/hashes.ts';
import type { CompiledGraph } from '../../src/graph/compiled.ts';
import type { NodeContext, TransactionKind, TransactionLabel } from '../../src/node/context.ts';
import type { Waiting } from '../../src/node/feeSchedule.ts';
import type { Invoice, InvoicePolicy } from '../../src/node/invoice.ts';
import { LightningNode } from '../../src/node/lightningNode.ts';
import type { Message } from '../../src/node/messages.ts';
import { newNodeChannel, type HtlcTag, type NodeChannel } from '../../src/node/nodeChannel.ts';
import { Wallet } from '../../src/node/wallet.ts';
import type { Watchtower } from '../../src/node/watchtower.ts';
import { OutgoingPayment } from '../../src/payment/outgoingPayment.ts';
import { priceRoute } from '../../src/routing/route.ts';
import type { RoutingStrategy } from '../../src/routing/strategy.ts';
import { UndoJournal } from '../../src/sim/undoJournal.ts';
import type { Confirmed } from './books.ts';
import {
  CAPACITY_SAT,
  COIN_SAT,
  COINS,
  FINAL_DELTA,
  foundation,
  keysOf,
  type LabOptions,
  limitsWith,
  lineOf,
  MINER,
  NO_OPENINGS,
  NO_SPLICES,
  QUIET_PER_KW,
  type Weather,
} from './foundation.ts';
import { Links } from './links.ts';
import { SignedStates } from './signedStates.ts';
import { useRememberedCurve } from './rememberedCurve.ts';

await useRememberedCurve();

const noRoutes: RoutingStrategy = { findRoutes: () => ({ failure: 'no-route' }), learn: () => undefined };

export class Lab {
  readonly rng: Rng;
  readonly graph: CompiledGraph;
  readonly nodes: LightningNode[] = [];
  readonly chain = new Blockchain();
  readonly pool = new Mempool(this.chain);
  readonly materials: ChannelMaterial[];
  readonly weather: Weather = { floorSatPerKvb: 0, known: true, quietPerKw: QUIET_PER_KW };
  /** confirmed transactions of the nodes, in order */
  readonly confirmed: Confirmed[] = [];
  /** why channels were failed, with the edge of the end that did it */
  readonly errors: { readonly edge: number; readonly reason: string }[] = [];
  readonly payments: OutgoingPayment[] = [];
  /** all that were made, with the node that is paid */
  readonly invoices: { readonly target: number; readonly paymentHash: Uint8Array; readonly invoice: Invoice }[] = [];
  /** kinds of transactions that find no way into the mempool */
  readonly censored = new Set<TransactionKind>();
  readonly signed = new SignedStates();
  /** who watch the chain for somebody (`towers.ts`) */
  readonly towers: Watchtower[] = [];
  readonly #queues = new Map<number, Message[]>();
  readonly #links: Links;
  readonly #journal = new UndoJournal();
  readonly #watchers = new Map<string, number[]>();
  readonly #labels = new Map<Txid, { readonly node: number; readonly label: TransactionLabel }>();
  readonly #scripts = new Map<string, number>();
  readonly contexts: NodeContext[];

  #now = 0;

  constructor(options: LabOptions) {
    const { nodes: count = 2, toSelfDelay = 12, format } = options;
    this.rng = Rng.fromSeed(options.seed);
    this.graph = lineOf(count);
    const limits = limitsWith(toSelfDelay);
    this.#links = new Links(this.graph, {
      lose: (edge) => void (this.#queues.get(edge)!.length = 0),
      node: (index) => this.nodes[index]!,
    });
    this.contexts = Array.from({ length: count }, (_, node) => this.#contextOf(node, options));
    const wallets = Array.from({ length: count }, (_, node) => this.#newWallet(node));
    this.nodes = wallets.map((wallet, node) => new LightningNode(node, wallet, this.contexts[node]!));
    const keys = Array.from({ length: count - 1 }, (_, channel) => keysOf(channel));
    const fundings = keys.map(({ points }) => ({
      valueSat: sat(CAPACITY_SAT),
      script: p2wsh(fundingScript(points[0].funding, points[1].funding)),
    }));
    const blocks = foundation(String(count), [
      ...fundings,
      ...wallets.flatMap(({ script }) => Array.from({ length: COINS }, () => ({ valueSat: sat(COIN_SAT), script }))),
    ]);
    this.chain.onConnect((connected) => this.#journal.record(() => this.#connected(connected)));
    this.chain.onDisconnect(() => this.#journal.undo());
    for (const block of blocks) {
      const result = this.chain.connect(block);
      if (!result.ok) throw new Error(result.reason);
    }
    const txid = txidOf(blocks[0]!.transactions[0]!);
    this.materials = keys.map(({ secrets, points }, channel) => ({
      funding: { txid, vout: channel },
      capacitySat: sat(CAPACITY_SAT),
      format,
      opener: 0,
      limits: [limits, limits],
      secrets,
      points,
    }));
    for (let edge = 0; edge < 2 * (count - 1); edge++) this.#openEnd(edge, limits);
  }

  #newWallet(node: number): Wallet {
    const wallet = new Wallet(sha256(utf8(`wallet ${node}`)));
    this.#scripts.set(String(wallet.script), node);
    return wallet;
  }

  #openEnd(edge: number, limits: ChannelLimits): void {
    const { format } = this.materials[edge >> 1]!;
    const half = msat((CAPACITY_SAT / 2) * 1000);
    const feeratePerKw = format === 'zero_fee_commitments' ? 0 : QUIET_PER_KW;
    const init: ChannelEndInit = {
      terms: { capacitySat: sat(CAPACITY_SAT), feeratePerKw, format },
      localLimits: limits,
      remoteLimits: limits,
      isOpener: (edge & 1) === 0,
      toLocalMsat: half,
      toRemoteMsat: half,
    };
    const end = new ChannelEnd<HtlcTag>(init);
    end.phase = 'normal';
    end.keepHistory();
    const channel = newNodeChannel(edge, this.graph, init, end);
    this.nodes[this.graph.edgeFrom[edge]!]!.channels.add(channel);
    this.#queues.set(edge, []);
    this.#watch(this.materials[edge >> 1]!.funding, edge);
  }

  channel(edge: number): NodeChannel {
    return this.nodes[this.graph.edgeFrom[edge]!]!.channels.get(edge)!;
  }

  // ── Payments and messages ──────────────────────────────────────────────────────────────────────────────────────

  /** Pays along edges. @returns the payment, or null if the first channel refused it */
  pay(edges: readonly number[], amountMsat: number, policy: InvoicePolicy): OutgoingPayment | null {
    const source = this.graph.edgeFrom[edges[0]!]!;
    const target = this.graph.edgeTo[edges.at(-1)!]!;
    const preimage = sha256(utf8(`preimage ${this.invoices.length}`));
    const paymentHash = sha256(preimage);
    const paymentSecret = sha256(utf8(`payment secret ${this.invoices.length}`));
    const invoice = { amountMsat: msat(amountMsat), preimage, paymentSecret, policy };
    this.invoices.push({ target, paymentHash, invoice });
    this.nodes[target]!.receiving.addInvoice(paymentHash, invoice);
    const limits = { maxFeeMsat: msat(1e9), maxAttempts: 1, maxHops: 9, maxCltvExpiryDelta: 2000, maxParts: 1 };
    const order = { id: this.invoices.length, source, target, amountMsat: amountMsat as Msat, ...limits };
    const payment = new OutgoingPayment(order, { paymentHash, paymentSecret }, micros(this.#now));
    const part = payment.partAlong(priceRoute(this.graph, edges, msat(amountMsat), FINAL_DELTA));
    if (!this.nodes[source]!.paying.sendPart(part)) return null;
    this.payments.push(payment);
    return payment;
  }

  /** Edges whose next message can be delivered. */
  get busyEdges(): number[] {
    return [...this.#queues].filter(([, queue]) => queue.length > 0).map(([edge]) => edge);
  }

  /** Delivers the next message that left over an edge. */
  deliver(edge: number): void {
    const message = this.#queues.get(edge)?.shift();
    if (message) this.nodes[this.graph.edgeTo[edge]!]!.receive(edge ^ 1, message);
  }

  /** Delivers so many messages, each from an edge drawn; by default all, and those that follow. */
  deliverSome(count = Infinity): void {
    for (let i = 0; i < count; i++) {
      const busy = this.busyEdges;
      if (busy.length === 0) return;
      this.deliver(busy[this.rng.below(busy.length)]!);
    }
  }

  // ── Connections ────────────────────────────────────────────────────────────────────────────────────────────────

  /** A node leaves, and what is on its way is lost; or it comes back, and hears of the blocks. */
  setOnline(node: number, online: boolean): void {
    if (online === this.#links.isOnline(node)) return;
    this.#links.setOnline(node, online);
    if (online) this.nodes[node]!.onBlock();
  }

  /** The link of a channel breaks, and what is on its way is lost. */
  cut(channel: number): void {
    this.#links.setCut(channel, true);
  }

  mend(channel: number): void {
    this.#links.setCut(channel, false);
  }

  /** A node loses what it has not written, and reads the chain from a height on; it stays away until it is set online. */
  crash(node: number, fromHeight: number): void {
    this.setOnline(node, false);
    this.nodes[node]!.crash(fromHeight);
  }

  // ── Blocks ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Finds blocks; all that is online hears of each. */
  mine(count = 1): void {
    for (let i = 0; i < count; i++) {
      this.#find(this.weather.floorSatPerKvb);
      this.#tellNodes();
    }
  }

  /** The last blocks leave the chain, one more comes; what they held waits again, and only some of it gets in. */
  reorganise(depth: number): void {
    for (let i = 0; i < depth; i++) this.chain.disconnectTip();
    for (let i = 0; i <= depth; i++) this.#find(this.rng.below(2) === 0 ? Infinity : this.weather.floorSatPerKvb);
    this.#tellNodes();
  }

  #tellNodes(): void {
    for (const { index } of this.nodes) if (this.#links.isOnline(index)) this.nodes[index]!.onBlock();
    for (const tower of this.towers) tower.onBlock();
  }

  #find(floor: number): void {
    this.#now += 600_000_000;
    mineBlock(this.chain, this.pool, {
      timeSeconds: GENESIS_TIME_SECONDS + this.#now / 1_000_000,
      coinbaseOutputs: (claimableSat) => [{ valueSat: claimableSat, script: MINER }],
      competing: { weightAbove: (satPerKvb) => (satPerKvb < floor ? 4_000_000 : 0) },
    });
  }

  #connected({ block, spent, height }: ConnectedBlock): void {
    block.transactions.forEach((transaction, index) => {
      const txid = txidOf(transaction);
      let feeSat = 0;
      const flowsSat = new Map<number, number>();
      const flow = (node: number, valueSat: number): void =>
        void flowsSat.set(node, (flowsSat.get(node) ?? 0) + valueSat);
      for (const { outPoint, coin } of spent[index] ?? []) {
        feeSat += coin.valueSat;
        const node = this.#scripts.get(String(coin.script));
        if (node === undefined) continue;
        flow(node, -coin.valueSat);
        this.#walletSpent(node, outPoint, coin.valueSat, height);
      }
      transaction.outputs.forEach(({ script, valueSat }, vout) => {
        feeSat -= valueSat;
        const node = this.#scripts.get(String(script));
        if (node === undefined) return;
        flow(node, valueSat);
        this.#walletCredited(node, { txid, vout }, valueSat, height);
      });
      if (index > 0) this.#book({ txid, feeSat, height, flowsSat });
      for (const { prevout } of transaction.inputs) this.#spent(prevout, transaction, height);
      for (const tower of this.towers) tower.confirmed(transaction, height);
    });
  }

  #walletSpent(node: number, outPoint: OutPoint, valueSat: number, height: number): void {
    const { wallet } = this.nodes[node]!;
    wallet.spent(outPoint);
    this.contexts[node]!.onUndo(() => wallet.unspent(outPoint, sat(valueSat)), height);
  }

  #walletCredited(node: number, outPoint: OutPoint, valueSat: number, height: number): void {
    const { wallet } = this.nodes[node]!;
    wallet.credit(outPoint, sat(valueSat));
    this.contexts[node]!.onUndo(() => wallet.uncredit(outPoint), height);
  }

  #book(transaction: Pick<Confirmed, 'txid' | 'feeSat' | 'height' | 'flowsSat'>): void {
    const labelled = this.#labels.get(transaction.txid);
    if (!labelled) return;
    const { kind, channel } = labelled.label;
    // side 0 of a channel, the node of that number, opened it
    const payer = kind.endsWith('commitment') || kind === 'mutual-close' ? channel : labelled.node;
    this.confirmed.push({ ...transaction, kind, channel, payer });
    this.#journal.note(() => this.confirmed.pop());
  }

  #spent(outPoint: OutPoint, transaction: Transaction, height: number): void {
    const key = outPointKey(outPoint);
    const watchers = this.#watchers.get(key);
    if (!watchers) return;
    this.#watchers.delete(key);
    this.#journal.note(() => this.#watchers.set(key, watchers));
    for (const edge of watchers) {
      const node = this.nodes[this.graph.edgeFrom[edge]!]!;
      if (key === outPointKey(this.materials[edge >> 1]!.funding)) node.fundingSpent(edge, transaction, height);
      else node.outputSpent(edge, outPoint, transaction, height);
    }
  }

  #watch(outPoint: OutPoint, edge: number): void {
    const key = outPointKey(outPoint);
    const there = this.#watchers.get(key) ?? [];
    if (!there.includes(edge)) this.#watchers.set(key, [...there, edge]);
  }

  // ── What nodes ask ─────────────────────────────────────────────────────────────────────────────────────────────

  #feeratePerKwFor(target: number): number {
    const { floorSatPerKvb, known, quietPerKw } = this.weather;
    return known && target <= 12 ? Math.max(quietPerKw, Math.ceil(floorSatPerKvb / 4) + 1) : quietPerKw;
  }

  #contextOf(node: number, options: LabOptions): NodeContext {
    const lab = (): Lab => this;
    return {
      get now(): Micros {
        return micros(lab().#now);
      },
      get height() {
        return lab().chain.height;
      },
      get feeratePerKw() {
        return lab().#feeratePerKwFor(6);
      },
      commitInterval: micros(0),
      closingForm: 'legacy',
      wakeChannel: () => undefined,
      feeUpdates: options.followsFees ? { targetBlocks: 6, changeMillionths: 100_000, anchorsMaxPerKw: 2500 } : null,
      feeratePerKwFor: (target) => this.#feeratePerKwFor(target),
      graph: this.graph,
      openings: NO_OPENINGS,
      splices: NO_SPLICES,
      strategyOf: () => noRoutes,
      send: (edge, message) => {
        this.signed.sent(edge, message, this.channel(edge).end);
        if (message.type === 'error') this.errors.push({ edge, reason: message.reason });
        if (this.#links.isUp(edge >> 1)) this.#queues.get(edge)!.push(message);
      },
      broadcast: (transaction, label) => this.#broadcast(node, [transaction], [label]),
      broadcastPackage: (transactions, labels) => this.#broadcast(node, transactions, labels),
      spenderInMempool: (outPoint) => this.spenderInMempool(outPoint),
      transactionsAt: (height) => this.chain.blockAt(height).block.transactions,
      material: (channel) => this.materials[channel]!,
      watch: (outPoint, edge) => this.#watch(outPoint, edge),
      onUndo: (undo, height) => this.#journal.note(undo, this.chain.height - height + 1),
      paymentChanged: (payment) => {
        // all attempts are used up: the payment is over
        if (payment.wantsRoutes) this.nodes[payment.order.source]!.paying.pay(payment);
      },
      htlcAsked: () => undefined,
      partEnded: () => undefined,
      // payments of the lab go in one part: none waits for others
      wakePayee: () => undefined,
      formerPolicyOf: () => null,
      channelUpdateOf: () => undefined,
      hearUpdate: () => false,
      htlcResolved: () => undefined,
      paymentHeld: () => undefined,
      channelClosing: () => undefined,
    };
  }

  spenderInMempool(outPoint: OutPoint): Waiting | null {
    const entry = this.pool.spender(outPoint);
    return entry && { transaction: entry.tx, feeSat: entry.feeSat };
  }

  #broadcast(node: number, transactions: readonly Transaction[], labels: readonly TransactionLabel[]): string | null {
    const now = GENESIS_TIME_SECONDS + this.#now / 1_000_000;
    if (labels.some(({ kind }) => this.censored.has(kind))) return 'mempool full';
    let refused: string | null;
    if (transactions.length === 1) {
      const result = this.pool.accept(transactions[0]!, now);
      refused = result.ok ? null : result.reason;
    } else {
      const result = this.pool.acceptPackage(transactions, now);
      refused = result.transactions.find((each) => !each.ok)?.reason ?? result.reason;
    }
    transactions.forEach((transaction, index) => {
      const txid = txidOf(transaction);
      if (this.pool.has(txid) && !this.#labels.has(txid)) this.#labels.set(txid, { node, label: labels[index]! });
    });
    return refused;
  }
}
