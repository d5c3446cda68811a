/**
 * The entries of a mempool and how they build on each other: sums over ancestors and descendants kept up to date with
 * every change, and two orders over them, best to mine first and worst to keep first (Bitcoin Core `txmempool.cpp`).
 *
 * It checks nothing: whoever adds an entry has.
 */
import { assert, present } from '../base/assert.ts';
import { addTo, type MempoolEntry, ownRate, type PackageSums } from './mempoolEntry.ts';
import { IndexedHeap } from './mempoolHeap.ts';
import { type OutPoint, outPointKey, type Transaction, type Txid, type TxOutput } from './transaction.ts';

export class MempoolGraph {
  /** parents before children: an entry comes after its parents */
  readonly #entries = new Map<Txid, MempoolEntry>();
  /** by outpoint key, the entry that spends it */
  readonly #spentBy = new Map<string, MempoolEntry>();
  readonly #toMine = new IndexedHeap<MempoolEntry>(minesBefore, {
    get: (entry) => entry.miningSlot,
    set: (entry, at) => void (entry.miningSlot = at),
  });
  readonly #toEvict = new IndexedHeap<MempoolEntry>(goesBefore, {
    get: (entry) => entry.evictionSlot,
    set: (entry, at) => void (entry.evictionSlot = at),
  });
  /** of all entries, and the two parts of what they spend */
  readonly totals = { feesSat: 0, spentFromChainSat: 0, spentWithinSat: 0, outputsSat: 0, weight: 0, vsize: 0 };
  #added = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(txid: Txid): MempoolEntry | undefined {
    return this.#entries.get(txid);
  }

  has(txid: Txid): boolean {
    return this.#entries.has(txid);
  }

  /** Parents before children. */
  entries(): IterableIterator<MempoolEntry> {
    return this.#entries.values();
  }

  /** The entry that spends an output. */
  spender(outPoint: OutPoint): MempoolEntry | undefined {
    return this.#spentBy.get(outPointKey(outPoint));
  }

  /** By mining rate, the best first, the earlier first where equal. Nothing may change meanwhile. */
  byMiningRate(): Generator<MempoolEntry, void> {
    return this.#toMine.ordered();
  }

  /** The entry to go first when the pool is full: the lowest eviction rate, the latest where equal. */
  get worst(): MempoolEntry | undefined {
    return this.#toEvict.first;
  }

  /** The entries that a transaction's inputs build on, each once. */
  parentsOf(tx: Transaction): MempoolEntry[] {
    return distinct(tx, ({ txid }) => this.#entries.get(txid));
  }

  /** The entries that spend what a transaction spends, each once. */
  conflictsOf(tx: Transaction): MempoolEntry[] {
    return distinct(tx, (outPoint) => this.#spentBy.get(outPointKey(outPoint)));
  }

  /** Adds a checked entry that conflicts with none. @param spent the outputs it spends, one for every input */
  add(entry: MempoolEntry, spent: readonly TxOutput[]): void {
    const { tx } = entry;
    entry.order = this.#added++;
    entry.spentFromChainSat = 0;
    entry.spentWithinSat = 0;
    for (const [index, { prevout }] of tx.inputs.entries()) {
      this.#spentBy.set(outPointKey(prevout), entry);
      if (this.#entries.has(prevout.txid)) entry.spentWithinSat += spent[index]!.valueSat;
      else entry.spentFromChainSat += spent[index]!.valueSat;
    }
    reset(entry);
    entry.parents.push(...this.parentsOf(tx));
    for (const parent of entry.parents) parent.children.push(entry);
    this.#entries.set(entry.txid, entry);
    for (const ancestor of entry.parents.length === 0 ? [] : ancestorsOf(entry)) {
      addTo(entry.withAncestors, ancestor, 1);
      addTo(ancestor.withDescendants, entry, 1);
      this.#toEvict.update(rankForEviction(ancestor));
    }
    this.#toMine.add(rankForMining(entry));
    this.#toEvict.add(rankForEviction(entry));
    this.#count(entry, 1);
  }

  /** Takes out an entry and all that builds on it. @returns what went, parents before children */
  removeWithDescendants(entry: MempoolEntry): MempoolEntry[] {
    const gone = [entry, ...descendantsOf(entry)];
    for (const each of gone.toReversed()) {
      for (const ancestor of each.parents.length === 0 ? [] : ancestorsOf(each)) {
        addTo(ancestor.withDescendants, each, -1);
        this.#toEvict.update(rankForEviction(ancestor));
      }
      this.#forget(each);
    }
    return gone;
  }

  /** The entry is on the chain: its children stay, and what they spend of it comes from the chain now. */
  confirm(entry: MempoolEntry): void {
    assert(entry.parents.length === 0, 'a block has parents before children');
    for (const descendant of entry.children.length === 0 ? [] : descendantsOf(entry)) {
      addTo(descendant.withAncestors, entry, -1);
      this.#toMine.update(rankForMining(descendant));
    }
    for (const child of entry.children) {
      drop(child.parents, entry);
      let movedSat = 0;
      for (const { prevout } of child.tx.inputs) {
        if (prevout.txid === entry.txid) movedSat += present(entry.tx.outputs[prevout.vout], 'a spent output').valueSat;
      }
      child.spentWithinSat -= movedSat;
      child.spentFromChainSat += movedSat;
      this.totals.spentWithinSat -= movedSat;
      this.totals.spentFromChainSat += movedSat;
    }
    entry.children.length = 0;
    this.#forget(entry);
  }

  clear(): void {
    this.#entries.clear();
    this.#spentBy.clear();
    this.#toMine.clear();
    this.#toEvict.clear();
    Object.assign(this.totals, {
      feesSat: 0,
      spentFromChainSat: 0,
      spentWithinSat: 0,
      outputsSat: 0,
      weight: 0,
      vsize: 0,
    });
  }

  /** Takes an entry out whose children are gone, or see to it themselves. */
  #forget(entry: MempoolEntry): void {
    for (const { prevout } of entry.tx.inputs) this.#spentBy.delete(outPointKey(prevout));
    for (const parent of entry.parents) drop(parent.children, entry);
    this.#entries.delete(entry.txid);
    this.#toMine.remove(entry);
    this.#toEvict.remove(entry);
    this.#count(entry, -1);
  }

  #count(entry: MempoolEntry, sign: 1 | -1): void {
    const { totals } = this;
    totals.feesSat += sign * entry.feeSat;
    totals.spentFromChainSat += sign * entry.spentFromChainSat;
    totals.spentWithinSat += sign * entry.spentWithinSat;
    totals.outputsSat += sign * entry.outputsSat;
    totals.weight += sign * entry.weight;
    totals.vsize += sign * entry.vsize;
  }
}

