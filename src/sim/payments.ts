/** The payments of a run: which start, which are still on their way, and what became of the others. */
import { present } from '../base/assert.ts';
import type { RunDigest } from '../base/digest.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import type { Rng } from '../base/random.ts';
import { micros, type Micros } from '../base/time.ts';
import { proportional, type Msat } from '../base/units.ts';
import { sha256 } from '../crypto/hashes.ts';
import { namedSecret } from '../crypto/keyDerivation.ts';
import type { InvoicePolicy } from '../node/invoice.ts';
import type { LightningNode } from '../node/lightningNode.ts';
import { DEFAULT_FINAL_CLTV_EXPIRY_DELTA, FINAL_CLTV_PADDING_BLOCKS } from '../payment/forwarding.ts';
import { OutgoingPayment, type PaymentRequest } from '../payment/outgoingPayment.ts';
import { priceRoute } from '../routing/route.ts';
import { Blocking } from './blocking.ts';
import { ChannelSampler } from './channelSampler.ts';
import type { TrafficConfig } from './config.ts';
import { EventKind, type EventRef } from './events.ts';
import type { HtlcRecorder } from './htlcRecorder.ts';
import type { WarmUpPlan } from './liquidity/liquidity.ts';
import type { Network } from './network.ts';
import { Holds } from './holds.ts';
import type { RunListener } from './records.ts';
import { recordOf, type PaymentRecord } from './tally.ts';
import { makeTraffic } from './traffic/makeTraffic.ts';
import { placesOf } from './traffic/places.ts';
import { paymentsOf, type SourcePlan } from './traffic/plans.ts';
import type { Demand, Places, Traffic } from './traffic/traffic.ts';
import { endless, WarmUp, type WarmUpResult } from './warmUp.ts';

/** What payments ask of the world. */
export interface PaymentsHost {
  readonly network: Network;
  readonly queue: EventQueue<EventRef>;
  readonly digest: RunDigest;
  /** where somebody wants to hear of HTLCs */
  readonly htlcs: HtlcRecorder | null;
  /** what a listener wants to hear of a payment before it starts */
  readonly paymentStarts: RunListener['paymentStarts'];
  readonly samples: RunListener['samples'];
  /** what a listener wants to hear when payments begin to count */
  readonly measuring: RunListener['measuring'];
  isOnline(node: number): boolean;
  /** No further payment will start. */
  lastStarted(): void;
  /** A payment is over. */
  ended(): void;
  note(text: string): void;
}

export class Payments {
  readonly records: PaymentRecord[] = [];
  readonly #config: TrafficConfig;
  readonly #master: Uint8Array;
  readonly #host: PaymentsHost;
  /** those of planned closures: nobody counts them, nobody tries again */
  readonly #scripted = new Set<OutgoingPayment>();
  readonly holds: Holds;
  readonly blocking: Blocking;
  readonly #sampler: ChannelSampler | null;
  /** payments that the traffic has to offer, at most */
  readonly planned: number;
  #warmUp: WarmUp | null = null;
  #warmUpResult: WarmUpResult | null = null;
  /** looked at once: the demand of a warm-up is the one that is measured */
  #places: Places | null = null;
  #traffic: Traffic | null = null;
  /** the next payment; null: there is none */
  #next: Demand | null = null;
  #hasBegun = false;
  #openedAt = 0 as Micros;
  /** its time has come, but the one before is not over */
  #isDue = false;
  #started = 0;
  #invoices = 0;
  #pending = 0;
  #failed = 0;

  /** @param master the secret that preimages are derived from, 32 bytes */
  constructor(config: TrafficConfig, master: Uint8Array, host: PaymentsHost) {
    this.#config = config;
    this.#master = master;
    this.#host = host;
    this.holds = new Holds(host.queue);
    const { samples, network } = host;
    this.blocking = new Blocking(samples?.tellBlocking != null);
    this.#sampler = samples ? new ChannelSampler(samples, network.ends, this.blocking) : null;
    this.planned = config.sources.reduce((sum, source) => sum + paymentsOf(source), 0);
  }

  /** Whether all payments that are to start have started, and have ended. */
  get areOver(): boolean {
    return this.#hasBegun && this.#pending === 0 && this.#next === null;
  }

  /** Null where there was none, or it is not over. */
  get warmUpResult(): WarmUpResult | null {
    return this.#warmUpResult;
  }

