/** Where a file or directory grows until it is whole: beside its place, so that moving it there is one step. */
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Of the longest names; file systems take 255 bytes. */
const KEPT = 200;

export const draftOf = (path: string): string =>
  join(dirname(path), `.${basename(path).slice(0, KEPT)}-${process.pid}`);

/** Removes from a directory of results what processes that were killed left of drafts of its files. */
export function removeLostDrafts(directory: string): void {
  for (const name of readdirSync(directory)) {
    const [, pid] = /^\..+\.(?:json|parquet|csv|svg)-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(directory, name), { force: true });
  }
}

/** Whether a process of that number is there; one of another user is. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
