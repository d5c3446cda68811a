/**
 * Graph files of 500 MB through `leyden graph`, in the formats of long files: time, and a peak of memory that is the
 * graph's and not the file's. The project's own writers say a graph of 20,000 nodes and 39,996 channels once; the file says its
 * channels again and again, and the import counts what it has seen.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { present } from '../src/base/assert.ts';
import { Rng } from '../src/base/random.ts';
import { generateGraph } from '../src/graph/generators/generators.ts';
import { ByteFile } from '../src/host/byteFile.ts';
import { fitGraph } from '../src/io/graphs/fitGraph.ts';
import { graphFormats, type FileFormatName } from '../src/io/graphs/formats.ts';
import { leyden } from './commandRun.ts';

const BYTES = 500_000_000;
/** The heap that each reading has: with all the memory of the machine V8 would let garbage lie, and the peak would tell of that. */
const HEAP_MB = 300;
/** What each reading must keep: MB at the peak above that of the graph said once. */
const ABOVE_ONCE_MB = 50;

interface BigFormat {
  readonly name: FileFormatName;
  readonly isZipped?: true;
  /** where the channels begin in what the writer says, and where they end; null where that is the end */
  readonly from: (text: string) => number;
  readonly end: string | null;
  readonly separator: string;
}

const firstEdge = (text: string): number => text.indexOf('<edge ');
const secondLine = (text: string): number => text.indexOf('\n') + 1;
const afterVersion = (): number => 1;
const inList =
  (name: string) =>
  (text: string): number =>
    text.indexOf(name) + name.length;

// prettier-ignore
const FORMATS: readonly BigFormat[] = [
  { name: 'lnd',          from: inList('"edges":[\n'),    end: '\n]}',      separator: ',\n' },
  { name: 'lnd',          from: inList('"edges":[\n'),    end: '\n]}',      separator: ',\n', isZipped: true },
  { name: 'listchannels', from: inList('"channels":[\n'), end: '\n]}',      separator: ',\n' },
  { name: 'gossip_store', from: afterVersion,             end: null,        separator: '' },
  { name: 'gexf',         from: firstEdge,                end: '\n</edges>', separator: '\n' },
  { name: 'graphml',      from: firstEdge,                end: '\n</graph>', separator: '\n' },
  { name: 'edges',        from: secondLine,               end: null,        separator: '' },
];

export const bigFile = {
  name: 'big-file',
  run(): Promise<void> {
    const graph = generateGraph(
      { kind: 'barabasi-albert', nodes: 20_000, channelsOpened: 2 },
      Rng.fromSeed('big file'),
    );
    const directory = mkdtempSync(join(tmpdir(), 'leyden-big-file-'));
    const options = process.env['NODE_OPTIONS'];
    process.env['NODE_OPTIONS'] = `${options ?? ''} --max-old-space-size=${HEAP_MB}`; // for the commands that it starts
    try {
      for (const format of FORMATS) {
        const { holds, write } = graphFormats[format.name];
        const output = present(write, 'a writer')(fitGraph(graph, present(holds, 'what it holds')).graph);
        measure(join(directory, format.isZipped ? `${format.name}.gz` : format.name), partsOf(output, format));
      }
    } finally {
      if (options === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = options;
      rmSync(directory, { recursive: true });
    }
    return Promise.resolve();
  },
};

/** A file that says its channels once, that it says them again, and what follows; each zipped apart where it is zipped. */
interface Parts {
  readonly once: Uint8Array;
  readonly again: Uint8Array;
  readonly end: Uint8Array;
  /** how often the channels are said to make it long */
  readonly times: number;
}

/** What a writer says, cut around its channels. A byte is a character here, for the graph has no other names. */
function partsOf(output: string | Uint8Array, { from, end, separator, isZipped }: BigFormat): Parts {
  const text = typeof output === 'string' ? output : Buffer.from(output).toString('latin1');
  const to = end === null ? text.length : text.lastIndexOf(end);
  const [once, again, rest] = [text.slice(0, to), separator + text.slice(from(text), to), text.slice(to)];
  const bytes = (part: string): Uint8Array => {
    const plain = Buffer.from(part, 'latin1');
    return isZipped ? gzipSync(plain) : plain;
  };
  return { once: bytes(once), again: bytes(again), end: bytes(rest), times: Math.ceil(BYTES / again.length) };
}

/** Reads both files and prints what it took. */
function measure(path: string, parts: Parts): void {
  const base = leyden('graph', writeParts(path, { ...parts, times: 1 }), '--json').peakMb ?? 0;
  const onceMb = megabytes(path);
  const { seconds, cpuSeconds, peakMb } = leyden('graph', writeParts(path, parts), '--json');
  const above = (peakMb ?? 0) - base;
  console.log(
    `  ${basename(path)}: ${onceMb} MB, said once: ${base} MB at the peak; ${megabytes(path)} MB, said ${parts.times} times: ` +
      `${seconds.toFixed(1)} s, ${cpuSeconds?.toFixed(1)} s CPU, ${peakMb} MB at the peak, ${above} above ` +
      `(limit ${ABOVE_ONCE_MB}): ${above < ABOVE_ONCE_MB ? 'met' : 'MISSED'}`,
  );
  rmSync(path);
}

/** @returns the path */
function writeParts(path: string, { once, again, end, times }: Parts): string {
  const file = new ByteFile(path);
  file.write(once);
  for (let i = 1; i < times; i++) file.write(again);
  file.write(end);
  file.close();
  return path;
}

const megabytes = (path: string): string => (statSync(path).size / 1e6).toFixed(1);
