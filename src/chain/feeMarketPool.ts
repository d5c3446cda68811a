/** The background's mempool: weight by fee rate in buckets, filled by a demand process, emptied by blocks from the top. */
import { assert } from '../base/assert.ts';
import { type Micros, micros, toSeconds } from '../base/time.ts';
import type { Bid, FeeMarket } from './feeMarket.ts';
import { BUCKET_SAT_PER_KVB, bucketOf, firstBucketAbove, LEAST_BID_SAT_PER_KVB } from './feeMarketBuckets.ts';
import type { Arrival, DemandProcess } from './feeMarketDemand.ts';

/** Weight units: what a mempool of Bitcoin Core's default 300 MB of memory holds, about a quarter of it as virtual bytes. */
export const DEFAULT_WAITING_LIMIT_WEIGHT = 300_000_000;

export interface DemandPoolOptions {
  /** weight units that may wait; past it the lowest bids go */
  readonly limitWeight?: number;
  /** µs; demand that came before is not there; default 0 */
  readonly start?: Micros;
}

/** What became of a bucket's weight so far. */
export interface BucketAccount {
  readonly satPerKvb: number;
  readonly arrivedWeight: number;
  readonly takenWeight: number;
  readonly waitingWeight: number;
  /** the integral of the waiting weight over time: by Little's law, over arrivals, the mean wait */
  readonly weightSeconds: number;
}

export class DemandPool implements FeeMarket {
  #demand: DemandProcess;
  readonly #limitWeight: number;
  readonly #buckets = BUCKET_SAT_PER_KVB.length;
  readonly #waiting = new Float64Array(this.#buckets);
  readonly #arrived = new Float64Array(this.#buckets);
  readonly #taken = new Float64Array(this.#buckets);
  readonly #weightSeconds = new Float64Array(this.#buckets);
  /** when each bucket's integral was last brought up to date */
  readonly #since = new Float64Array(this.#buckets);
  readonly #twins: DemandPool[] = [];
  #total = 0;
  #refused = 0;
  #evicted = 0;
  #now: Micros;
  #next: Arrival | null = null;

  constructor(demand: DemandProcess, options: DemandPoolOptions = {}) {
    this.#demand = demand;
    this.#limitWeight = options.limitWeight ?? DEFAULT_WAITING_LIMIT_WEIGHT;
    this.#now = options.start ?? micros(0);
    this.#since.fill(this.#now);
    this.follow(demand);
  }

  get now(): Micros {
    return this.#now;
  }

  /** Weight units that wait, at any bid. */
  get waitingWeight(): number {
    return this.#total;
  }

  /** Weight units of bids below what anybody relays. */
  get refusedWeight(): number {
    return this.#refused;
  }

  /** Weight units that had to go because too much waited. */
  get evictedWeight(): number {
    return this.#evicted;
  }

  advance(to: Micros): void {
    assert(to >= this.#now, `time goes on: ${to} after ${this.#now}`);
    for (let next = this.#next; next !== null && next.time <= to; next = this.#next) {
      this.#now = next.time;
      this.#arrive(next);
      for (const twin of this.#twins) {
        twin.#now = next.time;
        twin.#arrive(next);
      }
      this.#next = this.#demand.next();
      assert(this.#next === null || this.#next.time >= this.#now, 'demand arrives in order');
    }
    this.#now = to;
    for (const twin of this.#twins) twin.#now = to;
  }

  /** Another pool that waits with the same and gets the same arrivals; what blocks take from it is its own affair. */
  twin(): DemandPool {
    const twin = new DemandPool({ next: () => null }, { limitWeight: this.#limitWeight, start: this.#now });
    for (const { satPerKvb, weight } of this.waiting()) twin.#change(bucketOf(satPerKvb), weight);
    this.#twins.push(twin);
    return twin;
  }

  /** From now on demand arrives by another process; what waits stays. */
  follow(demand: DemandProcess): void {
    this.#demand = demand;
    do this.#next = demand.next();
    while (this.#next !== null && this.#next.time < this.#now);
  }

  weightAbove(satPerKvb: number): number {
    let weight = 0;
    for (let bucket = firstBucketAbove(satPerKvb); bucket < this.#buckets; bucket++) weight += this.#waiting[bucket]!;
    return weight;
  }

  peek(weight: number): Bid[] {
    const best: Bid[] = [];
    let left = weight;
    for (let bucket = this.#buckets - 1; bucket >= 0 && left > 0; bucket--) {
      const part = Math.min(this.#waiting[bucket]!, left);
      if (part <= 0) continue;
      left -= part;
      best.push({ satPerKvb: BUCKET_SAT_PER_KVB[bucket]!, weight: part });
    }
    return best;
  }

  take(weight: number): Bid[] {
    const taken = this.peek(weight);
    for (const { satPerKvb, weight: part } of taken) {
      const bucket = bucketOf(satPerKvb);
      this.#change(bucket, -part);
      this.#taken[bucket]! += part;
    }
    return taken;
  }

  putBack(bids: readonly Bid[]): void {
    for (const { satPerKvb, weight } of bids) {
      const bucket = bucketOf(satPerKvb);
      this.#change(bucket, weight);
      this.#taken[bucket]! -= weight;
    }
  }

  waiting(): Bid[] {
    const bids: Bid[] = [];
    for (let bucket = this.#buckets - 1; bucket >= 0; bucket--) {
      const weight = this.#waiting[bucket]!;
      if (weight > 0) bids.push({ satPerKvb: BUCKET_SAT_PER_KVB[bucket]!, weight });
    }
    return bids;
  }

  /** The account of the bucket that a bid falls into, up to now. */
  account(satPerKvb: number): BucketAccount {
    const bucket = bucketOf(satPerKvb);
    this.#settle(bucket);
    return {
      satPerKvb: BUCKET_SAT_PER_KVB[bucket]!,
      arrivedWeight: this.#arrived[bucket]!,
      takenWeight: this.#taken[bucket]!,
      waitingWeight: this.#waiting[bucket]!,
      weightSeconds: this.#weightSeconds[bucket]!,
    };
  }

  #arrive({ satPerKvb, weight }: Arrival): void {
    if (satPerKvb < LEAST_BID_SAT_PER_KVB) {
      this.#refused += weight;
      return;
    }
    const bucket = bucketOf(satPerKvb);
    this.#change(bucket, weight);
    this.#arrived[bucket]! += weight;
    for (let lowest = 0; this.#total > this.#limitWeight; lowest++) {
      const part = Math.min(this.#waiting[lowest]!, this.#total - this.#limitWeight);
      if (part <= 0) continue;
      this.#change(lowest, -part);
      this.#evicted += part;
    }
  }

  #change(bucket: number, weight: number): void {
    this.#settle(bucket);
    this.#waiting[bucket]! += weight;
    this.#total += weight;
  }

  #settle(bucket: number): void {
    this.#weightSeconds[bucket]! += this.#waiting[bucket]! * toSeconds((this.#now - this.#since[bucket]!) as Micros);
    this.#since[bucket] = this.#now;
  }
}
