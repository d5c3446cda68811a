/** Quantiles of a sample, with linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996). */

/** What a table says of a sample; all in the sample's unit. */
export interface Quantiles {
  readonly count: number;
  readonly mean: number;
  readonly least: number;
  readonly p5: number;
  readonly p10: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
}

/** The quantiles of a sample, which is sorted in place; null if it is empty. */
export function quantiles(sample: Float64Array): Quantiles | null {
  if (sample.length === 0) return null;
  sample.sort();
  let sum = 0;
  for (const value of sample) sum += value;
  return {
    count: sample.length,
    mean: sum / sample.length,
    least: quantile(sample, 0),
    p5: quantile(sample, 0.05),
    p10: quantile(sample, 0.1),
    p25: quantile(sample, 0.25),
    p50: quantile(sample, 0.5),
    p75: quantile(sample, 0.75),
    p90: quantile(sample, 0.9),
    p95: quantile(sample, 0.95),
    p99: quantile(sample, 0.99),
    most: quantile(sample, 1),
  };
}

/** @param sorted ascending, not empty  @param share 0 … 1 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return low + (high - low) * (at - below);
}
