/** A cell of a sweep with its runs, and what they say of one metric. */
import type { MetricName } from './metrics.ts';
import type { AxisValue, RunFailure, RunMeasures } from './sweep.ts';

export interface CellRuns {
  readonly values: readonly AxisValue[];
  /** seed by seed */
  readonly runs: readonly (RunMeasures | RunFailure)[];
}

/** The runs that did not fail. */
export const madeRuns = ({ runs }: CellRuns): readonly RunMeasures[] =>
  runs.flatMap((run) => ('error' in run ? [] : [run]));

export const failuresOf = (cell: CellRuns): number => cell.runs.length - madeRuns(cell).length;

/** By seed; null where a run gave no value. */
export const valuesOf = ({ runs }: CellRuns, metric: MetricName): readonly (number | null)[] =>
  runs.map((run) => ('error' in run ? null : run.metrics[metric]));

/** Where there is one run only, and it was long enough. */
export function batchesOf({ runs }: CellRuns, metric: MetricName): readonly number[] | null {
  const [only] = runs;
  return runs.length === 1 && only && 'batches' in only ? (only.batches[metric] ?? null) : null;
}
