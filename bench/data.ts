/** Where benchmarks and tests find the shared data (real graphs, vectors): `LEYDEN_SHARED`, or `shared` beside the checkout. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const required = process.env['LEYDEN_SHARED'];
const root = required ?? fileURLToPath(new URL('../../shared', import.meta.url));

/**
 * The full path of a shared file such as `data/stats.json`, or null where there is none.
 * @throws Error where there is none although `LEYDEN_SHARED` says where to look
 */
export function sharedFile(path: string): string | null {
  const full = `${root}/${path}`;
  if (existsSync(full)) return full;
  if (required !== undefined) throw new Error(`LEYDEN_SHARED is set, but there is no ${full}`);
  return null;
}

/** The text of a shared file, unzipped if it ends in `.gz`. @throws Error where there is none */
export function sharedText(path: string): string {
  const full = sharedFile(path);
  if (full === null) throw new Error(`no shared file ${path}`);
  const bytes = readFileSync(full);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
