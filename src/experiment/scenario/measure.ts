/** The scenario's `measure`: what a run looks into beside what it counts anyway. Nothing in the run changes by it. */
import { z } from 'zod';

export const measure = z
  .strictObject({
    oracle: z
      .boolean()
      .default(false)
      .describe('asks, when a payment starts, what one who knew all balances could have done: failures and regret'),
    sample: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe('the share of payments that the oracle is asked about: on large networks it takes longer than they do'),
    calibration: z
      .boolean()
      .default(false)
      .describe('holds the probability that strategies give each attempt against what becomes of it'),
  })
  .describe('what the summary says of routing beside what is counted anyway; the run is the same');
