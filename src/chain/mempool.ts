/**
 * The transactions a node holds for the next blocks: accepted under consensus and policy, replaceable by what pays more
 * (BIP 125's rules for every transaction), followed through blocks that connect and disconnect.
 */
import { assert, present } from '../base/assert.ts';
import { type Sat, sat } from '../base/units.ts';
import type { Blockchain, ConnectedBlock } from './blockchain.ts';
import { verifyInput } from './interpreter.ts';
import { type MempoolEntry, newEntry } from './mempoolEntry.ts';
import {
  checkStandard,
  checkStandardInputs,
  feeAtRateSat,
  MAX_STANDARD_TX_SIGOP_COST,
  MIN_RELAY_FEE_SAT_PER_KVB,
  PACKAGE_COUNT_LIMIT,
  PACKAGE_VSIZE_LIMIT,
  type PolicyRejectReason,
  policyVsize,
} from './policy.ts';
import { checkReplacement, type ReplacementRejectReason } from './replacement.ts';
import { type ScriptError, scriptErrorMessage } from './scriptError.ts';
import { CONSENSUS_FLAGS, STANDARD_FLAGS } from './scriptFlags.ts';
import { sigopCost } from './sigops.ts';
import { isFinal, sequenceLocksPassed } from './timelocks.ts';
import {
  isCoinbase,
  type OutPoint,
  outPointKey,
  type Transaction,
  type Txid,
  txidOf,
  weightOf,
  wtxidOf,
} from './transaction.ts';
import type { Coin, CoinView } from './utxoSet.ts';
import { checkInputs, checkTransaction, type InputsRejectReason, type TransactionRejectReason } from './validate.ts';

export type MempoolRejectReason =
  | 'coinbase'
  | 'non-final'
  | 'txn-already-in-mempool'
  | 'txn-same-nonwitness-data-in-mempool'
  | 'txn-already-known'
  | 'bad-txns-inputs-missingorspent'
  | 'non-BIP68-final'
  | 'bad-txns-too-many-sigops'
  | 'min relay fee not met'
  | 'too-long-mempool-chain'
  | `mandatory-script-verify-flag-failed (${string})`
  | `non-mandatory-script-verify-flag (${string})`
  | TransactionRejectReason
  | InputsRejectReason
  | PolicyRejectReason
  | ReplacementRejectReason;

export type AcceptResult =
  /** `replaced`: what it evicted, parents before children */
  | {
      readonly ok: true;
      readonly txid: Txid;
      readonly feeSat: Sat;
      readonly weight: number;
      readonly replaced: readonly Txid[];
    }
  | { readonly ok: false; readonly reason: MempoolRejectReason };

/** What the entries amount to together. spentFromChain + spentWithin = outputs + fees. */
export interface MempoolTotals {
  readonly feesSat: Sat;
  /** value of the chain's coins that entries spend */
  readonly spentFromChainSat: Sat;
  /** value of entries' outputs that other entries spend */
  readonly spentWithinSat: Sat;
  /** value of all outputs that entries create */
  readonly outputsSat: Sat;
  readonly weight: number;
}

export interface MempoolOptions {
  /** sat per 1,000 virtual bytes; default 1,000 */
  readonly minRelayFeeSatPerKvb?: number;
  /** whether transactions that do not signal BIP 125 can be replaced too; default yes, as Bitcoin Core from 28 on */
  readonly fullRbf?: boolean;
}

export class Mempool implements CoinView {
  readonly chain: Blockchain;
  readonly minRelayFeeSatPerKvb: number;
  readonly fullRbf: boolean;
  /** parents before children: an entry is accepted after its parents */
  readonly #entries = new Map<Txid, MempoolEntry>();
  /** by outpoint key, the entry that spends it */
  readonly #spentBy = new Map<string, MempoolEntry>();
  readonly #totals = { feesSat: 0, spentFromChainSat: 0, spentWithinSat: 0, outputsSat: 0, weight: 0 };
  #accepted = 0;

