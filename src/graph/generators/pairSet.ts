/** Distinct unordered pairs of different nodes, in the order added. */

export type Pair = readonly [number, number];

export class PairSet {
  readonly nodes: number;
  readonly #pairs: Pair[] = [];
  readonly #places = new Map<number, number>();

  constructor(nodes: number) {
    this.nodes = nodes;
  }

  get pairs(): readonly Pair[] {
    return this.#pairs;
  }

  canAdd(a: number, b: number): boolean {
    return a !== b && !this.#places.has(this.#key(a, b));
  }

  /** Where a pair stands in `pairs`, or undefined. */
  indexOf(a: number, b: number): number | undefined {
    return this.#places.get(this.#key(a, b));
  }

  /** @returns whether it was added: false if it is there, or joins a node with itself */
  add(a: number, b: number): boolean {
    if (!this.canAdd(a, b)) return false;
    this.#places.set(this.#key(a, b), this.#pairs.length);
    this.#pairs.push([a, b]);
    return true;
  }

  /** Puts a pair that can be added in the place of another. */
  replace(at: number, a: number, b: number): void {
    const [c, d] = this.#pairs[at]!;
    this.#places.delete(this.#key(c, d));
    this.#places.set(this.#key(a, b), at);
    this.#pairs[at] = [a, b];
  }

  #key(a: number, b: number): number {
    return a < b ? a * this.nodes + b : b * this.nodes + a; // below 2^53 up to 94 million nodes
  }
}
