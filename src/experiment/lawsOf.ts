/** From laws as scenarios write them, in sat or seconds, to the simulator's, in msat or µs. */
import { MICROS_PER_SECOND } from '../base/time.ts';
import { MSAT_PER_SAT } from '../base/units.ts';
import { scaled, type Law } from '../sim/laws.ts';
import type { AmountLaw, DelayLaw, PlainLaw } from './scenario/laws.ts';

/** @returns a law in msat */
export function amountLawOf(given: AmountLaw): Law {
  return scaled(inSat(given), MSAT_PER_SAT);
}

function inSat(given: AmountLaw): Law {
  switch (given.law) {
    case undefined:
    case 'lognormal':
      return { law: 'lognormal', median: given.medianSat, sigma: given.sigma };
    case 'constant':
      return { law: 'constant', value: given.valueSat };
    case 'uniform':
      return { law: 'uniform', from: given.fromSat, to: given.toSat };
    case 'exponential':
      return { law: 'exponential', mean: given.meanSat, plus: given.plusSat };
    case 'normal':
      return { law: 'normal', mean: given.meanSat, deviation: given.deviationSat };
    case 'gamma':
      return { law: 'gamma', mean: given.meanSat, shape: given.shape };
    case 'pareto':
      return { law: 'pareto', least: given.leastSat, alpha: given.alpha, most: given.mostSat };
    case 'list':
      return { law: 'list', values: given.valuesSat, weights: given.weights ?? null };
  }
}

/** @returns a law in µs */
export const delayLawOf = (given: DelayLaw): Law => scaled(plainLawOf(given), MICROS_PER_SECOND);

/** @returns a law in the unit in which it is given */
export const plainLawOf = (given: PlainLaw): Law =>
  given.law === 'list' ? { ...given, weights: given.weights ?? null } : given;
