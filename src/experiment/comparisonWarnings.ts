/** What a reader of a comparison is to know: runs that failed, what runs noted, too few samples, batches too short. */
import { batchesOf, failuresOf, madeRuns, type CellRuns } from './cellRuns.ts';
import type { Difference } from './comparison.ts';
import { METRICS } from './metrics.ts';
import { lagOneCorrelation } from './statistics.ts';
import type { Axis, AxisValue, Baseline } from './sweep.ts';

/** Of each kind; beyond that they are counted. */
const MOST_WARNINGS = 20;
/** Fewer seeds than this give intervals that hang on very few values. */
const FEW_SEEDS = 10;

/** `traffic.rate=1, routing.strategy=lnd` */
const cellName = (axes: readonly Axis[], values: readonly AxisValue[]): string =>
  axes.map(({ path }, at) => `${path}=${String(values[at])}`).join(', ') || 'the scenario';

/** Of each cell that lacks runs, and of each without any that others were to be compared with. */
export function failureWarnings(
  axes: readonly Axis[],
  cells: readonly CellRuns[],
  baseline: Baseline | null,
): readonly string[] {
  const failed = cells.filter((cell) => failuresOf(cell) > 0);
  const isLost = (cell: CellRuns): boolean => madeRuns(cell).length === 0;
  const warnings = failed.map((cell) => {
    const [count, of] = [failuresOf(cell), cell.runs.length];
    const what =
      count < of ? `${count} of ${of} runs failed: means are over the others` : `${runsFailed(of)}: no values`;
    return `${cellName(axes, cell.values)}: ${what}`;
  });
  const axis = axes.findIndex(({ path }) => path === baseline?.path);
  const lostBaselines = failed
    .filter((cell) => isLost(cell) && baseline !== null && cell.values[axis] === baseline.value)
    .map((cell) => `there are no differences from ${cellName(axes, cell.values)}: ${runsFailed(cell.runs.length)}`);
  return [...bounded(warnings, 'cells with runs that failed'), ...bounded(lostBaselines, 'such baselines')];
}

const runsFailed = (of: number): string => (of === 1 ? 'its run failed' : `all ${of} runs failed`);

/** What runs noted, with how many of them did; notes that differ in their numbers alone are one, told by its first. */
export function noteWarnings(cells: readonly CellRuns[]): readonly string[] {
  const runs = cells.flatMap(madeRuns);
  const kinds = new Map<string, { readonly texts: Set<string>; count: number }>();
  for (const { summary } of runs) {
    const own = new Map(summary.notes.map((text) => [kindOfNote(text), text]));
    for (const [kind, text] of own) {
      const known = kinds.get(kind) ?? { texts: new Set(), count: 0 };
      known.texts.add(text);
      known.count++;
      kinds.set(kind, known);
    }
  }
  const warnings = [...kinds.values()].map(({ texts: [first = '', ...others], count }) => {
    const example = others.length > 0 ? ', for example' : '';
    return `${count} of ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${example}: ${first}`;
  });
  return bounded(warnings, 'kinds of notes');
}

/** Without its numbers, but for those that say which: `faults[0]`, `channel #3`. */
const kindOfNote = (text: string): string => text.replace(/(?<![[#\w.])\d+(?:\.\d+)?/g, '0');

const bounded = (warnings: readonly string[], noun: string): readonly string[] =>
  warnings.length <= MOST_WARNINGS
    ? warnings
    : [...warnings.slice(0, MOST_WARNINGS), `and ${warnings.length - MOST_WARNINGS} more ${noun}`];

export function sampleWarnings(
  seedCount: number,
  hasBatches: boolean,
  differences: readonly Difference[],
): readonly string[] {
  if (seedCount === 1) {
    return [
      hasBatches
        ? 'one seed: values are the run’s own, their intervals from means of its batches; differences have none'
        : 'one seed, and too few payments to make batches of: there are no intervals',
    ];
  }
  const few =
    seedCount < FEW_SEEDS
      ? [`${seedCount} seeds are few: intervals are wide, and trust that values are normally distributed`]
      : [];
  const open = differences.filter(({ seedsNeeded: needed }) => needed !== null);
  if (open.length === 0) return few;
  const most = open.reduce((a, b) => ((b.seedsNeeded ?? 0) > (a.seedsNeeded ?? 0) ? b : a));
  return [
    ...few,
    `${open.length} of ${differences.length} differences are not told from zero; the least clear (${most.metric}) would ` +
      `take about ${most.seedsNeeded} seeds`,
  ];
}

/** Batches whose means still follow each other are too short: 2 / √n is the 95 % bound of no correlation (Bartlett). */
export function batchWarnings(axes: readonly Axis[], cells: readonly CellRuns[]): readonly string[] {
  const warnings = cells.flatMap((cell) =>
    METRICS.flatMap((metric): string[] => {
      const batches = batchesOf(cell, metric);
      const correlation = batches ? lagOneCorrelation(batches) : 0;
      if (!batches || correlation <= 2 / Math.sqrt(batches.length)) return [];
      return [
        `${metric} of ${cellName(axes, cell.values)}: batches follow each other (correlation ${correlation.toFixed(2)}), ` +
          `so its interval is too narrow; more payments, or several seeds, mend that`,
      ];
    }),
  );
  return bounded(warnings, 'intervals that are too narrow');
}
