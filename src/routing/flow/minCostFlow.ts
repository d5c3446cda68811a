/**
 * Minimum-cost flow with convex costs: successive shortest paths with potentials (Busacker and Gowen, 1961; Edmonds and Karp,
 * JACM 19, 1972) on arcs whose cost is piecewise linear and rises with their flow.
 *
 * An arc's pieces are not arcs of their own: it keeps the piece that its next unit falls in, so the residual network is as
 * small as the network. Each search ends when it settles the target; only what it settled gets a new potential. Amounts and
 * costs are integers, so sums below 2^53 are exact. Pieces are asked for when a search first meets an arc.
 */
import { assert } from '../../base/assert.ts';
import { SearchHeap } from '../searchHeap.ts';

/** The most pieces that an arc may have. */
export const MOST_PIECES = 8;

/** What arcs cost. */
export interface ArcCosts {
  /**
   * Writes an arc's pieces from `at` on, by rising cost.
   * @param capacity units that fit in each piece @param unitCost of each, a non-negative integer
   * @returns how many there are; 0 for an arc that is not to be used
   */
  describe(arc: number, capacity: Float64Array, unitCost: Float64Array, at: number): number;
}

export interface FlowResult {
  /** units that reach the target: less than asked for where no more can */
  readonly sent: number;
  readonly cost: number;
  /** arcs with flow, by rising arc */
  readonly arcs: readonly number[];
  /** per entry of `arcs` */
  readonly flows: readonly number[];
}

export class MinCostFlow {
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** arcs by the node they leave, and by the node they enter */
  readonly #out: Rows;
  readonly #in: Rows;

  // per arc, valid where `#describedIn` has the run's number
  readonly #describedIn: Uint32Array;
  readonly #pieces: Uint8Array;
  /** the piece that the next unit falls in, and the units already in it */
  readonly #piece: Uint8Array;
  readonly #inPiece: Float64Array;
  readonly #capacity: Float64Array;
  readonly #unitCost: Float64Array;
  #used: number[] = [];

  // per node
  readonly #potential: Float64Array;
  readonly #distance: Float64Array;
  readonly #labelledIn: Uint32Array;
  readonly #settledIn: Uint32Array;
  /** arcs with flow that enter the node */
  readonly #flowIn: Int32Array;
  /** the arc that reached the node, or its complement where flow is sent back */
  readonly #reachedBy: Int32Array;
  readonly #heap = new SearchHeap();
  #settled: Int32Array;
  #run = 0;
  #search = 0;

  /** @param from per arc @param to per arc */
  constructor(nodes: number, from: Int32Array, to: Int32Array) {
    const arcs = from.length;
    this.#from = from;
    this.#to = to;
    this.#out = rowsOf(nodes, from);
    this.#in = rowsOf(nodes, to);
    this.#describedIn = new Uint32Array(arcs);
    this.#pieces = new Uint8Array(arcs);
    this.#piece = new Uint8Array(arcs);
    this.#inPiece = new Float64Array(arcs);
    this.#capacity = new Float64Array(arcs * MOST_PIECES);
    this.#unitCost = new Float64Array(arcs * MOST_PIECES);
    this.#potential = new Float64Array(nodes);
    this.#distance = new Float64Array(nodes);
    this.#labelledIn = new Uint32Array(nodes);
    this.#settledIn = new Uint32Array(nodes);
    this.#flowIn = new Int32Array(nodes);
    this.#reachedBy = new Int32Array(nodes);
    this.#settled = new Int32Array(nodes);
  }

  /** Sends as much of an amount as can be sent, as cheaply as it can be. @param amount units, a positive integer */
  solve(costs: ArcCosts, source: number, target: number, amount: number): FlowResult {
    assert(source !== target && amount > 0, 'something to send to another node');
    this.#run++;
    this.#potential.fill(0);
    this.#flowIn.fill(0);
    this.#used = [];
    let sent = 0;
    while (sent < amount && this.#reach(costs, source, target)) sent += this.#augment(source, target, amount - sent);
    return this.#result(sent);
  }

  /** Finds the cheapest way for one more unit, and raises the potentials of what it settled. */
  #reach(costs: ArcCosts, source: number, target: number): boolean {
    const search = ++this.#search;
    const heap = this.#heap;
    const distance = this.#distance;
    const settledIn = this.#settledIn;
    heap.size = 0;
    let settled = 0;
    distance[source] = 0;
    this.#labelledIn[source] = search;
    heap.push(0, source);
    while (heap.size > 0) {
      const node = heap.pop();
      if (settledIn[node] === search) continue;
      settledIn[node] = search;
      this.#settled[settled++] = node;
      if (node === target) break;
      this.#relax(costs, node);
    }
    if (settledIn[target] !== search) return false;
    const end = distance[target]!;
    for (let i = 0; i < settled; i++) this.#potential[this.#settled[i]!]! += distance[this.#settled[i]!]! - end;
    return true;
  }

