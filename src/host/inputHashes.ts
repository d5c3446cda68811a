/** Hashes of the files that a scenario names: results say what they were made from, and a changed file is noticed. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../experiment/scenario.ts';
import { filesOf } from '../experiment/scenarioFiles.ts';
import type { InputHash } from '../io/manifest.ts';
import { unreadable } from './readInput.ts';

const CHUNK_BYTES = 1 << 20;

/**
 * @param locate the path of a file that the scenario names
 * @param known hashes by path, to be asked first and added to
 * @throws UserError if one can't be read
 */
export function inputHashes(
  scenario: Scenario,
  locate: (name: string) => string,
  known = new Map<string, string>(),
): InputHash[] {
  return filesOf(scenario).map(({ path, name }) => {
    const file = locate(name);
    const sha256 = known.get(file) ?? hashOfInput(file);
    known.set(file, sha256);
    return { path, sha256 };
  });
}

/** SHA-256 of a file's bytes, or of the names and bytes of a directory's files, in hexadecimal. */
function hashOfInput(path: string): string {
  const hash = createHash('sha256');
  try {
    if (!statSync(path).isDirectory()) addFile(hash, path);
    else
      for (const name of readdirSync(path).toSorted()) {
        const inside = join(path, name);
        if (!statSync(inside).isFile()) continue;
        hash.update(`${name}\n`);
        addFile(hash, inside);
      }
  } catch (error) {
    throw unreadable(path, error);
  }
  return hash.digest('hex');
}

function addFile(hash: Hash, path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const length = readSync(descriptor, chunk);
      if (length === 0) return;
      hash.update(chunk.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}
