/**
 * Arrivals whose rate is a sine wave around its mean: a Poisson process of rate λ (1 + a sin), by thinning candidates of
 * the highest rate λ (1 + a) (Lewis and Shedler, 1979).
 */
import type { Rng } from '../../../base/random.ts';
import { micros, MICROS_PER_SECOND, type Micros } from '../../../base/time.ts';
import { diurnal } from '../../../chain/feeMarketProfiles.ts';
import type { Arrivals } from '../traffic.ts';

export interface DiurnalPlan {
  readonly kind: 'diurnal';
  /** 0 … 1 */
  readonly amplitude: number;
  readonly peakAt: Micros;
  readonly period: Micros;
}

export function diurnalArrivals(ratePerSecond: number, plan: DiurnalPlan, rng: Rng): Arrivals {
  const profile = diurnal(plan.amplitude, plan.peakAt, plan.period);
  const { most } = profile.bound(0);
  return {
    interval(at) {
      let time: number = at;
      do time += rng.exponential(MICROS_PER_SECOND / (ratePerSecond * most));
      while (rng.unit() * most >= profile.at(time));
      return micros(time - at);
    },
  };
}
