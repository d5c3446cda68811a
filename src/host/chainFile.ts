/** Block files on disk, read piece by piece: a chain may be longer than what is wise to hold as one array of bytes. */
import type { Blockchain } from '../chain/blockchain.ts';
import { readChain, type ReadChainOptions } from '../io/blockFile.ts';
import { filePieces } from './readInput.ts';

/** @throws UserError if the file can't be read, or holds no chain that regtest accepts */
export const readChainFile = (path: string, options: ReadChainOptions = {}): Blockchain =>
  readChain(filePieces(path), path, options);
