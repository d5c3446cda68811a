/** The scenario's `results`: what a run's directory holds. */
import { z } from 'zod';

export const results = z
  .strictObject({
    tables: z
      .array(z.enum(['payments', 'attempts', 'htlcs', 'transactions', 'blocks']))
      .max(5)
      .refine((tables) => new Set(tables).size === tables.length, 'each table once')
      .default(['payments', 'transactions', 'blocks'])
      .describe('attempts and htlcs have several rows a payment'),
    format: z.enum(['parquet', 'csv']).default('parquet'),
  })
  .describe('what --out keeps, beside summary.json, manifest.json and scenario.yaml');
