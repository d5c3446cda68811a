/** A demand matrix: given pairs, each as often as its weight, with a fixed route where one is given. */
import type { Rng } from '../../../base/random.ts';
import { weightedChoice } from '../../weightedChoice.ts';
import type { Endpoints, Pair } from '../traffic.ts';

export interface WeightedPair extends Pair {
  readonly weight: number;
}

/** Pairs that can't pay, for a channel is missing, stay in: their payments fail, as they would. */
export function pairEndpoints(pairs: readonly WeightedPair[], rng: Rng): Endpoints {
  const choose = weightedChoice(
    pairs.map(({ weight }) => weight),
    rng,
  );
  return { next: () => pairs[choose()]! };
}
