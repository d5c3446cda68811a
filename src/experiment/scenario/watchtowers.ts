/** The scenario's `watchtowers`: who punishes thefts for nodes that are away. */
import { z } from 'zod';
import { reference } from './values.ts';

export const watchtower = z
  .strictObject({
    client: reference.describe('the node whose channels it watches'),
    blobs: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe('the chance that what the client leaves for a revoked commitment reaches the tower'),
    feeratesSatPerVbyte: z
      .array(z.number().min(1).max(100_000))
      .min(1)
      .max(16)
      .refine((rates) => rates.every((rate, index) => index === 0 || rate > rates[index - 1]!), 'rising fee rates')
      .default([2, 10, 50, 250])
      .describe('of the penalties that the client signs beforehand; the tower climbs them as the deadline nears'),
  })
  .describe('a party of its own that holds encrypted penalties for a client; each revocation costs some signatures');
