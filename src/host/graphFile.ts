/** A graph file by its path: lnd's `describegraph`, plain or gzip. */
import type { ImportedGraph } from '../io/graphReport.ts';
import { readLndGraph } from '../io/lndGraph.ts';
import { readTextInput } from './readInput.ts';

/** @throws UserError if the file can't be read or is not a graph */
export const readGraphFile = (path: string): ImportedGraph => readLndGraph(readTextInput(path), path);
