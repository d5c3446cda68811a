/**
 * The opening of the network: coinbases pay the wallets, coins mature, every channel is opened by its two nodes (BOLT 2,
 * "Channel Establishment"), its funding broadcast, mined and buried; then the channels are ready. Before traffic starts
 * messages take no time.
 */
import { InvariantError, present } from '../base/assert.ts';
import { sat, type Sat } from '../base/units.ts';
import { COINBASE_MATURITY } from '../chain/validate.ts';
import { outPointKey, type OutPoint, type Transaction, type TxOutput } from '../chain/transaction.ts';
import type { ChannelEnd } from '../channel/channelEnd.ts';
import { otherSide } from '../channel/materialise.ts';
import type { OpeningSelf, OpeningWish } from '../channel/opening.ts';
import type { ChannelOpener, OpeningFailure, OpeningPort } from '../node/channelOpener.ts';
import { sideOf, type HtlcTag } from '../node/nodeChannel.ts';
import type { Auditor } from './auditor.ts';
import type { ChainConfig, ChannelConfig, SplicePlan } from './config.ts';
import type { L1 } from './l1.ts';
import type { Network } from './network.ts';
import { coinsForChannel, packCoinbases, type PlannedCoin } from './openingPlan.ts';
import { OpeningTerms } from './openingTerms.ts';

/** The network needs more than the chain can issue. */
export class SupplyExceeded extends Error {
  override readonly name = 'SupplyExceeded';
}

/** Fundings between two reports of progress. */
const REPORT_EVERY = 200;

/** What an opening works with. */
export interface OpeningHost {
  readonly network: Network;
  readonly l1: L1;
  readonly auditor: Auditor;
  /** channels that must remember old commitments */
  readonly keepsHistory: ReadonlySet<number>;
  /** channels that are opened later */
  readonly later: ReadonlySet<number>;
  /** for which coins are needed, too */
  readonly splices: readonly SplicePlan[];
  /** Both ends of a channel said and heard `channel_ready`. */
  onReady(channel: number): void;
  /** A channel will never be. */
  onFailed(channel: number): void;
  /** Called now and then while fundings are made, for they take time. */
  onFunded(): void;
}

export class Opening implements OpeningPort {
  readonly #host: OpeningHost;
  readonly #config: ChainConfig;
  readonly #terms: OpeningTerms;
  /** channels to open */
  readonly channels: number;
  /** why channels were not opened, and how many */
  readonly failures = new Map<OpeningFailure, number>();
  readonly #coinbases: readonly (readonly PlannedCoin[])[];
  /** channels whose funding is not broadcast yet */
  #waiting: number[] = [];
  #hasBegun = false;
  readonly #unconfirmed = new Set<number>();
  /** confirmed and not deep enough yet: the heights at which they are, rising */
  readonly #burying = new Map<number, number>();
  #opened = 0;
  #failed = 0;
  #funded = 0;

  constructor(host: OpeningHost, chain: ChainConfig, channels: ChannelConfig) {
    this.#host = host;
    this.#config = chain;
    const { network, l1 } = host;
    this.#terms = new OpeningTerms(network, channels, chain);
    const coins: PlannedCoin[] = [];
    for (const plan of network.plans) {
      if (!plan) continue;
      if (!host.later.has(plan.channel)) this.#waiting.push(plan.channel);
      for (const side of [plan.opener, otherSide(plan.opener)]) {
        const putsIn = this.#terms.putsInSat(2 * plan.channel + side);
        if (putsIn > 0) {
          coins.push(...coinsForChannel(network.nodeAt(plan.channel, side).index, putsIn, chain.feeratePerKw));
        }
      }
    }
    for (const { channel, by, contributionSat } of host.splices) {
      if (contributionSat <= 0) continue;
      coins.push(...coinsForChannel(network.nodeAt(channel, by).index, sat(contributionSat), chain.feeratePerKw));
    }
    if (chain.walletReserveSat > 0) {
      for (const { index } of network.nodes) coins.push({ node: index, valueSat: chain.walletReserveSat });
    }
    this.channels = this.#waiting.length;
    const packed = packCoinbases(coins);
    if (!packed) {
      const total = coins.reduce((sum, coin) => sum + coin.valueSat, 0);
      throw new SupplyExceeded(`the network needs ${total} sat on-chain, more than regtest's subsidies can pay out`);
    }
    this.#coinbases = packed;
    for (const node of network.nodes) l1.registerWallet(node.index, node.wallet.script);
  }

