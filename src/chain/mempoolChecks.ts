/**
 * What a transaction must pass to enter a mempool, besides replacing what it conflicts with: consensus as of the next
 * block, standardness, fee, chain limits, BIP 431 (Bitcoin Core `validation.cpp`, "PreChecks", in its order), and scripts.
 */
import type { Blockchain } from './blockchain.ts';
import { mayHaveDust } from './ephemeralDust.ts';
import { verifyInput } from './interpreter.ts';
import { type MempoolEntry, newEntry } from './mempoolEntry.ts';
import { type MempoolGraph, withAncestors } from './mempoolGraph.ts';
import {
  CARVE_OUT_VSIZE,
  type ChainLimits,
  fitsChainLimits,
  limitsForCarveOut,
  limitsForReplacing,
} from './mempoolLimits.ts';
import {
  checkStandard,
  checkStandardInputs,
  feeAtRateSat,
  MAX_STANDARD_TX_SIGOP_COST,
  type PolicyRejectReason,
} from './policy.ts';
import { type ReplacementRejectReason, signalsReplacement } from './replacement.ts';
import { type ScriptError, scriptErrorMessage } from './scriptError.ts';
import { CONSENSUS_FLAGS, STANDARD_FLAGS } from './scriptFlags.ts';
import type { SignatureVerifier } from './signatureCheck.ts';
import { sigopCost } from './sigops.ts';
import { isFinal, sequenceLocksPassed } from './timelocks.ts';
import { isCoinbase, type Transaction, type Txid, txidOf, wtxidOf } from './transaction.ts';
import { isTruc, trucViolation } from './truc.ts';
import type { Coin } from './utxoSet.ts';
import { checkInputs, checkTransaction, type InputsRejectReason, type TransactionRejectReason } from './validate.ts';

export type MempoolRejectReason =
  | 'coinbase'
  | 'non-final'
  | 'txn-already-in-mempool'
  | 'txn-same-nonwitness-data-in-mempool'
  | 'txn-already-known'
  | 'txn-mempool-conflict'
  | 'bad-txns-inputs-missingorspent'
  | 'bad-txns-spends-conflicting-tx'
  | 'non-BIP68-final'
  | 'bad-txns-too-many-sigops'
  | 'min relay fee not met'
  | 'mempool min fee not met'
  | 'mempool full'
  | 'too-long-mempool-chain'
  | 'TRUC-violation'
  | 'missing-ephemeral-spends'
  | `mandatory-script-verify-flag-failed (${string})`
  | `non-mandatory-script-verify-flag (${string})`
  | TransactionRejectReason
  | InputsRejectReason
  | PolicyRejectReason
  | ReplacementRejectReason;

export interface Refusal {
  readonly ok: false;
  readonly reason: MempoolRejectReason;
  /** whether the same transaction may be taken in a package: its fee is at fault, or a parent is missing */
  readonly reconsiderable: boolean;
}

/** A transaction that has passed, and what the passing found out. */
export interface Candidate {
  readonly ok: true;
  readonly tx: Transaction;
  readonly entry: MempoolEntry;
  /** one for every input */
  readonly coins: readonly Coin[];
  /** in the pool */
  readonly parents: readonly MempoolEntry[];
  readonly ancestors: readonly MempoolEntry[];
  /** what must go: entries that spend the same coins, and a sibling in the way (BIP 431) */
  readonly conflicts: readonly MempoolEntry[];
  readonly evictsSibling: boolean;
}

/** What the checks ask of the pool. */
export interface CheckedPool {
  readonly chain: Blockchain;
  readonly graph: MempoolGraph;
  readonly fullRbf: boolean;
  readonly minRelayFeeSatPerKvb: number;
  readonly chainLimits: ChainLimits;
  /** the rolling minimum, sat per 1,000 virtual bytes */
  readonly minFeeSatPerKvb: number;
  readonly timeSeconds: number;
}

