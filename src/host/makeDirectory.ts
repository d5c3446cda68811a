/** Makes a directory and those above it. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';

/**
 * What `mkdir -p` does. Node's own `recursive` never ends where a file system takes no directories at all (`/proc`): it
 * takes their refusal for a missing parent, and makes that again.
 */
export function makeDirectory(path: string): void {
  const missing: string[] = [];
  for (let each = resolve(path); !existsSync(each); each = dirname(each)) missing.push(each);
  for (const each of missing.toReversed()) {
    try {
      mkdirSync(each);
    } catch (error) {
      // another part of the same sweep may have been quicker
      if (!existsSync(each)) throw error;
    }
  }
}

/**
 * The same for a directory that the user named.
 * @param option as the user wrote it, for errors @param within what is to be made in it
 * @throws UserError if it can't be made
 */
export function makeOutDirectory(option: string, path: string, within = ''): void {
  try {
    makeDirectory(join(path, within));
  } catch (error) {
    const found = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    throw new UserError({ file: option, found, expected: 'a directory that can be written' });
  }
}
