/** `npm run bench [-- name…]`: runs the benchmarks named, or all but the long ones. One file a benchmark. */
import { bigFile } from './bigFile.ts';
import { bigGraph } from './bigGraph.ts';
import { channel } from './channel.ts';
import { connectBlocks } from './connectBlocks.ts';
import { graph } from './graph.ts';
import { learners } from './learners.ts';
import { mempool } from './mempool.ts';
import { million } from './million.ts';
import { network } from './network.ts';
import { search } from './search.ts';
import { sweep } from './sweep.ts';
import { utxoSet } from './utxoSet.ts';

export interface Benchmark {
  readonly name: string;
  /** takes many minutes: only where it is named */
  readonly long?: boolean;
  run(): Promise<void>;
}

const benchmarks: readonly Benchmark[] = [
  search,
  graph,
  bigFile,
  bigGraph,
  network,
  channel,
  connectBlocks,
  mempool,
  utxoSet,
  learners,
  sweep,
  million,
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => benchmarks.every((benchmark) => benchmark.name !== name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${benchmarks.map(({ name }) => name).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const benchmark of benchmarks) {
    if (wanted.length > 0 ? !wanted.includes(benchmark.name) : benchmark.long === true) continue;
    console.log(`# ${benchmark.name}`);
    await benchmark.run();
  }
}
