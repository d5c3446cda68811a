/**
 * The L1 of a world: the chain and the mempool that everybody looks at, the miners behind them, the market for their
 * blocks, who watches which output, and what every transaction was for.
 */
import { present } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import type { Rng } from '../base/random.ts';
import { micros, type Micros } from '../base/time.ts';
import type { Sat } from '../base/units.ts';
import { Blockchain, type ConnectedBlock } from '../chain/blockchain.ts';
import { BlockTree } from '../chain/blockTree.ts';
import { Mempool } from '../chain/mempool.ts';
import { MinerNetwork, type MinerSpec, type View } from '../chain/minerNetwork.ts';
import { instant, lognormalPropagation } from '../chain/minerNetworkPropagation.ts';
import {
  outPointKey,
  txidOf,
  weightOf,
  type OutPoint,
  type Transaction,
  type TxOutput,
  type Txid,
} from '../chain/transaction.ts';
import { MAX_BLOCK_WEIGHT } from '../chain/validate.ts';
import { namedSecret } from '../crypto/keyDerivation.ts';
import type { TransactionKind, TransactionLabel } from '../node/context.ts';
import type { Waiting } from '../node/feeSchedule.ts';
import type { ChainConfig } from './config.ts';
import { Market } from './market.ts';
import { Miners } from './miners.ts';
import { UndoJournal } from './undoJournal.ts';

/** What a confirmed transaction was, for results. */
export interface ConfirmedTransaction {
  readonly height: number;
  readonly txid: Txid;
  /** `miners`: payments of miners who double-spend */
  readonly kind: TransactionKind | 'coinbase' | 'filler' | 'miners';
  /** null where it belongs to none */
  readonly channel: number | null;
  readonly weight: number;
  readonly feeSat: number;
  /** µs: when the network was given it; null where the world didn't give it */
  readonly broadcastAt: Micros | null;
}

/** Who hears of what a block does. What it changes in answer it notes with `L1.onUndo`. */
export interface L1Listener {
  /** an output that someone watches was spent; `watcher` is what `watch` was given */
  outputSpent(watcher: number, outPoint: OutPoint, transaction: Transaction, height: number): void;
  /** an output pays a wallet */
  walletCredited(node: number, outPoint: OutPoint, valueSat: Sat): void;
  /** an input spends an output that paid a wallet */
  walletSpent(node: number, outPoint: OutPoint, valueSat: Sat): void;
  /** @param flows what it pays to wallets, less what it takes from them, in sat by node */
  confirmed(
    transaction: Transaction,
    label: TransactionLabel | null,
    height: number,
    feeSat: number,
    flows: ReadonlyMap<number, number>,
  ): void;
  /** where the coinbase of a block at that height pays, before what is left goes to its miner */
  coinbaseOutputs(height: number): readonly TxOutput[];
}

/** What happened to the chain. */
export interface ChainChange {
  /** heights of the blocks that left, in that order */
  readonly disconnected: readonly number[];
  /** in order */
  readonly connected: readonly ConnectedBlock[];
}

/** What changes of branch did to the chain that everybody looks at. */
export interface ReorganisationTally {
  count: number;
  /** blocks that the deepest took off */
  deepest: number;
  /** blocks that all of them took off */
  disconnected: number;
}

export class L1 {
  readonly chain: Blockchain;
  readonly mempool: Mempool;
  readonly confirmed: ConfirmedTransaction[] = [];
  readonly miners: Miners;
  readonly market: Market | null;
  readonly reorganisations: ReorganisationTally = { count: 0, deepest: 0, disconnected: 0 };
  readonly #config: ChainConfig;
  readonly #view: View;
  readonly #rng: Rng;
  readonly #listener: L1Listener;
  #network: MinerNetwork;
  /** there once blocks can leave the chain again */
  #journal: UndoJournal | null = null;
  #change: { disconnected: number[]; connected: ConnectedBlock[] } = { disconnected: [], connected: [] };
  readonly #labels = new Map<Txid, { readonly label: TransactionLabel; readonly at: Micros }>();
  readonly #watchers = new Map<string, number[]>();
  /** script in hexadecimal → node */
  readonly #wallets = new Map<string, number>();

