/** `leyden graph` on the 2026 mainnet dump: time and memory of the whole command. */
import { leyden } from './commandRun.ts';
import { sharedFile } from './data.ts';

const GRAPH = 'data/mainnet-2026/describegraph.json.gz';

export const graph = {
  name: 'graph',
  run(): Promise<void> {
    const file = sharedFile(GRAPH);
    if (file === null) {
      console.log(`skipped: no shared file ${GRAPH}`);
    } else {
      const { seconds, peakMb } = leyden('graph', file, '--json');
      console.log(`statistics of the 2026 graph: ${seconds.toFixed(1)} s (target < 10), ${peakMb} MB (target < 1500)`);
    }
    return Promise.resolve();
  },
};
