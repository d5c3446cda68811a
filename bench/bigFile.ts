/**
 * A describegraph of 500 MB, plain and gzip, through `leyden graph`: time, and a peak of memory that is the graph's and not the
 * file's. The project's own writer says a graph of 20,000 nodes and 39,996 channels once; the file says its channels again and
 * again, and the import counts what it has seen.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { utf8 } from '../src/base/bytes.ts';
import { Rng } from '../src/base/random.ts';
import { generateGraph } from '../src/graph/generators/generators.ts';
import { writeLndGraph } from '../src/io/graphs/lndGraph.ts';
import { leyden } from './commandRun.ts';

const BYTES = 500_000_000;
/** What each reading must keep: MB at the peak above that of the graph said once. */
const ABOVE_ONCE_MB = 150;
const CHANNELS = '],"edges":[\n';
const END = '\n]}';

export const bigFile = {
  name: 'big-file',
  run(): Promise<void> {
    const text = writeLndGraph(
      generateGraph({ kind: 'barabasi-albert', nodes: 20_000, channelsOpened: 2 }, Rng.fromSeed('big file')),
    );
    const directory = mkdtempSync(join(tmpdir(), 'leyden-big-file-'));
    try {
      const once = write(join(directory, 'once.json'), text, 1, utf8);
      const base = leyden('graph', once, '--json').peakMb ?? 0;
      console.log(`  ${megabytes(once)} MB, said once: ${base} MB at the peak`);
      const times = Math.ceil(BYTES / channelsIn(text).length);
      for (const [name, pack] of [
        ['big.json', utf8],
        ['big.json.gz', gzipSync],
      ] as const) {
        // prettier-ignore
        const path = write(join(directory, name), text, times, pack);
        const { seconds, cpuSeconds, peakMb } = leyden('graph', path, '--json');
        const above = (peakMb ?? 0) - base;
        console.log(
          `  ${name}, ${megabytes(path)} MB, said ${times} times: ${seconds.toFixed(1)} s, ${cpuSeconds?.toFixed(1)} s CPU, ${peakMb} MB at ` +
            `the peak, ${above} above (limit ${ABOVE_ONCE_MB}): ${above < ABOVE_ONCE_MB ? 'met' : 'MISSED'}`,
        );
        rmSync(path);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
    return Promise.resolve();
  },
};

/** Writes the text with its channels said so many times, each time packed apart. @returns the path */
function write(path: string, text: string, times: number, pack: (text: string) => Uint8Array): string {
  const channels = channelsIn(text);
  const file = openSync(path, 'w');
  const put = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  };
  put(pack(text.slice(0, text.lastIndexOf(END))));
  const again = pack(`,\n${channels}`);
  for (let i = 1; i < times; i++) put(again);
  put(pack(END));
  closeSync(file);
  return path;
}

const channelsIn = (text: string): string =>
  text.slice(text.indexOf(CHANNELS) + CHANNELS.length, text.lastIndexOf(END));

const megabytes = (path: string): string => (statSync(path).size / 1e6).toFixed(1);
