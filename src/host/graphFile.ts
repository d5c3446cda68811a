/** A graph by its path: a file is lnd's `describegraph`, a directory holds CLoTH's three CSV files; plain or gzip. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../base/errors.ts';
import { type NamedText, readClothGraph } from '../io/graphs/cloth.ts';
import type { ImportedGraph } from '../io/graphs/graphReport.ts';
import { readLndGraph } from '../io/graphs/lndGraph.ts';
import { inputPieces, readTextInput } from './readInput.ts';

/** What CLoTH calls a network of its own making, and the one of mainnet that comes with it. */
const CLOTH_ENDINGS = ['.csv', '_ln.csv'] as const;

/** @throws UserError if it can't be read or is not a graph */
export function readGraphFile(path: string): ImportedGraph {
  if (kindOf(path) !== 'directory') return readLndGraph(inputPieces(path, 2e9), path);
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
    expected: "lnd's describegraph, or a directory with CLoTH's nodes, channels and edges",
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
