/** V5: when blocks come, and whose they are. */
import { z } from 'zod';
import { MICROS_PER_SECOND } from '../../base/time.ts';
import type { Rng } from '../../base/random.ts';
import { exp } from '../../base/math.ts';
import { MEAN_BLOCK_INTERVAL_SECONDS } from '../../chain/miner.ts';
import { count } from '../scenario/values.ts';
import { batchMeans } from './batchMeans.ts';
import type { Estimate } from './check.ts';
import { blocksDensity, blocksQuantile, chanceOfBlocks } from './erlang.ts';
import { measurement } from './measurement.ts';
import { newNetwork, onChains } from './minedWorld.ts';

const MINUTES = MEAN_BLOCK_INTERVAL_SECONDS / 60;
const POWERS = [5, 3, 2];
const CHANCES = [0.05, 0.95];

export const mining = measurement({
  name: 'mining',
  unit: 'blocks',
  parameters: {
    windows: z.array(count(1, 1440)).max(10).describe('minutes in which no block may come'),
    runs: z.array(count(1, 1000)).max(10).describe('of how many blocks the time is taken'),
  },
  plan: ({ windows, runs }) => ({
    label: '',
    figures: [
      ...windows.flatMap((minutes) => [
        { name: `P(no block in ${minutes} min)`, theory: exp(-minutes / MINUTES) },
        {
          name: `P(at least ${usualIn(minutes)} in ${minutes} min)`,
          theory: chanceOfBlocks(usualIn(minutes), minutes / MINUTES),
        },
      ]),
      ...runs.flatMap((k) => [
        { name: `mean minutes for ${k}`, theory: k * MINUTES },
        ...CHANCES.map((chance) => ({
          name: `minutes for ${k} in ${chance * 100} % of cases`,
          theory: blocksQuantile(k, chance) * MINUTES,
        })),
      ]),
      ...POWERS.map((power) => ({ name: `share of a miner with ${power * 10} %`, theory: power / 10 })),
    ],
    run: (size, rng) => {
      const chains = onChains(size, rng, mineChain);
      const finders = chains.flatMap((chain) => chain.finders);
      return [
        ...windows.flatMap((minutes) => {
          const counts = chains.flatMap(({ times }) => countsIn(times, minutes));
          return [shareOf(counts, (count) => count === 0), shareOf(counts, (count) => count >= usualIn(minutes))];
        }),
        ...runs.flatMap((k) => {
          const spans = chains.flatMap(({ times }) => spansOf(times, k));
          return [batchMeans(spans), ...CHANCES.map((chance) => quantileOf(spans, k, chance))];
        }),
        ...POWERS.map((_, index) => shareOf(finders, (finder) => finder === index)),
      ];
    },
  }),
});

/** Blocks that come on average, in a whole number. */
const usualIn = (minutes: number): number => Math.ceil(minutes / MINUTES);

interface MinedChain {
  /** minutes at which its blocks came */
  readonly times: readonly number[];
  /** who found them */
  readonly finders: readonly number[];
}

function mineChain(blocks: number, rng: Rng): MinedChain {
  const network = newNetwork(
    rng,
    POWERS.map((hashPower, index) => ({ name: `miner ${index}`, hashPower })),
  );
  const times: number[] = [];
  const finders: number[] = [];
  const { chain } = network.observer;
  chain.onConnect(({ hash }) => {
    times.push(network.now / MICROS_PER_SECOND / 60);
    finders.push(network.minerOf(hash) ?? -1);
  });
  while (chain.height < blocks) network.step();
  return { times, finders };
}

/** The time within which that share of the spans was over. @param spans minutes, of k blocks each */
function quantileOf(spans: readonly number[], k: number, chance: number): Estimate {
  const value = spans.toSorted((a, b) => a - b)[Math.floor(chance * spans.length)]!;
  // how far the share at the quantile is off, in minutes: the slope there is theory's density
  const quantile = blocksQuantile(k, chance);
  const { standardError } = shareOf(spans, (span) => span <= quantile * MINUTES);
  return { value, standardError: (standardError / blocksDensity(k, quantile)) * MINUTES };
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
