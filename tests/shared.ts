/**
 * Where tests find the shared data (real graphs, vectors): `LEYDEN_SHARED`, or a folder `shared` beside the checkout.
 * Where it is missing a test is skipped with the reason, unless `LEYDEN_SHARED` is set: then missing is a failure.
 */
import { test } from 'vitest';
import { sharedFile, sharedText } from '../bench/data.ts';

export { sharedFile, sharedText };

/** `test` where all those files are there, else a test reported as skipped with the reason in its name. */
export function needsShared(...paths: readonly string[]): typeof test | typeof test.skip {
  const missing = paths.find((path) => sharedFile(path) === null);
  if (missing === undefined) return test;
  const skip = (name: string): void => test.skip(`${name} (skipped: no shared file ${missing})`, () => undefined);
  return skip as typeof test.skip;
}

/** The JSON of a shared file, unzipped if it ends in `.gz`. The caller says what it holds. */
export const sharedJson = <T>(path: string): T => JSON.parse(sharedText(path)) as T;
