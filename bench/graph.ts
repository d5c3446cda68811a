/** The 2026 mainnet dump: CPU time of reading it, time and memory of `leyden graph` on it. */
import { readGraphFile } from '../src/host/graphFile.ts';
import { leyden } from './commandRun.ts';
import { sharedFile } from './data.ts';
import { cpuMicros } from './measure.ts';

const GRAPH = 'data/mainnet-2026/describegraph.json.gz';

export const graph = {
  name: 'graph',
  run(): Promise<void> {
    const file = sharedFile(GRAPH);
    if (file === null) {
      console.log(`skipped: no shared file ${GRAPH}`);
    } else {
      const reading = cpuMicros(() => void readGraphFile(file)) / 1e6;
      console.log(`reading the 2026 graph: ${reading.toFixed(1)} s CPU (target < 5)`);
      const { seconds, peakMb } = leyden('graph', file, '--json');
      console.log(`statistics of the 2026 graph: ${seconds.toFixed(1)} s (target < 10), ${peakMb} MB (target < 1500)`);
    }
    return Promise.resolve();
  },
};
