/** The scenario's `traffic`: who pays whom, how much, when, and how hard payers try. */
import { z } from 'zod';
import { endpoints } from './endpoints.ts';
import { amountLaw, delayLaw } from './laws.ts';
import { amountSat, count, duration, tableFile } from './values.ts';

const positive = duration.refine((value) => value > 0, 'more than 0');

const arrivals = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('poisson') }),
    z
      .strictObject({ kind: z.literal('bursty'), on: positive, off: positive })
      .describe('bursts and silences take turns, exponential of these means; rate is the mean over both'),
    z
      .strictObject({
        kind: z.literal('diurnal'),
        amplitude: z.number().min(0).max(1),
        peakAt: duration.default(0).describe('after traffic starts'),
        period: positive.default(86_400),
      })
      .describe('a sine wave around the rate'),
    z
      .strictObject({ kind: z.literal('batches'), size: count(1, 1_000_000) })
      .describe('so many at the same time, again and again, the first at once; rate is the mean'),
  ])
  .describe('when payments start');

const payee = z
  .strictObject({
    hold: z
      .union([delayLaw, duration.transform((value) => ({ law: 'constant' as const, value }))])
      .nullable()
      .default(null)
      .describe('how long a payee keeps a payment waiting; left out, not at all'),
    failProbability: z.number().min(0).max(1).default(0).describe('with which it then refuses it'),
  })
  .describe('what payees do with what arrives');

const RATE = { path: ['rate'], message: 'a rate at which all payments start within 30 years' };
const startsInTime = ({ payments, rate }: { payments: number | null; rate: number }): boolean =>
  payments === null || payments / rate <= 1e9;

const ONE_FILE = { path: ['activity'], message: 'no activity beside a trace; also mixes them' };
const isOfOneFile = ({ trace, activity }: { trace?: unknown; activity?: unknown }): boolean =>
  trace === undefined || activity === undefined;

/** One process of payments. */
const source = {
  payments: count(0, 100_000_000)
    .nullable()
    .default(null)
    .describe(
      'left out: as many as come until stop.after, or 1000 where that is not set; of an activity, so many for each line ' +
        'without a count',
    ),
  rate: z.number().min(1e-6).max(1e9).default(1).describe('payments per second, on average'),
  arrivals: arrivals.prefault({ kind: 'poisson' }),
  amount: amountLaw.prefault({}),
  endpoints: endpoints.prefault({ kind: 'uniform' }),
  payee: payee.prefault({}),
  trace: z
    .strictObject({ file: tableFile })
    .optional()
    .describe(
      'in place of all drawn: CSV with the columns time (s), source, target, amount (sat), and, where wanted, route ' +
        '(nodes, with a space between), hold (s), outcome (settle or fail)',
    ),
  activity: z.strictObject({ file: tableFile }).optional().describe('in place of all drawn: SimLN’s JSON'),
};

export const traffic = z
  .strictObject({
    ...source,
    also: z
      .array(z.strictObject(source).refine(startsInTime, RATE).refine(isOfOneFile, ONE_FILE))
      .max(100)
      .default([])
      .describe('further traffic at the same time'),
    overlap: z
      .boolean()
      .default(true)
      .describe('false: a payment starts when the one before has ended and all is quiet, at the earliest'),
    maxAttempts: count(1, 1000)
      .default(5)
      .describe(
        'tries of each part: 1: nobody tries again; so many times the most parts on their way together may fail',
      ),
    maxParts: z
      .union([count(1, 483), z.literal('client')])
      .default(1)
      .describe('parts of a payment on their way at once; client: what the payer’s client allows by default'),
    maxFeeMillionths: count(0, 1_000_000).default(50_000).describe('the fee limit as a share of the amount'),
    maxFeeBaseSat: amountSat(0).default(50).describe('added to the fee limit, for small amounts'),
    maxHops: count(1, 27).default(20),
    maxCltvExpiryDelta: count(1, 20_160).default(2016).describe('blocks'),
  })
  .refine(startsInTime, RATE)
  .refine(isOfOneFile, ONE_FILE)
  .describe('payments, by default between random nodes, amounts lognormal');
