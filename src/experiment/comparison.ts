/**
 * What a sweep says: the mean of each metric in each cell with its 95 % interval, and how cells differ from a baseline
 * seed by seed. Says, too, which runs failed, what runs noted, and what there are too few samples for.
 */
import { assert } from '../base/assert.ts';
import { batchesOf, failuresOf, valuesOf, type CellRuns } from './cellRuns.ts';
import { batchWarnings, failureWarnings, noteWarnings, sampleWarnings } from './comparisonWarnings.ts';
import { METRICS, type MetricName } from './metrics.ts';
import { countToTellApart, estimate, pairedDifference, type Estimate } from './statistics.ts';
import {
  cellsOf,
  type Axis,
  type AxisValue,
  type Baseline,
  type RunFailure,
  type RunMeasures,
  type SweepGrid,
} from './sweep.ts';

/** One metric in one cell, whose runs may all have failed. */
export interface CellEstimate extends Omit<Estimate, 'mean'> {
  readonly values: readonly AxisValue[];
  readonly metric: MetricName;
  /** `seeds`: the deviation and interval are of runs, a run a seed; `batches`: of batches of the only run */
  readonly from: 'seeds' | 'batches';
  /** runs that failed, which no value is of */
  readonly failed: number;
  /** over the runs; with one seed that run's own value, not the mean of its batches, which is biased for ratios and quantiles */
  readonly mean: number | null;
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

/** @param results cell by cell, in each seed by seed; a failure has no values */
export function compare(grid: SweepGrid, results: readonly (RunMeasures | RunFailure)[]): Comparison {
  const { axes, seeds, baseline } = grid;
  const cells = cellsOf(axes).map((values, cell): CellRuns => ({
    values,
    runs: results.slice(cell * seeds.length, (cell + 1) * seeds.length),
  }));
  assert(results.length === cells.length * seeds.length, 'a result for each run');
  const estimates = cells.flatMap((cell) => METRICS.map((metric) => cellEstimate(cell, metric)));
  const differences = baseline ? differencesFrom(baseline, axes, cells) : [];
  const hasBatches = estimates.some(({ from }) => from === 'batches');
  const warnings = [
    ...failureWarnings(axes, cells, baseline),
    ...noteWarnings(cells),
    ...batchWarnings(axes, cells),
    ...sampleWarnings(seeds.length, hasBatches, differences),
  ];
  return { axes, seeds, along: baseline?.path ?? null, cells: estimates, differences, warnings };
}

function cellEstimate(cell: CellRuns, metric: MetricName): CellEstimate {
  const batches = batchesOf(cell, metric);
  const sample = valuesOf(cell, metric).filter((value) => value !== null);
  const own = estimate(sample) ?? { count: 0, mean: null, standardDeviation: null, halfWidth: null };
  const spread = batches ? estimate(batches) : null;
  return {
    values: cell.values,
    metric,
    from: spread ? 'batches' : 'seeds',
    failed: failuresOf(cell),
    ...own,
    ...(spread ? { ...spread, mean: own.mean } : {}),
  };
}

/** Of each cell from the one that has the baseline's value on its axis and is like it otherwise. */
function differencesFrom(baseline: Baseline, axes: readonly Axis[], cells: readonly CellRuns[]): Difference[] {
  const axis = axes.findIndex(({ path }) => path === baseline.path);
  return cells.flatMap((cell): Difference[] => {
    const { values } = cell;
    if (values[axis] === baseline.value) return [];
    const other = cells.find((each) =>
      each.values.every((value, at) => value === (at === axis ? baseline.value : values[at])),
    )!;
    return METRICS.flatMap((metric): Difference[] => {
      const there = valuesOf(other, metric);
      const pairs = valuesOf(cell, metric).flatMap((here, seed): [number, number][] => {
        const pair = there[seed] ?? null;
        return here === null || pair === null ? [] : [[here, pair]];
      });
      const found = pairedDifference(
        pairs.map(([here]) => here),
        pairs.map(([, pair]) => pair),
      );
      return found ? [{ values, baseline: baseline.value, metric, ...found, seedsNeeded: seedsNeeded(found) }] : [];
    });
  });
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
