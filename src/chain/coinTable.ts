/**
 * Coins by outpoint in columns: a million take 170 MB where objects with their scripts and keys took 470.
 *
 * Records stand in order of arrival; scripts lie behind each other in one arena. An index with linear probing finds a
 * record by a hash of the outpoint. Taking a coin leaves a hole; when the columns are full the holes are squeezed out, so
 * the order of arrival is kept.
 */
import { assert } from '../base/assert.ts';
import type { Sat } from '../base/units.ts';
import { type OutPoint, type Txid } from './transaction.ts';
import type { Coin } from './utxoSet.ts';

const FIRST_CAPACITY = 1024;
const ID_WORDS = 8;
/** In the index: nothing here. Else a record's number and one. */
const EMPTY = 0;
/** In `#heights`: the coin was taken. */
const TAKEN = 0xffffffff;

export class CoinTable {
  #capacity = FIRST_CAPACITY;
  /** records used, holes included */
  #used = 0;
  #size = 0;
  // columns, by record
  #ids = new Uint32Array(ID_WORDS * FIRST_CAPACITY);
  #vouts = new Uint32Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  /** height × 2 + whether a coinbase made it */
  #heights = new Uint32Array(FIRST_CAPACITY);
  /** where the script begins; it ends where the next record's begins */
  #starts = new Float64Array(FIRST_CAPACITY + 1);
  #scripts = new Uint8Array(32 * FIRST_CAPACITY);
  /** twice as many places as records, so that runs stay short */
  #index = new Uint32Array(2 * FIRST_CAPACITY);
  /** the id last looked up, as words */
  readonly #id = new Uint32Array(ID_WORDS);

  get size(): number {
    return this.#size;
  }

  has(outPoint: OutPoint): boolean {
    return this.#index[this.#placeOf(outPoint)] !== EMPTY;
  }

  /** The coin, a copy, or undefined. */
  get(outPoint: OutPoint): Coin | undefined {
    const found = this.#index[this.#placeOf(outPoint)]!;
    return found === EMPTY ? undefined : this.#coin(found - 1);
  }