/** Which of the checks depend on how a transaction comes. */
export interface AcceptMode {
  /** whether the minimum fee rates are asked of it alone: of a package's member, the package is asked */
  readonly aloneFee: boolean;
  /** whether one descendant too many may be let in */
  readonly carveOut: boolean;
  /** whether a sibling of version 3 may have to go */
  readonly siblingEviction: boolean;
  /** whether a block had it already: its fee was the miner's affair */
  readonly fromBlock: boolean;
}

const mode = (aloneFee: boolean, carveOut: boolean, siblingEviction: boolean, fromBlock = false): AcceptMode => ({
  aloneFee,
  carveOut,
  siblingEviction,
  fromBlock,
});
/** The four ways to come (Bitcoin Core `ATMPArgs`). */
// prettier-ignore
export const ACCEPT_MODE = {
  //                       fee alone  carve-out  sibling eviction  from a block
  single:             mode(true,      true,      true),
  singleOfPackage:    mode(true,      false,     true),
  memberOfPackage:    mode(false,     false,     false),
  disconnected:       mode(false,     true,      true,             true),
} as const;

export const refusal = (reason: MempoolRejectReason, reconsiderable = false): Refusal => ({
  ok: false,
  reason,
  reconsiderable,
});

/**
 * Everything but ephemeral dust, replacement and scripts.
 * @param staged members of a package that are before it and not in the pool yet
 */
export function checkCandidate(
  tx: Transaction,
  pool: CheckedPool,
  { aloneFee, carveOut, siblingEviction, fromBlock }: AcceptMode,
  staged: ReadonlyMap<Txid, Candidate> = new Map(),
): Candidate | Refusal {
  const { chain, graph } = pool;
  const reason = checkAlone(tx, pool);
  if (reason !== null) return refusal(reason);
  const conflicts = graph.conflictsOf(tx);
  if (!pool.fullRbf && !conflicts.every(signalsReplacement)) return refusal('txn-mempool-conflict');

  const coins = findCoins(tx, pool, staged);
  if (coins === null) {
    return isOnChain(tx, chain) ? refusal('txn-already-known') : refusal('bad-txns-inputs-missingorspent', true); // a parent may come
  }
  const coinHeights = coins.map((coin) => coin.height);
  if (!sequenceLocksPassed(tx, coinHeights, chain.nextBlockLocks())) return refusal('non-BIP68-final');
  const fee = checkInputs(tx, coins, chain.height + 1);
  if (typeof fee === 'string') return refusal(fee);
  const nonstandard = checkStandardInputs(tx, coins);
  if (nonstandard !== null) return refusal(nonstandard);

  const cost = sigopCost(tx, coins);
  const entry = newEntry(tx, fee, cost, pool.timeSeconds, chain.height);
  const { vsize } = entry;
  if (!mayHaveDust(entry.dust, fee)) return refusal('dust');
  if (cost > MAX_STANDARD_TX_SIGOP_COST) return refusal('bad-txns-too-many-sigops');
  // a child could pay for it now and leave later; BIP 431 alone bounds what that costs
  if (!fromBlock && !isTruc(tx) && fee < feeAtRateSat(pool.minRelayFeeSatPerKvb, vsize)) {
    return refusal('min relay fee not met');
  }
  const poor = aloneFee ? checkFeeRate(fee, vsize, pool) : null;
  if (poor !== null) return refusal(poor, true);

  const parents = graph.parentsOf(tx);
  const ancestors = parents.length === 0 ? parents : withAncestors(parents);
  const limits = carveOut ? limitsForReplacing(pool.chainLimits, conflicts) : pool.chainLimits;
  const mayBeCarvedOut = carveOut && vsize <= CARVE_OUT_VSIZE && !isTruc(tx);
  const fits =
    fitsChainLimits(ancestors, 1, vsize, limits) ||
    (mayBeCarvedOut && fitsChainLimits(ancestors, 1, vsize, limitsForCarveOut(limits)));
  if (!fits) return refusal('too-long-mempool-chain');
  const violation = trucViolation(tx, vsize, ancestors, conflicts);
  const sibling = siblingEviction ? (violation?.sibling ?? null) : null;
  if (violation !== null && sibling === null) return refusal('TRUC-violation');
  if (sibling !== null) conflicts.push(sibling);
  if (ancestors.some((ancestor) => conflicts.includes(ancestor))) return refusal('bad-txns-spends-conflicting-tx');
  return { ok: true, tx, entry, coins, parents, ancestors, conflicts, evictsSibling: sibling !== null };
}

