/** A graph written to a path, in the format asked for or the one that its name says, gzip where it ends in `.gz`. */
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { present } from '../base/assert.ts';
import { describe, UserError } from '../base/errors.ts';
import { oneOf } from '../base/oneOf.ts';
import type { ChannelGraph } from '../graph/channelGraph.ts';
import { writeClothGraph } from '../io/graphs/cloth.ts';
import { fitGraph, type FittedGraph } from '../io/graphs/fitGraph.ts';
import { CLOTH_HOLDS, graphFormats, isFileFormat } from '../io/graphs/formats.ts';
import type { GraphFormatName } from '../io/graphs/graphReport.ts';
import { checkOutFile, writeOutFile } from './outFile.ts';

/** The formats that can be written. */
export const writtenFormats: readonly GraphFormatName[] = [
  ...Object.keys(graphFormats)
    .filter(isFileFormat)
    .filter((name) => graphFormats[name].write !== null),
  'cloth',
];

/** How the user's places are called in errors. */
const OUT = 'OUT';

/**
 * The format to write in.
 * @param to the format's name, if the user gave one
 * @throws UserError if there is none of that name, or the path's name says none
 */
export function outFormat(path: string, to?: string): GraphFormatName {
  if (to !== undefined) {
    const named = writtenFormats.find((name) => name === to);
    if (named !== undefined) return named;
    throw new UserError({ file: '--to', found: describe(to), expected: oneOf(writtenFormats, to) });
  }
  const name = basename(path).replace(/\.gz$/, '');
  const known = writtenFormats.filter(isFileFormat).find((each) => {
    const { ending } = graphFormats[each];
    return ending !== null && name.endsWith(ending);
  });
  if (known !== undefined) return known;
  const endings = Object.values(graphFormats).flatMap(({ ending }) => ending ?? []);
  const expected = `a name that ends in ${endings.join(', ')} (with .gz or without), or --to FORMAT`;
  throw new UserError({ file: OUT, found: path, expected });
}

/**
 * Before the work: whether the graph may be written there.
 * @param inputs graphs that are read, files or directories, none of which may be replaced
 * @throws UserError if not
 */
export function checkGraphOut(path: string, format: GraphFormatName, inputs: readonly string[]): void {
  const files = inputs.flatMap((input) => [input, ...CLOTH_FILES.map((name) => join(input, name))]);
  if (format === 'cloth') for (const name of CLOTH_FILES) checkOutFile(OUT, join(path, name), files);
  else checkOutFile(OUT, path, inputs);
}

const CLOTH_FILES = ['nodes.csv', 'channels.csv', 'edges.csv'] as const;

/**
 * Writes the graph, CLoTH's three files into a directory.
 * @returns the graph as the format holds it, and what that lost
 * @throws UserError if it can't be written, or nothing of it can be said
 */
export function writeGraphFile(graph: ChannelGraph, path: string, format: GraphFormatName): FittedGraph {
  const gzipped = (output: string | Uint8Array): Uint8Array | string =>
    path.endsWith('.gz') ? gzipSync(output) : output;
  const fitted = fitGraph(graph, holdsOf(format));
  if (fitted.graph.size === 0) {
    throw new UserError({ file: OUT, found: `no channel that ${format} can say`, expected: 'another format' });
  }
  if (isFileFormat(format)) {
    const write = present(graphFormats[format].write, `a writer for ${format}`);
    writeOutFile(OUT, path, [gzipped(write(fitted.graph))]);
  } else {
    const texts = writeClothGraph(fitted.graph);
    for (const name of CLOTH_FILES) writeOutFile(OUT, join(path, name), [texts[name]]);
  }
  return fitted;
}

const holdsOf = (format: GraphFormatName): typeof CLOTH_HOLDS =>
  isFileFormat(format) ? present(graphFormats[format].holds, `what ${format} holds`) : CLOTH_HOLDS;
