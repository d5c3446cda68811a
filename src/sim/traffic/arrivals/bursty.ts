/**
 * Bursty arrivals: an interrupted Poisson process (Kuczura, 1973). Phases of traffic and of silence take turns, both of
 * exponential length; within a burst arrivals are Poisson, at a rate that makes the mean over all time the one asked for.
 */
import type { Rng } from '../../../base/random.ts';
import { micros, MICROS_PER_SECOND, type Micros } from '../../../base/time.ts';
import type { Arrivals } from '../traffic.ts';

export interface BurstyPlan {
  readonly kind: 'bursty';
  /** mean lengths, µs */
  readonly onMicros: Micros;
  readonly offMicros: Micros;
}

/** Begins in a burst. */
export function burstyArrivals(ratePerSecond: number, { onMicros, offMicros }: BurstyPlan, rng: Rng): Arrivals {
  const phases = rng.stream('phases');
  const meanInterval = (MICROS_PER_SECOND / ratePerSecond) * (onMicros / (onMicros + offMicros));
  let left = phases.exponential(onMicros);
  return {
    interval() {
      let waited = 0;
      // the exponential wait has no memory: where a burst ends before it, it begins anew with the next burst
      for (let wait = rng.exponential(meanInterval); ; wait = rng.exponential(meanInterval)) {
        if (wait <= left) {
          left -= wait;
          return micros(waited + wait);
        }
        waited += left + phases.exponential(offMicros);
        left = phases.exponential(onMicros);
      }
    },
  };
}
