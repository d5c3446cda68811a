/** The scenario's `traffic`: who pays whom, how much, when, and how hard payers try. */
import { z } from 'zod';
import { amountSat, count } from './values.ts';

export const traffic = z
  .strictObject({
    payments: count(0, 100_000_000).default(1000),
    rate: z.number().min(1e-6).max(1e9).default(1).describe('payments per second, a Poisson process'),
    amount: z
      .strictObject({
        medianSat: z.number().positive().max(1e12).default(10_000),
        sigma: z.number().min(0).max(5).default(1).describe('standard deviation of the logarithm; 0 for one amount'),
      })
      .prefault({}),
    maxAttempts: count(1, 1000)
      .default(5)
      .describe('tries of each part: so many times the most parts that were on their way together may fail'),
    maxParts: z
      .union([count(1, 483), z.literal('client')])
      .default(1)
      .describe('parts of a payment on their way at once; client: what the payer’s client allows by default'),
    maxFeeMillionths: count(0, 1_000_000).default(50_000).describe('the fee limit as a share of the amount'),
    maxFeeBaseSat: amountSat(0).default(50).describe('added to the fee limit, for small amounts'),
    maxHops: count(1, 27).default(20),
    maxCltvExpiryDelta: count(1, 20_160).default(2016).describe('blocks'),
  })
  .refine(({ payments, rate }) => payments / rate <= 1e9, {
    path: ['rate'],
    message: 'a rate at which all payments start within 30 years',
  })
  .describe('payments between random nodes, amounts lognormal');
