/** Poisson arrivals: independent exponential intervals, the same rate always. */
import type { Rng } from '../../../base/random.ts';
import { micros, MICROS_PER_SECOND } from '../../../base/time.ts';
import type { Arrivals } from '../traffic.ts';

export const poissonArrivals = (ratePerSecond: number, rng: Rng): Arrivals => ({
  interval: () => micros(rng.exponential(MICROS_PER_SECOND / ratePerSecond)),
});
