/** The formats in which graphs come and go: how each is told by its first bytes, read, written, and what it can hold. */
import { concatBytes } from '../../base/bytes.ts';
import { printable, UserError } from '../../base/errors.ts';
import { groupDigits } from '../../base/units.ts';
import type { ChannelGraph } from '../../graph/channelGraph.ts';
import { utf8Text } from '../textPieces.ts';
import { readEdgeList, writeEdgeList } from './edgeList.ts';
import type { Holds } from './fitGraph.ts';
import { looksLikeGossipStore, readGossipStore, writeGossipStore } from './gossipStore.ts';
import type { GraphFormatName, ImportedGraph } from './graphReport.ts';
import { readListChannels, writeListChannels } from './listChannels.ts';
import { readLndGraph, writeLndGraph } from './lndGraph.ts';
import { readLndTestGraph } from './lndTestGraph.ts';
import { looksLikeRapidGossipSync, readRapidGossipSync, writeRapidGossipSync } from './rapidGossipSync.ts';
import { readSimlnGraph, writeSimlnGraph } from './simln.ts';
import { readGexf, readGraphml, writeGexf, writeGraphml } from './xmlGraphs.ts';

/** Every format that is one file; CLoTH's is three (`cloth.ts`). */
export type FileFormatName = Exclude<GraphFormatName, 'cloth'>;

export interface GraphFormat {
  readonly summary: string;
  /** how such files are named, for choosing a format by the name of a file to write; none where it is only read */
  readonly ending: string | null;
  readonly holds: Holds | null;
  readonly read: (pieces: Iterable<Uint8Array>, file: string) => ImportedGraph;
  /** @param graph as `fitGraph` makes it */
  readonly write: ((graph: ChannelGraph) => string | Uint8Array) | null;
}

const JSON_HOLDS = { nodeNames: 'any', channelIds: 'short', aliases: 'any', balances: 'none' } as const;
const BYTES_HOLD = { nodeNames: 'keys', channelIds: 'short', balances: 'none' } as const;
const KEEPS = { listsNodes: true, unusable: 'kept', maximum: true, smallerFirst: false, sorted: false } as const;

/** CLoTH's three files. */
export const CLOTH_HOLDS: Holds = {
  ...KEEPS,
  nodeNames: 'numbers',
  channelIds: 'numbers',
  aliases: 'none',
  unusable: 'minimum',
  maximum: false,
  balances: 'needed',
};

export const graphFormats: Readonly<Record<FileFormatName, GraphFormat>> = {
  lnd: {
    summary: 'lnd’s describegraph',
    ending: '.json',
    holds: { ...KEEPS, ...JSON_HOLDS },
    read: readLndGraph,
    write: writeLndGraph,
  },
  listchannels: {
    summary: 'Core Lightning’s listchannels',
    ending: null,
    holds: {
      ...KEEPS,
      ...JSON_HOLDS,
      channelIds: 'lines',
      aliases: 'none',
      listsNodes: false,
      unusable: 'listed',
      smallerFirst: true,
    },
    read: readListChannels,
    write: writeListChannels,
  },
  gossip_store: {
    summary: 'Core Lightning’s gossip_store',
    ending: 'gossip_store',
    holds: { ...KEEPS, ...BYTES_HOLD, aliases: 'padded', listsNodes: false, smallerFirst: true },
    read: readGossipStore,
    write: writeGossipStore,
  },
  rgs: {
    summary: 'LDK’s rapid gossip sync',
    ending: '.lngossip',
    holds: { ...KEEPS, ...BYTES_HOLD, aliases: 'none', smallerFirst: true, sorted: true },
    read: (pieces, file) => readRapidGossipSync(wholeOf(pieces, file), file),
    write: writeRapidGossipSync,
  },
  simln: {
    summary: 'SimLN’s sim_network',
    ending: null,
    holds: { ...KEEPS, ...JSON_HOLDS, nodeNames: 'keys', listsNodes: false, unusable: 'minimum' },
    read: readSimlnGraph,
    write: writeSimlnGraph,
  },
  gexf: {
    summary: 'GEXF',
    ending: '.gexf',
    holds: { ...KEEPS, nodeNames: 'xml', channelIds: 'xml', aliases: 'xml', balances: 'kept' },
    read: (pieces, file) => readGexf(utf8Text(pieces, file), file),
    write: writeGexf,
  },
  graphml: {
    summary: 'GraphML',
    ending: '.graphml',
    holds: { ...KEEPS, nodeNames: 'xml', channelIds: 'xml', aliases: 'xml', balances: 'kept' },
    read: (pieces, file) => readGraphml(utf8Text(pieces, file), file),
    write: writeGraphml,
  },
  edges: {
    summary: 'an edge list',
    ending: '.csv',
    holds: { ...KEEPS, nodeNames: 'lines', channelIds: 'lines', aliases: 'none', listsNodes: false, balances: 'kept' },
    read: (pieces, file) => readEdgeList(utf8Text(pieces, file), file),
    write: writeEdgeList,
  },
  'lnd-test': {
    summary: 'a graph of lnd’s tests',
    ending: null,
    holds: null,
    read: readLndTestGraph,
    write: null,
  },
};

