/** The tables of a sweep: a row a run, a row a cell and metric, a row a difference. The axes' paths are columns. */
import type { CellEstimate, Difference } from '../experiment/comparison.ts';
import { METRICS } from '../experiment/metrics.ts';
import type { Axis, AxisValue, RunFailure, RunMeasures } from '../experiment/sweep.ts';
import type { Cell, Column, ColumnKind } from './table.ts';

export interface RunRow {
  readonly values: readonly AxisValue[];
  readonly seed: number;
  readonly result: RunMeasures | RunFailure;
}

export function runColumns(axes: readonly Axis[]): Column<RunRow>[] {
  const of = (pick: (measures: RunMeasures) => Cell, { result }: RunRow): Cell =>
    'error' in result ? null : pick(result);
  return [
    ...axisColumns<RunRow>(axes),
    { name: 'seed', kind: 'int64', of: ({ seed }) => seed },
    { name: 'error', kind: 'text', of: ({ result }) => ('error' in result ? result.error : null), optional: true },
    { name: 'digest', kind: 'text', of: (row) => of(({ digest }) => digest, row), optional: true },
    ...METRICS.map((name): Column<RunRow> => ({
      name,
      kind: 'double',
      of: (row) => of(({ metrics }) => metrics[name], row),
      optional: true,
    })),
  ];
}

/** Means with half the width of their 95 % intervals; of a cell whose runs all failed, too. */
export const cellColumns = (axes: readonly Axis[]): Column<CellEstimate>[] => [
  ...axisColumns<CellEstimate>(axes),
  { name: 'metric', kind: 'text', of: ({ metric }) => metric },
  { name: 'from', kind: 'text', of: ({ from }) => from },
  { name: 'failed', kind: 'int32', of: ({ failed }) => failed },
  ...estimateColumns<CellEstimate>(),
];

/** Paired by seed: this cell less the one that has the baseline's value on the axis compared. */
export const differenceColumns = (axes: readonly Axis[]): Column<Difference>[] => [
  ...axisColumns<Difference>(axes),
  { name: 'baseline', kind: 'text', of: ({ baseline }) => String(baseline) },
  { name: 'metric', kind: 'text', of: ({ metric }) => metric },
  ...estimateColumns<Difference>(),
  { name: 'seeds_needed', kind: 'int32', of: ({ seedsNeeded }) => seedsNeeded, optional: true },
];

// prettier-ignore
const estimateColumns = <Row extends CellEstimate | Difference>(): Column<Row>[] => [
  { name: 'count',              kind: 'int32',  of: ({ count }) => count },
  { name: 'mean',               kind: 'double', of: ({ mean }) => mean, optional: true },
  { name: 'standard_deviation', kind: 'double', of: ({ standardDeviation }) => standardDeviation, optional: true },
  { name: 'half_width_95',      kind: 'double', of: ({ halfWidth }) => halfWidth, optional: true },
];

const axisColumns = <Row extends { readonly values: readonly AxisValue[] }>(axes: readonly Axis[]): Column<Row>[] =>
  axes.map(({ path, values }, at): Column<Row> => {
    const kind = kindOf(values);
    return {
      name: path,
      kind,
      of: ({ values: here }) => (kind === 'text' && here[at] !== null ? String(here[at]) : here[at]!),
      optional: true,
    };
  });

/** Values of several kinds in one axis are shown as text. */
function kindOf(values: readonly AxisValue[]): ColumnKind {
  const given = values.filter((value) => value !== null);
  if (given.every((value) => typeof value === 'number')) return 'double';
  return given.every((value) => typeof value === 'boolean') ? 'boolean' : 'text';
}
