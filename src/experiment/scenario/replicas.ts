/** The scenario's `replicas`: copies of its world in one process. */
import { z } from 'zod';
import { count } from './values.ts';

export const replicas = z
  .strictObject({
    count: count(2, 1_000_000),
    at: z
      .array(count(1, 100_000_000))
      .min(1)
      .max(1000)
      .refine((at) => at.every((each, index) => index === 0 || each > at[index - 1]!), 'rising counts')
      .describe(
        'counts of payments at which the ensemble is looked at, rising; a copy that stopped before is left out, with a note',
      ),
  })
  .nullable()
  .default(null)
  .describe(
    'runs so many copies of the world on one graph, each with a seed of its own drawn from the run’s, one after the other; ' +
      'the first is the run itself, which the rest of the summary is of',
  );
