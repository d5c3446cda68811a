/** The scenario's `latency`: how long a message takes over one link. */
import { z } from 'zod';
import { duration } from './values.ts';

export const latency = z
  .strictObject({
    median: duration.default(0.05).describe('of one message over one link'),
    sigma: z.number().min(0).max(5).default(0.5).describe('standard deviation of the logarithm'),
  })
  .describe('lognormal, drawn for each message');
