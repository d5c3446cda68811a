/** The version of this package, from its `package.json`, which stands two folders up in a checkout and when compiled. */
import { readFileSync } from 'node:fs';

export function leydenVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return version;
}
