/** Block files on disk, read piece by piece: a chain may be longer than what is wise to hold as one array of bytes. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Blockchain } from '../chain/blockchain.ts';
import { readChain, type ReadChainOptions } from '../io/blockFile.ts';
import { refuseIrregular, unreadable } from './readInput.ts';

/** Bytes read at once. */
const PIECE = 1 << 20;

/** @throws UserError if the file can't be read, or holds no chain that regtest accepts */
export const readChainFile = (path: string, options: ReadChainOptions = {}): Blockchain =>
  readChain(filePieces(path), path, options);

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
