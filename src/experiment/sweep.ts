/**
 * A sweep: a scenario varied along axes, each cell of the grid run with the same seeds, hence with the same traffic; and
 * what is kept of each run.
 */
import type { RunResult } from './run.ts';
import type { Scenario } from './scenario.ts';
import { metricsOf, METRICS, paymentMetrics, type MetricName, type Metrics } from './metrics.ts';
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
  /** each metric in batches of the run's payments, in the order in which they started; none if they are too few */
  readonly batches: Readonly<Partial<Record<MetricName, readonly number[]>>>;
}

export interface RunFailure {
  readonly error: string;
}

/** Schmeiser's advice (1982): 10 to 30. */
const BATCHES = 20;
/** A batch of fewer payments says nothing of a quantile. */
const LEAST_BATCH = 20;

export function sweepResultOf({ summary, world }: RunResult): SweepResult {
  const { closings: _, ...kept } = summary;
  const payments = world.payments.toSorted((a, b) => a.id - b.id);
  const series = payments.length < BATCHES * LEAST_BATCH ? [] : inBatches(payments, BATCHES).map(paymentMetrics);
  const batches: Partial<Record<MetricName, readonly number[]>> = {};
  for (const metric of METRICS) {
    const values = series.flatMap((batch): number[] => {
      const value = metric in batch ? (batch as Partial<Metrics>)[metric] : null;
      return value === null || value === undefined ? [] : [value];
    });
    if (values.length === BATCHES) batches[metric] = values;
  }
  return { digest: summary.digest, metrics: metricsOf(summary, world.payments), batches, summary: kept };
}
