/** The scenario's `results`: what a run's directory holds. */
import { z } from 'zod';
import { count, duration, reference } from './values.ts';

export const results = z
  .strictObject({
    tables: z
      .array(z.enum(['payments', 'attempts', 'htlcs', 'transactions', 'blocks']))
      .max(5)
      .refine((tables) => new Set(tables).size === tables.length, 'each table once')
      .default(['payments', 'transactions', 'blocks'])
      .describe('attempts and htlcs have several rows a payment'),
    samples: z
      .strictObject({
        channels: z.union([z.literal('all'), z.array(reference).min(1).max(100_000)]).default('all'),
        every: duration.refine((value) => value >= 1e-3, 'a millisecond at least').optional(),
        everyPayments: count(1, 1_000_000_000).optional().describe('each time that so many have ended'),
        blocking: z
          .boolean()
          .default(false)
          .describe(
            'also, so far, the HTLCs that were to be offered and those refused, by reason: the tables blocking_by_hop and blocking_by_channel',
          ),
      })
      .refine(({ every, everyPayments }) => (every === undefined) !== (everyPayments === undefined), {
        message: 'either every (a duration) or everyPayments (a count)',
      })
      .nullable()
      .default(null)
      .describe('balances and HTLCs in flight of channels while payments are made: the table channel_samples'),
    format: z.enum(['parquet', 'csv']).default('parquet'),
  })
  .describe('what --out keeps, beside summary.json, manifest.json and scenario.yaml');
