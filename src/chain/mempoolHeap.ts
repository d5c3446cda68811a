/** Binary heaps: a plain one, and one that knows where its items stand, so that they can move or leave. */

/** Whether the first comes out before the second; a total order, so that equal histories give equal orders. */
export type IsBefore<T> = (a: T, b: T) => boolean;

/** Pushes, and pops the first. */
export class Heap<T> {
  readonly #isBefore: IsBefore<T>;
  readonly #items: T[] = [];

  constructor(isBefore: IsBefore<T>) {
    this.#isBefore = isBefore;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(item, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#isBefore(items[child + 1]!, items[child]!)) child++;
      if (!this.#isBefore(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return first;
  }
}

/** Where an item keeps its place in a heap. */
export interface Slot<T> {
  get(item: T): number;
  set(item: T, at: number): void;
}

/** A heap whose items hold their own place: adding, removing and re-ranking one cost the logarithm of the size. */
export class IndexedHeap<T> {
  readonly #isBefore: IsBefore<T>;
  readonly #slot: Slot<T>;
  readonly #items: T[] = [];

  constructor(isBefore: IsBefore<T>, slot: Slot<T>) {
    this.#isBefore = isBefore;
    this.#slot = slot;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1, item);
  }

  remove(item: T): void {
    const at = this.#slot.get(item);
    const last = this.#items.pop()!;
    this.#slot.set(item, -1);
    if (last === item) return;
    this.#place(at, last);
  }

  /** The item's rank has changed. */
  update(item: T): void {
    this.#place(this.#slot.get(item), item);
  }

  clear(): void {
    this.#items.length = 0;
  }

  /** All items, the first first, found as they are asked for: the first k cost k log k, whatever the size. The heap must
   * not change meanwhile. */
  *ordered(): Generator<T, void> {
    const items = this.#items;
    // below an item stand only later ones, so the next is always a child of one that is out
    const frontier = new Heap<number>((a, b) => this.#isBefore(items[a]!, items[b]!));
    if (items.length > 0) frontier.push(0);
    for (let at = frontier.pop(); at !== undefined; at = frontier.pop()) {
      yield items[at]!;
      if (2 * at + 1 < items.length) frontier.push(2 * at + 1);
      if (2 * at + 2 < items.length) frontier.push(2 * at + 2);
    }
  }

  #place(at: number, item: T): void {
    if (at > 0 && this.#isBefore(item, this.#items[(at - 1) >> 1]!)) this.#rise(at, item);
    else this.#sink(at, item);
  }

  #rise(at: number, item: T): void {
    const items = this.#items;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent]!;
      if (!this.#isBefore(item, above)) break;
      items[at] = above;
      this.#slot.set(above, at);
      at = parent;
    }
    items[at] = item;
    this.#slot.set(item, at);
  }

  #sink(at: number, item: T): void {
    const items = this.#items;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#isBefore(items[child + 1]!, items[child]!)) child++;
      const below = items[child]!;
      if (!this.#isBefore(below, item)) break;
      items[at] = below;
      this.#slot.set(below, at);
      at = child;
    }
    items[at] = item;
    this.#slot.set(item, at);
  }
}