  /** Channels whose funding transaction was broadcast. */
  get funded(): number {
    return this.#funded;
  }

  /** Channels that became ready. */
  get opened(): number {
    return this.#opened;
  }

  /** Whether every channel that is to be there when traffic starts is ready, or will never be. */
  get isDone(): boolean {
    return this.#waiting.length === 0 && this.#opened + this.#failed >= this.channels;
  }

  /** What the coinbase of a block at that height pays to wallets; the rest is the miner's. */
  coinbaseOutputs(height: number): readonly TxOutput[] {
    return (this.#coinbases[height - 1] ?? []).map(({ node, valueSat }) => ({
      valueSat,
      script: present(this.#host.network.nodes[node], 'the node of a coin').wallet.script,
    }));
  }

  /** A block was connected while the network is being opened. */
  onBlock(height: number): void {
    for (const [channel, readyAt] of this.#burying) {
      if (readyAt > height) break;
      this.#burying.delete(channel);
      for (const edge of [2 * channel, 2 * channel + 1]) this.#openerOf(edge).look(edge);
    }
    // a coin of block b can be spent in block b + 100
    if (this.#waiting.length === 0 || height + 1 < this.#coinbases.length + COINBASE_MATURITY) return;
    const still = this.#waiting.filter((channel) => !this.#open(channel));
    if (still.length === this.#waiting.length && this.#unconfirmed.size === 0) {
      throw new InvariantError(`no wallet has the coins to fund the remaining ${still.length} channels`);
    }
    this.#hasBegun = true;
    this.#waiting = still;
  }

  #openerOf(edge: number): ChannelOpener {
    return this.#host.network.nodeAt(edge >> 1, sideOf(edge)).opener;
  }

  /** @returns whether the channel is funded, or was refused; else its opener waits for a coin */
  #open(channel: number): boolean {
    const { network } = this.#host;
    const edge = 2 * channel + network.plan(channel).opener;
    const opener = this.#openerOf(edge);
    if (!this.#hasBegun) opener.begin(edge);
    if (!opener.fund(edge)) return false;
    if (network.fundings[channel] === null) return true;
    this.#unconfirmed.add(channel);
    if (++this.#funded % REPORT_EVERY === 0) this.#host.onFunded();
    return true;
  }

  /** A funding transaction was confirmed: the auditor counts the channel from now on. */
  fundingConfirmed(channel: number, transaction: Transaction, height: number): void {
    const { network, auditor, l1 } = this.#host;
    const funding = present(network.fundings[channel], 'the funding output of a channel that both signed');
    const key = outPointKey(funding);
    const valueSat: Sat = sat(present(transaction.outputs[funding.vout], 'a funding output').valueSat);
    this.#unconfirmed.delete(channel);
    auditor.channelOpened(channel, key, valueSat);
    l1.onUndo(() => auditor.channelSpent(channel, key, valueSat));
    for (const edge of [2 * channel, 2 * channel + 1]) {
      l1.watch(funding, edge);
      this.#openerOf(edge).fundingConfirmed(edge, transaction, height);
    }
    this.#burying.set(channel, height + this.#config.minimumDepth - 1);
  }

  // ── What nodes ask and tell ────────────────────────────────────────────────────────────────────────────────────

  get feeratePerKw(): number {
    return this.isDone ? this.#host.l1.feeratePerKw : this.#config.feeratePerKw;
  }

  selfOf(edge: number): OpeningSelf {
    return this.#terms.selfOf(edge);
  }

  contributionOf(edge: number): Sat | null {
    return this.#terms.contributionOf(edge);
  }

  wishOf(channel: number): OpeningWish {
    return this.#terms.wishOf(channel);
  }

  signed(edge: number, end: ChannelEnd<HtlcTag>, funding: OutPoint): void {
    if (this.#host.keepsHistory.has(edge >> 1)) end.keepHistory();
    this.#host.network.addEnd(edge, end, funding);
  }

  ready(edge: number): void {
    if (this.#host.network.ends[edge ^ 1]?.phase === 'opening') return;
    this.#opened++;
    this.#host.onReady(edge >> 1);
  }

  failed(edge: number, reason: OpeningFailure): void {
    this.#failed++;
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
    this.#host.network.dropEnds(edge >> 1);
    this.#host.onFailed(edge >> 1);
  }
}
