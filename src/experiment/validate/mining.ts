/** V5: when blocks come, and whose they are. */
import { MICROS_PER_SECOND } from '../../base/time.ts';
import { exp } from '../../base/math.ts';
import { MEAN_BLOCK_INTERVAL_SECONDS } from '../../chain/miner.ts';
import { batchMeans } from './batchMeans.ts';
import type { Check, Estimate, Experiment } from './check.ts';
import { blocksQuantile, chanceOfBlocks } from './erlang.ts';
import { newNetwork } from './minedWorld.ts';

const HOUR = 6; // mean intervals
/** Mean intervals: ten minutes, half an hour, an hour. */
const SILENCES = [1, 3, HOUR];
const MINUTES = MEAN_BLOCK_INTERVAL_SECONDS / 60;
const POWERS = [5, 3, 2];

/** @param runs of how many blocks are timed */
export function miningExperiment(sizes: readonly [number, number], runs: readonly number[]): Experiment {
  const exact = (name: string, expected: number): Check => ({ name, expected, floor: 0 });
  return {
    id: 'V5',
    title: 'three honest miners: when blocks come',
    source: 'a Poisson process; Erlang',
    unit: 'blocks',
    sizes,
    checks: [
      ...SILENCES.map((time) => exact(`P(no block in ${time * MINUTES} min)`, exp(-time))),
      exact('P(at least 6 blocks in an hour)', chanceOfBlocks(6, HOUR)),
      ...runs.flatMap((k) => [
        exact(`mean minutes for ${k}`, k * MINUTES),
        ...[0.05, 0.95].map((chance) => {
          const minutes = blocksQuantile(k, chance) * MINUTES;
          return exact(`P(${k} within ${minutes.toFixed(1)} min)`, chance);
        }),
      ]),
      ...POWERS.map((power) => exact(`share of a miner with ${power * 10} %`, power / 10)),
    ],
    run: (size, rng) => {
      const network = newNetwork(
        rng,
        POWERS.map((hashPower, index) => ({ name: `miner ${index}`, hashPower })),
      );
      const times: number[] = [];
      const finders: number[] = [];
      const { chain } = network.observer;
      chain.onConnect(({ hash }) => {
        times.push(network.now / MICROS_PER_SECOND / MEAN_BLOCK_INTERVAL_SECONDS);
        finders.push(network.minerOf(hash) ?? -1);
      });
      while (chain.height < size) network.step();
      return [
        ...SILENCES.map((time) => shareOf(countsIn(times, time), (count) => count === 0)),
        shareOf(countsIn(times, HOUR), (count) => count >= 6),
        ...runs.flatMap((k) => {
          const spans = spansOf(times, k);
          const within = (chance: number): Estimate => shareOf(spans, (span) => span <= blocksQuantile(k, chance));
          const mean = batchMeans(spans.map((span) => span * MINUTES));
          return [mean, within(0.05), within(0.95)];
        }),
        ...POWERS.map((_, index) => shareOf(finders, (finder) => finder === index)),
      ];
    },
  };
}

const shareOf = (values: readonly number[], holds: (value: number) => boolean): Estimate =>
  batchMeans(values.map((value) => (holds(value) ? 1 : 0)));

/** Blocks in windows of that length, one after the other. */
function countsIn(times: readonly number[], length: number): number[] {
  const windows = Math.floor(times.at(-1)! / length);
  const counts = Array.from({ length: windows }, () => 0);
  for (const time of times) {
    const window = Math.floor(time / length);
    if (window < windows) counts[window]!++;
  }
  return counts;
}

/** How long each k blocks took, one run after the other. */
function spansOf(times: readonly number[], k: number): number[] {
  const spans: number[] = [];
  for (let at = k - 1; at < times.length; at += k) spans.push(times[at]! - (times[at - k] ?? 0));
  return spans;
}
