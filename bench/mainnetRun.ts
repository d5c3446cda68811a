/**
 * The main job at mainnet's size: every channel of the 2026 graph opened on its L1, then payments of 10,000 sat by the
 * cheapest routes, with ledger signing. Run in a process of its own, so that its peak memory is its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TimedSummary } from '../src/host/simulate.ts';
import { leyden } from './commandRun.ts';
import { sharedFile } from './data.ts';

export const GRAPH_2026 = 'data/mainnet-2026/describegraph.json.gz';

/**
 * Prints what it took, beside what is aimed at.
 * @param ratePerSecond of simulated time
 */
export function mainnetRun(payments: number, ratePerSecond: number, targets: { seconds: number; mb: number }): void {
  const graph = sharedFile(GRAPH_2026);
  if (graph === null) {
    console.log(`skipped: no shared file ${GRAPH_2026}`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'leyden-bench-'));
  try {
    const scenario = {
      name: `${payments} payments on the 2026 graph`,
      topology: { file: graph },
      traffic: { payments, rate: ratePerSecond, amount: { medianSat: 10_000, sigma: 0 } },
      settle: 'none',
      // after every event its own sums are checked; the whole world, being large, less often
      auditEvery: 5_000_000,
    };
    const file = join(folder, 'scenario.json');
    writeFileSync(file, JSON.stringify(scenario));
    const { out, cpuSeconds } = leyden('run', file, '--json');
    report(JSON.parse(out) as TimedSummary, cpuSeconds, targets);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(
  { channels, payments, performance, digest }: TimedSummary,
  cpuSeconds: number | null,
  targets: { readonly seconds: number; readonly mb: number },
): void {
  const { seconds, events, eventsPerSecond, peakMemoryMb, openingSeconds, payingSeconds } = performance;
  console.log(`opened ${channels.opened} channels on L1 in ${openingSeconds.toFixed(1)} s`);
  console.log(
    `${payments.sent} payments of 10,000 sat in ${payingSeconds.toFixed(1)} s: ${payments.succeeded} succeeded, ` +
      `${Math.round(payments.sent / payingSeconds)} payments per second`,
  );
  console.log(
    `${seconds.toFixed(1)} s in all (target < ${targets.seconds}), ${cpuSeconds?.toFixed(1) ?? '?'} s of CPU; ` +
      `${peakMemoryMb} MB at the peak (target < ${targets.mb})`,
  );
  console.log(`${events} events, ${eventsPerSecond} events per second over all; digest ${digest}`);
}
