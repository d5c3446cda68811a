/** A graph file as routing commands want it: compiled for search, and with what its nodes call themselves. */
import type { NodeNames } from '../experiment/nodeReference.ts';
import { type CompiledGraph, compileGraph } from '../graph/compiled.ts';
import { readGraphFile } from './graphFile.ts';

export interface OpenedGraph {
  readonly graph: CompiledGraph;
  readonly names: NodeNames;
}

/** @throws UserError if it can't be read or is not a graph */
export function openGraph(path: string): OpenedGraph {
  const { graph: named } = readGraphFile(path);
  const graph = compileGraph(named);
  const { nodeKeys, nodeIndex } = graph;
  return { graph, names: { nodeKeys, nodeIndex, aliases: named.mapNodes((_, { alias }) => alias) } };
}
