/** Parallel channels of a mainnet-like network: which pairs have several, how many, and how large each channel is. */
import type { Rng } from '../../base/random.ts';
import {
  PARALLEL_BY_CHANCE,
  PARALLEL_CHANNELS,
  PARALLEL_CHANNELS_BY_CHANCE,
  PARALLEL_SHARE,
  PARALLEL_WEIGHTS,
  SAME_SIZE_SHARE,
} from './calibration/habits2026.ts';
import { channelScore, drawHabits, placesInClass, type PairScore } from './channelSizes.ts';
import { pickWeighted } from './distributions.ts';
import type { Pair } from './pairSet.ts';
import type { Topology } from './topology.ts';

/**
 * Repeats some pairs: parallel channels. A pair's class is that of its smaller end. Some pairs have them by chance, the
 * others by their place in their class: where channels are large and where both ends have the habit.
 * @param classes of nodes
 */
export function withParallelChannels(
  pairs: readonly Pair[],
  classes: readonly number[],
  pairScores: readonly PairScore[],
  rng: Rng,
): Required<Pick<Topology, 'pairs' | 'scores'>> {
  const first = pairScores.map((score) => channelScore(score, rng));
  const habits = drawHabits(classes.length, rng);
  const { size, fewerPeers, morePeers, chance } = PARALLEL_WEIGHTS;
  const parallelScores = pairs.map(([a, b], at) => {
    const [smaller, larger] = classes[a]! < classes[b]! ? [a, b] : [b, a];
    return size * first[at]! + fewerPeers * habits[smaller]! + morePeers * habits[larger]! + chance * rng.normal();
  });
  const classOfPair = pairs.map(([a, b]) => Math.min(classes[a]!, classes[b]!));
  const places = placesInClass(parallelScores, classOfPair, rng);
  const out: { pairs: Pair[]; scores: number[] } = { pairs: [], scores: [] };
  for (const [at, pair] of pairs.entries()) {
    const share = PARALLEL_SHARE[classOfPair[at]!]!;
    const above = 1 - share * (1 - PARALLEL_BY_CHANCE);
    let channels = 1;
    if (places[at]! >= above) channels = pickWeighted(PARALLEL_CHANNELS, (places[at]! - above) / (1 - above));
    else if (rng.unit() < share * PARALLEL_BY_CHANCE) channels = pickWeighted(PARALLEL_CHANNELS_BY_CHANCE, rng.unit());
    for (let i = 0; i < channels; i++) {
      out.pairs.push(pair);
      const isAlike = i === 0 || rng.unit() < SAME_SIZE_SHARE;
      out.scores.push(isAlike ? first[at]! : channelScore(pairScores[at]!, rng));
    }
  }
  return out;
}
