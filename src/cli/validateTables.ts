/** The table of `leyden validate`, or the same as one JSON object. */
import { groupDigits } from '../base/units.ts';
import type { CheckResult, Experiment } from '../experiment/validate/check.ts';
import { bar, redrawnLine } from '../host/progressBar.ts';
import { runValidations } from '../host/validate.ts';
import { alignColumns } from './textTable.ts';

/** Runs what is asked for, with progress on the error stream of a terminal. @throws UserError if nothing is of that name */
export async function runValidation(
  only: string | undefined,
  { quick, json, workers }: { readonly quick: boolean; readonly json: boolean; readonly workers: number | undefined },
): Promise<{ readonly text: string; readonly allHold: boolean }> {
  const line = redrawnLine<{ done: number; of: number }>(
    process.stderr,
    ({ done, of }) => `${bar(done, of)} ${done} / ${of} runs`,
  );
  const { experiments, results } = await runValidations({
    only,
    size: quick ? 'quick' : 'full',
    workers,
    onProgress: (done, of) => line?.show({ done, of }),
  });
  line?.clear();
  const allHold = results.every(({ verdict }) => verdict === 'holds');
  const text = json ? JSON.stringify({ allHold, checks: results }, null, 2) : formatResults(experiments, results);
  return { text, allHold };
}

export function formatResults(experiments: readonly Experiment[], results: readonly CheckResult[]): string {
  const rows = [['', 'figure', 'n', 'measured', 'expected', 'standard error', 'off by', 'verdict']];
  for (const result of results) {
    // what has no chance in it is measured once
    const estimates = result.sizes[0] === result.sizes[1] ? result.estimates.slice(0, 1) : result.estimates;
    for (const [at, { value, standardError }] of estimates.entries()) {
      const off = (value - result.expected) / standardError;
      rows.push([
        at === 0 ? result.experiment : '',
        at === 0 ? result.name : '',
        `${groupDigits(result.sizes[at]!)} ${result.unit}`,
        figure(value),
        `${result.isBound === true ? '≤ ' : ''}${figure(result.expected)}`,
        standardError === 0 ? '-' : figure(standardError),
        Number.isFinite(off) ? `${off >= 0 ? '+' : '−'}${Math.abs(off).toFixed(1)} se` : '-',
        at === estimates.length - 1 ? result.verdict : '',
      ]);
    }
  }
  const floors = new Map<string, string[]>();
  for (const { floor, because, name } of results) {
    if (because === undefined) continue;
    const text = `floor of ${figure(floor)}: ${because}`;
    floors.set(text, [...(floors.get(text) ?? []), name]);
  }
  const misses = results.filter(({ verdict }) => verdict !== 'holds').length;
  const sources = new Map(experiments.map(({ id, source }) => [`${id}: ${source}`, id]));
  return [
    alignColumns(rows, ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left']),
    '',
    ...[...floors].map(
      ([text, [first, ...others]]) => `${text}: ${first}${others.length === 0 ? '' : `, and ${others.length} more`}`,
    ),
    ...[...sources.keys()].map((source) => `theory of ${source}`),
    misses === 0 ? `all ${results.length} hold` : `${misses} of ${results.length} miss`,
  ].join('\n');
}

/** Four digits that count. */
function figure(value: number): string {
  if (value === 0) return '0';
  const size = Math.floor(Math.log10(Math.abs(value)));
  return size < -5 ? value.toExponential(1) : value.toFixed(Math.min(7, Math.max(0, 3 - size)));
}
