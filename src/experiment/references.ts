/** Channels and nodes as scenarios name them, found in the graph. */
import { describe, UserError } from '../base/errors.ts';
import { parseShortChannelId } from '../base/ids.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { hashIndex } from './nodeReference.ts';

/** `#12`, or a short channel id in either form. */
export function channelIndex(graph: CompiledGraph, reference: string, file: string, path: string): number {
  const index = hashIndex(reference, graph.channelCount);
  if (index !== null) return index;
  const known = graph.channelIndex.get(parseShortChannelId(reference) ?? reference);
  if (known !== undefined) return known;
  const expected = `the short channel id of a channel of this graph, or #0 … #${graph.channelCount - 1}`;
  throw new UserError({ file, path, found: describe(reference), expected });
}

/** `#12`, or the node's key. */
export function nodeIndex(graph: CompiledGraph, reference: string, file: string, path: string): number {
  const index = hashIndex(reference, graph.nodeCount) ?? graph.nodeIndex.get(reference);
  if (index !== undefined) return index;
  const expected = `the public key of a node of this graph, or #0 … #${graph.nodeCount - 1}`;
  throw new UserError({ file, path, found: describe(reference), expected });
}
