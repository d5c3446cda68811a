/**
 * lnd's default estimator: what happened on a pair, mixed with what happened on its node's other pairs and a guess for the
 * untried (lnd 90ea05d5a, `routing/probability_apriori.go`).
 *
 * A node's probability is the mean of the a-priori guess (weight f) and of its pairs' last results: 0.95 for each success
 * at this amount or more (weight 1), 0 for each failure at this amount or less (weight 2^(−age/half-life)).
 */
import { exp } from '../../base/math.ts';
import { MICROS_PER_SECOND, type Micros } from '../../base/time.ts';
import type { ProbabilityEstimator } from './estimator.ts';
import { type MissionControl, NEVER, PAIR } from './missionControl.ts';

/** The probability of a pair that carried as much before (lnd, `prevSuccessProbability`). */
export const PREVIOUS_SUCCESS_PROBABILITY = 0.95;
/** How steeply the probability falls near the cut-off, as a share of the capacity (lnd, `capacitySmearingFraction`). */
const SMEARING_FRACTION = 0.025;
/** What is left of the probability far above the cut-off (lnd, `minCapacityFactor`). */
const MIN_CAPACITY_FACTOR = 0.5;
/** e^38 > 2^54: further below the cut-off than this the factor is 1 to the last bit. */
const NO_EFFECT = 38;
const LN2 = 0.6931471805599453;

export interface AprioriOptions {
  /** of a pair of which nothing is known */
  readonly hopProbability: number;
  /** of the guess against what was seen: 0 (it counts for nothing) to 1 (it counts alone) */
  readonly weight: number;
  /** a failure counts half after that many seconds */
  readonly penaltyHalfLifeSeconds: number;
  /** share of the capacity at which the probability falls; 1: nowhere */
  readonly capacityFraction: number;
}

/** How much less likely an amount is than a small one: 1 below the cut-off, 0.5 far above it, 0 above the capacity. */
export function capacityFactor(amountMsat: number, capacityMsat: number, capacityFraction: number): number {
  if (capacityFraction === 1 || capacityMsat === 0) return 1;
  if (amountMsat > capacityMsat) return 0;
  const steps = (amountMsat - capacityFraction * capacityMsat) / (SMEARING_FRACTION * capacityMsat);
  if (steps < -NO_EFFECT) return 1;
  return 1 - (1 - MIN_CAPACITY_FACTOR) / (1 + exp(-steps));
}

export function aprioriEstimator(options: AprioriOptions): ProbabilityEstimator {
  const { hopProbability, capacityFraction } = options;
  // a weight in 0 … 1 as a number of observations: 0.5 counts as one
  const guessWeight = 1 / (1 - options.weight) - 1;
  const halfLife = options.penaltyHalfLifeSeconds * MICROS_PER_SECOND;
  /** of a failure that long ago, in 0 … 1 */
  const weightOf = (age: number): number => exp((-LN2 * age) / halfLife);

  const untried = (amountMsat: number, capacityMsat: number): number =>
    hopProbability * capacityFactor(amountMsat, capacityMsat, capacityFraction);

  function nodeProbability(
    memory: MissionControl,
    now: Micros,
    from: number,
    amountMsat: number,
    capacityMsat: number,
  ): number {
    const guess = untried(amountMsat, capacityMsat);
    // a weight of 1: no observation has a say
    if (guessWeight === Infinity) return guess;
    let total = guess * guessWeight;
    let weight = guessWeight;
    for (let row = memory.rowsOf(from); row !== -1; row = memory.next(row)) {
      if (amountMsat <= memory.value(row, PAIR.successMsat)) {
        total += PREVIOUS_SUCCESS_PROBABILITY;
        weight++;
      } else if (hasFailed(memory, row, amountMsat)) {
        weight += weightOf(now - memory.value(row, PAIR.failAt));
      }
    }
    return weight === 0 ? guess : total / weight;
  }

  function pairProbability(
    memory: MissionControl,
    now: Micros,
    pair: number,
    amountMsat: number,
    node: () => number,
  ): number {
    const row = memory.rowOf(pair);
    if (row === -1) return node();
    if (amountMsat <= memory.value(row, PAIR.successMsat)) return PREVIOUS_SUCCESS_PROBABILITY;
    if (!hasFailed(memory, row, amountMsat)) return node();
    return node() * (1 - weightOf(now - memory.value(row, PAIR.failAt)));
  }

  return {
    untriedAtMost: hopProbability,
    untried,
    tried: (memory, now, from, pair, amountMsat, capacityMsat) =>
      pairProbability(memory, now, pair, amountMsat, () =>
        nodeProbability(memory, now, from, amountMsat, capacityMsat),
      ),
    // the payer knows its balances: any failure counts, whatever its amount
    local: (memory, now, pair) => pairProbability(memory, now, pair, Infinity, () => PREVIOUS_SUCCESS_PROBABILITY),
  };
}

const hasFailed = (memory: MissionControl, row: number, amountMsat: number): boolean =>
  memory.value(row, PAIR.failAt) !== NEVER && amountMsat >= memory.value(row, PAIR.failMsat);
