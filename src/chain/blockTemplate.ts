/**
 * Which transactions the next block holds: the best-paying packages, a package being an entry with all its ancestors
 * that are not in yet, so that a child can pay for its parent (Bitcoin Core up to 30, `node/miner.cpp`, "addPackageTxs").
 *
 * The pool keeps its entries ranked by package, so a template costs what it takes, not what the pool holds.
 */
import { type Sat, sat } from '../base/units.ts';
import type { CompetingDemand } from './feeMarket.ts';
import type { Mempool } from './mempool.ts';
import { addTo, type MempoolEntry, ownRate, type PackageSums } from './mempoolEntry.ts';
import { Heap } from './mempoolHeap.ts';
import { feeAtRateSat } from './policy.ts';
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
  /** sat per 1,000 virtual bytes below which no package goes in; default the pool's own minimum for relay */
  readonly minFeeSatPerKvb?: number;
  /** who else wants the block's space; default nobody */
  readonly competing?: CompetingDemand;
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
  const least = limits.minFeeSatPerKvb ?? pool.minRelayFeeSatPerKvb;
  const packages = new PackageQueue(pool);
  let weight = 0;
  let sigopCost = 0;
  let feesSat = 0;
  let failures = 0;
  for (let best = packages.next(); best !== null; best = packages.next()) {
    if (best.feeSat < feeAtRateSat(least, best.vsize)) break;
    // what outbids the package is in the block before it
    const ahead = weight + (limits.competing?.weightAbove(best.rate * 1000) ?? 0);
    if (ahead + best.weight > limits.weight || sigopCost + best.sigopCost > limits.sigopCost) {
      if (++failures > MAX_CONSECUTIVE_FAILURES && ahead > limits.weight - NEARLY_FULL_WEIGHT) break;
      continue;
    }
    failures = 0;
    weight += best.weight;
    sigopCost += best.sigopCost;
    feesSat += best.feeSat;
    packages.take(best);
  }
  return { entries: packages.taken, feesSat: sat(feesSat), weight, sigopCost };
}

/** An entry with the ancestors it still needs. */
export interface Package {
  readonly entry: MempoolEntry;
  /** sat per virtual byte of the package, or of the entry alone if that is less */
  readonly rate: number;
  readonly feeSat: number;
  readonly vsize: number;
  readonly weight: number;
  readonly sigopCost: number;
}

/**
 * A pool's packages, the best first, each offered once; taking one makes what builds on it a smaller package, which is
 * offered anew. The pool must not change meanwhile.
 */
export class PackageQueue {
  readonly #untouched: Generator<MempoolEntry, void>;
  #nextUntouched: MempoolEntry | null;
  readonly #taken = new Set<MempoolEntry>();
  /** of an entry with ancestors that are taken: what the others and itself amount to */
  readonly #missing = new Map<MempoolEntry, PackageSums>();
  readonly #touched = new Heap<Offer>(isBefore);
  /** the latest offer of an entry; an older one in the heap has a stale rate */
  readonly #latest = new Map<MempoolEntry, Offer>();

  constructor(pool: Mempool) {
    this.#untouched = pool.byMiningRate();
    this.#nextUntouched = this.#findUntouched();
  }

  /** What was taken, parents before children. */
  get taken(): readonly MempoolEntry[] {
    return [...this.#taken];
  }

  /** The best package not offered yet, or null at the end. */
  next(): Package | null {
    let touched = this.#touched.first;
    while (touched !== undefined && this.#latest.get(touched.entry) !== touched) {
      this.#touched.pop();
      touched = this.#touched.first;
    }
    let entry = this.#nextUntouched;
    if (entry !== null && (this.#taken.has(entry) || this.#missing.has(entry))) {
      entry = this.#nextUntouched = this.#findUntouched();
    }
    if (touched !== undefined && (entry === null || isBefore(touched, offerOf(entry)))) {
      this.#touched.pop();
      this.#latest.delete(touched.entry);
      return packageOf(touched.entry, touched.rate, this.#missing.get(touched.entry)!);
    }
    if (entry === null) return null;
    this.#nextUntouched = this.#findUntouched();
    return packageOf(entry, entry.miningRate, entry.withAncestors);
  }

  /** Takes the entry and the ancestors it needs. */
  take({ entry }: Package): void {
    const taken = this.#taken;
    const members = this.#membersOf(entry);
    for (const member of members) taken.add(member);
    const touched = new Set<MempoolEntry>();
    for (const member of members) {
      this.#latest.delete(member);
      if (member.withDescendants.count === 1) continue;
      for (const descendant of descendants(member)) {
        if (taken.has(descendant)) continue;
        let missing = this.#missing.get(descendant);
        if (missing === undefined) this.#missing.set(descendant, (missing = { ...descendant.withAncestors }));
        addTo(missing, member, -1);
        touched.add(descendant);
      }
    }
    for (const each of touched) {
      const offer = { entry: each, rate: Math.min(ownRate(each), ownRate(this.#missing.get(each)!)) };
      this.#latest.set(each, offer);
      this.#touched.push(offer);
    }
  }

  /** The ancestors not taken yet, in order of acceptance, then the entry. */
  #membersOf(entry: MempoolEntry): readonly MempoolEntry[] {
    if (entry.parents.length === 0) return [entry];
    const members = new Set([entry]);
    for (const each of members) for (const parent of each.parents) if (!this.#taken.has(parent)) members.add(parent);
    return [...members].sort((a, b) => a.order - b.order);
  }

  #findUntouched(): MempoolEntry | null {
    for (;;) {
      const { value } = this.#untouched.next();
      if (!value) return null;
      if (!this.#taken.has(value) && !this.#missing.has(value)) return value;
    }
  }
}

/** An entry's place among the others. */
interface Offer {
  readonly entry: MempoolEntry;
  readonly rate: number;
}

const offerOf = (entry: MempoolEntry): Offer => ({ entry, rate: entry.miningRate });

const isBefore = (a: Offer, b: Offer): boolean => (a.rate !== b.rate ? a.rate > b.rate : a.entry.order < b.entry.order);

function packageOf(entry: MempoolEntry, rate: number, sums: PackageSums): Package {
  const { feeSat, vsize, weight, sigopCost } = sums;
  return { entry, rate, feeSat, vsize, weight, sigopCost };
}

/** Everything that builds on an entry, in no order that matters. */
function descendants(entry: MempoolEntry): ReadonlySet<MempoolEntry> {
  const found = new Set(entry.children);
  for (const each of found) for (const child of each.children) found.add(child);
  return found;
}
