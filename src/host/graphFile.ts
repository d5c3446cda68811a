/** A graph by its path: a file in any format that its content tells, or a directory with CLoTH's three; plain or gzip. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../base/errors.ts';
import { type NamedText, readClothGraph } from '../io/graphs/cloth.ts';
import { graphFormatsInWords, readGraph } from '../io/graphs/formats.ts';
import type { ImportedGraph } from '../io/graphs/graphReport.ts';

import { inputPieces, readTextInput } from './readInput.ts';

/** What CLoTH calls a network of its own making, and the one of mainnet that comes with it. */
const CLOTH_ENDINGS = ['.csv', '_ln.csv'] as const;

/** Bytes after unzipping, for a small file may unzip to any length: twenty times lnd's own dump of mainnet. */
const GRAPH_BYTES_MAX = 2_000_000_000;

/** @throws UserError if it can't be read or is not a graph */
export function readGraphFile(path: string): ImportedGraph {
  if (kindOf(path) !== 'directory') return readGraph(inputPieces(path, GRAPH_BYTES_MAX), path);
  const text = (name: string): NamedText => {
    const file = clothFile(path, name);
    return { file, text: readTextInput(file) };
  };
  return readClothGraph({ nodes: text('nodes'), channels: text('channels'), edges: text('edges') }, path);
}

/** `nodes.csv`, `nodes_ln.csv` or either with `.gz`: the first of them that is there. */
function clothFile(directory: string, name: string): string {
  const names = CLOTH_ENDINGS.flatMap((ending) => [`${name}${ending}`, `${name}${ending}.gz`]);
  const found = names.find((each) => kindOf(join(directory, each)) === 'file');
  if (found !== undefined) return join(directory, found);
  throw new UserError({
    file: directory,
    found: `a directory without ${names.join(', ')}`,
    expected: graphFormatsInWords(),
  });
}

function kindOf(path: string): 'file' | 'directory' | null {
  try {
    const status = statSync(path);
    return status.isDirectory() ? 'directory' : 'file';
  } catch {
    return null; // reading it says why
  }
}
