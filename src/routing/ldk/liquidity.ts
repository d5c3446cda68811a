/**
 * What LDK's scorer remembers of each channel: bounds on its liquidity, and their history
 * (LDK cfee4b755, `scoring.rs`, `ChannelLiquidity`).
 *
 * A channel's lower bound in one direction is the other direction's offset from the capacity, so two offsets serve both.
 * Offsets halve every half-life; the history halves with every half-life that passes without news. LDK's timer decays what
 * is stored every so often; here it decays when it is read, from when it was written.
 */
import { exp } from '../../base/math.ts';
import { MICROS_PER_SECOND, type Micros } from '../../base/time.ts';
import { LearntTable } from '../learntTable.ts';
import { BUCKETS, decayBuckets, trackOffset } from './history.ts';

export interface DecayOptions {
  /** of the bounds' offsets */
  readonly offsetHalfLifeSeconds: number;
  /** of the history, once nothing new has come for so long */
  readonly historyHalfLifeSeconds: number;
}

const LN2 = 0.6931471805599453;
/** The numbers of a channel's row: node1's lower offset, node2's lower offset, and when they were written. */
const LOWER = 0;
const UPDATED_AT = 2;
const HISTORY_AT = 3;
const WIDTH = 4;
const NO_BUCKETS = new Uint16Array(0);

/** Bounds and history of an edge as they are now; reused by the next look. */
export interface Liquidity {
  minMsat: number;
  maxMsat: number;
  /** where the edge's lower and upper buckets are, views on the memory; null where nothing was ever learnt */
  lower: Uint16Array | null;
  upper: Uint16Array | null;
}

export class LiquidityMemory {
  readonly #decay: DecayOptions;
  readonly #rows = new LearntTable(WIDTH);
  /** 64 a row: of node1's lower offsets, then of node2's */
  #buckets = NO_BUCKETS;
  readonly #view: Liquidity = { minMsat: 0, maxMsat: 0, lower: null, upper: null };

  constructor(decay: DecayOptions) {
    this.#decay = decay;
  }

  /** The channels known. */
  get channels(): Int32Array {
    return this.#rows.keys.subarray(0, this.#rows.size);
  }

  /** What is known of an edge; of an unknown one, no more than its capacity. */
  look(edge: number, capacityMsat: number, now: Micros): Liquidity {
    const view = this.#view;
    const row = this.#rows.rowOf(edge >> 1);
    view.minMsat = 0;
    view.maxMsat = capacityMsat;
    view.lower = view.upper = null;
    if (row === -1) return view;
    const direction = edge & 1;
    const halvings = this.#historyHalvings(row, now);
    const [minOffset, maxOffset] = [this.#offset(row, direction, now), this.#offset(row, direction ^ 1, now)];
    view.maxMsat = Math.max(0, capacityMsat - maxOffset);
    view.minMsat = Math.min(minOffset, view.maxMsat);
    view.lower = decayed(this.#bucketsOf(row, direction), halvings);
    view.upper = decayed(this.#bucketsOf(row, direction ^ 1), halvings);
    return view;
  }

  /** The edge did not carry the amount. */
  failed(edge: number, amountMsat: number, capacityMsat: number, now: Micros): void {
    const row = this.#refreshed(edge, now);
    if (amountMsat < capacityMsat - this.#stored(row, (edge & 1) ^ 1)) {
      this.#setMax(row, edge, amountMsat, capacityMsat);
    }
    this.#track(row, edge, 0, capacityMsat);
  }

  /** The edge carried the amount, which failed further on. */
  passed(edge: number, amountMsat: number, capacityMsat: number, now: Micros): void {
    const row = this.#refreshed(edge, now);
    if (amountMsat > this.#stored(row, edge & 1)) {
      this.#store(row, edge & 1, amountMsat);
      if (amountMsat > capacityMsat - this.#stored(row, (edge & 1) ^ 1)) this.#store(row, (edge & 1) ^ 1, 0);
    }
    this.#track(row, edge, 0, capacityMsat);
  }

  /** The payment went through: what the edge could send is less by the amount. */
  succeeded(edge: number, amountMsat: number, capacityMsat: number, now: Micros): void {
    const row = this.#refreshed(edge, now);
    const maxMsat = Math.max(0, capacityMsat - this.#stored(row, (edge & 1) ^ 1));
    this.#setMax(row, edge, Math.max(0, maxMsat - amountMsat), capacityMsat);
    this.#track(row, edge, amountMsat, capacityMsat);
  }

  #setMax(row: number, edge: number, maxMsat: number, capacityMsat: number): void {
    this.#store(row, (edge & 1) ^ 1, Math.max(0, capacityMsat - maxMsat));
    if (maxMsat < this.#stored(row, edge & 1)) this.#store(row, edge & 1, 0);
  }

  /** Writes the bounds to the history as they were before a payment of that amount went through. */
  #track(row: number, edge: number, paidMsat: number, capacityMsat: number): void {
    const direction = edge & 1;
    const lower = this.#stored(row, direction) + paidMsat;
    const upper = Math.max(0, this.#stored(row, direction ^ 1) - paidMsat);
    trackOffset(this.#bucketsOf(row, direction), lower, capacityMsat);
    trackOffset(this.#bucketsOf(row, direction ^ 1), upper, capacityMsat);
  }

  /** The channel's row with everything decayed up to now. */
  #refreshed(edge: number, now: Micros): number {
    const channel = edge >> 1;
    let row = this.#rows.rowOf(channel);
    if (row === -1) {
      row = this.#rows.add(channel);
      const needed = 2 * BUCKETS * this.#rows.keys.length;
      if (this.#buckets.length < needed) {
        const buckets = new Uint16Array(needed);
        buckets.set(this.#buckets);
        this.#buckets = buckets;
      }
    } else {
      for (const direction of [0, 1]) {
        decayBuckets(this.#bucketsOf(row, direction), this.#historyHalvings(row, now));
      }
      const offsets = [this.#offset(row, 0, now), this.#offset(row, 1, now)] as const;
      this.#store(row, 0, offsets[0]);
      this.#store(row, 1, offsets[1]);
    }
    this.#rows.values[WIDTH * row + UPDATED_AT] = now;
    this.#rows.values[WIDTH * row + HISTORY_AT] = now;
    return row;
  }

  #stored(row: number, direction: number): number {
    return this.#rows.values[WIDTH * row + LOWER + direction]!;
  }

  #store(row: number, direction: number, offsetMsat: number): void {
    this.#rows.values[WIDTH * row + LOWER + direction] = offsetMsat;
  }

  /** An offset as it is now. */
  #offset(row: number, direction: number, now: Micros): number {
    const stored = this.#stored(row, direction);
    const age = now - this.#rows.values[WIDTH * row + UPDATED_AT]!;
    if (age <= 0 || stored === 0) return stored;
    return Math.floor(stored * exp((-LN2 * age) / (this.#decay.offsetHalfLifeSeconds * MICROS_PER_SECOND)));
  }

  #historyHalvings(row: number, now: Micros): number {
    const age = now - this.#rows.values[WIDTH * row + HISTORY_AT]!;
    return Math.max(0, Math.floor(age / (this.#decay.historyHalfLifeSeconds * MICROS_PER_SECOND)));
  }

  #bucketsOf(row: number, direction: number): Uint16Array {
    const start = BUCKETS * (2 * row + direction);
    return this.#buckets.subarray(start, start + BUCKETS);
  }
}

function decayed(buckets: Uint16Array, halvings: number): Uint16Array {
  if (halvings === 0) return buckets;
  const copy = buckets.slice();
  decayBuckets(copy, halvings);
  return copy;
}