  /**
   * The network is open: payments that nobody counts, until balances stand still.
   * @param rng the traffic's stream: times, amounts and picks are drawn apart from it, who sells and the like as it says
   */
  warmUp(plan: WarmUpPlan, rng: Rng): void {
    this.#warmUp = new WarmUp(plan, this.#host.network.ends);
    this.#offer(endless(this.#config.sources), rng.stream('warm-up'), rng);
  }

  /** From now on payments count. */
  begin(rng: Rng): void {
    const { queue, htlcs } = this.#host;
    this.#hasBegun = true;
    htlcs?.begin();
    this.blocking.begin();
    this.#host.measuring?.();
    this.#sampler?.begin(queue.now);
    this.#offer(this.#config.sources, rng, rng);
    if (this.planned > 0 && this.#next === null) this.#host.note('no node can pay another: no channel is enabled');
  }

  #offer(sources: readonly SourcePlan[], rng: Rng, structure: Rng): void {
    const { network, queue } = this.#host;
    this.#places ??= placesOf(network);
    this.#traffic = makeTraffic(sources, this.#places, rng, structure);
    this.#openedAt = queue.now;
    this.#scheduleNext();
  }

  #scheduleNext(): void {
    const { queue } = this.#host;
    this.#next = this.#isStopped ? null : present(this.#traffic, 'traffic').next();
    const { stopAfter } = this.#config;
    const isWarmUp = this.#warmUp !== null;
    if (!isWarmUp && this.#next !== null && stopAfter !== null && this.#next.at > stopAfter) this.#next = null;
    if (this.#next === null) return isWarmUp ? undefined : this.#host.lastStarted();
    // where payments don't overlap, one may be late
    queue.push(micros(Math.max(queue.now, this.#openedAt + this.#next.at)), EventKind.Payment);
  }

  /** The time of the next payment has come. */
  startNext(): void {
    if (this.#isStopped) {
      this.#scheduleNext();
      return this.#host.ended();
    }
    if (this.#config.overlap || this.#isQuiet()) this.#start(present(this.#next, 'a payment'));
    else this.#isDue = true;
  }

  /** Where payments don't overlap, the next starts when the one before is over and no channel has anything to agree on. */
  afterEvent(): void {
    if (this.#isDue && this.#isQuiet()) {
      this.#isDue = false;
      this.startNext();
    }
    if (this.#warmUp !== null && this.#next === null && this.#isQuiet()) this.#endWarmUp(this.#warmUp);
    if (this.#sampler && this.#hasBegun && !this.areOver) this.#sampler.until(this.#host.queue.nextTime);
  }

  /** Nothing of the warm-up is on its way any more. */
  #endWarmUp(warmUp: WarmUp): void {
    if (this.#host.queue.pending(EventKind.BatchOver) > 0) return;
    this.#warmUp = null;
    this.#warmUpResult = warmUp.result;
    if (warmUp.note !== null) this.#host.note(warmUp.note);
  }

  get #isStopped(): boolean {
    if (this.#warmUp) return this.#warmUp.isOver;
    const { stopAfterFailures } = this.#config;
    return stopAfterFailures !== null && this.#failed >= stopAfterFailures;
  }

  #isQuiet(): boolean {
    return this.#pending === 0 && this.#host.queue.pending(EventKind.Message) === 0;
  }

  #start(demand: Demand): void {
    const { source, target, amountMsat, route, payee } = demand;
    const { now } = this.#host.queue;
    const id = this.#warmUp ? this.#warmUp.paymentStarts() : this.#started++;
    this.#host.digest.record(now, EventKind.Payment, source, target, amountMsat);
    this.#scheduleNext();
    const { maxFeeBaseMsat, maxFeeMillionths, maxHops, maxCltvExpiryDelta } = this.#config;
    const maxFeeMsat = (maxFeeBaseMsat + proportional(amountMsat, maxFeeMillionths)) as Msat;
    const maxAttempts = route === null ? this.#config.maxAttempts : 1;
    const maxParts = this.#config.maxParts ?? this.#node(source).paying.clientMaxParts;
    const order = { id, source, target, amountMsat, maxFeeMsat, maxAttempts, maxHops, maxCltvExpiryDelta, maxParts };
    if (!this.#warmUp) this.#host.paymentStarts?.(order, (edge) => this.#sendableMsat(edge));
    const payment = new OutgoingPayment(order, this.#invoice(target, amountMsat, Holds.policyOf(payee)), now);
    const { paymentHash } = payment.request;
    this.holds.expect(this.#node(target), paymentHash, payee);
    this.#pending++;
    this.#host.htlcs?.paymentStarted(paymentHash, id);
    if (route !== null && this.#host.isOnline(source)) {
      const finalDelta = DEFAULT_FINAL_CLTV_EXPIRY_DELTA + FINAL_CLTV_PADDING_BLOCKS;
      this.#node(source).paying.payAlong(payment, priceRoute(this.#host.network.graph, route, amountMsat, finalDelta));
    }
    this.#payOn(payment);
  }

  /** What the node that an edge leaves can send over it now: what is true, whoever may know it. */
  #sendableMsat(edge: number): number {
    const { graph, ends } = this.#host.network;
    const isUp = this.#host.isOnline(graph.edgeFrom[edge]!) && this.#host.isOnline(graph.edgeTo[edge]!);
    return isUp ? (ends[edge]?.spendableMsat() ?? 0) : 0;
  }

  /** A part of a payment has ended: its payer tries again, or waits for the others, or the payment is over. */
  changed(payment: OutgoingPayment): void {
    if (!this.#scripted.has(payment)) this.#payOn(payment);
  }

  #payOn(payment: OutgoingPayment): void {
    const { source } = payment.order;
    if (payment.wantsRoutes) {
      if (this.#host.isOnline(source)) this.#node(source).paying.pay(payment);
      else payment.refuse('payer-offline', this.#host.queue.now);
    }
    if (payment.status !== 'pending') this.#finish(payment);
  }

  #finish(payment: OutgoingPayment): void {
    const { now } = this.#host.queue;
    const record = recordOf(payment, now);
    this.#pending--;
    if (this.#warmUp) this.#warmUp.paymentEnded(payment);
    else this.#count(record);
    this.#host.digest.record(now, EventKind.PaymentEnded, record.id, record.succeeded ? 1 : 0, record.feeMsat);
    const { paymentHash } = payment.request;
    this.#host.htlcs?.paymentEnded(paymentHash);
    this.#node(payment.order.target).receiving.forgetInvoice(paymentHash);
    this.holds.forget(paymentHash);
    this.#host.ended();
  }

  #count(record: PaymentRecord): void {
    this.records.push(record);
    this.#sampler?.paymentEnded(record.endedAt, this.records.length);
    if (!record.succeeded) this.#failed++;
  }

  /** A payment over one channel, for a planned closure. @returns its hash, or null if the channel refused it */
  payDirectly(edge: number, amountMsat: Msat, policy: InvoicePolicy): Uint8Array | null {
    const { graph } = this.#host.network;
    const source = graph.edgeFrom[edge]!;
    const target = graph.edgeTo[edge]!;
    const finalDelta = DEFAULT_FINAL_CLTV_EXPIRY_DELTA + FINAL_CLTV_PADDING_BLOCKS;
    const request = this.#invoice(target, amountMsat, policy);
    const limits = { maxFeeMsat: 0 as Msat, maxAttempts: 1, maxHops: 1, maxCltvExpiryDelta: finalDelta, maxParts: 1 };
    const order = { id: -1, source, target, amountMsat, ...limits };
    const payment = new OutgoingPayment(order, request, this.#host.queue.now);
    const part = payment.partAlong(priceRoute(graph, [edge], amountMsat, finalDelta));
    this.#scripted.add(payment);
    return this.#node(source).paying.sendPart(part) ? request.paymentHash : null;
  }

  /** An invoice of `payee` for a fresh preimage. @returns what its payer reads off it */
  #invoice(payee: number, amountMsat: Msat, policy: InvoicePolicy): PaymentRequest {
    const number = this.#invoices++;
    const preimage = namedSecret(this.#master, `preimage ${number}`);
    const paymentSecret = namedSecret(this.#master, `payment secret ${number}`);
    const paymentHash = sha256(preimage);
    this.#node(payee).receiving.addInvoice(paymentHash, { amountMsat, preimage, paymentSecret, policy });
    return { paymentHash, paymentSecret };
  }

  #node(index: number): LightningNode {
    return present(this.#host.network.nodes[index], 'a node');
  }
}
