/**
 * A sweep: a scenario varied along axes, each cell of the grid run with the same seeds, hence with the same traffic; and
 * what is kept of each run.
 */
import type { RunResult } from './run.ts';
import type { Scenario } from './scenario.ts';
import { METRIC_QUANTILES, metricsOf, METRICS, paymentMetrics, type MetricName, type Metrics } from './metrics.ts';
import type { PaymentRecord } from '../sim/tally.ts';
import { inBatches } from './statistics.ts';
import type { RunSummary } from './summary.ts';

export type AxisValue = number | string | boolean | null;

/** What is varied: a place in the scenario, and its values. */
export interface Axis {
  /** `traffic.rate` */
  readonly path: string;
  readonly values: readonly AxisValue[];
}

/** What a sweep is to cover; every cell is run with every seed. */
export interface SweepGrid {
  readonly axes: readonly Axis[];
  readonly seeds: readonly number[];
  /** what differences are taken from; null where nothing is varied */
  readonly baseline: Baseline | null;
}

/** An axis, and which of its values the others are compared with. */
export interface Baseline {
  readonly path: string;
  readonly value: AxisValue;
}

/** All points of the grid, the first axis turning slowest: the values by the axes. */
export const cellsOf = (axes: readonly Axis[]): AxisValue[][] =>
  axes.reduce<AxisValue[][]>(
    (cells, { values }) => cells.flatMap((cell) => values.map((each) => [...cell, each])),
    [[]],
  );

/** A grid whose every cell is a checked scenario. */
export interface SweepPlan extends SweepGrid {
  /** in the order of `cellsOf` */
  readonly scenarios: readonly Scenario[];
}

/** A run's file: what it measured, or why it could not be run. The closings are left out: they may be many. */
export type SweepResult = (RunMeasures & { readonly summary: Omit<RunSummary, 'closings'> }) | RunFailure;

/** What is compared. */
export interface RunMeasures {
  readonly digest: string;
  readonly metrics: Metrics;
  /** each metric in batches of the run's payments, in the order in which they started; none if these are too short */
  readonly batches: Readonly<Partial<Record<MetricName, readonly number[]>>>;
  readonly summary: Pick<RunSummary, 'notes'>;
}

export interface RunFailure {
  readonly error: string;
}

/** Schmeiser's advice (1982): 10 to 30. */
const BATCHES = 20;
/** Payments; a ratio of fewer is mostly chance. */
const LEAST_BATCH = 20;
/** A batch says something of a quantile if so many of its values are to lie on either side. */
const LEAST_BEYOND = 10;

export function sweepResultOf({ summary, world }: RunResult): SweepResult {
  const { closings: _, ...kept } = summary;
  const payments = world.payments.toSorted((a, b) => a.id - b.id);
  const batches = payments.length < BATCHES * LEAST_BATCH ? {} : metricsByBatch(inBatches(payments, BATCHES));
  return { digest: summary.digest, metrics: metricsOf(summary, world.payments), batches, summary: kept };
}

/** Each metric that all batches have a value for, those of quantiles only where every batch is long enough. */
function metricsByBatch(series: readonly (readonly PaymentRecord[])[]): RunMeasures['batches'] {
  const rows: readonly Partial<Metrics>[] = series.map(paymentMetrics);
  const fewest = Math.min(...series.map((batch) => batch.filter(({ succeeded }) => succeeded).length));
  const batches: Partial<Record<MetricName, readonly number[]>> = {};
  for (const metric of METRICS) {
    const part = METRIC_QUANTILES[metric];
    if (part !== undefined && fewest * Math.min(part, 1 - part) < LEAST_BEYOND) continue;
    const values = rows.flatMap((row) => row[metric] ?? []);
    if (values.length === series.length) batches[metric] = values;
  }
  return batches;
}
