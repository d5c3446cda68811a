/**
 * Where tests find the shared data (real graphs, vectors): `LEYDEN_SHARED`, or a folder `shared` beside the checkout.
 * Where it is missing a test is skipped with the reason, unless `LEYDEN_SHARED` is set: then missing is a failure.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';

const required = process.env['LEYDEN_SHARED'];
const root = required ?? fileURLToPath(new URL('../../shared', import.meta.url));

/** The full path of a shared file such as `data/stats.json`, or null where there is none. */
export function sharedFile(path: string): string | null {
  const full = `${root}/${path}`;
  if (existsSync(full)) return full;
  if (required !== undefined) throw new Error(`LEYDEN_SHARED is set, but there is no ${full}`);
  return null;
}

/** `test` where all those files are there, else a test reported as skipped with the reason in its name. */
export function needsShared(...paths: readonly string[]): typeof test | typeof test.skip {
  const missing = paths.find((path) => sharedFile(path) === null);
  if (missing === undefined) return test;
  const skip = (name: string): void => test.skip(`${name} (skipped: no shared file ${missing})`, () => undefined);
  return skip as typeof test.skip;
}

/** The JSON of a shared file, unzipped if it ends in `.gz`. The caller says what it holds. */
export function sharedJson<T>(path: string): T {
  const full = sharedFile(path);
  if (full === null) throw new Error(`no shared file ${path}`);
  const bytes = readFileSync(full);
  return JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as T;
}
