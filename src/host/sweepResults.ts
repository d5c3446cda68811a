/** What a sweep's directory holds once all runs are there: tables, a comparison, a picture. And how parts become one. */
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import { compare, type Comparison } from '../experiment/comparison.ts';
import { cellsOf, type RunFailure, type RunMeasures } from '../experiment/sweep.ts';
import { hashOf } from '../io/canonicalJson.ts';
import { csvEncoder } from '../io/csvEncoder.ts';
import { parquetEncoder } from '../io/parquetEncoder.ts';
import { sweepChart } from '../io/sweepChart.ts';
import { gridOf, isInShard, readRunResult, readSweepManifest, runFile, type SweepManifest } from '../io/sweepFiles.ts';
import { cellColumns, differenceColumns, runColumns } from '../io/sweepTables.ts';
import type { Column } from '../io/table.ts';
import { draftOf } from './draft.ts';
import { makeOutDirectory } from './makeDirectory.ts';
import { writeOutFile } from './outFile.ts';
import { readTextInput } from './readInput.ts';
import { checkOutDirectory } from './resultsDirectory.ts';

export interface FailedRun {
  /** `traffic.rate=2 seed=7` */
  readonly run: string;
  readonly error: string;
}

type RunOutcome = RunMeasures | RunFailure;

const resultIn = (directory: string, id: string): RunOutcome => {
  const path = join(directory, runFile(id));
  return readRunResult(readTextInput(path), path);
};

/** The runs of this directory's part that failed, in the order of the grid. */
export function failuresIn(directory: string, manifest: SweepManifest): FailedRun[] {
  const { axes, seeds, runs, shard } = manifest;
  const cells = cellsOf(axes);
  return runs.flatMap((id, index): FailedRun[] => {
    if (!isInShard(index, shard)) return [];
    const result = resultIn(directory, id);
    if (!('error' in result)) return [];
    const values = cells[Math.floor(index / seeds.length)]!;
    const named = axes.map(({ path }, at) => `${path}=${String(values[at])}`);
    return [{ run: [...named, `seed=${seeds[index % seeds.length]}`].join(' '), error: result.error }];
  });
}

const TABLES = ['runs', 'cells', 'differences'] as const;

/** Takes away what `writeComparison` left, before it is out of date. */
export function removeComparison(directory: string): void {
  const tables = TABLES.flatMap((name) => [`${name}.parquet`, `${name}.csv`]);
  for (const name of ['comparison.json', 'sweep.svg', ...tables]) rmSync(join(directory, name), { force: true });
}

/** Writes what a whole sweep says: `runs`, `cells` and `differences` as tables, `comparison.json`, `sweep.svg`. */
export function writeComparison(directory: string, manifest: SweepManifest): Comparison {
  const grid = gridOf(manifest);
  const { axes, seeds } = grid;
  const results = manifest.runs.map((id) => resultIn(directory, id));
  const cells = cellsOf(axes);
  const comparison = compare(grid, results);
  const write = (file: string, pieces: Iterable<string | Uint8Array>): void =>
    writeOutFile('--out', join(directory, file), pieces);
  const table = <Row>(name: (typeof TABLES)[number], columns: readonly Column<Row>[], rows: readonly Row[]): void => {
    const pieces: Uint8Array[] = [];
    const sink = (bytes: Uint8Array): unknown => pieces.push(bytes);
    const { format } = manifest;
    const encoder =
      format === 'csv' ? csvEncoder(columns, sink) : parquetEncoder(columns, sink, `leyden ${manifest.leyden}`);
    for (const row of rows) encoder.add(row);
    encoder.finish();
    write(`${name}.${format}`, pieces);
  };
  const runs = results.map((result, index) => ({
    values: cells[Math.floor(index / seeds.length)]!,
    seed: seeds[index % seeds.length]!,
    result,
  }));
  table('runs', runColumns(axes), runs);
  table('cells', cellColumns(axes), comparison.cells);
  table('differences', differenceColumns(axes), comparison.differences);
  write('comparison.json', [`${JSON.stringify(comparison, null, 2)}\n`]);
  write('sweep.svg', [sweepChart(manifest.scenario, grid, comparison.cells)]);
  return comparison;
}

/** Which parts the runs that are missing belong to, where all were cut alike. */
function partsOf(missing: readonly number[], manifests: readonly SweepManifest[]): string {
  const counts = new Set(manifests.map(({ shard }) => shard?.of ?? 1));
  const [of = 1] = counts;
  if (counts.size > 1 || of === 1) return '';
  const parts = [...new Set(missing.map((index) => (index % of) + 1))].toSorted((a, b) => a - b);
  return `, also those of ${parts.length === 1 ? 'part' : 'parts'} ${parts.map((part) => `${part}/${of}`).join(', ')}`;
}

/**
 * Makes one sweep of its parts, in a new directory: the same bytes as if it had been run in one piece.
 * @throws UserError if they are not parts of one sweep, or some of its runs are in none of them
 */
export function mergeSweeps(
  parts: readonly string[],
  out: string,
): { readonly failed: readonly FailedRun[]; readonly comparison: Comparison } {
  checkOutDirectory(out);
  const manifests = parts.map((part) => {
    const path = join(part, 'sweep.json');
    return readSweepManifest(readTextInput(path), path);
  });
  const whole: SweepManifest = { ...manifests[0]!, shard: null };
  const stranger = manifests.findIndex((manifest) => hashOf({ ...manifest, shard: null }) !== hashOf(whole));
  if (stranger !== -1) {
    throw new UserError({ file: parts[stranger]!, found: 'another sweep', expected: `a part of that of ${parts[0]}` });
  }
  const sources = whole.runs.map((id) => parts.find((part) => existsSync(join(part, runFile(id)))));
  const missing = sources.flatMap((source, index) => (source === undefined ? [index] : []));
  if (missing.length > 0) {
    const found = `${missing.length} of ${whole.runs.length} runs in none of them`;
    throw new UserError({ file: 'the parts', found, expected: `all runs${partsOf(missing, manifests)}` });
  }
  const full = resolve(out);
  const draft = draftOf(full);
  rmSync(draft, { recursive: true, force: true });
  try {
    makeOutDirectory('--out', draft, 'runs');
    whole.runs.forEach((id, index) => copyFileSync(join(sources[index]!, runFile(id)), join(draft, runFile(id))));
    writeOutFile('--out', join(draft, 'sweep.json'), [`${JSON.stringify(whole, null, 2)}\n`]);
    const comparison = writeComparison(draft, whole);
    const failed = failuresIn(draft, whole);
    renameSync(draft, full);
    return { failed, comparison };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