/** An entry's ancestors in the pool, without itself, parents before children. */
export const ancestorsOf = ({ parents }: MempoolEntry): MempoolEntry[] => inOrder(closure(parents, toParents));

/** Entries and all their ancestors in the pool, parents before children. */
export const withAncestors = (entries: readonly MempoolEntry[]): MempoolEntry[] => inOrder(closure(entries, toParents));

/** An entry's descendants in the pool, without itself, parents before children. */
export const descendantsOf = ({ children }: MempoolEntry): MempoolEntry[] => inOrder(closure(children, toChildren));

/** Entries and all their descendants in the pool, parents before children. */
export const withDescendants = (entries: readonly MempoolEntry[]): MempoolEntry[] =>
  inOrder(closure(entries, toChildren));

const toParents = (entry: MempoolEntry): readonly MempoolEntry[] => entry.parents;
const toChildren = (entry: MempoolEntry): readonly MempoolEntry[] => entry.children;

const minesBefore = (a: MempoolEntry, b: MempoolEntry): boolean =>
  a.miningRate !== b.miningRate ? a.miningRate > b.miningRate : a.order < b.order;

const goesBefore = (a: MempoolEntry, b: MempoolEntry): boolean =>
  a.evictionRate !== b.evictionRate ? a.evictionRate < b.evictionRate : a.order > b.order;

function rankForMining(entry: MempoolEntry): MempoolEntry {
  entry.miningRate = Math.min(ownRate(entry), ownRate(entry.withAncestors));
  return entry;
}

function rankForEviction(entry: MempoolEntry): MempoolEntry {
  entry.evictionRate = Math.max(ownRate(entry), ownRate(entry.withDescendants));
  return entry;
}

/** As it was before it came into a pool. */
function reset(entry: MempoolEntry): void {
  entry.parents.length = 0;
  entry.children.length = 0;
  for (const sums of [entry.withAncestors, entry.withDescendants]) {
    const alone: PackageSums = {
      count: 1,
      vsize: entry.vsize,
      weight: entry.weight,
      feeSat: entry.feeSat,
      sigopCost: entry.sigopCost,
    };
    Object.assign(sums, alone);
  }
}

function distinct(tx: Transaction, find: (outPoint: OutPoint) => MempoolEntry | undefined): MempoolEntry[] {
  const found = new Set<MempoolEntry>();
  for (const { prevout } of tx.inputs) {
    const entry = find(prevout);
    if (entry !== undefined) found.add(entry);
  }
  return [...found];
}

/** Everything reachable, the start included. */
function closure(
  start: readonly MempoolEntry[],
  next: (entry: MempoolEntry) => readonly MempoolEntry[],
): ReadonlySet<MempoolEntry> {
  const found = new Set(start);
  for (const entry of found) for (const each of next(entry)) found.add(each);
  return found;
}

/** In order of acceptance, hence parents before children. */
const inOrder = (entries: ReadonlySet<MempoolEntry>): MempoolEntry[] =>
  entries.size < 2 ? [...entries] : [...entries].sort((a, b) => a.order - b.order);

function drop<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