  /** @returns false, and nothing is changed, if the outpoint has a coin already */
  add(outPoint: OutPoint, coin: Coin): boolean {
    if (this.#used === this.#capacity) this.#makeRoom();
    const place = this.#placeOf(outPoint);
    if (this.#index[place] !== EMPTY) return false;
    const record = this.#used++;
    this.#ids.set(this.#id, ID_WORDS * record);
    this.#vouts[record] = outPoint.vout;
    this.#values[record] = coin.valueSat;
    this.#heights[record] = 2 * coin.height + (coin.isCoinbase ? 1 : 0);
    const start = this.#starts[record]!;
    const end = start + coin.script.length;
    if (end > this.#scripts.length) this.#scripts = grown(this.#scripts, 2 * end);
    this.#scripts.set(coin.script, start);
    this.#starts[record + 1] = end;
    this.#index[place] = record + 1;
    this.#size++;
    return true;
  }

  /** Takes the coin out and returns it; undefined if there is none. */
  take(outPoint: OutPoint): Coin | undefined {
    const place = this.#placeOf(outPoint);
    const found = this.#index[place]!;
    if (found === EMPTY) return undefined;
    const coin = this.#coin(found - 1);
    this.#heights[found - 1] = TAKEN;
    this.#vacate(place);
    this.#size--;
    return coin;
  }

  /** All coins with their outpoints, in order of arrival. The table must not change meanwhile. */
  *entries(): Generator<[OutPoint, Coin]> {
    for (let record = 0; record < this.#used; record++) {
      if (this.#heights[record] === TAKEN) continue;
      const words = this.#ids.subarray(ID_WORDS * record, ID_WORDS * (record + 1));
      let txid = '';
      for (const word of words) txid += word.toString(16).padStart(8, '0');
      yield [{ txid: txid as Txid, vout: this.#vouts[record]! }, this.#coin(record)];
    }
  }

  /** All coins, in order of arrival, without the cost of saying where they are. The table must not change meanwhile. */
  *coins(): Generator<Coin> {
    for (let record = 0; record < this.#used; record++) {
      if (this.#heights[record] !== TAKEN) yield this.#coin(record);
    }
  }

  #coin(record: number): Coin {
    const height = this.#heights[record]!;
    return {
      valueSat: this.#values[record]! as Sat,
      script: this.#scripts.slice(this.#starts[record], this.#starts[record + 1]),
      height: height >>> 1,
      isCoinbase: (height & 1) === 1,
    };
  }

  /** The place in the index of an outpoint's record, or the empty one where it would be. Leaves the id in `#id`. */
  #placeOf({ txid, vout }: OutPoint): number {
    readWords(txid, this.#id);
    const ids = this.#ids;
    const id = this.#id;
    const mask = this.#index.length - 1;
    for (let place = this.#home(id, 0, vout); ; place = (place + 1) & mask) {
      const found = this.#index[place]!;
      if (found === EMPTY) return place;
      if (this.#vouts[found - 1] !== vout) continue;
      let word = 0;
      const at = ID_WORDS * (found - 1);
      while (word < ID_WORDS && ids[at + word] === id[word]) word++;
      if (word === ID_WORDS) return place;
    }
  }

  /** Where the search for an outpoint begins whose id's words stand at `at`: all of them count, for tests make ids up. */
  #home(ids: Uint32Array, at: number, vout: number): number {
    let hash = Math.imul(vout, 0x9e3779b1);
    for (let word = 0; word < ID_WORDS; word++) hash = Math.imul(hash ^ ids[at + word]!, 0x85ebca6b) ^ (hash >>> 15);
    return (hash ^ (hash >>> 16)) & (this.#index.length - 1);
  }

  /** Empties a place and moves up what had been pushed past it, so that no search is cut short. */
  #vacate(place: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = place;
    for (let next = (hole + 1) & mask; index[next] !== EMPTY; next = (next + 1) & mask) {
      const record = index[next]! - 1;
      const home = this.#home(this.#ids, ID_WORDS * record, this.#vouts[record]!);
      // it may move if its home is not between the hole and itself
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      index[hole] = index[next]!;
      hole = next;
    }
    index[hole] = EMPTY;
  }

  /** Squeezes the holes out, into larger columns if they were few. */
  #makeRoom(): void {
    const few = this.#size > this.#capacity / 2;
    const capacity = few ? 2 * this.#capacity : this.#capacity;
    assert(2 * capacity <= 2 ** 31, `a table of at most 2^30 coins`);
    const ids = new Uint32Array(ID_WORDS * capacity);
    const vouts = new Uint32Array(capacity);
    const values = new Float64Array(capacity);
    const heights = new Uint32Array(capacity);
    const starts = new Float64Array(capacity + 1);
    const scripts = new Uint8Array(this.#scripts.length);
    let used = 0;
    for (let record = 0; record < this.#used; record++) {
      if (this.#heights[record] === TAKEN) continue;
      ids.set(this.#ids.subarray(ID_WORDS * record, ID_WORDS * (record + 1)), ID_WORDS * used);
      vouts[used] = this.#vouts[record]!;
      values[used] = this.#values[record]!;
      heights[used] = this.#heights[record]!;
      const script = this.#scripts.subarray(this.#starts[record], this.#starts[record + 1]);
      scripts.set(script, starts[used]);
      starts[used + 1] = starts[used]! + script.length;
      used++;
    }
    this.#capacity = capacity;
    this.#used = used;
    this.#ids = ids;
    this.#vouts = vouts;
    this.#values = values;
    this.#heights = heights;
    this.#starts = starts;
    this.#scripts = scripts;
    this.#index = new Uint32Array(2 * capacity);
    const mask = this.#index.length - 1;
    for (let record = 0; record < used; record++) {
      let place = this.#home(ids, ID_WORDS * record, vouts[record]!);
      while (this.#index[place] !== EMPTY) place = (place + 1) & mask;
      this.#index[place] = record + 1;
    }
  }
}

function grown(from: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(length);
  to.set(from);
  return to;
}

/** 64 hexadecimal digits as eight words. */
function readWords(txid: string, into: Uint32Array): void {
  assert(txid.length === 2 * 4 * ID_WORDS, `a txid is 64 hexadecimal digits, not ${txid.length}`);
  for (let word = 0; word < ID_WORDS; word++) {
    let value = 0;
    for (let i = 8 * word; i < 8 * word + 8; i++) {
      const code = txid.charCodeAt(i);
      value = (value << 4) | (code < 58 ? code - 48 : code - 87); // 0 … 9, a … f
    }
    into[word] = value;
  }
}
