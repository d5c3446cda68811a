/** Everything that fixtures can measure. */
import { circulation } from './circulation.ts';
import { deadlock } from './deadlock.ts';
import { depletion } from './depletion.ts';
import { doubleSpendRace } from './doubleSpendRace.ts';
import { demandQueue, mempoolQueue } from './feeQueue.ts';
import { lifetime } from './lifetime.ts';
import type { Measurement } from './measurement.ts';
import { mining } from './mining.ts';
import { floodAndLoot, floodWeights } from './papers/floodAndLoot.ts';
import { unjamming } from './papers/unjamming.ts';
import { uniformPrior } from './priorArithmetic.ts';
import { forks, selfishMining } from './selfishMining.ts';
import { commitmentWeights, penaltyWeights } from './signedWeights.ts';
import { slots } from './slots.ts';
import { apriori, bimodal, commitmentFees, routingExample, weights } from './specification.ts';
import { triangle } from './triangle.ts';

export const measurements: readonly Measurement[] = [
  depletion,
  lifetime,
  slots,
  uniformPrior,
  triangle,
  deadlock,
  circulation,
  mining,
  doubleSpendRace,
  selfishMining,
  forks,
  demandQueue,
  mempoolQueue,
  weights,
  commitmentWeights,
  penaltyWeights,
  commitmentFees,
  routingExample,
  bimodal,
  apriori,
  floodAndLoot,
  floodWeights,
  unjamming,
];
