/** The scenario's `stop`: when no further payment starts, although the traffic has more. */
import { z } from 'zod';
import { count, duration } from './values.ts';

export const stop = z
  .strictObject({
    after: duration
      .nullable()
      .default(null)
      .describe('so long after traffic starts; traffic that says no number of payments goes on until then'),
    failures: count(1, 100_000_000).nullable().default(null).describe('once so many payments have failed'),
  })
  .describe('no further payment starts then; what is on its way comes to its end');