  constructor(chain: Blockchain, options: MempoolOptions = {}) {
    this.chain = chain;
    this.minRelayFeeSatPerKvb = options.minRelayFeeSatPerKvb ?? MIN_RELAY_FEE_SAT_PER_KVB;
    this.fullRbf = options.fullRbf ?? true;
    chain.onConnect((connected) => this.#blockConnected(connected));
    chain.onDisconnect((connected) => this.#blockDisconnected(connected));
  }

  get size(): number {
    return this.#entries.size;
  }

  get totals(): MempoolTotals {
    const { feesSat, spentFromChainSat, spentWithinSat, outputsSat, weight } = this.#totals;
    return {
      feesSat: sat(feesSat),
      spentFromChainSat: sat(spentFromChainSat),
      spentWithinSat: sat(spentWithinSat),
      outputsSat: sat(outputsSat),
      weight,
    };
  }

  has(txid: Txid): boolean {
    return this.#entries.has(txid);
  }

  entry(txid: Txid): MempoolEntry | null {
    return this.#entries.get(txid) ?? null;
  }

  /** All entries, parents before children. */
  entries(): IterableIterator<MempoolEntry> {
    return this.#entries.values();
  }

  /** All entries, the best fee rate of its own first, the earlier first where equal. */
  byFeeRate(): MempoolEntry[] {
    return [...this.#entries.values()].sort((a, b) => b.feeSat / b.vsize - a.feeSat / a.vsize || a.order - b.order);
  }

  /** The entry that spends an output, or null. */
  spender(outPoint: OutPoint): MempoolEntry | null {
    return this.#spentBy.get(outPointKey(outPoint)) ?? null;
  }

  /** A coin as the next block would see it, the entries' own outputs included, spent or not by other entries. */
  get(outPoint: OutPoint): Coin | undefined {
    const onChain = this.chain.utxos.get(outPoint);
    if (onChain !== undefined) return onChain;
    const output = this.#entries.get(outPoint.txid)?.tx.outputs[outPoint.vout];
    return output && { ...output, height: this.chain.height + 1, isCoinbase: false };
  }

  /** An entry's ancestors in the pool, without itself, parents before children. */
  ancestors(entry: MempoolEntry): MempoolEntry[] {
    return inOrder(closure(entry.parents, (each) => each.parents));
  }

  /** An entry's descendants in the pool, without itself, parents before children. */
  descendants(entry: MempoolEntry): MempoolEntry[] {
    return inOrder(closure(entry.children, (each) => each.children));
  }

  /** Takes a transaction in, or says by Bitcoin Core's name why not and changes nothing. */
  accept(tx: Transaction): AcceptResult {
    return this.#accept(tx, true);
  }

  /** @param limited false for what a disconnected block gives back: fee and chain length were the miner's affair */
  #accept(tx: Transaction, limited: boolean): AcceptResult {
    const reason = this.#checkAlone(tx);
    if (reason !== null) return refuse(reason);
    const coins: Coin[] = [];
    for (const { prevout } of tx.inputs) {
      const coin = this.get(prevout);
      if (coin === undefined) return refuse(this.#isKnown(tx) ? 'txn-already-known' : 'bad-txns-inputs-missingorspent');
      coins.push(coin);
    }
    const coinHeights = coins.map((coin) => coin.height);
    if (!sequenceLocksPassed(tx, coinHeights, this.chain.nextBlockLocks())) return refuse('non-BIP68-final');
    const fee = checkInputs(tx, coins, this.chain.height + 1);
    if (typeof fee === 'string') return refuse(fee);
    const nonstandard = checkStandardInputs(tx, coins);
    if (nonstandard !== null) return refuse(nonstandard);
    const cost = sigopCost(tx, coins);
    if (cost > MAX_STANDARD_TX_SIGOP_COST) return refuse('bad-txns-too-many-sigops');
    const vsize = policyVsize(weightOf(tx), cost);
    if (limited && fee < feeAtRateSat(this.minRelayFeeSatPerKvb, vsize)) return refuse('min relay fee not met');

    const entry = newEntry(tx, fee, cost, this.#accepted, this.#parentsOf(tx));
    const conflicts = this.#conflictsOf(tx);
    const evicted = inOrder(closure(conflicts, (each) => each.children));
    const refusal =
      (conflicts.length === 0 ? null : checkReplacement(entry, conflicts, evicted, this)) ??
      (limited ? this.#checkPackageLimits(entry, evicted) : null) ??
      this.#checkScripts(tx, coins);
    if (refusal !== null) return refuse(refusal);

    for (const each of evicted.toReversed()) this.#remove(each);
    this.#add(entry, coins);
    return { ok: true, txid: entry.txid, feeSat: fee, weight: entry.weight, replaced: evicted.map(({ txid }) => txid) };
  }

  #checkAlone(tx: Transaction): MempoolRejectReason | null {
    const malformed = checkTransaction(tx);
    if (malformed !== null) return malformed;
    if (isCoinbase(tx)) return 'coinbase';
    const nonstandard = checkStandard(tx);
    if (nonstandard !== null) return nonstandard;
    if (!isFinal(tx, this.chain.height + 1, this.chain.medianTimePastSeconds)) return 'non-final';
    const known = this.#entries.get(txidOf(tx));
    if (known === undefined) return null;
    return wtxidOf(known.tx) === wtxidOf(tx) ? 'txn-already-in-mempool' : 'txn-same-nonwitness-data-in-mempool';
  }

  /** Whether it is on the chain with an output still unspent. */
  #isKnown(tx: Transaction): boolean {
    const txid = txidOf(tx);
    return tx.outputs.some((_, vout) => this.chain.utxos.has({ txid, vout }));
  }

  #parentsOf(tx: Transaction): MempoolEntry[] {
    const parents = tx.inputs.map(({ prevout }) => this.#entries.get(prevout.txid));
    return [...new Set(parents.filter((parent) => parent !== undefined))];
  }

  /** The entries that spend what the transaction spends. */
  #conflictsOf(tx: Transaction): MempoolEntry[] {
    const spenders = tx.inputs.map(({ prevout }) => this.#spentBy.get(outPointKey(prevout)));
    return [...new Set(spenders.filter((spender) => spender !== undefined))];
  }

  /** Chains of unconfirmed transactions stay short, so that the cost of following them is bounded. */
  #checkPackageLimits(entry: MempoolEntry, evicted: readonly MempoolEntry[]): MempoolRejectReason | null {
    const ancestors = this.ancestors(entry);
    const vsizeOf = (entries: readonly MempoolEntry[]): number => entries.reduce((sum, each) => sum + each.vsize, 0);
    const fits = (others: readonly MempoolEntry[]): boolean =>
      others.length + 1 <= PACKAGE_COUNT_LIMIT && vsizeOf(others) + entry.vsize <= PACKAGE_VSIZE_LIMIT;
    if (!fits(ancestors)) return 'too-long-mempool-chain';
    for (const ancestor of ancestors) {
      const remaining = this.descendants(ancestor).filter((each) => !evicted.includes(each));
      if (!fits([ancestor, ...remaining])) return 'too-long-mempool-chain';
    }
    return null;
  }

  /** Every script under policy's flags; what fails only there is not the sender's crime, and the reason says so. */
  #checkScripts(tx: Transaction, coins: readonly Coin[]): MempoolRejectReason | null {
    const verifier = this.chain.signatures.remembering(this.chain.verifier);
    const firstError = (flags: number): ScriptError | null => {
      for (const [index, coin] of coins.entries()) {
        const error = verifyInput(tx, index, coin, flags, verifier);
        if (error !== null) return error;
      }
      return null;
    };
    const error = firstError(STANDARD_FLAGS);
    if (error === null) return null;
    const message = scriptErrorMessage(error);
    return firstError(CONSENSUS_FLAGS) === null
      ? `non-mandatory-script-verify-flag (${message})`
      : `mandatory-script-verify-flag-failed (${message})`;
  }

  #add(entry: MempoolEntry, coins: readonly Coin[]): void {
    const { tx } = entry;
    this.#accepted++;
    for (const [index, { prevout }] of tx.inputs.entries()) {
      this.#spentBy.set(outPointKey(prevout), entry);
      if (this.#entries.has(prevout.txid)) entry.spentWithinSat += coins[index]!.valueSat;
      else entry.spentFromChainSat += coins[index]!.valueSat;
    }
    for (const parent of entry.parents) parent.children.push(entry);
    this.#entries.set(entry.txid, entry);
    this.#count(entry, 1);
  }

  /** Takes an entry out that has no children left, or whose children are told by the caller. */
  #remove(entry: MempoolEntry): void {
    for (const { prevout } of entry.tx.inputs) this.#spentBy.delete(outPointKey(prevout));
    for (const parent of entry.parents) drop(parent.children, entry);
    this.#entries.delete(entry.txid);
    this.#count(entry, -1);
  }