export const isFileFormat = (name: string): name is FileFormatName => Object.hasOwn(graphFormats, name);

/** All of them in words, for help and errors. */
export const graphFormatsInWords = (): string =>
  `${Object.values(graphFormats)
    .map(({ summary }) => summary)
    .join(', ')}, or a directory with CLoTH’s three CSV files`;

/** Bytes of a file's beginning that tell its format. */
const HEAD = 65_536;

/**
 * Reads a graph in whatever format its content says.
 * @param file its name as the user knows it
 * @throws UserError if it is in none, or wrong in the one that it is in
 */
export function readGraph(pieces: Iterable<Uint8Array>, file: string): ImportedGraph {
  const iterator = pieces[Symbol.iterator]();
  try {
    const first: Uint8Array[] = [];
    for (let length = 0; length < HEAD;) {
      const next = iterator.next();
      if (next.done === true) break;
      first.push(next.value);
      length += next.value.length;
    }
    const all = function* (): Generator<Uint8Array> {
      yield* first.splice(0);
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) yield next.value;
    };
    return graphFormats[formatOf(concatBytes(...first).subarray(0, HEAD), file)].read(all(), file);
  } finally {
    iterator.return?.(); // what the pieces come from may be closed
  }
}

/** @throws UserError if the bytes begin no known format */
export function formatOf(head: Uint8Array, file: string): FileFormatName {
  if (head.length === 0) throw new UserError({ file, found: 'an empty file', expected: graphFormatsInWords() });
  if (looksLikeRapidGossipSync(head)) return 'rgs';
  if (looksLikeGossipStore(head)) return 'gossip_store';
  const text = new TextDecoder().decode(head).trimStart();
  if (/^[[{]/.test(text)) return jsonFormat(text);
  if (text.startsWith('<')) return /<(?:\w+:)?graphml[\s>]/.test(text) ? 'graphml' : 'gexf';
  if (beginsEdgeList(text)) return 'edges';
  const found = `a file that begins with "${printable(text, 24)}"`;
  throw new UserError({ file, found, expected: graphFormatsInWords() });
}

/** By the names that only one of them uses; lnd's own reader says what is wrong with all else. */
function jsonFormat(text: string): FileFormatName {
  if (/"sim_network"\s*:/.test(text)) return 'simln';
  if (/"channels"\s*:\s*\[/.test(text)) return 'listchannels';
  return /"pubkey"\s*:/.test(text) && !/"pub_key"\s*:/.test(text) ? 'lnd-test' : 'lnd';
}

/** Whether the first line that is no comment is a table's header or an edge. */
function beginsEdgeList(text: string): boolean {
  const line = text.split(/[\r\n]/).find((each) => each.trim() !== '' && !/^\s*[#%]/.test(each)) ?? '';
  if (/\bnode1\b/.test(line) && /\bnode2\b/.test(line)) return true;
  return /^\s*[^\s,;{]+[\s,;]+[^\s,;{]+([\s,;]+(\d+|\{.*\}))?\s*$/.test(line) && printable(line, line.length) === line;
}

/** Bytes of a format that is read as a whole: a snapshot of mainnet has some million. */
const WHOLE_BYTES_MAX = 100_000_000;

/** @throws UserError if they are too many */
function wholeOf(pieces: Iterable<Uint8Array>, file: string): Uint8Array {
  const all: Uint8Array[] = [];
  let length = 0;
  for (const piece of pieces) {
    length += piece.length;
    if (length > WHOLE_BYTES_MAX) {
      const found = `more than ${groupDigits(WHOLE_BYTES_MAX)} bytes`;
      throw new UserError({ file, found, expected: 'a shorter file, or another format, which can be of any length' });
    }
    all.push(piece);
  }
  return concatBytes(...all);
}