  #relax(costs: ArcCosts, node: number): void {
    const { start, arcs } = this.#out;
    const here = this.#distance[node]! + this.#potential[node]!;
    const run = this.#run;
    for (let i = start[node]!; i < start[node + 1]!; i++) {
      const arc = arcs[i]!;
      const to = this.#to[arc]!;
      if (this.#settledIn[to] === this.#search) continue;
      if (this.#describedIn[arc] !== run) this.#describe(costs, arc);
      const piece = this.#piece[arc]!;
      if (piece === this.#pieces[arc]) continue; // full
      this.#offer(to, here + this.#unitCost[MOST_PIECES * arc + piece]! - this.#potential[to]!, arc);
    }
    if (this.#flowIn[node] === 0) return;
    for (let i = this.#in.start[node]!; i < this.#in.start[node + 1]!; i++) {
      const arc = this.#in.arcs[i]!;
      const from = this.#from[arc]!;
      if (this.#settledIn[from] === this.#search || this.#describedIn[arc] !== run) continue;
      const last = this.#lastPiece(arc);
      if (last === -1) continue;
      this.#offer(from, here - this.#unitCost[MOST_PIECES * arc + last]! - this.#potential[from]!, ~arc);
    }
  }

  #offer(node: number, distance: number, by: number): void {
    if (this.#labelledIn[node] === this.#search && this.#distance[node]! <= distance) return;
    this.#labelledIn[node] = this.#search;
    this.#distance[node] = distance;
    this.#reachedBy[node] = by;
    this.#heap.push(distance, node);
  }

  #describe(costs: ArcCosts, arc: number): void {
    this.#describedIn[arc] = this.#run;
    this.#piece[arc] = 0;
    this.#inPiece[arc] = 0;
    this.#pieces[arc] = costs.describe(arc, this.#capacity, this.#unitCost, MOST_PIECES * arc);
  }

  /** The piece that the arc's last unit is in, −1 where it has no flow. */
  #lastPiece(arc: number): number {
    return this.#inPiece[arc]! > 0 ? this.#piece[arc]! : this.#piece[arc]! - 1;
  }

  /** Sends along the way found as much as fits in one piece of each of its arcs. */
  #augment(source: number, target: number, most: number): number {
    let units = most;
    for (let node = target; node !== source; node = this.#before(node)) {
      units = Math.min(units, this.#room(this.#reachedBy[node]!));
    }
    for (let node = target; node !== source; node = this.#before(node)) this.#send(this.#reachedBy[node]!, units);
    return units;
  }

  #before(node: number): number {
    const by = this.#reachedBy[node]!;
    return by >= 0 ? this.#from[by]! : this.#to[~by]!;
  }

  #room(by: number): number {
    if (by >= 0) return this.#capacity[MOST_PIECES * by + this.#piece[by]!]! - this.#inPiece[by]!;
    const arc = ~by;
    return this.#inPiece[arc]! > 0 ? this.#inPiece[arc]! : this.#capacity[MOST_PIECES * arc + this.#piece[arc]! - 1]!;
  }

  #send(by: number, units: number): void {
    const arc = by >= 0 ? by : ~by;
    const had = this.#lastPiece(arc) !== -1;
    if (by >= 0) {
      this.#inPiece[arc]! += units;
      if (this.#inPiece[arc] === this.#capacity[MOST_PIECES * arc + this.#piece[arc]!]) {
        this.#piece[arc]!++;
        this.#inPiece[arc] = 0;
      }
      if (!had) this.#used.push(arc);
    } else {
      if (this.#inPiece[arc] === 0) {
        this.#piece[arc]!--;
        this.#inPiece[arc] = this.#capacity[MOST_PIECES * arc + this.#piece[arc]!]!;
      }
      this.#inPiece[arc]! -= units;
    }
    const has = this.#lastPiece(arc) !== -1;
    if (had !== has) this.#flowIn[this.#to[arc]!]! += has ? 1 : -1;
  }

  #result(sent: number): FlowResult {
    const arcs = [...new Set(this.#used)].sort((a, b) => a - b).filter((arc) => this.#lastPiece(arc) !== -1);
    let cost = 0;
    const flows = arcs.map((arc) => {
      let flow = this.#inPiece[arc]!;
      const at = MOST_PIECES * arc;
      if (flow > 0) cost += flow * this.#unitCost[at + this.#piece[arc]!]!;
      for (let piece = 0; piece < this.#piece[arc]!; piece++) {
        flow += this.#capacity[at + piece]!;
        cost += this.#capacity[at + piece]! * this.#unitCost[at + piece]!;
      }
      return flow;
    });
    return { sent, cost, arcs, flows };
  }
}

interface Rows {
  readonly start: Int32Array;
  readonly arcs: Int32Array;
}

/** Arcs by the node they belong to, each row by rising arc. */
function rowsOf(nodes: number, owner: Int32Array): Rows {
  const start = new Int32Array(nodes + 1);
  for (const node of owner) start[node + 1]!++;
  for (let node = 0; node < nodes; node++) start[node + 1]! += start[node]!;
  const next = start.slice();
  const arcs = new Int32Array(owner.length);
  owner.forEach((node, arc) => (arcs[next[node]!++] = arc));
  return { start, arcs };
}
