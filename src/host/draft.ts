/** Where a file or directory grows until it is whole: beside its place, so that moving it there is one step. */
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Of the longest names; file systems take 255 bytes. */
const KEPT = 200;

const prefixOf = (path: string): string => `.${basename(path).slice(0, KEPT)}-`;

export const draftOf = (path: string): string => join(dirname(path), `${prefixOf(path)}${process.pid}`);

/** What a directory of results holds while it is a draft. */
const RESULT = /\.(?:json|parquet|csv|svg|yaml)$/;

/** Removes what runs that were killed left of drafts of a directory of results; nothing that may be something else. */
export function removeLostDraftsOf(path: string): void {
  const [folder, prefix] = [dirname(path), prefixOf(path)];
  for (const { name, isDirectory } of entriesOf(folder)) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (!isDirectory || !/^\d+$/.test(pid) || isAlive(Number(pid))) continue;
    const draft = join(folder, name);
    if (entriesOf(draft).every((each) => !each.isDirectory && RESULT.test(each.name)))
      rmSync(draft, { recursive: true, force: true });
  }
}

/** Removes from a directory of results what processes that were killed left of drafts of its files. */
export function removeLostDrafts(directory: string): void {
  for (const { name } of entriesOf(directory)) {
    const [, pid] = /^\..+\.(?:json|parquet|csv|svg)-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(directory, name), { force: true });
  }
}

const entriesOf = (directory: string): { readonly name: string; readonly isDirectory: boolean }[] =>
  readdirSync(directory, { withFileTypes: true }).map((entry) => ({
    name: entry.name,
    isDirectory: entry.isDirectory(),
  }));

/** Whether a process of that number is there; one of another user is. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
