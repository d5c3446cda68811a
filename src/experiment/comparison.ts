/**
 * What a sweep says: the mean of each metric in each cell with its 95 % interval, and how cells differ from a baseline
 * seed by seed. Says, too, what there are too few samples for.
 */
import { assert } from '../base/assert.ts';
import { METRICS, type MetricName } from './metrics.ts';
import { countToTellApart, estimate, lagOneCorrelation, pairedDifference, type Estimate } from './statistics.ts';
import {
  cellsOf,
  type Axis,
  type AxisValue,
  type Baseline,
  type RunFailure,
  type RunMeasures,
  type SweepGrid,
} from './sweep.ts';

/** One metric in one cell. */
export interface CellEstimate extends Estimate {
  readonly values: readonly AxisValue[];
  readonly metric: MetricName;
  /** `seeds`: from a run a seed; `batches`: from batches of the only run */
  readonly from: 'seeds' | 'batches';
}

/** How one metric differs between two cells that differ in one axis, seed by seed. */
export interface Difference extends Estimate {
  readonly values: readonly AxisValue[];
  /** what the axis compared has in the other cell */
  readonly baseline: AxisValue;
  readonly metric: MetricName;
  /** seeds that would tell such a difference from nothing, where these don't; null where they do, or none would */
  readonly seedsNeeded: number | null;
}

export interface Comparison {
  readonly axes: readonly Axis[];
  readonly seeds: readonly number[];
  /** the axis along which cells are compared; null where no axis has two values */
  readonly along: string | null;
  readonly cells: readonly CellEstimate[];
  readonly differences: readonly Difference[];
  readonly warnings: readonly string[];
}

/** Fewer seeds than this give intervals that hang on very few values. */
const FEW_SEEDS = 10;

/** @param results cell by cell, in each seed by seed; a failure has no values */
export function compare(grid: SweepGrid, results: readonly (RunMeasures | RunFailure)[]): Comparison {
  const { axes, seeds, baseline } = grid;
  const cells = cellsOf(axes);
  assert(results.length === cells.length * seeds.length, 'a result for each run');
  const warnings: string[] = [];
  /** by cell, by seed; null where a run gave no value */
  const valueOf = (cell: number, seed: number, metric: MetricName): number | null => {
    const result = results[cell * seeds.length + seed]!;
    return 'error' in result ? null : result.metrics[metric];
  };
  const estimates = cells.flatMap((values, cell) =>
    METRICS.flatMap((metric): CellEstimate[] => {
      const sample = seeds.flatMap((_, seed) => valueOf(cell, seed, metric) ?? []);
      const only = seeds.length === 1 ? results[cell] : undefined;
      const batches = only && 'batches' in only ? only.batches[metric] : undefined;
      const found = batches ? estimate(batches) : estimate(sample);
      if (batches) warnCorrelated(batches, metric, axes, values, warnings);
      return found ? [{ values, metric, from: batches ? 'batches' : 'seeds', ...found }] : [];
    }),
  );
  const differences = baseline
    ? cells.flatMap((values, cell): Difference[] => {
        const axis = axes.findIndex(({ path }) => path === baseline.path);
        if (values[axis] === baseline.value) return [];
        const other = cells.findIndex((each) =>
          each.every((value, at) => value === (at === axis ? baseline.value : values[at])),
        );
        return METRICS.flatMap((metric): Difference[] => {
          const pairs = seeds.flatMap((_, seed): [number, number][] => {
            const pair = [valueOf(cell, seed, metric), valueOf(other, seed, metric)];
            return pair[0] === null || pair[1] === null ? [] : [[pair[0]!, pair[1]!]];
          });
          const found = pairedDifference(
            pairs.map(([here]) => here),
            pairs.map(([, there]) => there),
          );
          return found ? [{ values, baseline: baseline.value, metric, ...found, seedsNeeded: seedsNeeded(found) }] : [];
        });
      })
    : [];
  const hasBatches = estimates.some(({ from }) => from === 'batches');
  warnFew(grid, hasBatches, differences, warnings);
  return { axes, seeds, along: baseline?.path ?? null, cells: estimates, differences, warnings };
}

/** The last axis of texts, or the last one of all, and its first value; null where no axis has two values. */
export function defaultBaseline(axes: readonly Axis[]): Baseline | null {
  const varied = axes.filter(({ values }) => values.length > 1);
  const axis = varied.findLast(({ values }) => values.every((value) => typeof value === 'string')) ?? varied.at(-1);
  return axis ? { path: axis.path, value: axis.values[0]! } : null;
}

function seedsNeeded(difference: Estimate): number | null {
  const { mean, halfWidth } = difference;
  return halfWidth !== null && Math.abs(mean) > halfWidth ? null : countToTellApart(difference);
}

function warnFew(
  { seeds }: SweepGrid,
  hasBatches: boolean,
  differences: readonly Difference[],
  warnings: string[],
): void {
  if (seeds.length === 1) {
    warnings.push(
      hasBatches
        ? 'one seed: intervals are from batches of the one run, and there are none for differences'
        : 'one seed, and too few payments to make batches of: there are no intervals',
    );
  } else if (seeds.length < FEW_SEEDS) {
    warnings.push(`${seeds.length} seeds are few: intervals are wide, and trust that values are normally distributed`);
  }
  const open = differences.filter(({ seedsNeeded: needed }) => needed !== null);
  if (seeds.length === 1 || open.length === 0) return;
  const most = open.reduce((a, b) => ((b.seedsNeeded ?? 0) > (a.seedsNeeded ?? 0) ? b : a));
  warnings.push(
    `${open.length} of ${differences.length} differences are not told from zero; the least clear (${most.metric}) would ` +
      `take about ${most.seedsNeeded} seeds`,
  );
}

/** Batches whose means still follow each other are too short: 2 / √n is the 95 % bound of no correlation (Bartlett). */
function warnCorrelated(
  batches: readonly number[],
  metric: MetricName,
  axes: readonly Axis[],
  values: readonly AxisValue[],
  warnings: string[],
): void {
  const correlation = lagOneCorrelation(batches);
  if (correlation <= 2 / Math.sqrt(batches.length)) return;
  const cell = axes.map(({ path }, at) => `${path}=${String(values[at])}`).join(', ') || 'the run';
  warnings.push(
    `${metric} of ${cell}: batches follow each other (correlation ${correlation.toFixed(2)}), so its interval is too ` +
      `narrow; more payments, or several seeds, mend that`,
  );
}
