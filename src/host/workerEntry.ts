/** What a thread can be asked for; it loads what that needs, and nothing else. */
import type { Mistake } from '../base/errors.ts';
import type { Estimate } from '../experiment/validate/check.ts';
import type { SweepResult } from '../experiment/sweep.ts';
import type { SweepJob } from './sweepWorker.ts';
import type { ValidateJob } from './validateWorker.ts';

export const sweep = async (job: SweepJob): Promise<SweepResult> => (await import('./sweepWorker.ts')).runJob(job);

export const sweepCheck = async (job: SweepJob): Promise<Mistake | null> =>
  (await import('./sweepWorker.ts')).checkJob(job);

export const validate = async (job: ValidateJob): Promise<readonly Estimate[]> =>
  (await import('./validateWorker.ts')).runJob(job);

export interface Jobs {
  readonly sweep: typeof sweep;
  readonly sweepCheck: typeof sweepCheck;
  readonly validate: typeof validate;
}
