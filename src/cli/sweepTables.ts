/** What `leyden sweep` and `leyden merge` print: means with their intervals, differences, what went wrong. */
import { printable } from '../base/errors.ts';
import type { CellEstimate, Comparison, Difference } from '../experiment/comparison.ts';
import { METRICS, type MetricName } from '../experiment/metrics.ts';
import type { Axis, AxisValue } from '../experiment/sweep.ts';
import { alignColumns } from './textTable.ts';

/** Metrics in the terminal; the files have all. */
const SHOWN: readonly MetricName[] = METRICS.slice(0, 5);

export function formatComparison(comparison: Comparison): string {
  const { axes, along, cells, differences, warnings } = comparison;
  const title = cells.some(({ from }) => from === 'batches')
    ? 'values of one run ± half their 95 % intervals, from batch means'
    : 'means ± half their 95 % intervals';
  const parts = [`${title}\n${table(axes, cells, number)}`];
  if (differences.length > 0) {
    const [{ baseline }] = [differences[0]!];
    const signed = (mean: number): string => `${mean > 0 ? '+' : ''}${number(mean)}`;
    parts.push(
      `differences from ${printable(`${along}=${String(baseline)}`)}, seed by seed (* is told from zero)\n` +
        table(axes, differences, (mean, halfWidth) =>
          halfWidth !== null && Math.abs(mean) > halfWidth ? `* ${signed(mean)}` : signed(mean),
        ),
    );
  }
  if (warnings.length > 0) parts.push(`warnings\n${warnings.map((text) => `  ${printable(text, 400)}`).join('\n')}`);
  return parts.join('\n\n');
}

type Shown = CellEstimate | Difference;

/** A row a cell, a column a metric. */
function table(
  axes: readonly Axis[],
  estimates: readonly Shown[],
  text: (mean: number, halfWidth: number | null) => string,
): string {
  const rows = new Map<string, { readonly values: readonly AxisValue[]; readonly by: Map<MetricName, string> }>();
  for (const estimate of estimates) {
    const key = JSON.stringify(estimate.values);
    const row = rows.get(key) ?? { values: estimate.values, by: new Map<MetricName, string>() };
    rows.set(key, row);
    const { mean, halfWidth } = estimate;
    if (mean === null) continue;
    const interval = halfWidth === null ? '' : ` ± ${number(halfWidth)}`;
    row.by.set(estimate.metric, `${text(cleared(mean, halfWidth), halfWidth)}${interval}`);
  }
  const head = [...axes.map(({ path }) => printable(path, 40)), ...SHOWN];
  const body = [...rows.values()].map(({ values, by }) => [
    ...values.map((value) => printable(String(value), 40)),
    ...SHOWN.map((metric) => by.get(metric) ?? '-'),
  ]);
  return alignColumns(
    [head, ...body],
    axes.map(() => 'left' as const),
    '  ',
  );
}

/** A mean of differences that is what rounding left of nothing is nothing. */
const cleared = (mean: number, halfWidth: number | null): number =>
  Math.abs(mean) < 1e-9 * (halfWidth ?? 0) ? 0 : mean;

const number = (value: number): string => (value === 0 ? '0' : String(Number(value.toPrecision(4))));
