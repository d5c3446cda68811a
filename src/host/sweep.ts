/**
 * A sweep: plans it, runs what has not been run on all cores, and says what came of it.
 *
 * Its directory holds a file a run, each there whole or not at all: a sweep that was cut off goes on where it was, and a
 * larger grid keeps what a smaller one has run. Nothing in it depends on how many threads there were, or in which order
 * they finished.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '../base/errors.ts';
import type { Comparison } from '../experiment/comparison.ts';
import { strategyMakers } from '../experiment/routingPlan.ts';
import type { Scenario } from '../experiment/scenario.ts';
import { strategyFilesOf } from '../experiment/strategyNames.ts';
import { cellsOf, type SweepPlan, type SweepResult } from '../experiment/sweep.ts';
import { expectedPayments } from '../experiment/trafficConfig.ts';
import { readScenario } from '../io/scenarioText.ts';
import { inCell, planSweep, settingsOf } from '../io/sweepGrid.ts';
import {
  isInShard,
  readRunResult,
  readSweepManifest,
  runFile,
  sweepManifestOf,
  type Shard,
  type SweepManifest,
} from '../io/sweepFiles.ts';
import { inputHashes, noKnownFiles } from './inputHashes.ts';
import { removeLostDrafts } from './draft.ts';
import { makeOutDirectory } from './makeDirectory.ts';
import { writeOutFile } from './outFile.ts';
import { readTextInput } from './readInput.ts';
import { beside } from './simulate.ts';
import { loadStrategyFiles } from './strategyFile.ts';
import { failuresIn, removeComparison, writeComparison, type FailedRun } from './sweepResults.ts';
import type { SweepJob } from './sweepWorker.ts';
import { threadPool, type ThreadPool } from './threadPool.ts';
import { leydenVersion } from './version.ts';

export interface SweepOptions {
  /** `traffic.rate=1,2,5` */
  readonly grid: readonly string[];
  /** how many; the scenario's own is the first */
  readonly seeds: number;
  readonly out: string;
  /** threads; left out, one a core */
  readonly workers?: number | undefined;
  /** the part of the runs that is wanted; left out, all */
  readonly shard?: Shard | undefined;
  /** `routing.strategy=lnd`; left out, the last axis of texts and its first value */
  readonly baseline?: string | undefined;
  readonly onProgress?: (progress: SweepProgress) => void;
  /** told of what was mended on the way, in a line */
  readonly onNote?: (text: string) => void;
}

export interface SweepProgress {
  readonly done: number;
  readonly of: number;
  /** of those that this process had to do */
  readonly ran: number;
  readonly toRun: number;
}

export interface SweepReport {
  /** runs that were made, and that were there */
  readonly ran: number;
  readonly reused: number;
  readonly failed: readonly FailedRun[];
  /** null for a part of a sweep: its parts are to be merged first */
  readonly comparison: Comparison | null;
}

/**
 * @param file a scenario
 * @throws UserError for a wrong scenario, grid or directory, before anything is run
 */
export async function sweep(file: string, options: SweepOptions): Promise<SweepReport> {
  const { out, shard = null } = options;
  const plan = planSweep(readScenario(readTextInput(file), file), options.grid, options.seeds, options.baseline);
  const directory = dirname(file);
  await checkStrategies(plan, options.grid, directory);
  const known = noKnownFiles();
  const inputs = (scenario: Scenario): ReturnType<typeof inputHashes> =>
    inputHashes(scenario, (name) => beside(directory, name), known);
  const manifest = sweepManifestOf(plan, inputs, leydenVersion(), shard);
  checkSweepDirectory(out, manifest);
  const wanted = manifest.runs.map((id, index) => ({ id, index })).filter(({ index }) => isInShard(index, shard));
  const open = wanted
    .filter(({ id }) => !isDone(join(out, runFile(id)), options.onNote))
    // the longest first, so that no thread is left alone with one at the end
    .toSorted((a, b) => paymentsOf(plan, b.index) - paymentsOf(plan, a.index));
  const runs = open.map((run): OpenRun => ({ ...run, job: { scenario: scenarioOf(plan, run.index), directory } }));
  if (runs.length === 0) prepareDirectory(out, manifest);
  else {
    const threads = Math.min(options.workers ?? availableParallelism(), runs.length);
    const pool = threadPool(threads);
    try {
      await checkCells(pool, plan, runs, file);
      prepareDirectory(out, manifest);
      await runAll(pool, threads, runs, wanted.length, options);
    } finally {
      await pool.close();
    }
  }
  const failed = failuresIn(out, manifest);
  const comparison = shard === null ? writeComparison(out, manifest) : null;
  return { ran: runs.length, reused: wanted.length - runs.length, failed, comparison };
}

