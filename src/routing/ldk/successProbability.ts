/**
 * How likely LDK thinks that a channel carries an amount, given bounds on its liquidity
 * (LDK cfee4b755, `lightning/src/routing/scoring.rs`, `success_probability`; the form is Pickhardt and Richter's,
 * arXiv 2107.05322, with a density that is high at both ends of the channel).
 *
 * The density over z = x/c is 128 (1/256 + 9 (z − ½)⁸), so F(z) = (z − ½)⁹ + (z − ½)/256 up to a factor, and an amount
 * between the bounds goes through with probability [F(max) − F(amount)] / [F(max) − F(min)].
 */

/** Without a success seen, the denominator grows by 78/64: about 82 % of the probability are left (LDK's constant). */
const NO_SUCCESS_PENALTY = 78 / 64;
/** What scales the density's integral, at most 2^-7, to whole numbers below 2^30. */
const TO_INTEGER = 2 ** 36;

/** A probability as a ratio, so that its logarithm can be taken of integers. */
export interface Ratio {
  numerator: number;
  denominator: number;
}

function cumulative(share: number): number {
  const x = share - 0.5;
  const x2 = x * x;
  const x4 = x2 * x2;
  return x * x4 * x4 + x / 256;
}

const ratio: Ratio = { numerator: 0, denominator: 0 };

/**
 * The probability as a ratio of real numbers; the answer is reused by the next call.
 * @param amount at least `min`, below `max`; all in one unit
 * @param linear uniform instead of high at both ends
 * @param minZeroMeansNoSuccess whether a lower bound of 0 says that no success has been seen
 */
export function successRatio(
  amount: number,
  min: number,
  max: number,
  capacity: number,
  linear: boolean,
  minZeroMeansNoSuccess: boolean,
): Ratio {
  if (linear) {
    ratio.numerator = max - amount;
    ratio.denominator = max - min + 1;
    if (minZeroMeansNoSuccess && min === 0) ratio.denominator = Math.floor(ratio.denominator * NO_SUCCESS_PENALTY);
    return ratio;
  }
  const most = cumulative(max / capacity);
  ratio.numerator = most - cumulative(amount / capacity);
  ratio.denominator = most - cumulative(min / capacity);
  if (minZeroMeansNoSuccess && min === 0) ratio.denominator *= NO_SUCCESS_PENALTY;
  return ratio;
}

/** The same as positive whole numbers. */
export function successIntegers(
  amount: number,
  min: number,
  max: number,
  capacity: number,
  linear: boolean,
  minZeroMeansNoSuccess: boolean,
): Ratio {
  successRatio(amount, min, max, capacity, linear, minZeroMeansNoSuccess);
  if (!linear) {
    ratio.numerator = Math.floor(ratio.numerator * TO_INTEGER) + 1;
    ratio.denominator = Math.floor(ratio.denominator * TO_INTEGER) + 1;
  }
  return ratio;
}
