/**
 * The transactions a node holds for the next blocks: accepted one by one or as packages under consensus and policy,
 * replaceable by what pays more, limited in size, followed through blocks that connect and disconnect. Rules, defaults
 * and reject reasons are those of Bitcoin Core 29 (`validation.cpp`, `txmempool.cpp`).
 */
import { assert } from '../base/assert.ts';
import { type Sat, sat } from '../base/units.ts';
import type { Blockchain, ConnectedBlock } from './blockchain.ts';
import { spendsParentsDust } from './ephemeralDust.ts';
import {
  ACCEPT_MODE,
  type AcceptMode,
  type Candidate,
  checkCandidate,
  type CheckedPool,
  checkScripts,
  type Refusal,
  refusal,
  unconfirmedCoin,
} from './mempoolChecks.ts';
import { type MempoolEntry, ownRate } from './mempoolEntry.ts';
import { ExpiryQueue } from './mempoolExpiry.ts';
import { ancestorsOf, descendantsOf, MempoolGraph, withDescendants } from './mempoolGraph.ts';
import { type ChainLimits, DEFAULT_CHAIN_LIMITS } from './mempoolLimits.ts';
import { type Fullness, RollingMinimumFee } from './mempoolMinimumFee.ts';
import { DEFAULT_EXPIRY_SECONDS, DEFAULT_MAX_VSIZE, type MempoolOptions } from './mempoolOptions.ts';
import { coinsAfterReorg } from './mempoolReorg.ts';
import { checkMembers, type PackageRejectReason } from './packageAcceptance.ts';
import { checkPackageShape } from './packageRules.ts';
import { INCREMENTAL_RELAY_FEE_SAT_PER_KVB, MIN_RELAY_FEE_SAT_PER_KVB } from './policy.ts';
import { checkReplacement } from './replacement.ts';
import type { SignatureVerifier } from './signatureCheck.ts';
import { type OutPoint, type Transaction, type Txid, txidOf } from './transaction.ts';
import type { Coin, CoinView } from './utxoSet.ts';

export type { MempoolRejectReason } from './mempoolChecks.ts';
export type { MempoolOptions } from './mempoolOptions.ts';
export type { PackageRejectReason } from './packageAcceptance.ts';

export type AcceptResult =
  /** `replaced`: what it evicted, parents before children */
  | {
      readonly ok: true;
      readonly txid: Txid;
      readonly feeSat: Sat;
      readonly weight: number;
      readonly replaced: readonly Txid[];
    }
  /** `reconsiderable`: the same transaction may be taken in a package */
  | Refusal;

export interface PackageResult {
  /** whether all of it is in the pool now */
  readonly ok: boolean;
  /** what the package as a whole was refused for */
  readonly reason: PackageRejectReason | null;
  /** one for each transaction; empty where the package's shape was refused */
  readonly transactions: readonly AcceptResult[];
}

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

/** Why an entry left, in Bitcoin Core's words (`MemPoolRemovalReason`). */
export type RemovalReason = 'expiry' | 'sizelimit' | 'reorg' | 'block' | 'conflict' | 'replaced';

/** Who hears of every entry that comes or goes; it must not change the pool. */
export interface MempoolListener {
  added?(entry: MempoolEntry): void;
  removed?(entry: MempoolEntry, reason: RemovalReason): void;
}

export class Mempool implements CoinView {
  readonly chain: Blockchain;
  readonly minRelayFeeSatPerKvb: number;
  readonly incrementalRelayFeeSatPerKvb: number;
  readonly fullRbf: boolean;
  readonly chainLimits: ChainLimits;
  readonly maxVsize: number;
  readonly #expirySeconds: number;
  readonly #ages = new ExpiryQueue();
  readonly #verify: 'once' | 'always';
  readonly #graph = new MempoolGraph();
  readonly #minimumFee: RollingMinimumFee;
  readonly #listeners: MempoolListener[] = [];
  #timeSeconds = 0;