/** A run that is yet to be made. */
interface OpenRun {
  readonly id: string;
  readonly index: number;
  readonly job: SweepJob;
}

const scenarioOf = ({ scenarios, seeds }: SweepPlan, index: number): Scenario => ({
  ...scenarios[Math.floor(index / seeds.length)]!,
  seed: seeds[index % seeds.length]!,
});

/**
 * Whether every cell that is to be run can be, by one of its seeds: its graph, and what the scenario says of that.
 * @throws UserError for the first that can't
 */
async function checkCells(
  pool: ThreadPool,
  { axes, seeds }: SweepPlan,
  runs: readonly OpenRun[],
  file: string,
): Promise<void> {
  const cells = new Map(runs.map(({ index, job }) => [Math.floor(index / seeds.length), job]));
  const found = await Promise.all(
    Array.from(cells, async ([cell, job]) => ({
      cell,
      // a thread that ended is no mistake: the run is tried
      mistake: await pool.run('sweepCheck', job).catch(() => null),
    })),
  );
  for (const { cell, mistake } of found.toSorted((a, b) => a.cell - b.cell)) {
    if (!mistake) continue;
    const values = cellsOf(axes)[cell]!;
    const source = mistake.file === 'scenario' ? settingsOf(axes, values).join(' ') || file : mistake.file;
    throw inCell(new UserError({ ...mistake, file: source }), axes, values);
  }
}

function prepareDirectory(out: string, manifest: SweepManifest): void {
  makeOutDirectory('--out', out, 'runs');
  for (const each of [out, join(out, 'runs')]) removeLostDrafts(each);
  // never beside a sweep.json that it is not the comparison of
  removeComparison(out);
  writeOutFile('--out', join(out, 'sweep.json'), [`${JSON.stringify(manifest, null, 2)}\n`]);
}

/** What a run's length goes with, as far as is known before it. */
const paymentsOf = ({ scenarios, seeds }: SweepPlan, index: number): number =>
  expectedPayments(scenarios[Math.floor(index / seeds.length)]!);

/** A strategy's name and options are checked against the strategies, which the schema doesn't know. */
async function checkStrategies({ scenarios }: SweepPlan, grid: readonly string[], directory: string): Promise<void> {
  const varied = grid.filter((text) => text.startsWith('routing'));
  const source = varied.map((text) => `--grid ${text}`).join(' ') || 'the scenario';
  const names = new Set(scenarios.flatMap(strategyFilesOf));
  const files = await loadStrategyFiles([...names], (name) => beside(directory, name));
  for (const { routing } of scenarios) strategyMakers(routing, source, files);
}

/** @throws UserError if something else is there, or a sweep that this one doesn't contain */
function checkSweepDirectory(out: string, manifest: SweepManifest): void {
  const refuse = (found: string): never => {
    throw new UserError({ file: '--out', found: `${out}, ${found}`, expected: 'a new directory, or this sweep’s own' });
  };
  if (out.trim() === '') refuse('an empty name');
  if (!existsSync(out)) return;
  if (!statSync(out).isDirectory()) refuse('a file');
  const path = join(out, 'sweep.json');
  if (!existsSync(path)) {
    if (readdirSync(out).length > 0) refuse('which holds something else');
    return;
  }
  const there = readSweepManifest(readTextInput(path), path);
  const planned = new Set(manifest.runs);
  if (!there.runs.every((id) => planned.has(id))) {
    refuse('which holds another sweep (of another scenario, input, version, or with runs that this one lacks)');
  }
}

/** A run that failed is tried again: memory may have been short. So is one whose file a machine that failed left in part. */
function isDone(path: string, onNote?: (text: string) => void): boolean {
  if (!existsSync(path)) return false;
  try {
    return !('error' in readRunResult(readTextInput(path), path));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onNote?.(`${error.message}; it is run again`);
    return false;
  }
}

async function runAll(
  pool: ThreadPool,
  threads: number,
  runs: readonly OpenRun[],
  of: number,
  { out, onProgress }: SweepOptions,
): Promise<void> {
  let [next, ran] = [0, 0];
  const report = (): void => onProgress?.({ done: of - runs.length + ran, of, ran, toRun: runs.length });
  const lane = async (): Promise<void> => {
    for (let run = runs[next++]; run; run = runs[next++]) {
      const result = await pool
        .run('sweep', run.job)
        .catch((error: unknown): SweepResult => ({ error: `its thread ended: ${String(error)}` }));
      writeOutFile('--out', join(out, runFile(run.id)), [`${JSON.stringify(result, null, 2)}\n`], 'quick');
      ran++;
      report();
    }
  };
  report();
  await Promise.all(Array.from({ length: threads }, lane));
}
