/** The files that a user's strategy imports from beside it, and those that these import: all that its text hangs on. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import { candidatesFor, isModuleSource, relativeImports } from '../io/moduleImports.ts';
import { readTextInput, unreadable } from './readInput.ts';

/** A strategy that imports more is not what is taken for one. */
const MOST_FILES = 1000;

/**
 * Packages are not followed. Where an import may mean several files that are there, all of them count.
 * @returns real paths in the order in which they are met, without the file itself
 * @throws UserError if one can't be read, or they are too many
 */
export function importedFiles(file: string): string[] {
  const start = realPath(file);
  const files = new Set([start]);
  // a set goes through what is added on the way, too
  for (const path of files) {
    if (!isModuleSource(path)) continue;
    for (const specifier of relativeImports(readTextInput(path))) {
      for (const candidate of candidatesFor(resolve(dirname(path), specifier)))
        if (existsSync(candidate) && statSync(candidate).isFile()) files.add(realPath(candidate));
    }
    if (files.size > MOST_FILES)
      throw new UserError({ file, found: 'a module that imports so many', expected: `at most ${MOST_FILES} files` });
  }
  files.delete(start);
  return [...files];
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}
