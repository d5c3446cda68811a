/** How background demand arrives: a Poisson process whose rate may follow the day, a spike, or both; who bids what. */
import { assert } from '../base/assert.ts';
import type { Rng } from '../base/random.ts';
import { type Micros, micros, MICROS_PER_SECOND } from '../base/time.ts';
import type { RateProfile } from './feeMarketProfiles.ts';
import { stationary } from './feeMarketProfiles.ts';
import { MAX_BLOCK_WEIGHT } from './validate.ts';

export interface Arrival {
  readonly time: Micros;
  /** sat per 1,000 virtual bytes */
  readonly satPerKvb: number;
  /** weight units, an integer */
  readonly weight: number;
}

export interface DemandProcess {
  /** The next arrival, not before the last; null once none will come. */
  next(): Arrival | null;
}

/** A bid in sat per 1,000 virtual bytes. */
export type BidLaw = (rng: Rng) => number;
/** A transaction's weight units. */
export type WeightLaw = (rng: Rng) => number;

/** @param sigma standard deviation of the bid's logarithm */
export const lognormalBids =
  (medianSatPerKvb: number, sigma: number): BidLaw =>
  (rng) =>
    rng.lognormal(medianSatPerKvb, sigma);

/** A few bids, each with its share of the transactions. @param shares in any unit */
export function mixedBids(bids: readonly { readonly satPerKvb: number; readonly share: number }[]): BidLaw {
  const total = bids.reduce((sum, { share }) => sum + share, 0);
  assert(total > 0, 'shares of something');
  return (rng) => {
    let left = rng.unit() * total;
    for (const { satPerKvb, share } of bids) {
      left -= share;
      if (left < 0) return satPerKvb;
    }
    return bids.at(-1)!.satPerKvb; // rounding alone comes here
  };
}

export const fixedWeight =
  (weight: number): WeightLaw =>
  () =>
    weight;

/** @param sigma standard deviation of the weight's logarithm */
export const lognormalWeights =
  (median: number, sigma: number): WeightLaw =>
  (rng) =>
    Math.max(1, Math.round(rng.lognormal(median, sigma)));

export interface PoissonDemandOptions {
  /** transactions a second, before the profile */
  readonly ratePerSecond: number;
  readonly bids: BidLaw;
  readonly weights: WeightLaw;
  readonly profile?: RateProfile;
  /** default 0 */
  readonly start?: Micros;
}

/** Transactions a second that fill a share of all blocks. @param load weight that arrives in an interval, in blocks */
export const rateOfLoad = (load: number, meanWeight: number, meanIntervalSeconds: number): number =>
  (load * MAX_BLOCK_WEIGHT) / meanWeight / meanIntervalSeconds;

/**
 * A Poisson process with a rate that changes: candidates at a bound of the rate, each kept with the rate's part of the
 * bound (Lewis and Shedler, Simulation of Nonhomogeneous Poisson Processes by Thinning, 1979). Where the bound changes
 * the wait starts anew, which changes nothing, for it has no memory.
 */
export class PoissonDemand implements DemandProcess {
  readonly #options: Required<PoissonDemandOptions>;
  readonly #times: Rng;
  readonly #bids: Rng;
  readonly #weights: Rng;
  #time: number;

  /** @param rng streams below it draw times, bids and weights apart */
  constructor(rng: Rng, options: PoissonDemandOptions) {
    this.#options = { profile: stationary, start: micros(0), ...options };
    assert(options.ratePerSecond >= 0 && Number.isFinite(options.ratePerSecond), 'a rate of arrivals');
    this.#times = rng.stream('times');
    this.#bids = rng.stream('bids');
    this.#weights = rng.stream('weights');
    this.#time = this.#options.start;
  }

  next(): Arrival | null {
    const { ratePerSecond, profile, bids, weights } = this.#options;
    for (;;) {
      const { most, until } = profile.bound(this.#time);
      const rate = ratePerSecond * most;
      const time = rate > 0 ? this.#time + this.#times.exponential(MICROS_PER_SECOND / rate) : Infinity;
      if (time >= until) {
        if (until === Infinity) return null;
        this.#time = until;
        continue;
      }
      this.#time = time;
      const factor = profile.at(time);
      assert(factor >= 0 && factor <= most, `a rate of ${factor} under its bound ${most}`);
      if (factor < most && this.#times.unit() * most >= factor) continue;
      return { time: micros(time), satPerKvb: bids(this.#bids), weight: weights(this.#weights) };
    }
  }
}
