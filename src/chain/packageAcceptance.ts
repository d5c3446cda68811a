/**
 * Whether transactions that cannot enter a mempool one by one may enter it together (Bitcoin Core `validation.cpp`,
 * "AcceptMultipleTransactions", in its order): the package's fee rate counts instead of each one's.
 */
import { spendsParentsDust } from './ephemeralDust.ts';
import {
  ACCEPT_MODE,
  type Candidate,
  checkCandidate,
  type CheckedPool,
  checkFeeRate,
  checkScripts,
  type Refusal,
  refusal,
} from './mempoolChecks.ts';
import type { MempoolEntry } from './mempoolEntry.ts';
import { withAncestors } from './mempoolGraph.ts';
import { fitsChainLimits } from './mempoolLimits.ts';
import { checkPackageReplacement, type PackageReplacementReason } from './packageReplacement.ts';
import type { PackageShapeReason } from './packageRules.ts';
import type { SignatureVerifier } from './signatureCheck.ts';
import type { Transaction, Txid } from './transaction.ts';
import { packageKeepsTruc, type TrucMember } from './truc.ts';

export type PackageRejectReason =
  | PackageShapeReason
  | PackageReplacementReason
  /** a member's own reason says more */
  | 'transaction failed'
  | 'TRUC-violation'
  | 'package-mempool-limits'
  | 'unspent-dust';

export type MembersResult =
  | { readonly ok: true; readonly members: readonly Candidate[]; readonly evicted: readonly MempoolEntry[] }
  /** `fault`: the member that is at fault, where one is */
  | {
      readonly ok: false;
      readonly reason: PackageRejectReason;
      readonly fault: { readonly tx: Transaction; readonly refusal: Refusal } | null;
    };

/** @param transactions two or more, none in the pool, parents first */
export function checkMembers(
  transactions: readonly Transaction[],
  pool: CheckedPool,
  incrementalSatPerKvb: number,
  verifier: SignatureVerifier,
): MembersResult {
  const staged = new Map<Txid, Candidate>();
  for (const tx of transactions) {
    const candidate = checkCandidate(tx, pool, ACCEPT_MODE.memberOfPackage, staged);
    if (!candidate.ok) return failed('transaction failed', tx, candidate);
    staged.set(candidate.entry.txid, candidate);
  }
  const members = [...staged.values()];
  if (!packageKeepsTruc(trucMembers(members))) return failed('TRUC-violation');

  const feeSat = members.reduce((sum, { entry }) => sum + entry.feeSat, 0);
  const vsize = members.reduce((sum, { entry }) => sum + entry.vsize, 0);
  const poor = checkFeeRate(feeSat, vsize, pool);
  if (poor !== null) return failed('transaction failed', transactions.at(-1), refusal(poor, true));

  if (!fitsTogether(members, vsize, pool)) return failed('package-mempool-limits');
  const replaced = evictedBy(members, incrementalSatPerKvb);
  if (typeof replaced === 'string') return failed(replaced);
  for (const { tx } of members) {
    if (spendsParentsDust(tx, (txid) => staged.get(txid)?.entry ?? pool.graph.get(txid))) continue;
    return failed('unspent-dust', tx, refusal('missing-ephemeral-spends'));
  }
  for (const { tx, coins } of members) {
    const reason = checkScripts(tx, coins, verifier);
    if (reason !== null) return failed('transaction failed', tx, refusal(reason));
  }
  return { ok: true, members, evicted: replaced };
}

function failed(reason: PackageRejectReason, tx?: Transaction, why?: Refusal): MembersResult {
  return { ok: false, reason, fault: tx === undefined || why === undefined ? null : { tx, refusal: why } };
}

/** As if each member were built on all the others: what may be too many is refused, what is not may be (Bitcoin Core). */
function fitsTogether(members: readonly Candidate[], vsize: number, { chainLimits }: CheckedPool): boolean {
  const ancestors = withAncestors(members.flatMap((member) => member.parents));
  const { ancestorCount, ancestorVsize, descendantCount, descendantVsize } = chainLimits;
  return (
    members.length <= Math.min(ancestorCount, descendantCount) &&
    vsize <= Math.min(ancestorVsize, descendantVsize) &&
    fitsChainLimits(ancestors, members.length, vsize, chainLimits)
  );
}

/** What goes for the package, or why it may not. */
function evictedBy(
  members: readonly Candidate[],
  incrementalSatPerKvb: number,
): readonly MempoolEntry[] | PackageReplacementReason {
  if (members.every(({ conflicts }) => conflicts.length === 0)) return [];
  const replacing = members.map(({ entry, ancestors, conflicts }) => ({
    feeSat: entry.feeSat,
    vsize: entry.vsize,
    hasAncestorsInPool: ancestors.length > 0,
    conflicts,
  }));
  const result = checkPackageReplacement(replacing, incrementalSatPerKvb);
  return typeof result === 'string' ? result : result.evicted;
}

function trucMembers(members: readonly Candidate[]): TrucMember[] {
  const byTxid = new Map<Txid, TrucMember>();
  for (const { tx, entry, ancestors } of members) {
    const parents = new Set(tx.inputs.map(({ prevout }) => prevout.txid));
    const packageParents = [...byTxid].filter(([txid]) => parents.has(txid)).map(([, member]) => member);
    byTxid.set(entry.txid, { tx, vsize: entry.vsize, ancestors, packageParents });
  }
  return [...byTxid.values()];
}