  /** @param rng streams below it draw blocks, their travels and the demand for them @param master the run's secret */
  constructor(config: ChainConfig, rng: Rng, master: Uint8Array, listener: L1Listener) {
    this.#config = config;
    this.#rng = rng;
    this.#listener = listener;
    const { verify, blockIntervalSeconds, blockMaxWeight } = config;
    this.chain = new Blockchain({ verify });
    this.mempool = new Mempool(this.chain);
    this.#view = { chain: this.chain, pool: this.mempool, tree: new BlockTree(this.chain, this.mempool) };
    this.miners = new Miners(config.miners, master, config.feeratePerKw);
    this.market =
      config.demand &&
      new Market({
        plan: config.demand,
        chain: this.chain,
        rng: rng.stream('demand'),
        blockIntervalSeconds,
        blockMaxWeight,
        filler: config.filler ? { secret: namedSecret(master, 'filler'), miners: this.miners } : null,
      });
    this.chain.onConnect((connected) => this.#connected(connected));
    this.chain.onDisconnect(({ height }) => this.#disconnected(height));
    this.#view.tree.onReorganisation(({ disconnected }) => {
      const tally = this.reorganisations;
      tally.count++;
      tally.deepest = Math.max(tally.deepest, disconnected.length);
      tally.disconnected += disconnected.length;
    });
    // while the network is being opened no block is lost, and demand leaves room for all fundings
    this.#network = this.#newNetwork(this.miners.calm(), rng.stream('blocks'), micros(0), false);
  }

  /** Traffic starts: miners behave as planned, blocks travel and have the size that was planned, demand competes. */
  begin(now: Micros): void {
    const { miners, propagation, blockMaxWeight } = this.#config;
    this.market?.begin(now);
    const forks = propagation !== null || miners.some(({ behaviour }) => behaviour.kind !== 'honest');
    if (!forks && this.market === null && blockMaxWeight === MAX_BLOCK_WEIGHT) return;
    if (forks) this.#journal = new UndoJournal();
    const specs = this.miners.asPlanned((tx) => this.#labels.get(txidOf(tx))?.label.kind ?? null);
    this.#network = this.#newNetwork(specs, this.#rng.stream('blocks', 1), now, true);
  }

  #newNetwork(miners: readonly MinerSpec[], rng: Rng, start: Micros, begun: boolean): MinerNetwork {
    const { propagation, blockIntervalSeconds, blockMaxWeight } = this.#config;
    const { market } = this;
    return new MinerNetwork({
      miners,
      observer: this.#view,
      rng,
      start,
      meanIntervalSeconds: blockIntervalSeconds,
      coinbaseOutputs: (miner, height, claimableSat) => this.#coinbaseOutputs(miner, height, claimableSat),
      propagation:
        begun && propagation !== null
          ? lognormalPropagation(this.#rng.stream('propagation'), propagation.medianMicros, propagation.sigma)
          : instant,
      ...(begun ? { blockMaxWeight } : {}),
      ...(begun && market ? { competing: (chain: Blockchain) => market.poolOf(chain) } : {}),
      ...(begun && market?.filler ? { filler: market.filler.fill } : {}),
    });
  }

  #coinbaseOutputs(miner: number, height: number, claimableSat: Sat): readonly TxOutput[] {
    const planned = this.#listener.coinbaseOutputs(height);
    const rest = planned.reduce<number>((left, { valueSat }) => left - valueSat, claimableSat);
    return rest > 0 ? [...planned, { valueSat: rest as Sat, script: this.miners.wallets[miner]!.script }] : planned;
  }

  /** When the chain has to be advanced next: a block is found, or one arrives. */
  get nextAt(): Micros {
    return this.#network.nextAt;
  }

  /** Lets everything happen up to that time, with it. @returns what it did to the chain */
  advance(now: Micros): ChainChange {
    this.market?.pool.advance(now);
    this.#network.advance(now);
    const change = this.#change;
    this.#change = { disconnected: [], connected: [] };
    return change;
  }

  /** Blocks that each miner found since its behaviour began, whatever became of them. */
  get found(): readonly number[] {
    return this.#network.found;
  }

  /** Who found a block of the chain since then; null for an earlier one. */
  minerOf(height: number): number | null {
    return this.#network.minerOf(this.chain.blockAt(height).hash);
  }

  /** What to pay to be confirmed within the scenario's target, in sat per 1000 weight units. */
  get feeratePerKw(): number {
    return this.feeratePerKwFor(this.#config.feeTarget);
  }

  /** What is expected to be confirmed within so many blocks, in sat per 1000 weight units. */
  feeratePerKwFor(targetBlocks: number): number {
    return this.market?.estimator.estimateFeeratePerKw(targetBlocks) ?? this.#config.feeratePerKw;
  }

  registerWallet(node: number, script: Uint8Array): void {
    this.#wallets.set(toHex(script), node);
  }

  /** The node that an output pays, or null. */
  walletOf(script: Uint8Array): number | null {
    // P2WPKH: version, push of 20, hash
    return script.length === 22 ? (this.#wallets.get(toHex(script)) ?? null) : null;
  }

  /** Whether an output is money of miners: their own, their payees', or what fills blocks. */
  isMiners(script: Uint8Array): boolean {
    return this.miners.owns(script) || (this.market?.filler?.owns(script) ?? false);
  }

  watch(outPoint: OutPoint, watcher: number): void {
    const key = outPointKey(outPoint);
    const there = this.#watchers.get(key);
    if (there?.includes(watcher)) return;
    this.#watchers.set(key, [...(there ?? []), watcher]);
    this.onUndo(() => {
      const left = this.#watchers.get(key)?.filter((each) => each !== watcher) ?? [];
      if (left.length > 0) this.#watchers.set(key, left);
      else this.#watchers.delete(key);
    });
  }

  /**
   * How to undo a change that was made because of the block at hand, should it leave the chain. Steps are run in reverse
   * order; what is changed between blocks stays, unless the height of the block says whose it is.
   */
  onUndo(undo: () => void, height?: number): void {
    this.#journal?.note(undo, height === undefined ? 0 : this.chain.height - height + 1);
  }

  /** @returns the mempool's reject reason, or null if it took the transaction */
  broadcast(transaction: Transaction, label: TransactionLabel, now: Micros): string | null {
    return this.#broadcast([transaction], [label], now, () => {
      const result = this.#network.broadcast(transaction);
      return result.ok ? null : result.reason;
    });
  }

