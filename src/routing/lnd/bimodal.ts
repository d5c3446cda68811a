/**
 * lnd's other estimator: liquidity sits at one of a channel's ends (lnd 90ea05d5a, `routing/probability_bimodal.go`).
 *
 * The balance x of a channel of capacity c is taken to follow e^(−x/s) + e^((x−c)/s) + 1/c, normalised; what went through
 * and what failed cut the distribution off on both sides. With H its integral, an amount a between the last success a_s and
 * the last failure a_f goes through with probability [H(a_f) − H(a)] / [H(a_f) − H(a_s)].
 */
import { exp } from '../../base/math.ts';
import { MICROS_PER_SECOND, type Micros } from '../../base/time.ts';
import type { ProbabilityEstimator } from './estimator.ts';
import { type MissionControl, NEVER, PAIR } from './missionControl.ts';

export interface BimodalOptions {
  /** how far balances spread from the ends, msat */
  readonly scaleMsat: number;
  /** of a result on another pair of the node, against the pair's own */
  readonly nodeWeight: number;
  /** what was learnt is worth 1/e after that many seconds */
  readonly decaySeconds: number;
}

/** Integral of the distribution from 0 to x, up to a constant. */
function primitive(capacity: number, x: number, scale: number): number {
  const norm = -2 * exp(-capacity / scale) + 2 + 1 / scale;
  return (-exp(-x / scale) + exp((x - capacity) / scale) + x / (capacity * scale)) / norm;
}

/** How likely the balance is between two amounts. */
export const bimodalIntegral = (capacity: number, lower: number, upper: number, scale: number): number =>
  primitive(capacity, upper, scale) - primitive(capacity, lower, scale);

/** How likely a channel carries an amount, given what it carried and what it did not; all in msat. */
export function bimodalProbability(
  capacity: number,
  successMsat: number,
  failMsat: number,
  amountMsat: number,
  scale: number,
): number {
  if (capacity === 0 || amountMsat > capacity) return 0;
  let [success, fail] = [successMsat, failMsat];
  // what contradicts itself is forgotten
  if (fail <= success) [success, fail] = [0, capacity];
  // a channel smaller than what went through: it was larger then
  if (success >= capacity) [success, fail] = [capacity - 1, capacity];
  fail = Math.min(fail, capacity);
  if (amountMsat >= fail) return 0;
  if (amountMsat <= success) return 1;
  const likely = bimodalIntegral(capacity, amountMsat, fail, scale) / bimodalIntegral(capacity, success, fail, scale);
  return Math.min(1, Math.max(0, likely));
}

/** What can still be sent of an amount that went through a while ago, msat. */
export const decayedSuccess = (successMsat: number, age: number, decay: number): number =>
  Math.floor(exp(-age / decay) * successMsat);

/** What still can't be sent, an amount having failed a while ago, msat: it goes to the capacity with time. */
export const decayedFailure = (failMsat: number, capacityMsat: number, age: number, decay: number): number =>
  capacityMsat - Math.floor(exp(-age / decay) * (capacityMsat - Math.min(failMsat, capacityMsat)));

export function bimodalEstimator(options: BimodalOptions): ProbabilityEstimator {
  const { scaleMsat, nodeWeight } = options;
  const decay = options.decaySeconds * MICROS_PER_SECOND;

  function direct(
    memory: MissionControl,
    now: Micros,
    pair: number,
    amountMsat: number,
    capacityMsat: number,
  ): { probability: number; isFresh: boolean } {
    const row = memory.rowOf(pair);
    let [successMsat, failMsat, latest] = [0, capacityMsat, NEVER];
    if (row !== -1) {
      const failAt = memory.value(row, PAIR.failAt);
      const successAt = memory.value(row, PAIR.successAt);
      if (failAt !== NEVER) {
        failMsat = decayedFailure(memory.value(row, PAIR.failMsat), capacityMsat, now - failAt, decay);
      }
      if (successAt !== NEVER) {
        successMsat = decayedSuccess(memory.value(row, PAIR.successMsat), now - successAt, decay);
      }
      latest = Math.max(failAt, successAt);
    }
    const probability = bimodalProbability(capacityMsat, successMsat, failMsat, amountMsat, scaleMsat);
    return { probability, isFresh: latest !== NEVER && now - latest < decay };
  }

  /** Mixes in how the node's other pairs did, each by how long ago. */
  function mixed(probability: number, memory: MissionControl, now: Micros, from: number, pair: number): number {
    const own = memory.rowOf(pair);
    let total = probability;
    let weight = 1;
    for (let row = memory.rowsOf(from); row !== -1; row = memory.next(row)) {
      if (row === own) continue;
      if (memory.value(row, PAIR.successMsat) > 0) {
        const share = nodeWeight * exp(-(now - memory.value(row, PAIR.successAt)) / decay);
        total += share;
        weight += share;
      }
      if (memory.value(row, PAIR.failMsat) > 0) {
        weight += nodeWeight * exp(-(now - memory.value(row, PAIR.failAt)) / decay);
      }
    }
    return total / weight;
  }

  return {
    untriedAtMost: 1,
    untried: (amountMsat, capacityMsat) => bimodalProbability(capacityMsat, 0, capacityMsat, amountMsat, scaleMsat),
    tried(memory, now, from, pair, amountMsat, capacityMsat) {
      const { probability, isFresh } = direct(memory, now, pair, amountMsat, capacityMsat);
      return isFresh || nodeWeight === 0 ? probability : mixed(probability, memory, now, from, pair);
    },
    local(memory, now, pair) {
      const row = memory.rowOf(pair);
      const failAt = row === -1 ? NEVER : memory.value(row, PAIR.failAt);
      return failAt === NEVER ? 1 : 1 - exp(-(now - failAt) / decay);
    },
  };
}
