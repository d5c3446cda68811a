/** How the rate of demand changes with time, as a factor. Times are µs of simulated time. */
import { sineOfTurns } from '../base/math.ts';
import { type Micros, seconds } from '../base/time.ts';

export interface RateProfile {
  /** The factor at a time. */
  at(time: number): number;
  /** The most it is from a time on until another, which is later or never (Infinity). */
  bound(time: number): { readonly most: number; readonly until: number };
}

/** Always the same. */
export const stationary: RateProfile = { at: () => 1, bound: () => ({ most: 1, until: Infinity }) };

/**
 * A sine wave around 1.
 * @param amplitude 0 … 1: the rate goes from 1 − amplitude to 1 + amplitude
 * @param peakAt a time of its peak
 * @param period default a day
 */
export function diurnal(amplitude: number, peakAt: Micros, period: Micros = seconds(86_400)): RateProfile {
  return {
    at: (time) => 1 + amplitude * sineOfTurns((time - peakAt) / period + 0.25),
    bound: () => ({ most: 1 + amplitude, until: Infinity }),
  };
}

/** A number of times as much from a time on, for a while. */
export function spike(from: Micros, duration: Micros, times: number): RateProfile {
  const end = from + duration;
  return {
    at: (time) => (time >= from && time < end ? times : 1),
    bound: (time) => {
      if (time < from) return { most: 1, until: from };
      return time < end ? { most: times, until: end } : { most: 1, until: Infinity };
    },
  };
}

/** All factors multiplied: a spike on a day's wave, say. */
export function together(...profiles: readonly RateProfile[]): RateProfile {
  return {
    at: (time) => profiles.reduce((product, profile) => product * profile.at(time), 1),
    bound: (time) => {
      let [most, until] = [1, Infinity];
      for (const profile of profiles) {
        const bound = profile.bound(time);
        most *= bound.most;
        until = Math.min(until, bound.until);
      }
      // a product of bounds, each rounded, must not fall below the product of factors rounded otherwise
      return { most: most * (1 + 1e-12), until };
    },
  };
}
