/**
 * The L1 of a world: one chain, one mempool and one miner, who watches which output, and what every transaction was for.
 */
import { toHex } from '../base/bytes.ts';
import type { Rng } from '../base/random.ts';
import { toSeconds, type Micros } from '../base/time.ts';
import type { Sat } from '../base/units.ts';
import { Blockchain, type ConnectedBlock } from '../chain/blockchain.ts';
import { Mempool } from '../chain/mempool.ts';
import { drawBlockInterval, mineBlock } from '../chain/miner.ts';
import { GENESIS_TIME_SECONDS } from '../chain/regtest.ts';
import {
  outPointKey,
  txidOf,
  weightOf,
  type OutPoint,
  type Transaction,
  type TxOutput,
  type Txid,
} from '../chain/transaction.ts';
import type { TransactionKind, TransactionLabel } from '../node/context.ts';

/** What a confirmed transaction was, for results. */
export interface ConfirmedTransaction {
  readonly height: number;
  readonly txid: Txid;
  readonly kind: TransactionKind | 'coinbase';
  /** null for a coinbase */
  readonly channel: number | null;
  readonly weight: number;
  readonly feeSat: number;
  /** µs: when the network was given it; null for a coinbase */
  readonly broadcastAt: Micros | null;
}

/** Who hears of what a block does. */
export interface L1Listener {
  /** an output that someone watches was spent; `watcher` is what `watch` was given */
  outputSpent(watcher: number, outPoint: OutPoint, transaction: Transaction, height: number): void;
  /** an output pays a wallet */
  walletCredited(node: number, outPoint: OutPoint, valueSat: Sat): void;
  /** an input spends an output that paid a wallet */
  walletSpent(node: number, outPoint: OutPoint): void;
  /** @param flows what it pays to wallets, less what it takes from them, in sat by node */
  confirmed(
    transaction: Transaction,
    label: TransactionLabel | null,
    height: number,
    feeSat: number,
    flows: ReadonlyMap<number, number>,
  ): void;
}

/** Simulated time as the chain dates it. */
const unixSeconds = (now: Micros): number => GENESIS_TIME_SECONDS + Math.floor(toSeconds(now));

export class L1 {
  readonly chain = new Blockchain();
  readonly mempool = new Mempool(this.chain);
  readonly confirmed: ConfirmedTransaction[] = [];
  readonly #rng: Rng;
  readonly #blockIntervalSeconds: number;
  readonly #listener: L1Listener;
  readonly #labels = new Map<Txid, { readonly label: TransactionLabel; readonly at: Micros }>();
  readonly #watchers = new Map<string, number[]>();
  /** script in hexadecimal → node */
  readonly #wallets = new Map<string, number>();

  constructor(rng: Rng, blockIntervalSeconds: number, listener: L1Listener) {
    this.#rng = rng;
    this.#blockIntervalSeconds = blockIntervalSeconds;
    this.#listener = listener;
  }

  /** The time until the next block. */
  drawInterval(): Micros {
    return drawBlockInterval(this.#rng, this.#blockIntervalSeconds);
  }

  registerWallet(node: number, script: Uint8Array): void {
    this.#wallets.set(toHex(script), node);
  }

  /** The node that an output pays, or null. */
  walletOf(script: Uint8Array): number | null {
    // P2WPKH: version, push of 20, hash
    return script.length === 22 ? (this.#wallets.get(toHex(script)) ?? null) : null;
  }

  watch(outPoint: OutPoint, watcher: number): void {
    const key = outPointKey(outPoint);
    const there = this.#watchers.get(key);
    if (!there) this.#watchers.set(key, [watcher]);
    else if (!there.includes(watcher)) there.push(watcher);
  }

  /** @returns the mempool's reject reason, or null if it took the transaction */
  broadcast(transaction: Transaction, label: TransactionLabel, now: Micros): string | null {
    const result = this.mempool.accept(transaction, unixSeconds(now));
    if (!result.ok) return result.reason;
    this.#labels.set(txidOf(transaction), { label, at: now });
    return null;
  }

  /** Mines the next block at that time and tells the listener what it did. */
  mine(now: Micros, coinbaseOutputs: (claimableSat: Sat) => readonly TxOutput[]): ConnectedBlock {
    const timeSeconds = unixSeconds(now);
    this.mempool.advance(timeSeconds);
    const connected = mineBlock(this.chain, this.mempool, { timeSeconds, coinbaseOutputs });
    connected.block.transactions.forEach((transaction, index) => this.#tell(connected, transaction, index));
    return connected;
  }

  #tell(connected: ConnectedBlock, transaction: Transaction, index: number): void {
    const { height } = connected;
    const txid = txidOf(transaction);
    const given = this.#labels.get(txid) ?? null;
    const label = given?.label ?? null;
    this.#labels.delete(txid);
    let feeSat = 0;
    const flows = new Map<number, number>();
    const flow = (node: number, valueSat: number): unknown => flows.set(node, (flows.get(node) ?? 0) + valueSat);
    for (const { outPoint, coin } of connected.spent[index] ?? []) {
      feeSat += coin.valueSat;
      const node = this.walletOf(coin.script);
      if (node === null) continue;
      flow(node, -coin.valueSat);
      this.#listener.walletSpent(node, outPoint);
    }
    transaction.outputs.forEach((output, vout) => {
      feeSat -= output.valueSat;
      const node = this.walletOf(output.script);
      if (node === null) return;
      flow(node, output.valueSat);
      this.#listener.walletCredited(node, { txid, vout }, output.valueSat);
    });
    this.confirmed.push({
      height,
      txid,
      kind: label?.kind ?? 'coinbase',
      channel: label?.channel ?? null,
      weight: weightOf(transaction),
      feeSat: index === 0 ? 0 : feeSat,
      broadcastAt: given?.at ?? null,
    });
    for (const input of transaction.inputs) {
      const key = outPointKey(input.prevout);
      const watchers = this.#watchers.get(key);
      if (!watchers) continue;
      this.#watchers.delete(key);
      for (const watcher of watchers) this.#listener.outputSpent(watcher, input.prevout, transaction, height);
    }
    // last: a channel's account is opened by the spend of its funding output
    this.#listener.confirmed(transaction, label, height, feeSat, flows);
  }
}
