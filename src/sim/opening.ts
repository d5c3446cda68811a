/**
 * The opening of the network: coinbases pay the wallets, coins mature, every channel's funding transaction is made,
 * broadcast, mined and buried; then the channels are ready.
 */
import { InvariantError, present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import type { Micros } from '../base/time.ts';
import { sat, type Sat } from '../base/units.ts';
import { COINBASE_MATURITY } from '../chain/validate.ts';
import { outPointKey, txidOf, type Transaction, type TxOutput } from '../chain/transaction.ts';
import type { Auditor } from './auditor.ts';
import type { ChainConfig } from './config.ts';
import type { L1 } from './l1.ts';
import type { Network } from './network.ts';
import { coinsForChannel, packCoinbases, type PlannedCoin } from './openingPlan.ts';

/** The network needs more than the chain can issue. */
export class SupplyExceeded extends Error {
  override readonly name = 'SupplyExceeded';
}

/** Fundings between two reports of progress. */
const REPORT_EVERY = 200;

export class Opening {
  readonly #network: Network;
  readonly #l1: L1;
  readonly #auditor: Auditor;
  readonly #config: ChainConfig;
  readonly #keepsHistory: ReadonlySet<number>;
  readonly #onFunded: () => void;
  /** channels to open */
  readonly channels: number;
  readonly #coinbases: readonly (readonly PlannedCoin[])[];
  /** channels whose funding is not broadcast yet */
  #waiting: number[];
  readonly #unconfirmed = new Set<number>();
  /** confirmed and not deep enough yet: the heights at which they are, rising */
  readonly #burying = new Map<number, number>();
  #opened = 0;
  #funded = 0;

  /**
   * @param keepsHistory channels that must remember old commitments
   * @param onFunded called now and then while fundings are made, for they take time
   */
  constructor(
    network: Network,
    l1: L1,
    auditor: Auditor,
    config: ChainConfig,
    keepsHistory: ReadonlySet<number>,
    onFunded: () => void,
  ) {
    this.#network = network;
    this.#l1 = l1;
    this.#auditor = auditor;
    this.#config = config;
    this.#keepsHistory = keepsHistory;
    this.#onFunded = onFunded;
    const coins: PlannedCoin[] = [];
    this.#waiting = [];
    for (const plan of network.plans) {
      if (!plan) continue;
      this.#waiting.push(plan.channel);
      const opener = network.nodeAt(plan.channel, plan.opener).index;
      coins.push(...coinsForChannel(opener, plan.terms.capacitySat, config.feeratePerKw));
    }
    if (config.walletReserveSat > 0) {
      for (const { index } of network.nodes) coins.push({ node: index, valueSat: config.walletReserveSat });
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

  /** Channels that are ready. */
  get opened(): number {
    return this.#opened;
  }

  /** Whether every channel is ready. */
  get isDone(): boolean {
    return this.#waiting.length === 0 && this.#unconfirmed.size === 0 && this.#burying.size === 0;
  }

  /** What the coinbase of a block at that height pays to wallets; the rest is the miner's. */
  coinbaseOutputs(height: number): readonly TxOutput[] {
    return (this.#coinbases[height - 1] ?? []).map(({ node, valueSat }) => ({
      valueSat,
      script: present(this.#network.nodes[node], 'the node of a coin').wallet.script,
    }));
  }

  /** A block was connected. */
  onBlock(height: number, now: Micros): void {
    for (const [channel, readyAt] of this.#burying) {
      if (readyAt > height) break;
      this.#burying.delete(channel);
      this.#network.ready(channel);
      this.#opened++;
    }
    // a coin of block b can be spent in block b + 100
    if (this.#waiting.length === 0 || height + 1 < this.#coinbases.length + COINBASE_MATURITY) return;
    const { feeratePerKw } = this.#config;
    const still: number[] = [];
    for (const channel of this.#waiting) {
      const { opener, terms } = this.#network.plan(channel);
      const { wallet } = this.#network.nodeAt(channel, opener);
      const output = { valueSat: terms.capacitySat, script: this.#network.fundingScript(channel) };
      const transaction = wallet.pay(output, feeratePerKw);
      if (!transaction) {
        mark('a funding waits for change');
        still.push(channel);
        continue;
      }
      const refused = this.#l1.broadcast(transaction, { kind: 'funding', channel }, now);
      if (refused !== null) throw new InvariantError(`the funding of channel #${channel} was refused: ${refused}`);
      this.#unconfirmed.add(channel);
      if (++this.#funded % REPORT_EVERY === 0) this.#onFunded();
    }
    if (still.length === this.#waiting.length && this.#unconfirmed.size === 0) {
      throw new InvariantError(`no wallet has the coins to fund the remaining ${still.length} channels`);
    }
    this.#waiting = still;
  }

  /** A funding transaction was confirmed: the ends come to be, and the auditor counts them. */
  fundingConfirmed(channel: number, transaction: Transaction, height: number): void {
    this.#unconfirmed.delete(channel);
    const funding = { txid: txidOf(transaction), vout: 0 };
    const valueSat: Sat = sat(present(transaction.outputs[0], 'a funding output').valueSat);
    this.#network.createEnds(channel, funding, this.#keepsHistory.has(channel));
    this.#auditor.channelOpened(channel, outPointKey(funding), valueSat);
    for (const edge of [2 * channel, 2 * channel + 1]) this.#l1.watch(funding, edge);
    this.#burying.set(channel, height + this.#config.minimumDepth - 1);
  }
}
