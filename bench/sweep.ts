/** A sweep on two threads against one: the same runs, in turns, real time; and the CPU time that each took. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { leyden } from './commandRun.ts';

const ROUNDS = 3;
const SCENARIO = {
  name: 'a sweep to measure',
  topology: { generate: 'mainnet-like', nodes: 500, seed: 1 },
  traffic: { payments: 4000, rate: 10 },
  settle: 'none',
};

export const sweep = {
  name: 'sweep',
  run(): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'leyden-bench-'));
    try {
      const file = join(folder, 'scenario.json');
      writeFileSync(file, JSON.stringify(SCENARIO));
      const times = [1, 2].map((): { seconds: number; cpu: number }[] => []);
      for (let round = 0; round < ROUNDS; round++) {
        for (const workers of [1, 2]) {
          const out = join(folder, `${round}-${workers}`);
          const grid = ['--grid', 'traffic.rate=5,10', '--seeds', '8', '--workers', String(workers)];
          const { seconds, cpuSeconds } = leyden('sweep', file, ...grid, '--out', out);
          times[workers - 1]!.push({ seconds, cpu: cpuSeconds ?? NaN });
        }
      }
      const [one = NaN, two = NaN] = times.map((rounds) => Math.min(...rounds.map(({ seconds }) => seconds)));
      const cpu = times.map((rounds) => Math.min(...rounds.map((round) => round.cpu)).toFixed(1));
      console.log(`16 runs, least of ${ROUNDS}: ${one.toFixed(1)} s on one thread, ${two.toFixed(1)} s on two`);
      console.log(`two threads take ${(two / one).toFixed(2)} of the time of one (target <= 0.6)`);
      console.log(
        `CPU time ${cpu[0]} s and ${cpu[1]} s; ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)} at the end`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
    return Promise.resolve();
  },
};
