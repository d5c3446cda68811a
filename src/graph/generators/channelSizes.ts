/** How large channels are beside others of their class: what the habits of both ends and chance make of it, as scores. */
import type { Rng } from '../../base/random.ts';
import { SIZE_HUB_PEERS, SIZE_OF_LARGER, SIZE_WEIGHTS } from './calibration/habits2026.ts';
import { PEER_CLASS_BOUNDS } from './calibration/topology2026.ts';
import { classOf } from './distributions.ts';
import type { Pair } from './pairSet.ts';

/** What a channel's score varies around, and how much. */
export interface PairScore {
  readonly usual: number;
  readonly chance: number;
}

/** Every node has the habit of opening larger or smaller channels than others of its class do: a normal score. */
export const drawHabits = (nodes: number, rng: Rng): number[] => Array.from({ length: nodes }, () => rng.normal());

/** A score for each pair. @param peers of each node, as on mainnet */
export function pairScores(pairs: readonly Pair[], peers: readonly number[], habits: readonly number[]): PairScore[] {
  return pairs.map(([a, b]) => {
    const [smaller, larger] = peers[a]! < peers[b]! ? [a, b] : [b, a];
    const { fewerPeers, morePeers, chance } = SIZE_WEIGHTS[peers[smaller]! < SIZE_HUB_PEERS ? 'others' : 'hubs'];
    const usual =
      fewerPeers * habits[smaller]! +
      morePeers * habits[larger]! +
      SIZE_OF_LARGER[classOf(peers[larger]!, PEER_CLASS_BOUNDS)]!;
    return { usual, chance };
  });
}

/** The score of a channel of a pair. */
export const channelScore = ({ usual, chance }: PairScore, rng: Rng): number => usual + chance * rng.normal();

/**
 * The place of each score among those of its class, in [0, 1): somewhere in the step of its rank, so that the places of few
 * scores too reach the ends of a law.
 * @param classes one for each score
 */
export function placesInClass(scores: readonly number[], classes: readonly number[], rng: Rng): number[] {
  const members = new Map<number, number[]>();
  for (const [at, each] of classes.entries()) {
    const own = members.get(each);
    if (own === undefined) members.set(each, [at]);
    else own.push(at);
  }
  const places: number[] = Array.from({ length: scores.length }, () => 0);
  for (const own of members.values()) {
    own.sort((a, b) => scores[a]! - scores[b]! || a - b);
    for (const [rank, at] of own.entries()) places[at] = (rank + rng.unit()) / own.length;
  }
  return places;
}
