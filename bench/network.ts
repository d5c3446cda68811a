/**
 * The main job at mainnet's size: every channel of the 2026 graph opened on its L1, then 10,000 payments of 10,000 sat.
 * Run in a process of its own, so that its peak memory is its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TimedSummary } from '../src/host/simulate.ts';
import { leyden } from './commandRun.ts';
import { sharedFile } from './data.ts';

const GRAPH = 'data/mainnet-2026/describegraph.json.gz';

const scenario = (graph: string): object => ({
  name: '10,000 payments on the 2026 graph',
  topology: { file: graph },
  traffic: { payments: 10_000, rate: 10, amount: { medianSat: 10_000, sigma: 0 } },
  settle: 'none',
});

export const network = {
  name: 'network',
  run(): Promise<void> {
    const graph = sharedFile(GRAPH);
    if (graph === null) {
      console.log(`skipped: no shared file ${GRAPH}`);
      return Promise.resolve();
    }
    const folder = mkdtempSync(join(tmpdir(), 'leyden-bench-'));
    try {
      const file = join(folder, 'scenario.json');
      writeFileSync(file, JSON.stringify(scenario(graph)));
      report(JSON.parse(leyden('run', file, '--json').out) as TimedSummary);
    } finally {
      rmSync(folder, { recursive: true });
    }
    return Promise.resolve();
  },
};

function report({ channels, payments, performance, digest }: TimedSummary): void {
  const { seconds, events, eventsPerSecond, peakMemoryMb, openingSeconds, payingSeconds } = performance;
  console.log(`opened ${channels.opened} channels on L1 in ${openingSeconds.toFixed(1)} s`);
  console.log(
    `${payments.sent} payments of 10,000 sat in ${payingSeconds.toFixed(1)} s: ${payments.succeeded} succeeded, ` +
      `${Math.round(payments.sent / payingSeconds)} payments per second`,
  );
  console.log(`${seconds.toFixed(1)} s in all (target < 180), ${peakMemoryMb} MB at the peak (target < 3000)`);
  console.log(`${events} events, ${eventsPerSecond} events per second over all; digest ${digest}`);
}
