/**
 * Rows of edges packed for search: what a search reads of an edge, side by side, and each row by rising fee.
 *
 * The order lets a search leave a row at the first fee that is past what it may still pay; an edge that must not be used has
 * an infinite fee, so it sits at the row's end and costs nothing. One order serves all amounts: it is that of the fees for a
 * nominal amount, of which every other amount pays a known part at least (`leastPart`). Equal fees go by rising edge: the
 * order depends on the policies alone, not on the updates that led to them.
 */
import { assert } from '../base/assert.ts';

/** Numbers in a cell, and which is which. A hot loop keeps its own copy: an import is read anew at every use. */
export const CELL = { size: 6, base: 0, limit: 1, millionths: 2, neighbour: 3, edge: 4, minimum: 5 } as const;

/** What rows are in order of is the fee for this amount, msat. */
const NOMINAL_MSAT = 10_000_000;
/** msat of the nominal amount's fee for each millionth; a whole number, so that a nominal fee is one too */
export const NOMINAL_PER_MILLIONTH = NOMINAL_MSAT / 1e6;

/**
 * Of an edge's nominal fee the part that any amount from this one on pays at least, once `leastLessMsat` is taken off it: a fee
 * grows with the amount, and no faster than the amount.
 */
export const leastPart = (amountMsat: number): number =>
  amountMsat >= NOMINAL_MSAT ? 1 : (amountMsat / NOMINAL_MSAT) * (1 - 2 ** -50);

/** Msat that fees, being rounded down, may be below their part. */
export const leastLessMsat = (amountMsat: number): number => (amountMsat >= NOMINAL_MSAT ? 0 : 1);

/** What a search reads of an edge. */
export interface EdgeTerms {
  /** msat; infinite where the edge must not be used */
  baseMsat: number;
  /** the most it carries */
  limitMsat: number;
  /** the least it carries */
  minimumMsat: number;
  millionths: number;
}

export class SearchRows {
  /** Row `n` is the cells `start[n] … start[n + 1] − 1`. */
  readonly start: Int32Array;
  /** Cell `i` begins at `CELL.size × i`. */
  readonly cells: Float64Array;
  /** per edge: its cell */
  readonly #cellOf: Int32Array;
  /** per edge: the node whose row lists it */
  readonly #owner: Int32Array;

  /**
   * @param owner per edge: the node whose row lists it
   * @param neighbour per edge: the node at its other end
   * @param start where each row begins; the last entry is the number of edges
   * @param termsOf what a search reads of an edge; the object may be the same for all, written anew
   */
  constructor(owner: Int32Array, neighbour: Int32Array, start: Int32Array, termsOf: (edge: number) => EdgeTerms) {
    this.start = start;
    this.cells = new Float64Array(CELL.size * owner.length);
    this.#cellOf = new Int32Array(owner.length);
    this.#owner = owner;
    const feeMsat = new Float64Array(owner.length);
    for (let edge = 0; edge < owner.length; edge++) {
      const { baseMsat, millionths } = termsOf(edge);
      feeMsat[edge] = baseMsat + NOMINAL_PER_MILLIONTH * millionths;
    }
    const edges = new Int32Array(owner.length);
    const next = start.slice();
    for (let edge = 0; edge < owner.length; edge++) edges[next[owner[edge]!]!++] = edge;
    for (let node = 0; node + 1 < start.length; node++) sortRow(edges, start[node]!, start[node + 1]!, feeMsat);
    for (let cell = 0; cell < edges.length; cell++) {
      const edge = edges[cell]!;
      this.cells[CELL.size * cell + CELL.edge] = edge;
      this.cells[CELL.size * cell + CELL.neighbour] = neighbour[edge]!;
      this.#cellOf[edge] = cell;
      this.#write(cell, termsOf(edge));
    }
  }

  /** Writes what the search sees of an edge, and moves it to its place in its row. */
  set(edge: number, terms: EdgeTerms): void {
    const first = this.start[this.#owner[edge]!]!;
    const last = this.start[this.#owner[edge]! + 1]! - 1;
    let cell = this.#cellOf[edge]!;
    assert(cell >= first && cell <= last, `edge ${edge} in cell ${cell}, outside its row ${first} … ${last}`);
    this.#write(cell, terms);
    for (; cell > first && this.#isBefore(cell, cell - 1); cell--) this.#swap(cell, cell - 1);
    for (; cell < last && this.#isBefore(cell + 1, cell); cell++) this.#swap(cell, cell + 1);
  }

  #write(cell: number, terms: EdgeTerms): void {
    const at = CELL.size * cell;
    this.cells[at + CELL.base] = terms.baseMsat;
    this.cells[at + CELL.limit] = terms.limitMsat;
    this.cells[at + CELL.millionths] = terms.millionths;
    this.cells[at + CELL.minimum] = terms.minimumMsat;
  }

  #isBefore(a: number, b: number): boolean {
    const [feeA, feeB] = [this.#nominalFeeMsat(a), this.#nominalFeeMsat(b)];
    if (feeA !== feeB) return feeA < feeB;
    return this.cells[CELL.size * a + CELL.edge]! < this.cells[CELL.size * b + CELL.edge]!;
  }

  #nominalFeeMsat(cell: number): number {
    const at = CELL.size * cell;
    return this.cells[at + CELL.base]! + NOMINAL_PER_MILLIONTH * this.cells[at + CELL.millionths]!;
  }

  #swap(a: number, b: number): void {
    const cells = this.cells;
    const atA = CELL.size * a;
    const atB = CELL.size * b;
    for (let i = 0; i < CELL.size; i++) {
      const kept = cells[atA + i]!;
      cells[atA + i] = cells[atB + i]!;
      cells[atB + i] = kept;
    }
    this.#cellOf[cells[atA + CELL.edge]!] = a;
    this.#cellOf[cells[atB + CELL.edge]!] = b;
  }
}

/** Rows up to this length are sorted by insertion: most nodes have a few channels, and calls cost more than moves. */
const SHORT_ROW = 48;

/** Sorts a row's edges, which come in rising order, by fee; equal ones stay as they are. */
function sortRow(edges: Int32Array, first: number, end: number, feeMsat: Float64Array): void {
  if (end - first > SHORT_ROW) {
    const row = edges.subarray(first, end);
    row.sort((a, b) => (feeMsat[a] === feeMsat[b] ? a - b : feeMsat[a]! < feeMsat[b]! ? -1 : 1));
    return;
  }
  for (let at = first + 1; at < end; at++) {
    const edge = edges[at]!;
    const fee = feeMsat[edge]!;
    let to = at;
    for (; to > first && feeMsat[edges[to - 1]!]! > fee; to--) edges[to] = edges[to - 1]!;
    edges[to] = edge;
  }
}
