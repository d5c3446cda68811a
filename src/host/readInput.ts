/** Files that users name: read whole or piece by piece, unzipped where they are gzip, with every failure told as the user's mistake. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync, type Stats } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { UserError } from '../base/errors.ts';
import { groupDigits } from '../base/units.ts';
import { gunzip, looksLikeGzip } from '../io/gunzip.ts';

/** Bytes after unzipping. lnd's own dump of mainnet is about 100 MB; V8 holds texts up to 512 MiB. */
export const INPUT_BYTES_MAX = 400_000_000;
/** Bytes read at once. */
const PIECE = 1 << 20;

/**
 * The bytes of a file, unzipped if they begin as gzip does (RFC 1952), whatever the file's name.
 * @throws UserError if there is no such file, it can't be read, is not a file, is damaged or too large
 */
export function readInput(path: string, bytesMax = INPUT_BYTES_MAX): Uint8Array {
  const bytes = readRegularFile(path, bytesMax);
  if (!looksLikeGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(path, `more than ${groupDigits(bytesMax)} bytes after unzipping`, bytesMax);
    const how = errorCode(error) === 'Z_BUF_ERROR' ? 'gzip data that ends too early' : 'damaged gzip data';
    throw new UserError({ file: path, found: how, expected: 'a whole gzip file' });
  }
}

/**
 * The text of such a file.
 * @throws UserError as `readInput` does, and if the bytes are not UTF-8
 */
export function readTextInput(path: string, bytesMax = INPUT_BYTES_MAX): string {
  const bytes = readInput(path, bytesMax);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError({ file: path, found: 'bytes that are not UTF-8 text', expected: 'UTF-8 text, plain or gzip' });
  }
}

/**
 * The bytes of a file in pieces, unzipped if they begin as gzip does; neither the file nor what is in it stands in memory whole.
 * @throws UserError as `readInput` does
 */
export function* inputPieces(path: string, bytesMax: number): Generator<Uint8Array> {
  const file = filePieces(path);
  const first = file.next();
  if (first.done === true) return;
  const isGzip = looksLikeGzip(first.value);
  const all = (function* (): Generator<Uint8Array> {
    yield first.value;
    yield* file;
  })();
  let taken = 0;
  for (const piece of isGzip ? gunzip(all, path) : all) {
    taken += piece.length;
    const found = `more than ${groupDigits(bytesMax)} bytes${isGzip ? ' after unzipping' : ''}`;
    if (taken > bytesMax) throw tooLarge(path, found, bytesMax);
    yield piece;
  }
}

/** The bytes of a file in order, each piece an array of its own. @throws UserError if it can't be read */
export function* filePieces(path: string): Generator<Uint8Array> {
  const descriptor = attempt(path, () => openSync(path, 'r'));
  try {
    attempt(path, () => refuseIrregular(path, fstatSync(descriptor)));
    for (;;) {
      const piece = new Uint8Array(PIECE);
      const length = attempt(path, () => readSync(descriptor, piece));
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readRegularFile(path: string, bytesMax: number): Uint8Array {
  try {
    const status = statSync(path);
    refuseIrregular(path, status);
    if (status.size > bytesMax) throw tooLarge(path, `${groupDigits(status.size)} bytes`, bytesMax);
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** @throws UserError if the path is that of a directory, a device or a pipe */
export function refuseIrregular(path: string, status: Stats): void {
  if (status.isFile()) return;
  const found = status.isDirectory() ? 'a directory' : 'a device or pipe';
  throw new UserError({ file: path, found, expected: 'a file' });
}

/** What the platform said of a file, as the user's mistake. */
export function unreadable(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const code = errorCode(error);
  const found = FAILURES[code] ?? `a file that can't be read (${code})`;
  return new UserError({ file: path, found, expected: 'a file' });
}

const FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'a directory',
  EACCES: 'a file without permission to read it',
  ENAMETOOLONG: 'a name that is too long',
  ERR_INVALID_ARG_VALUE: 'a name that no file can have',
};

const tooLarge = (file: string, found: string, bytesMax: number): UserError =>
  new UserError({ file, found, expected: `at most ${groupDigits(bytesMax)} bytes` });

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
