/** A sweep on two threads against one: the same runs, in turns, real time; and what the CPU times say it would be. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadTimes, type ThreadTimes } from './threadTimes.ts';

const ROUNDS = 1;
const SEEDS = 16;
/** Long enough that what each thread does anew, reading and compiling the code (some seconds), weighs little. */
const SCENARIO = {
  name: 'a sweep to measure',
  topology: { generate: 'mainnet-like', nodes: 500, seed: 1 },
  traffic: { payments: 4000, rate: 10 },
  settle: 'none',
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const least = (values: readonly number[]): number => Math.min(...values);

export const sweep = {
  name: 'sweep',
  async run(): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'leyden-bench-'));
    const file = join(folder, 'scenario.json');
    const timesOf = [1, 2].map((): ThreadTimes[] => []);
    try {
      writeFileSync(file, JSON.stringify(SCENARIO));
      for (let round = 0; round < ROUNDS; round++) {
        for (const workers of [1, 2]) {
          const grid = ['--grid', 'traffic.rate=5,10', '--seeds', String(SEEDS), '--workers', String(workers)];
          const times = await threadTimes('sweep', file, ...grid, '--out', join(folder, `${round}-${workers}`));
          timesOf[workers - 1]!.push(times);
          console.log(tell(workers, times));
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const [one, two] = timesOf.map((rounds) => least(rounds.map(({ seconds }) => seconds)));
    console.log(`two threads take ${(two! / one!).toFixed(2)} of the time of one (target <= 0.6), least of ${ROUNDS}`);
    const [alone, halved] = timesOf.map((rounds, index) => least(rounds.map((times) => idleSeconds(times, index + 1))));
    if (halved! > 0) console.log(`by CPU time, on two cores that nothing else uses: ${(halved! / alone!).toFixed(2)}`);
    console.log(`${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)} at the end`);
  },
};

function tell(workers: number, { seconds, main, others }: ThreadTimes): string {
  const parts = [main, ...others.slice(0, workers), sum(others.slice(workers))].map((each) => each.toFixed(1));
  const cpu = `CPU ${sum([main, ...others]).toFixed(1)} s: main, ${workers === 1 ? 'worker' : 'workers'}, V8's own ${parts.join(', ')}`;
  return `  ${2 * SEEDS} runs on ${workers}: ${seconds.toFixed(1)} s; ${cpu}`;
}

/** The least that it can take on two cores: the longest chain of work, or half of all. */
const idleSeconds = ({ main, others }: ThreadTimes, workers: number): number =>
  Math.max(main + Math.max(0, ...others.slice(0, workers)), sum([main, ...others]) / 2);
