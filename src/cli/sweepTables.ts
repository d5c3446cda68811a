/** What `leyden sweep` and `leyden merge` print: means with their intervals, differences, what went wrong. */
import { printable } from '../base/errors.ts';
import type { Comparison } from '../experiment/comparison.ts';
import type { Estimate } from '../experiment/statistics.ts';
import { METRICS, type MetricName } from '../experiment/metrics.ts';
import type { Axis, AxisValue } from '../experiment/sweep.ts';
import { alignColumns } from './textTable.ts';

/** Metrics in the terminal; the files have all. */
const SHOWN: readonly MetricName[] = METRICS.slice(0, 5);

export function formatComparison(comparison: Comparison): string {
  const { axes, along, cells, differences, warnings } = comparison;
  const parts = [`means ± half their 95 % intervals\n${table(axes, cells, (estimate) => number(estimate.mean))}`];
  if (differences.length > 0) {
    const [{ baseline }] = [differences[0]!];
    const signed = ({ mean }: Estimate): string => `${mean > 0 ? '+' : ''}${number(mean)}`;
    parts.push(
      `differences from ${printable(`${along}=${String(baseline)}`)}, seed by seed (* is told from zero)\n` +
        table(axes, differences, (estimate) =>
          estimate.halfWidth !== null && Math.abs(estimate.mean) > estimate.halfWidth
            ? `* ${signed(estimate)}`
            : signed(estimate),
        ),
    );
  }
  if (warnings.length > 0) parts.push(`warnings\n${warnings.map((text) => `  ${printable(text, 400)}`).join('\n')}`);
  return parts.join('\n\n');
}

type Shown = Estimate & { readonly values: readonly AxisValue[]; readonly metric: MetricName };

/** A row a cell, a column a metric. */
function table(axes: readonly Axis[], estimates: readonly Shown[], mean: (estimate: Estimate) => string): string {
  const rows = new Map<string, { readonly values: readonly AxisValue[]; readonly by: Map<MetricName, string> }>();
  for (const estimate of estimates) {
    const key = JSON.stringify(estimate.values);
    const row = rows.get(key) ?? { values: estimate.values, by: new Map<MetricName, string>() };
    const { halfWidth } = estimate;
    row.by.set(estimate.metric, `${mean(cleared(estimate))}${halfWidth === null ? '' : ` ± ${number(halfWidth)}`}`);
    rows.set(key, row);
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
const cleared = (estimate: Estimate): Estimate =>
  Math.abs(estimate.mean) < 1e-9 * (estimate.halfWidth ?? 0) ? { ...estimate, mean: 0 } : estimate;

const number = (value: number): string => (value === 0 ? '0' : String(Number(value.toPrecision(4))));
