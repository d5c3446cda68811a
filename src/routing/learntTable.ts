/**
 * Rows of numbers by an integer key, in the order in which they were added: what one payer has learnt.
 *
 * An empty table is a few words, for most of a network's payers never send. One that holds something is a hash table with
 * open addressing over typed arrays: no object a row, so that millions of rows fit in memory.
 */
import { assert } from '../base/assert.ts';

const FIRST_ROWS = 8;
const NONE_KEYS = new Int32Array(0);
const NONE_VALUES = new Float64Array(0);

export class LearntTable {
  size = 0;
  /** row `r` is `values[width × r] … values[width × (r + 1) − 1]` */
  values: Float64Array = NONE_VALUES;
  /** per row */
  keys: Int32Array = NONE_KEYS;
  readonly width: number;
  /** row + 1, or 0 where nothing is; at most half of them are taken */
  #slots: Int32Array = NONE_KEYS;

  /** @param width numbers in a row */
  constructor(width: number) {
    this.width = width;
  }

  /** The key's row, or −1. */
  rowOf(key: number): number {
    if (this.size === 0) return -1;
    return this.#slots[this.#slotOf(key)]! - 1;
  }

  /** Adds a row of zeros. @param key a non-negative 32-bit integer that has no row yet @returns its row */
  add(key: number): number {
    assert(this.rowOf(key) === -1, `no row yet for ${key}`);
    if (this.size === this.keys.length) this.#grow();
    const row = this.size++;
    this.keys[row] = key;
    this.#slots[this.#slotOf(key)] = row + 1;
    return row;
  }

  /** The slot that the key has or would have. */
  #slotOf(key: number): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & last; // 2^32 / golden ratio: neighbours are spread
    for (;;) {
      const row = slots[slot]! - 1;
      if (row === -1 || this.keys[row] === key) return slot;
      slot = (slot + 1) & last;
    }
  }

  #grow(): void {
    const rows = Math.max(FIRST_ROWS, Math.ceil(1.5 * this.keys.length));
    const keys = new Int32Array(rows);
    const values = new Float64Array(this.width * rows);
    keys.set(this.keys);
    values.set(this.values);
    this.keys = keys;
    this.values = values;
    this.#slots = new Int32Array(2 ** (33 - Math.clz32(rows - 1))); // at least twice the rows
    for (let row = 0; row < this.size; row++) this.#slots[this.#slotOf(keys[row]!)] = row + 1;
  }
}
