/**
 * eclair's estimate of a pair of nodes' balance (eclair 5b765e026, `router/BalanceEstimate.scala`): a lower and an upper bound,
 * each with the time when it was known, and a probability that is linear between them.
 *
 * Through (0, 1), (low, pLow), (high, pHigh) and (capacity, 0); pLow and pHigh go from 1 and 0 to the uniform
 * 1 − amount/capacity with a half-life. Bounds belong to a pair in both directions: one's lower is the other's upper.
 */
import { exp } from '../../base/math.ts';
import { MICROS_PER_SECOND, type Micros } from '../../base/time.ts';
import { LearntTable } from '../learntTable.ts';

const LN2 = 0.6931471805599453;
/** The numbers of a pair's row, as its direction of the lower edge sees them. */
const LOW = 0;
const LOW_AT = 1;
const HIGH = 2;
const HIGH_AT = 3;
/** the capacity that the bounds were learnt at */
const CAPACITY = 4;
const WIDTH = 5;

export interface Balance {
  readonly lowMsat: number;
  readonly lowAt: number;
  readonly highMsat: number;
  readonly highAt: number;
  /** of the pair's largest channel */
  readonly capacityMsat: number;
}

/** How likely a pair of that balance carries an amount. */
export function canSend(balance: Balance, amountMsat: number, now: number, halfLife: number): number {
  const { lowMsat, highMsat, capacityMsat } = balance;
  const decayed = (boundMsat: number, then: number, at: number): number => {
    const ratio = exp((-LN2 * Math.max(0, now - at)) / halfLife);
    return (1 - boundMsat / capacityMsat) * (1 - ratio) + then * ratio;
  };
  const low = decayed(lowMsat, 1, balance.lowAt);
  const high = decayed(highMsat, 0, balance.highAt);
  if (amountMsat < lowMsat) return (lowMsat - amountMsat * (1 - low)) / lowMsat;
  if (amountMsat < highMsat) {
    return ((highMsat - amountMsat) * low + (amountMsat - lowMsat) * high) / (highMsat - lowMsat);
  }
  return highMsat < capacityMsat ? ((capacityMsat - amountMsat) * high) / (capacityMsat - highMsat) : 0;
}

/** The same pair from its other end. */
export const otherSide = ({ lowMsat, lowAt, highMsat, highAt, capacityMsat }: Balance): Balance => ({
  lowMsat: Math.max(0, capacityMsat - highMsat),
  lowAt: highAt,
  highMsat: Math.max(0, capacityMsat - lowMsat),
  highAt: lowAt,
  capacityMsat,
});

/** After the pair failed to carry an amount. */
export function couldNotSend(balance: Balance, amountMsat: number, at: number, halfLife: number): Balance {
  if (amountMsat <= balance.lowMsat) return { ...balance, lowMsat: 0, lowAt: at, highMsat: amountMsat, highAt: at };
  const updated = { ...balance, highMsat: amountMsat, highAt: at };
  if (amountMsat < balance.highMsat) return updated;
  // nothing new, unless what was known has faded so much that this says more
  const { highMsat } = balance;
  return canSend(updated, highMsat, at, halfLife) < canSend(balance, highMsat, at, halfLife) ? updated : balance;
}

/** After the pair carried an amount that failed further on. */
export const couldSend = (balance: Balance, amountMsat: number, at: number, halfLife: number): Balance =>
  otherSide(couldNotSend(otherSide(balance), Math.max(0, balance.capacityMsat - amountMsat), at, halfLife));

/** After an amount has moved. @param isAlone whether the pair has one channel */
export function didSend(balance: Balance, amountMsat: number, at: number, halfLife: number, isAlone: boolean): Balance {
  const lowMsat = Math.max(0, balance.lowMsat - amountMsat);
  if (!isAlone) return { ...balance, lowMsat };
  const highMsat = Math.max(0, balance.highMsat - amountMsat);
  const shifted = { ...balance, lowMsat, highMsat };
  // or forget an upper bound that has faded, for what is certain: this much less than the capacity
  const renewed = { ...balance, lowMsat, highMsat: Math.max(0, balance.capacityMsat - amountMsat), highAt: at };
  return canSend(shifted, highMsat, at, halfLife) < canSend(renewed, highMsat, at, halfLife) ? shifted : renewed;
}

/** One payer's estimates, by pair: a pair is named by the lowest edge of its direction. */
export class BalanceEstimates {
  readonly #rows = new LearntTable(WIDTH);
  readonly #halfLife: number;

  constructor(halfLifeSeconds: number) {
    this.#halfLife = halfLifeSeconds * MICROS_PER_SECOND;
  }

  probability(pair: number, amountMsat: number, capacityMsat: number, now: Micros): number {
    return canSend(this.#balance(pair, capacityMsat), amountMsat, now, this.#halfLife);
  }

  couldNotSend(pair: number, amountMsat: number, capacityMsat: number, at: Micros): void {
    this.#write(pair, couldNotSend(this.#balance(pair, capacityMsat), amountMsat, at, this.#halfLife));
  }

  couldSend(pair: number, amountMsat: number, capacityMsat: number, at: Micros): void {
    this.#write(pair, couldSend(this.#balance(pair, capacityMsat), amountMsat, at, this.#halfLife));
  }

  didSend(pair: number, amountMsat: number, capacityMsat: number, at: Micros, isAlone: boolean): void {
    this.#write(pair, didSend(this.#balance(pair, capacityMsat), amountMsat, at, this.#halfLife, isAlone));
  }

  /** What is known of a pair now; of an unknown one, that it is between nothing and the capacity. */
  #balance(pair: number, capacityMsat: number): Balance {
    const row = this.#rows.rowOf(pair & ~1);
    if (row === -1) return { lowMsat: 0, lowAt: 0, highMsat: capacityMsat, highAt: 0, capacityMsat };
    const at = (number: number): number => this.#rows.values[WIDTH * row + number]!;
    const stored = {
      lowMsat: at(LOW),
      lowAt: at(LOW_AT),
      highMsat: at(HIGH),
      highAt: at(HIGH_AT),
      capacityMsat: at(CAPACITY),
    };
    const seen = (pair & 1) === 0 ? stored : otherSide(stored);
    // a channel was closed since
    return {
      ...seen,
      lowMsat: Math.min(seen.lowMsat, capacityMsat),
      highMsat: Math.min(seen.highMsat, capacityMsat),
      capacityMsat,
    };
  }

  #write(pair: number, balance: Balance): void {
    const key = pair & ~1;
    const found = this.#rows.rowOf(key);
    const row = found === -1 ? this.#rows.add(key) : found;
    const { lowMsat, lowAt, highMsat, highAt, capacityMsat } = (pair & 1) === 0 ? balance : otherSide(balance);
    this.#rows.values.set([lowMsat, lowAt, highMsat, highAt, capacityMsat], WIDTH * row);
  }
}