  constructor(chain: Blockchain, options: MempoolOptions = {}) {
    this.chain = chain;
    this.minRelayFeeSatPerKvb = options.minRelayFeeSatPerKvb ?? MIN_RELAY_FEE_SAT_PER_KVB;
    this.incrementalRelayFeeSatPerKvb = options.incrementalRelayFeeSatPerKvb ?? INCREMENTAL_RELAY_FEE_SAT_PER_KVB;
    this.fullRbf = options.fullRbf ?? true;
    this.chainLimits = options.chainLimits ?? DEFAULT_CHAIN_LIMITS;
    this.maxVsize = options.maxVsize ?? DEFAULT_MAX_VSIZE;
    this.#expirySeconds = options.expirySeconds ?? DEFAULT_EXPIRY_SECONDS;
    this.#verify = options.verify ?? 'once';
    this.#minimumFee = new RollingMinimumFee(this.incrementalRelayFeeSatPerKvb, options.feeHalfLifeSeconds);
    chain.onConnect((connected) => this.#blockConnected(connected));
    chain.onDisconnect((connected) => this.#blockDisconnected(connected));
  }

  get size(): number {
    return this.#graph.size;
  }

  /** Virtual bytes of all entries, as policy reckons them. */
  get vsize(): number {
    return this.#graph.totals.vsize;
  }

  get totals(): MempoolTotals {
    const { feesSat, spentFromChainSat, spentWithinSat, outputsSat, weight } = this.#graph.totals;
    return {
      feesSat: sat(feesSat),
      spentFromChainSat: sat(spentFromChainSat),
      spentWithinSat: sat(spentWithinSat),
      outputsSat: sat(outputsSat),
      weight,
    };
  }

  /** The latest time the pool was told, Unix seconds. */
  get timeSeconds(): number {
    return this.#timeSeconds;
  }

  has(txid: Txid): boolean {
    return this.#graph.has(txid);
  }

  entry(txid: Txid): MempoolEntry | null {
    return this.#graph.get(txid) ?? null;
  }

  /** All entries, parents before children. */
  entries(): IterableIterator<MempoolEntry> {
    return this.#graph.entries();
  }

  /** All entries, the best fee rate of its own first, the earlier first where equal. */
  byFeeRate(): MempoolEntry[] {
    return [...this.entries()].sort((a, b) => ownRate(b) - ownRate(a) || a.order - b.order);
  }

  /**
   * All entries, found as they are asked for: the best first by the rate with all ancestors or alone, whichever is less;
   * the earlier first where equal. The pool must not change meanwhile.
   */
  byMiningRate(): Generator<MempoolEntry, void> {
    return this.#graph.byMiningRate();
  }

  /** The entry that spends an output, or null. */
  spender(outPoint: OutPoint): MempoolEntry | null {
    return this.#graph.spender(outPoint) ?? null;
  }

  /** A coin as the next block would see it, the entries' own outputs included, spent or not by other entries. */
  get(outPoint: OutPoint): Coin | undefined {
    return (
      this.chain.utxos.get(outPoint) ?? unconfirmedCoin(this.#graph.get(outPoint.txid)?.tx, outPoint.vout, this.chain)
    );
  }

  /** An entry's ancestors in the pool, without itself, parents before children. */
  ancestors(entry: MempoolEntry): MempoolEntry[] {
    return ancestorsOf(entry);
  }

  /** An entry's descendants in the pool, without itself, parents before children. */
  descendants(entry: MempoolEntry): MempoolEntry[] {
    return descendantsOf(entry);
  }

  /** What a transaction must pay now, sat per 1,000 virtual bytes: for relay, and to enter a pool that was full. */
  minFeeSatPerKvb(timeSeconds: number = this.#timeSeconds): number {
    return Math.max(
      this.minRelayFeeSatPerKvb,
      this.#minimumFee.satPerKvb(Math.max(timeSeconds, this.#timeSeconds), this.#fullness),
    );
  }

  /** Tells the listener of every entry that comes or goes from now on. @returns what ends it */
  listen(listener: MempoolListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const at = this.#listeners.indexOf(listener);
      if (at >= 0) this.#listeners.splice(at, 1);
    };
  }

  /** The time goes on: the minimum fee rate falls. Times before the latest change nothing. @param timeSeconds Unix seconds */
  advance(timeSeconds: number): void {
    this.#timeSeconds = Math.max(this.#timeSeconds, timeSeconds);
    this.#minimumFee.advance(this.#timeSeconds, this.#fullness);
  }

  /**
   * Takes a transaction in, or says by Bitcoin Core's name why not and changes nothing, but for `mempool full`: what came
   * in for a moment may have replaced others.
   * @param timeSeconds now, Unix seconds; by default the latest time the pool was told
   */
  accept(tx: Transaction, timeSeconds: number = this.#timeSeconds): AcceptResult {
    this.advance(timeSeconds);
    const result = this.#accept(tx, ACCEPT_MODE.single);
    if (!result.ok) return result;
    this.#limitSize();
    return this.#graph.has(result.txid) ? result : refusal('mempool full', true);
  }

  /**
   * Takes in a child with all its unconfirmed parents, or what of them stands by itself: a parent too poor to be taken
   * alone counts together with the child (`submitpackage`).
   * @param transactions parents first, the child last; or a single one
   * @param timeSeconds now, Unix seconds; by default the latest time the pool was told
   */
  acceptPackage(transactions: readonly Transaction[], timeSeconds: number = this.#timeSeconds): PackageResult {
    assert(transactions.length > 0, 'a package has a transaction');
    this.advance(timeSeconds);
    const shape = checkPackageShape(transactions, this.chain.utxos);
    if (shape !== null) return { ok: false, reason: shape, transactions: [] };

    const results = transactions.map((tx) => this.#known(tx) ?? this.#accept(tx, ACCEPT_MODE.singleOfPackage));
    const open = transactions.filter((_, index) => !results[index]!.ok);
    let reason: PackageRejectReason | null = open.length === 0 ? null : 'transaction failed';
    // a fault other than the fee's stays one in company
    if (open.length > 1 && results.every((result) => result.ok || result.reconsiderable)) {
      const joint = this.#acceptTogether(open);
      reason = joint.reason;
      for (const [tx, result] of joint.results) results[transactions.indexOf(tx)] = result;
    }
    this.#limitSize();
    for (const [index, tx] of transactions.entries()) {
      if (!results[index]!.ok || this.#graph.has(txidOf(tx))) continue;
      results[index] = refusal('mempool full');
      reason = 'transaction failed';
    }
    return { ok: reason === null, reason, transactions: results };
  }

  get #fullness(): Fullness {
    return { vsize: this.#graph.totals.vsize, maxVsize: this.maxVsize };
  }

  get #verifier(): SignatureVerifier {
    const { signatures, verifier } = this.chain;
    return this.#verify === 'always' ? verifier : signatures.remembering(verifier);
  }

  #checked(): CheckedPool {
    return {
      chain: this.chain,
      graph: this.#graph,
      fullRbf: this.fullRbf,
      minRelayFeeSatPerKvb: this.minRelayFeeSatPerKvb,
      chainLimits: this.chainLimits,
      minFeeSatPerKvb: this.#minimumFee.satPerKvb(this.#timeSeconds, this.#fullness),
      timeSeconds: this.#timeSeconds,
    };
  }

  #accept(tx: Transaction, mode: AcceptMode): AcceptResult {
    const candidate = checkCandidate(tx, this.#checked(), mode);
    if (!candidate.ok) return candidate;
    const { entry, parents, conflicts, evictsSibling } = candidate;
    if (!spendsParentsDust(tx, (txid) => this.#graph.get(txid))) return refusal('missing-ephemeral-spends');
    const evicted = conflicts.length === 0 ? conflicts : withDescendants(conflicts);
    if (conflicts.length > 0) {
      const { feeSat, vsize } = entry;
      const replacement = { feeSat, vsize, parents, conflicts, evicted, evictsSibling };
      const reason = checkReplacement(replacement, this.incrementalRelayFeeSatPerKvb);
      if (reason !== null) return refusal(reason, reason.startsWith('insufficient fee'));
    }
    const failed = checkScripts(tx, candidate.coins, this.#verifier);
    if (failed !== null) return refusal(failed);
    this.#replace(evicted);
    this.#add(candidate);
    return accepted(entry, evicted);
  }

  /** Members that none could stand alone; parents first. */
  #acceptTogether(transactions: readonly Transaction[]): {
    reason: PackageRejectReason | null;
    results: ReadonlyMap<Transaction, AcceptResult>;
  } {
    const checked = checkMembers(transactions, this.#checked(), this.incrementalRelayFeeSatPerKvb, this.#verifier);
    if (!checked.ok) {
      const { reason, fault } = checked;
      return { reason, results: new Map(fault === null ? [] : [[fault.tx, fault.refusal]]) };
    }
    this.#replace(checked.evicted);
    const results = new Map<Transaction, AcceptResult>();
    for (const [index, member] of checked.members.entries()) {
      this.#add(member);
      results.set(member.tx, accepted(member.entry, index === 0 ? checked.evicted : []));
    }
    return { reason: null, results };
  }

  /** The result for a package's member that is in the pool already, under whatever witness; null if it is not. */
  #known(tx: Transaction): AcceptResult | null {
    const entry = this.#graph.get(txidOf(tx));
    return entry === undefined ? null : accepted(entry, []);
  }

  #add({ entry, coins }: Pick<Candidate, 'entry' | 'coins'>): void {
    this.#graph.add(entry, coins);
    this.#ages.push(entry);
    for (const listener of this.#listeners.slice()) listener.added?.(entry);
  }

  /** @param entries closed under descendants, parents first */
  #replace(entries: readonly MempoolEntry[]): void {
    for (const entry of entries) if (this.#graph.get(entry.txid) === entry) this.#remove(entry, 'replaced');
  }

  /** An entry goes, and all that builds on it. */
  #remove(entry: MempoolEntry, reason: RemovalReason): void {
    for (const gone of this.#graph.removeWithDescendants(entry)) this.#tellRemoved(gone, reason);
  }

  #tellRemoved(entry: MempoolEntry, reason: RemovalReason): void {
    for (const listener of this.#listeners.slice()) listener.removed?.(entry, reason);
  }

  /** What is too old goes, then the worst packages until the rest fits. */
  #limitSize(): void {
    const isHere = (entry: MempoolEntry): boolean => this.#graph.get(entry.txid) === entry;
    const oldest = this.#timeSeconds - this.#expirySeconds;
    for (const entry of this.#ages.before(oldest, isHere, this.size)) if (isHere(entry)) this.#remove(entry, 'expiry');
    while (this.vsize > this.maxVsize) {
      const { worst } = this.#graph;
      assert(worst !== undefined, 'a full pool has entries');
      const { feeSat, vsize } = worst.withDescendants;
      this.#minimumFee.evicted(Math.floor((feeSat * 1000) / vsize));
      this.#remove(worst, 'sizelimit');
    }
  }

  #blockConnected({ block }: ConnectedBlock): void {
    for (const tx of block.transactions) {
      const entry = this.#graph.get(txidOf(tx));
      if (entry !== undefined) {
        this.#graph.confirm(entry);
        this.#tellRemoved(entry, 'block');
      }
      // what spends the same coin can never be mined now, nor can what builds on it
      for (const conflict of this.#graph.conflictsOf(tx)) {
        if (this.#graph.get(conflict.txid) === conflict) this.#remove(conflict, 'conflict');
      }
    }
    this.#minimumFee.advance(this.#timeSeconds, this.#fullness);
    this.#minimumFee.blockConnected(this.#timeSeconds);
  }

  /** The block's transactions come first, then all entries again: locks, maturity and parents have changed. */
  #blockDisconnected({ block }: ConnectedBlock): void {
    const entries = [...this.#graph.entries()];
    this.#graph.clear();
    for (const tx of block.transactions.slice(1)) this.#accept(tx, ACCEPT_MODE.disconnected);
    for (const entry of entries) {
      const coins = coinsAfterReorg(entry, this.#graph, this.chain, this.chainLimits);
      if (coins === null) this.#tellRemoved(entry, 'reorg');
      else this.#graph.add(entry, coins);
    }
    this.#limitSize();
  }
}

const accepted = ({ txid, feeSat, weight }: MempoolEntry, replaced: readonly MempoolEntry[]): AcceptResult => ({
  ok: true,
  txid,
  feeSat,
  weight,
  replaced: replaced.map((each) => each.txid),
});
