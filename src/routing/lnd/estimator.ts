/** What both of lnd's estimators answer: how likely a pair of nodes carries an amount. */
import type { Micros } from '../../base/time.ts';
import type { MissionControl } from './missionControl.ts';

export interface ProbabilityEstimator {
  /** no pair that leaves a node without a history is likelier than this, whatever the amount */
  readonly untriedAtMost: number;
  /** Of a pair that leaves a node of which nothing is known. @param capacityMsat of the pair's largest channel */
  untried(amountMsat: number, capacityMsat: number): number;
  /** Of a pair that leaves a node with a history. @param pair the lowest of its edges @param from the node */
  tried(
    memory: MissionControl,
    now: Micros,
    from: number,
    pair: number,
    amountMsat: number,
    capacityMsat: number,
  ): number;
  /** Of a pair that leaves the payer itself. */
  local(memory: MissionControl, now: Micros, pair: number): number;
}
