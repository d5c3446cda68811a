/**
 * The statistics of repeated runs: means with Student's intervals, paired differences, batch means.
 *
 * Logarithms and exponentials are those of `base/math`, so that the same runs give the same bytes everywhere.
 */
import { assert } from '../base/assert.ts';
import { exp, ln } from '../base/math.ts';

/** What is known of a mean; in the sample's unit. */
export interface Estimate {
  readonly count: number;
  readonly mean: number;
  /** of one value, with n − 1; null for a single value */
  readonly standardDeviation: number | null;
  /** half the width of the interval that covers the true mean with the confidence asked for; null for a single value */
  readonly halfWidth: number | null;
}

/** The mean of a sample of independent values, with Student's interval (Student 1908); null for no value. */
export function estimate(values: readonly number[], confidence = 0.95): Estimate | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = meanOf(values);
  if (count === 1) return { count, mean, standardDeviation: null, halfWidth: null };
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const standardDeviation = Math.sqrt(squares / (count - 1));
  const halfWidth = (studentQuantile((1 + confidence) / 2, count - 1) * standardDeviation) / Math.sqrt(count);
  return { count, mean, standardDeviation, halfWidth };
}

/** Summed about the first value, so that a large common part costs no digits. @param values not empty */
export function meanOf(values: readonly number[]): number {
  const [first = NaN] = values;
  let sum = 0;
  for (const value of values) sum += value - first;
  return first + sum / values.length;
}

/** The mean of `values[i] − baseline[i]`, with its interval: what both share, seed by seed, drops out. */
export function pairedDifference(values: readonly number[], baseline: readonly number[]): Estimate | null {
  assert(values.length === baseline.length, 'a pair has two values');
  return estimate(values.map((value, index) => value - baseline[index]!));
}

/**
 * How many pairs would tell such a difference from nothing: the fewest n whose interval about the mean, at the deviation
 * seen, leaves zero outside. Null where there is no difference, or nothing is known of its deviation.
 */
export function countToTellApart({ mean, standardDeviation }: Estimate, confidence = 0.95): number | null {
  if (mean === 0 || standardDeviation === null) return null;
  const ratio = standardDeviation / Math.abs(mean);
  const p = (1 + confidence) / 2;
  // no quantile is below that of the normal law, and few degrees of freedom more than that are needed
  let count = Math.max(2, Math.ceil((studentQuantile(p, MOST_SAMPLES) * ratio) ** 2));
  while (count <= MOST_SAMPLES && studentQuantile(p, count - 1) * ratio >= Math.sqrt(count)) count++;
  return count > MOST_SAMPLES ? null : count;
}

/** Nobody runs more: what would take more is no difference. */
const MOST_SAMPLES = 1_000_000;

/**
 * A correlated series in batches of equal length, what is left over at its beginning dropped: means of long batches are
 * nearly independent, so that `estimate` of them holds (Conway 1963; Schmeiser 1982 finds 10 to 30 batches enough).
 */
export function inBatches<T>(series: readonly T[], batches: number): T[][] {
  const length = Math.floor(series.length / batches);
  if (length === 0) return [];
  const start = series.length - length * batches;
  return Array.from({ length: batches }, (_, index) =>
    series.slice(start + index * length, start + (index + 1) * length),
  );
}

/** The correlation of each value with the next, −1 … 1; 0 where nothing varies (as NIST's StRD computes it). */
export function lagOneCorrelation(values: readonly number[]): number {
  const mean = meanOf(values);
  let [products, squares] = [0, 0];
  values.forEach((value, index) => {
    squares += (value - mean) ** 2;
    if (index > 0) products += (value - mean) * (values[index - 1]! - mean);
  });
  return squares === 0 ? 0 : products / squares;
}

/** The value below which Student's t with so many degrees of freedom stays with that probability. @param p ½ … 1 */
export function studentQuantile(p: number, degrees: number): number {
  assert(p >= 0.5 && p < 1 && degrees >= 1, 'a probability from ½, and a degree of freedom');
  let [low, high] = [0, 1];
  while (studentTail(high, degrees) > 1 - p) high *= 2;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentTail(middle, degrees) > 1 - p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T > t), t ≥ 0: half of the regularised incomplete beta function at ν / (ν + t²). */
const studentTail = (t: number, degrees: number): number =>
  incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;

/** I_x(a, b) by Lentz's continued fraction (DLMF 8.17.22), turned about where that converges faster. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * ln(x) + b * ln(1 - x)) / a;
  const tiny = 1e-300;
  let [c, d, fraction] = [1, 0, 1];
  for (let i = 0; i <= 1000; i++) {
    const m = i >> 1;
    const term =
      i === 0
        ? 1
        : i % 2 === 0
          ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
          : -((a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + term * d || tiny);
    c = 1 + term / c || tiny;
    fraction *= c * d;
    if (Math.abs(1 - c * d) < 1e-15) break;
  }
  return front * (fraction - 1);
}

/** ln Γ(x), x > 0: Stirling's series (DLMF 5.11.1) above 10, reached by Γ(x + 1) = x Γ(x). Error below 1e-13. */
function lnGamma(x: number): number {
  let shift = 0;
  while (x < 10) shift += ln(x++);
  const inverse = 1 / (x * x);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
  return (x - 0.5) * ln(x) - x + 0.9189385332046727 + series - shift; // ½ ln 2π
}
