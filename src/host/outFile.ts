/** One file of output, whole or not at all: written beside its place, then moved there in one step. */
import { existsSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import { ByteFile } from './byteFile.ts';
import { draftOf } from './draft.ts';
import { makeDirectory } from './makeDirectory.ts';

/** How many bytes or characters are gathered before they are written. */
const CHUNK = 1 << 16;

/**
 * Before the work: whether the file may be written. A file that is there will be replaced.
 * @param option as the user wrote it, `--svg`
 * @param inputs files that the command reads, none of which it may replace
 * @throws UserError if it is a directory, lies inside a file, or is an input
 */
export function checkOutFile(option: string, path: string, inputs: readonly string[] = []): void {
  const refuse = (found: string, expected: string): never => {
    throw new UserError({ file: option, found, expected });
  };
  if (path === '') refuse('an empty name', 'the name of a file to write');
  const full = resolve(path);
  if (existsSync(full)) {
    if (statSync(full).isDirectory()) refuse(`${path}, a directory`, 'the name of a file to write');
    const same = inputs.some((input) => existsSync(input) && realpathSync(input) === realpathSync(full));
    if (same) refuse(`${path}, which the command reads`, 'another file');
    return;
  }
  let parent = dirname(full);
  while (!existsSync(parent)) parent = dirname(parent);
  if (!statSync(parent).isDirectory()) refuse(`${path}, inside a file`, 'the name of a file to write');
}

/**
 * Writes a file; a device or pipe (`/dev/stdout`) is written to as it is.
 * @param option as the user wrote it, for errors
 * @param care `sync` waits for the disk before the move; `quick` is for what is made again if a machine fails in between
 * @throws UserError if it can't be written
 */
export function writeOutFile(
  option: string,
  path: string,
  pieces: Iterable<string | Uint8Array>,
  care: 'sync' | 'quick' = 'sync',
): void {
  try {
    if (existsSync(path) && !statSync(path).isFile()) return writePieces(path, pieces, 'quick');
    // behind a link the file it leads to is replaced, not the link
    const full = existsSync(path) ? realpathSync(path) : resolve(path);
    makeDirectory(dirname(full));
    const draft = draftOf(full);
    try {
      writePieces(draft, pieces, care);
      renameSync(draft, full);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  } catch (error) {
    const found = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    throw new UserError({ file: option, found, expected: 'a file that can be written' });
  }
}

function writePieces(path: string, pieces: Iterable<string | Uint8Array>, care: 'sync' | 'quick'): void {
  const file = new ByteFile(path);
  try {
    let text = '';
    const flush = (): void => {
      file.write(Buffer.from(text));
      text = '';
    };
    for (const piece of pieces) {
      if (typeof piece === 'string') text += piece;
      if (text.length >= CHUNK) flush();
      if (typeof piece === 'string') continue;
      flush();
      file.write(piece);
    }
    flush();
    if (care === 'sync') file.sync();
  } finally {
    file.close();
  }
}