  #removeWithDescendants(entry: MempoolEntry): void {
    for (const each of [entry, ...this.descendants(entry)].toReversed()) this.#remove(each);
  }

  #count(entry: MempoolEntry, sign: 1 | -1): void {
    const totals = this.#totals;
    totals.feesSat += sign * entry.feeSat;
    totals.spentFromChainSat += sign * entry.spentFromChainSat;
    totals.spentWithinSat += sign * entry.spentWithinSat;
    totals.outputsSat += sign * entry.outputsSat;
    totals.weight += sign * entry.weight;
  }

  #blockConnected({ block }: ConnectedBlock): void {
    for (const tx of block.transactions) {
      const entry = this.#entries.get(txidOf(tx));
      if (entry !== undefined) this.#confirm(entry);
      // what spends the same coin can never be mined now, nor can what builds on it
      for (const conflict of this.#conflictsOf(tx)) this.#removeWithDescendants(conflict);
    }
  }

  /** The entry is on the chain: its children stay, and what they spend of it comes from the chain now. */
  #confirm(entry: MempoolEntry): void {
    assert(entry.parents.length === 0, 'a block has parents before children');
    for (const child of entry.children) {
      drop(child.parents, entry);
      let movedSat = 0;
      for (const { prevout } of child.tx.inputs) {
        if (prevout.txid === entry.txid) movedSat += present(entry.tx.outputs[prevout.vout], 'a spent output').valueSat;
      }
      child.spentWithinSat -= movedSat;
      child.spentFromChainSat += movedSat;
      this.#totals.spentWithinSat -= movedSat;
      this.#totals.spentFromChainSat += movedSat;
    }
    this.#remove(entry);
  }

  /** The block's transactions come first, then all entries again: locks, maturity and parents have changed. */
  #blockDisconnected({ block }: ConnectedBlock): void {
    const again = [...block.transactions.slice(1), ...[...this.#entries.values()].map(({ tx }) => tx)];
    this.#entries.clear();
    this.#spentBy.clear();
    Object.assign(this.#totals, { feesSat: 0, spentFromChainSat: 0, spentWithinSat: 0, outputsSat: 0, weight: 0 });
    for (const tx of again) this.#accept(tx, false);
  }
}

const refuse = (reason: MempoolRejectReason): AcceptResult => ({ ok: false, reason });

function drop<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

/** Everything reachable, the start included. */
function closure(start: readonly MempoolEntry[], next: (entry: MempoolEntry) => readonly MempoolEntry[]) {
  const found = new Set(start);
  for (const entry of found) for (const each of next(entry)) found.add(each);
  return found;
}

/** In order of acceptance, hence parents before children. */
const inOrder = (entries: ReadonlySet<MempoolEntry>): MempoolEntry[] => [...entries].sort((a, b) => a.order - b.order);