/** Whether a transaction or a package pays what a pool that was full asks, and what relay costs; null if both. */
export function checkFeeRate(
  feeSat: number,
  vsize: number,
  pool: Pick<CheckedPool, 'minFeeSatPerKvb' | 'minRelayFeeSatPerKvb'>,
): 'mempool min fee not met' | 'min relay fee not met' | null {
  if (feeSat < feeAtRateSat(pool.minFeeSatPerKvb, vsize)) return 'mempool min fee not met';
  return feeSat < feeAtRateSat(pool.minRelayFeeSatPerKvb, vsize) ? 'min relay fee not met' : null;
}

/** Every script under policy's flags; what fails only there is not the sender's crime, and the reason says so. */
export function checkScripts(
  tx: Transaction,
  coins: readonly Coin[],
  verifier: SignatureVerifier,
): MempoolRejectReason | null {
  const firstError = (flags: number): ScriptError | null => {
    for (const [index, coin] of coins.entries()) {
      const error = verifyInput(tx, index, coin, flags, verifier);
      if (error !== null) return error;
    }
    return null;
  };
  const error = firstError(STANDARD_FLAGS);
  if (error === null) return null;
  // what breaks consensus is told by consensus' own error, which may be another
  const crime = firstError(CONSENSUS_FLAGS);
  return crime === null
    ? `non-mandatory-script-verify-flag (${scriptErrorMessage(error)})`
    : `mandatory-script-verify-flag-failed (${scriptErrorMessage(crime)})`;
}

function checkAlone(tx: Transaction, { chain, graph }: CheckedPool): MempoolRejectReason | null {
  const malformed = checkTransaction(tx);
  if (malformed !== null) return malformed;
  if (isCoinbase(tx)) return 'coinbase';
  const nonstandard = checkStandard(tx);
  if (nonstandard !== null) return nonstandard;
  if (!isFinal(tx, chain.height + 1, chain.medianTimePastSeconds)) return 'non-final';
  const known = graph.get(txidOf(tx));
  if (known === undefined) return null;
  return wtxidOf(known.tx) === wtxidOf(tx) ? 'txn-already-in-mempool' : 'txn-same-nonwitness-data-in-mempool';
}

/** One for every input, from the chain, the pool or the package; null if one is nowhere. */
function findCoins(
  tx: Transaction,
  { chain, graph }: CheckedPool,
  staged: ReadonlyMap<Txid, Candidate>,
): Coin[] | null {
  const coins: Coin[] = [];
  for (const { prevout } of tx.inputs) {
    const parent = staged.get(prevout.txid)?.tx ?? graph.get(prevout.txid)?.tx;
    const coin = chain.utxos.get(prevout) ?? unconfirmedCoin(parent, prevout.vout, chain);
    if (coin === undefined) return null;
    coins.push(coin);
  }
  return coins;
}

/** An output of an unconfirmed transaction, as the next block would have it. */
export function unconfirmedCoin(tx: Transaction | undefined, vout: number, chain: Blockchain): Coin | undefined {
  const output = tx?.outputs[vout];
  return output && { ...output, height: chain.height + 1, isCoinbase: false };
}

/** Whether it is on the chain with an output still unspent. */
function isOnChain(tx: Transaction, chain: Blockchain): boolean {
  const txid = txidOf(tx);
  return tx.outputs.some((_, vout) => chain.utxos.has({ txid, vout }));
}