  /** The same for a child with its unconfirmed parents, parents first. */
  broadcastPackage(
    transactions: readonly Transaction[],
    labels: readonly TransactionLabel[],
    now: Micros,
  ): string | null {
    return this.#broadcast(transactions, labels, now, () => {
      const result = this.#network.broadcastPackage(transactions);
      const refused = result.transactions.find((each) => !each.ok);
      return refused?.reason ?? result.reason;
    });
  }

  #broadcast(
    transactions: readonly Transaction[],
    labels: readonly TransactionLabel[],
    now: Micros,
    send: () => string | null,
  ): string | null {
    this.#network.elapse(now);
    const before = transactions.map((transaction) => this.#labels.get(txidOf(transaction)));
    // miners ask what it is for before they take it
    transactions.forEach((transaction, index) => {
      const label = present(labels[index], 'a label for each transaction');
      this.#labels.set(txidOf(transaction), { label, at: before[index]?.at ?? now });
    });
    const refused = send();
    if (refused === null) return null;
    transactions.forEach((transaction, index) => {
      const known = before[index];
      if (known) this.#labels.set(txidOf(transaction), known);
      else if (!this.mempool.has(txidOf(transaction))) this.#labels.delete(txidOf(transaction));
    });
    return refused;
  }

  /** What waits in the mempool and spends an output; null if nothing does. */
  spenderInMempool(outPoint: OutPoint): Waiting | null {
    const entry = this.mempool.spender(outPoint);
    return entry && { transaction: entry.tx, feeSat: entry.feeSat };
  }

  // ── Blocks ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #connected(connected: ConnectedBlock): void {
    const tell = (): void =>
      connected.block.transactions.forEach((transaction, index) => this.#tell(connected, transaction, index));
    if (this.#journal) this.#journal.record(tell);
    else tell();
    this.#change.connected.push(connected);
  }

  #disconnected(height: number): void {
    this.#journal?.undo();
    // what came and went within one change is nothing to tell
    if (this.#change.connected.at(-1)?.height === height) this.#change.connected.pop();
    else this.#change.disconnected.push(height);
  }

  #tell(connected: ConnectedBlock, transaction: Transaction, index: number): void {
    const { height } = connected;
    const txid = txidOf(transaction);
    const given = this.#labels.get(txid) ?? null;
    const label = given?.label ?? null;
    if (given) {
      this.#labels.delete(txid);
      this.onUndo(() => this.#labels.set(txid, given));
    }
    let feeSat = 0;
    const flows = new Map<number, number>();
    const flow = (node: number, valueSat: number): unknown => flows.set(node, (flows.get(node) ?? 0) + valueSat);
    for (const { outPoint, coin } of connected.spent[index] ?? []) {
      feeSat += coin.valueSat;
      const node = this.walletOf(coin.script);
      if (node === null) continue;
      flow(node, -coin.valueSat);
      this.#listener.walletSpent(node, outPoint, coin.valueSat);
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
      kind: label?.kind ?? this.#kindOf(transaction, index),
      channel: label?.channel ?? null,
      weight: weightOf(transaction),
      feeSat: index === 0 ? 0 : feeSat,
      broadcastAt: given?.at ?? null,
    });
    this.onUndo(() => this.confirmed.pop());
    for (const input of transaction.inputs) {
      const key = outPointKey(input.prevout);
      const watchers = this.#watchers.get(key);
      if (!watchers) continue;
      this.#watchers.delete(key);
      this.onUndo(() => this.#watchers.set(key, watchers));
      for (const watcher of watchers) this.#listener.outputSpent(watcher, input.prevout, transaction, height);
    }
    // last: a channel's account is opened by the spend of its funding output
    this.#listener.confirmed(transaction, label, height, feeSat, flows);
  }

  #kindOf(transaction: Transaction, index: number): 'coinbase' | 'filler' | 'miners' {
    if (index === 0) return 'coinbase';
    return this.market?.filler?.isFiller(transaction) ? 'filler' : 'miners';
  }
}
