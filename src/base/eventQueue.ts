/**
 * The scheduler's queue: plain tagged events in pooled slots, a 4-ary heap keyed by (time, sequence).
 *
 * An event is a kind, three integers, one number and one reference; nothing is allocated per event once the pool has
 * grown. Two events of one time come out in the order in which they went in.
 */
import { InvariantError } from './assert.ts';
import type { Micros } from './time.ts';

/** The event last taken; the queue reuses this one object. */
export interface QueuedEvent<Ref> {
  time: Micros;
  kind: number;
  a: number;
  b: number;
  x: number;
  ref: Ref | null;
}

export class EventQueue<Ref> {
  #capacity = 1024;
  #size = 0;
  #sequence = 0;
  #now = 0;
  // heap entries, in heap order
  #time = new Float64Array(this.#capacity);
  #order = new Float64Array(this.#capacity);
  #slot = new Int32Array(this.#capacity);
  // slots
  #kind = new Uint8Array(this.#capacity);
  #a = new Int32Array(this.#capacity);
  #b = new Int32Array(this.#capacity);
  #x = new Float64Array(this.#capacity);
  #ref: (Ref | null)[] = new Array<Ref | null>(this.#capacity).fill(null);
  #free = Int32Array.from({ length: this.#capacity }, (_, i) => this.#capacity - 1 - i);
  #freeCount = this.#capacity;
  /** scheduled events by kind */
  readonly #pending = new Float64Array(256);
  readonly #taken: QueuedEvent<Ref> = { time: 0 as Micros, kind: 0, a: 0, b: 0, x: 0, ref: null };

  get size(): number {
    return this.#size;
  }

  /** How many events of that kind are scheduled. */
  pending(kind: number): number {
    return this.#pending[kind]!;
  }

  /** The time of the event last taken. */
  get now(): Micros {
    return this.#now as Micros;
  }

  /** The time of the earliest event scheduled; Infinity if there is none. */
  get nextTime(): Micros {
    return (this.#size === 0 ? Infinity : this.#time[0]!) as Micros;
  }

  /**
   * Schedules an event.
   * @param time microseconds, not before `now`
   * @param kind 0 … 255
   * @param a,b 32-bit integers
   * @param x any number
   * @param ref any reference, dropped when the event is taken
   */
  push(time: Micros, kind: number, a = 0, b = 0, x = 0, ref: Ref | null = null): void {
    if (time < this.#now || !Number.isSafeInteger(time)) {
      throw new InvariantError(`event at ${time}, before now (${this.#now}) or not an integer`);
    }
    if (this.#size === this.#capacity) this.#grow();
    const slot = this.#free[--this.#freeCount]!;
    this.#kind[slot] = kind;
    this.#pending[kind]!++;
    this.#a[slot] = a;
    this.#b[slot] = b;
    this.#x[slot] = x;
    this.#ref[slot] = ref;
    this.#siftUp(this.#size++, time, this.#sequence++, slot);
  }

  /** Takes the earliest event, or null. The returned object is overwritten by the next call. */
  pop(): QueuedEvent<Ref> | null {
    if (this.#size === 0) return null;
    const taken = this.#taken;
    const slot = this.#slot[0]!;
    this.#now = this.#time[0]!;
    taken.time = this.#now as Micros;
    taken.kind = this.#kind[slot]!;
    this.#pending[taken.kind]!--;
    taken.a = this.#a[slot]!;
    taken.b = this.#b[slot]!;
    taken.x = this.#x[slot]!;
    taken.ref = this.#ref[slot] ?? null;
    this.#ref[slot] = null;
    this.#free[this.#freeCount++] = slot;
    const last = --this.#size;
    if (last > 0) this.#siftDown(this.#time[last]!, this.#order[last]!, this.#slot[last]!);
    return taken;
  }

  #siftUp(at: number, time: number, order: number, slot: number): void {
    const times = this.#time;
    const orders = this.#order;
    const slots = this.#slot;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentTime = times[parent]!;
      // a new event has the largest sequence, so an equal time stays below
      if (parentTime <= time) break;
      times[at] = parentTime;
      orders[at] = orders[parent]!;
      slots[at] = slots[parent]!;
      at = parent;
    }
    times[at] = time;
    orders[at] = order;
    slots[at] = slot;
  }

  #siftDown(time: number, order: number, slot: number): void {
    const times = this.#time;
    const orders = this.#order;
    const slots = this.#slot;
    const size = this.#size;
    let at = 0;
    for (;;) {
      const first = 4 * at + 1;
      if (first >= size) break;
      const end = Math.min(first + 4, size);
      let best = first;
      for (let child = first + 1; child < end; child++) {
        const earlier = times[child]! - times[best]!;
        if (earlier < 0 || (earlier === 0 && orders[child]! < orders[best]!)) best = child;
      }
      const bestTime = times[best]!;
      if (bestTime > time || (bestTime === time && orders[best]! > order)) break;
      times[at] = bestTime;
      orders[at] = orders[best]!;
      slots[at] = slots[best]!;
      at = best;
    }
    times[at] = time;
    orders[at] = order;
    slots[at] = slot;
  }

  #grow(): void {
    const old = this.#capacity;
    const capacity = old * 2;
    this.#capacity = capacity;
    this.#time = widen(this.#time, new Float64Array(capacity));
    this.#order = widen(this.#order, new Float64Array(capacity));
    this.#slot = widen(this.#slot, new Int32Array(capacity));
    this.#kind = widen(this.#kind, new Uint8Array(capacity));
    this.#a = widen(this.#a, new Int32Array(capacity));
    this.#b = widen(this.#b, new Int32Array(capacity));
    this.#x = widen(this.#x, new Float64Array(capacity));
    for (let i = old; i < capacity; i++) this.#ref.push(null);
    this.#free = new Int32Array(capacity);
    for (let i = 0; i < old; i++) this.#free[i] = capacity - 1 - i;
    this.#freeCount = old;
  }
}

function widen<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
