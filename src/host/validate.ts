/** Validations on all cores: each experiment is two runs, and what comes of them does not depend on how many threads there are. */
import { availableParallelism } from 'node:os';
import { UserError } from '../base/errors.ts';
import { oneOf } from '../base/oneOf.ts';
import {
  isDoubtful,
  isRunOnce,
  judged,
  judgedAgain,
  type CheckResult,
  type Estimate,
  type Experiment,
  type Which,
} from '../experiment/validate/check.ts';
import { experimentsOf, SUITES, type SizeName } from '../experiment/validate/fixture.ts';
import { threadPool, type ThreadPool } from './threadPool.ts';
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
  let [done, of] = [0, 0];
  const both = planned.flatMap(({ runs: [small, large] }) => (large === undefined ? [small] : [small, large]));
  const pool = threadPool(Math.min(workers ?? availableParallelism(), both.length));
  const runAll = async (jobs: readonly ValidateJob[]): Promise<Runs> => {
    if (jobs.length === 0) return new Map();
    of += jobs.length;
    onProgress?.(done, of);
    return runJobs(pool, jobs, () => onProgress?.(++done, of));
  };
  try {
    const runs = await runAll(both);
    const judgedOnce = planned.map(({ experiment, runs: [small, large], again }) => ({
      experiment,
      again,
      results: judged(experiment, [runs.get(small)!, runs.get(large ?? small)!]),
    }));
    const doubtful = judgedOnce.filter(({ results }) => results.some(isDoubtful)).map(({ again }) => again);
    const more = await runAll(doubtful);
    return {
      experiments: planned.map(({ experiment }) => experiment),
      results: judgedOnce.flatMap(({ experiment, again, results }) => {
        const estimates = more.get(again);
        return estimates === undefined ? results : judgedAgain(experiment, results, estimates);
      }),
    };
  } finally {
    await pool.close();
  }
}

interface PlannedExperiment {
  readonly experiment: Experiment;
  /** the smaller and the larger one; one alone where no chance is in it */
  readonly runs: readonly [ValidateJob, ValidateJob?];
  /** to be made where those miss */
  readonly again: ValidateJob;
}

type Runs = ReadonlyMap<ValidateJob, readonly Estimate[]>;

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
    experimentsOf(fixture, size, path).map((experiment, index): PlannedExperiment => {
      const job = (which: Which): ValidateJob => ({ path, size, index, which });
      return { experiment, runs: isRunOnce(experiment) ? [job(0)] : [job(0), job(1)], again: job(2) };
    }),
  );
}

/** Runs them all, the larger of each two first, since the last thread to finish decides how long it takes. */
async function runJobs(pool: ThreadPool, jobs: readonly ValidateJob[], onDone: () => void): Promise<Runs> {
  const results = new Map<ValidateJob, readonly Estimate[]>();
  await Promise.all(
    jobs
      .toSorted((a, b) => b.which - a.which)
      .map(async (job) => {
        results.set(job, await pool.run('validate', job));
        onDone();
      }),
  );
  return results;
}
