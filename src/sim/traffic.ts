/**
 * Traffic: who pays whom how much, and when. The default is a Poisson process of lognormal amounts between random nodes.
 */
import type { Rng } from '../base/random.ts';
import { micros, MICROS_PER_SECOND, type Micros } from '../base/time.ts';
import { MSAT_PER_SAT, msat, type Msat } from '../base/units.ts';
import type { TrafficConfig } from './config.ts';

/** One payment that somebody wants to make. */
export interface Demand {
  /** nodes, as indices of the graph */
  readonly source: number;
  readonly target: number;
  readonly amountMsat: Msat;
}

/** The port: when the next payment starts, and which. */
export interface Traffic {
  /** the time from one payment to the next */
  interval(): Micros;
  next(): Demand;
}

/**
 * Poisson arrivals, lognormal amounts in whole sat (at least 1), payer and payee drawn uniformly from those that can.
 * @param payers nodes with a usable outgoing channel @param payees nodes with a usable incoming one
 */
export function poissonTraffic(
  config: TrafficConfig,
  payers: readonly number[],
  payees: readonly number[],
  rng: Rng,
): Traffic {
  const times = rng.stream('times');
  const ends = rng.stream('ends');
  const amounts = rng.stream('amounts');
  return {
    interval: () => micros(times.exponential(MICROS_PER_SECOND / config.ratePerSecond)),
    next() {
      const source = payers[ends.below(payers.length)]!;
      let target = payees[ends.below(payees.length)]!;
      // at most one of the payees is the payer: drawing again ends soon unless there is no other
      while (target === source && payees.length > 1) target = payees[ends.below(payees.length)]!;
      const drawn = config.sigma === 0 ? config.medianMsat : amounts.lognormal(config.medianMsat, config.sigma);
      const amountSat = Math.max(1, Math.round(Math.min(drawn, MOST_MSAT) / MSAT_PER_SAT));
      return { source, target, amountMsat: msat(amountSat * MSAT_PER_SAT) };
    },
  };
}

/** No amount is larger: 21,000 BTC, far above what any channel carries. */
const MOST_MSAT = 21_000 * 1e11;
