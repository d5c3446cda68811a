/**
 * When a parent and its child may together replace others (Bitcoin Core 28, "limited package RBF"): the package must pay
 * for all that goes and for its relay, and must make the pool worth more to a miner at every size of block.
 */
import { type MempoolEntry, ownRate } from './mempoolEntry.ts';
import { withDescendants } from './mempoolGraph.ts';
import { isTooManyToReplace, paysForReplacing } from './replacement.ts';

export type PackageReplacementReason = `package RBF failed: ${string}`;

/** What several transactions bring a miner who takes them together. */
interface Chunk {
  readonly feeSat: number;
  readonly vsize: number;
}

/** A package's member, not in the pool yet. */
export interface ReplacingMember extends Chunk {
  readonly hasAncestorsInPool: boolean;
  readonly conflicts: readonly MempoolEntry[];
}

/** Why a package may not replace what its members conflict with; null if it may. @returns what goes, parents first */
export function checkPackageReplacement(
  members: readonly ReplacingMember[],
  incrementalSatPerKvb: number,
): { readonly evicted: readonly MempoolEntry[] } | PackageReplacementReason {
  const [parent, child] = members;
  if (parent === undefined || child === undefined || members.length !== 2) {
    return 'package RBF failed: package must be 1-parent-1-child';
  }
  if (parent.hasAncestorsInPool || child.hasAncestorsInPool) {
    return 'package RBF failed: new transaction cannot have mempool ancestors';
  }
  const conflicts = [...new Set([...parent.conflicts, ...child.conflicts])];
  if (isTooManyToReplace(conflicts)) return 'package RBF failed: too many potential replacements';
  const evicted = withDescendants(conflicts);
  const together: Chunk = { feeSat: parent.feeSat + child.feeSat, vsize: parent.vsize + child.vsize };
  if (!paysForReplacing(together.feeSat, together.vsize, evicted, incrementalSatPerKvb)) {
    return 'package RBF failed: insufficient anti-DoS fees';
  }
  // the child must pay for the parent, and so for what the parent replaces
  if (ownRate(together) <= ownRate(parent)) {
    return 'package RBF failed: package feerate is less than or equal to parent feerate';
  }
  const diagrams = diagramsOf(conflicts, evicted, together);
  if (typeof diagrams === 'string') return `package RBF failed: ${diagrams}`;
  return improves(diagrams.after, diagrams.before)
    ? { evicted }
    : 'package RBF failed: insufficient feerate: does not improve feerate diagram';
}

/**
 * What a miner would take before and after, in chunks. Only what stands alone or in a pair is reckoned with: there the
 * best order is evident.
 */
function diagramsOf(
  conflicts: readonly MempoolEntry[],
  evicted: readonly MempoolEntry[],
  replacement: Chunk,
): { readonly before: Chunk[]; readonly after: Chunk[] } | string {
  const before: Chunk[] = [];
  const after: Chunk[] = [replacement];
  for (const entry of conflicts) {
    const fault = faultOfPair(entry);
    if (fault !== null) return fault;
  }
  for (const entry of evicted) {
    const [parent] = entry.parents;
    // a parent is reckoned where its child is
    if (parent === undefined && entry.children.length === 0) before.push(entry);
    if (parent === undefined) continue;
    before.push(...chunksOfPair(parent, entry));
    if (!evicted.includes(parent)) after.push(parent);
  }
  return { before, after };
}

/** Why an entry is no part of a pair, in Bitcoin Core's words; null if it is, or stands alone. */
function faultOfPair(entry: MempoolEntry): string | null {
  const { txid, parents, children, withAncestors, withDescendants: below } = entry;
  if (below.count > 2) return `${txid} has ${below.count - 1} descendants, max 1 allowed`;
  if (withAncestors.count > 2) return `${txid} has ${withAncestors.count - 1} ancestors, max 1 allowed`;
  const [parent] = parents;
  const [child] = children;
  if (parent !== undefined && child !== undefined) {
    return `${txid} has both ancestor and descendant, exceeding cluster limit of 2`;
  }
  if (parent !== undefined && parent.withDescendants.count > 2) {
    return `${txid} is not the only child of parent ${parent.txid}`;
  }
  if (child !== undefined && child.withAncestors.count > 2) {
    return `${txid} is not the only parent of child ${child.txid}`;
  }
  return null;
}

/** A child that pays better than its parent is taken with it, another one after it. */
const chunksOfPair = (parent: MempoolEntry, child: MempoolEntry): Chunk[] =>
  ownRate(child) > ownRate(parent)
    ? [{ feeSat: parent.feeSat + child.feeSat, vsize: parent.vsize + child.vsize }]
    : [parent, child];

/** Whether the fees that fit a block are never less for one list of chunks than for another, and more for some size. */
function improves(after: readonly Chunk[], before: readonly Chunk[]): boolean {
  const [a, b] = [pointsOf(after), pointsOf(before)];
  // both are straight between their points, so the points of both are where they can differ most
  const signs = [...a.map((point) => compareTo(b, point)), ...b.map((point) => -compareTo(a, point))];
  return signs.every((sign) => sign >= 0) && signs.some((sign) => sign > 0);
}

/** Cumulated, the best rate first. */
function pointsOf(chunks: readonly Chunk[]): Chunk[] {
  let [feeSat, vsize] = [0, 0];
  return [...chunks]
    .sort((a, b) => ownRate(b) - ownRate(a))
    .map((chunk) => ({ feeSat: (feeSat += chunk.feeSat), vsize: (vsize += chunk.vsize) }));
}

/** Whether a point lies above (1), on (0) or below (−1) a diagram, exactly; past its end a diagram is level. */
function compareTo(diagram: readonly Chunk[], point: Chunk): number {
  let from: Chunk = { feeSat: 0, vsize: 0 };
  for (const to of diagram) {
    if (point.vsize < to.vsize) {
      // (point − from) against the slope of the segment; the products may pass 2^53
      const rise = BigInt(point.feeSat - from.feeSat) * BigInt(to.vsize - from.vsize);
      const line = BigInt(to.feeSat - from.feeSat) * BigInt(point.vsize - from.vsize);
      return rise > line ? 1 : rise < line ? -1 : 0;
    }
    from = to;
  }
  return Math.sign(point.feeSat - from.feeSat);
}
