/**
 * Which transactions the next block holds: the best-paying packages, a package being an entry with all its ancestors
 * that are not in yet, so that a child can pay for its parent (Bitcoin Core `node/miner.cpp`, "addPackageTxs").
 */
import { type Sat, sat } from '../base/units.ts';
import type { Mempool } from './mempool.ts';
import type { MempoolEntry } from './mempoolEntry.ts';
import { MAX_BLOCK_WEIGHT } from './validate.ts';
import { MAX_BLOCK_SIGOP_COST } from './validateBlock.ts';

export interface BlockTemplate {
  /** parents before children */
  readonly entries: readonly MempoolEntry[];
  readonly feesSat: Sat;
  readonly weight: number;
  readonly sigopCost: number;
}

export interface TemplateLimits {
  /** weight units left for transactions besides the coinbase */
  readonly weight: number;
  readonly sigopCost: number;
}

/** A nearly full block: after this many packages in a row that did not fit, the rest is left (Bitcoin Core). */
const MAX_CONSECUTIVE_FAILURES = 1000;
/** Weight units: what counts as nearly full. */
const NEARLY_FULL_WEIGHT = 4000;

/**
 * Chooses from the pool by package fee rate, the earlier entry first where equal: the same pool, the same choice. All
 * that the pool holds is final in the next block, so locks need no look here.
 */
export function selectTransactions(
  pool: Mempool,
  limits: TemplateLimits = { weight: MAX_BLOCK_WEIGHT, sigopCost: MAX_BLOCK_SIGOP_COST },
): BlockTemplate {
  const chosen = new Set<MempoolEntry>();
  const heap = new PackageHeap();
  /** the latest candidate of an entry; an older one in the heap has a stale rate */
  const latest = new Map<MempoolEntry, Candidate>();
  const offer = (entry: MempoolEntry): void => {
    const missing = entry.parents.length === 0 ? [] : pool.ancestors(entry).filter((each) => !chosen.has(each));
    const candidate = newCandidate(entry, missing);
    latest.set(entry, candidate);
    heap.push(candidate);
  };
  for (const entry of pool.entries()) offer(entry);

  let weight = 0;
  let sigopCost = 0;
  let feesSat = 0;
  let failures = 0;
  for (let best = heap.pop(); best !== null; best = heap.pop()) {
    if (chosen.has(best.entry) || latest.get(best.entry) !== best) continue;
    const fits = weight + best.weight <= limits.weight && sigopCost + best.sigopCost <= limits.sigopCost;
    if (!fits) {
      if (++failures > MAX_CONSECUTIVE_FAILURES && weight > limits.weight - NEARLY_FULL_WEIGHT) break;
      continue;
    }
    failures = 0;
    weight += best.weight;
    sigopCost += best.sigopCost;
    feesSat += best.feeSat;
    for (const member of best.members) chosen.add(member);
    // what builds on the chosen now brings a smaller package
    const waiting = new Set<MempoolEntry>();
    for (const member of best.members) {
      if (member.children.length === 0) continue;
      for (const each of pool.descendants(member)) if (!chosen.has(each)) waiting.add(each);
    }
    for (const each of waiting) offer(each);
  }
  return { entries: [...chosen], feesSat: sat(feesSat), weight, sigopCost };
}

/** An entry with the ancestors it still needs. */
interface Candidate {
  readonly entry: MempoolEntry;
  /** ancestors in order of acceptance, then the entry */
  readonly members: readonly MempoolEntry[];
  readonly feeSat: number;
  readonly weight: number;
  readonly sigopCost: number;
  /** sat per virtual byte of the package, or of the entry alone if that is less: a rich parent lifts no poor child */
  readonly rate: number;
}

function newCandidate(entry: MempoolEntry, missing: readonly MempoolEntry[]): Candidate {
  let { feeSat, weight, sigopCost, vsize }: { feeSat: number; weight: number; sigopCost: number; vsize: number } =
    entry;
  for (const ancestor of missing) {
    feeSat += ancestor.feeSat;
    weight += ancestor.weight;
    sigopCost += ancestor.sigopCost;
    vsize += ancestor.vsize;
  }
  const rate = Math.min(entry.feeSat / entry.vsize, feeSat / vsize);
  return { entry, members: [...missing, entry], feeSat, weight, sigopCost, rate };
}

const isBefore = (a: Candidate, b: Candidate): boolean =>
  a.rate !== b.rate ? a.rate > b.rate : a.entry.order < b.entry.order;

/** A binary heap, the best candidate on top. */
class PackageHeap {
  readonly #items: Candidate[] = [];

  push(candidate: Candidate): void {
    const items = this.#items;
    let at = items.length;
    items.push(candidate);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(candidate, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = candidate;
  }

  pop(): Candidate | null {
    const items = this.#items;
    const best = items[0];
    const last = items.pop();
    if (best === undefined || last === undefined) return null;
    if (items.length === 0) return best;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child++;
      if (!isBefore(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return best;
  }
}
