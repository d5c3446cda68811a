/** Validations on all cores: each experiment is two runs, and what comes of them does not depend on how many threads there are. */
import { availableParallelism } from 'node:os';
import { UserError } from '../base/errors.ts';
import { oneOf } from '../base/oneOf.ts';
import { isRunOnce, judged, type CheckResult, type Estimate, type Experiment } from '../experiment/validate/check.ts';
import { experimentsOf, SUITES, type SizeName } from '../experiment/validate/fixture.ts';
import { threadPool } from './threadPool.ts';
import type { ValidateJob } from './validateWorker.ts';
import { readValidationFile, validationFiles } from './validationFiles.ts';

export interface ValidateOptions {
  /** a suite, or the id of a validation; left out, all */
  readonly only?: string | undefined;
  readonly size: SizeName;
  /** threads; left out, one a core */
  readonly workers?: number | undefined;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Validation {
  readonly experiments: readonly Experiment[];
  readonly results: readonly CheckResult[];
}

/** @throws UserError if there is nothing of that name, or a fixture is wrong */
export async function runValidations({ only, size, workers, onProgress }: ValidateOptions): Promise<Validation> {
  const planned = plan(only, size);
  const jobs = planned.flatMap(({ jobs }) => jobs);
  const runs = await runJobs(jobs, workers ?? availableParallelism(), (done) => onProgress?.(done, jobs.length));
  return {
    experiments: planned.map(({ experiment }) => experiment),
    results: planned.flatMap(({ experiment, jobs }) => {
      const [small, large] = jobs.map((job) => runs.get(job)!);
      return judged(experiment, [small!, large ?? small!]);
    }),
  };
}

interface PlannedExperiment {
  readonly experiment: Experiment;
  readonly jobs: readonly ValidateJob[];
}

function plan(only: string | undefined, size: SizeName): PlannedExperiment[] {
  const files = validationFiles().map((path) => ({ path, fixture: readValidationFile(path) }));
  const all = SUITES.flatMap((suite) => files.filter(({ fixture }) => fixture.suite === suite));
  const wanted = only?.toLowerCase();
  const chosen = all.filter(({ fixture: { id, suite } }) => [id.toLowerCase(), suite, undefined].includes(wanted));
  if (chosen.length === 0) {
    const ids = [...new Set(all.map(({ fixture }) => fixture.id))];
    const expected = oneOf([...SUITES, ...ids], only);
    throw new UserError({ file: 'leyden validate', found: JSON.stringify(only), expected });
  }
  return chosen.flatMap(({ path, fixture }) =>
    experimentsOf(fixture, size, path).map((experiment, index) => {
      const both: readonly (0 | 1)[] = isRunOnce(experiment) ? [0] : [0, 1];
      return { experiment, jobs: both.map((which) => ({ path, size, index, which })) };
    }),
  );
}

/** Runs them all, the larger of each two first, since the last thread to finish decides how long it takes. */
async function runJobs(
  jobs: readonly ValidateJob[],
  workers: number,
  onDone: (done: number) => void,
): Promise<ReadonlyMap<ValidateJob, readonly Estimate[]>> {
  const queue = jobs.toSorted((a, b) => b.which - a.which);
  const results = new Map<ValidateJob, readonly Estimate[]>();
  const pool = threadPool(Math.min(workers, jobs.length), 'validate');
  try {
    onDone(0);
    await Promise.all(
      queue.map(async (job) => {
        results.set(job, await pool.run(job));
        onDone(results.size);
      }),
    );
  } finally {
    await pool.close();
  }
  return results;
}
