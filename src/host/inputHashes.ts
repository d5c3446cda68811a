/**
 * Hashes of the files that a scenario names, and of those that its strategies import: results say what they were made
 * from, and a changed file is noticed.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Scenario } from '../experiment/scenario.ts';
import { filesOf } from '../experiment/scenarioFiles.ts';
import { isStrategyFile } from '../experiment/strategyNames.ts';
import type { InputHash } from '../io/manifest.ts';
import { importedFiles } from './importedFiles.ts';
import { unreadable } from './readInput.ts';

const CHUNK_BYTES = 1 << 20;

/** What was found of files before, by their paths: to be asked first and added to. */
export interface KnownFiles {
  readonly hashes: Map<string, string>;
  readonly imports: Map<string, readonly string[]>;
}

export const noKnownFiles = (): KnownFiles => ({ hashes: new Map(), imports: new Map() });

/**
 * @param locate the path of a file that the scenario names
 * @throws UserError if one can't be read
 */
export function inputHashes(
  scenario: Scenario,
  locate: (name: string) => string,
  { hashes, imports }: KnownFiles = noKnownFiles(),
): InputHash[] {
  const hashed = (path: string, file: string): InputHash => {
    const sha256 = hashes.get(file) ?? hashOfInput(file);
    hashes.set(file, sha256);
    return { path, sha256 };
  };
  return filesOf(scenario).flatMap(({ path, name }): InputHash[] => {
    const file = locate(name);
    const own = hashed(path, file);
    if (!isStrategyFile(name)) return [own];
    const imported = imports.get(file) ?? importedFiles(file);
    imports.set(file, imported);
    const from = dirname(realpathSync(file));
    const called = (each: string): string => relative(from, each).split(sep).join('/');
    return [own, ...imported.map((each) => hashed(`${path} imports ${called(each)}`, each))];
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
