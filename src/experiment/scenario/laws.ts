/** The laws that amounts and times are drawn from, as scenarios write them; `sim/laws.ts` says what each is. */
import { z } from 'zod';
import { duration } from './values.ts';

const deviation = z.number().min(0).max(5).describe('standard deviation of the logarithm');
const shape = z.number().min(0.01).max(1e6);
const alpha = z.number().min(0.01).max(100).describe('the smaller, the heavier the tail');
const weights = z.array(z.number().min(0).max(1e12)).max(100_000);
/** Amounts may be parts of a sat here: what is drawn is rounded. */
const sats = z.number().min(0).max(9e12);
const isOrdered = (from: number, to: number): boolean => from <= to;
const isWeighted = (values: readonly unknown[], given?: readonly number[]): boolean =>
  given === undefined || (given.length === values.length && given.some((weight) => weight > 0));
const WEIGHTED = { path: ['weights'], message: 'a weight for each value, not all 0' };

/** An amount; without `law` it is lognormal. */
export const amountLaw = z
  .discriminatedUnion('law', [
    z.strictObject({
      law: z.literal('lognormal').optional(),
      medianSat: z.number().positive().max(1e12).default(10_000),
      sigma: z.number().min(0).max(5).default(1).describe('standard deviation of the logarithm; 0 for one amount'),
    }),
    z.strictObject({ law: z.literal('constant'), valueSat: sats }),
    z
      .strictObject({ law: z.literal('uniform'), fromSat: sats, toSat: sats })
      .refine(({ fromSat, toSat }) => isOrdered(fromSat, toSat), { path: ['toSat'], message: 'at least fromSat' }),
    z.strictObject({ law: z.literal('exponential'), meanSat: sats, plusSat: sats.default(0) }),
    z.strictObject({ law: z.literal('normal'), meanSat: sats, deviationSat: sats }).describe('never below 0'),
    z.strictObject({ law: z.literal('gamma'), meanSat: sats, shape }),
    z.strictObject({
      law: z.literal('pareto'),
      leastSat: sats.positive(),
      alpha,
      mostSat: sats.default(9e12).describe('what is drawn above it becomes it'),
    }),
    z
      .strictObject({
        law: z.literal('list'),
        valuesSat: z.array(sats).min(1).max(100_000),
        weights: weights.optional(),
      })
      .refine(({ valuesSat, weights }) => isWeighted(valuesSat, weights), WEIGHTED),
  ])
  .describe('the law of an amount');

/**
 * The laws of a kind of value, the lognormal one aside.
 * @param plus what `plus` may be, and `most`, each with its default
 */
// oxlint-disable-next-line explicit-function-return-type -- what zod infers is the type that scenarios have
function lawsOf<Value extends z.ZodType<number>, Plus extends z.ZodType<number>, Most extends z.ZodType<number>>(
  value: Value,
  plus: Plus,
  most: Most,
) {
  return [
    z.strictObject({ law: z.literal('constant'), value }),
    z
      .strictObject({ law: z.literal('uniform'), from: value, to: value })
      .refine((law: object) => 'from' in law && 'to' in law && isOrdered(Number(law.from), Number(law.to)), {
        path: ['to'],
        message: 'at least from',
      }),
    z.strictObject({
      law: z.literal('exponential'),
      mean: value,
      plus: plus.describe('added to every draw: plus 1 and mean 3 is 1 + Exp(3)'),
    }),
    z.strictObject({ law: z.literal('normal'), mean: value, deviation: value }).describe('never below 0'),
    z.strictObject({ law: z.literal('gamma'), mean: value, shape }),
    z.strictObject({
      law: z.literal('pareto'),
      least: value.refine((least) => least > 0, 'more than 0'),
      alpha,
      most: most.describe('what is drawn above it becomes it'),
    }),
    z
      .strictObject({
        law: z.literal('list'),
        values: z.array(value).min(1).max(100_000),
        weights: weights.optional(),
      })
      .refine(({ values, weights }) => isWeighted(values, weights), WEIGHTED),
  ] as const;
}

/** The laws of a length of time, the lognormal one aside. */
export const delayLaws = lawsOf(duration, duration.default(0), duration.default(1e9));

/** A length of time. */
export const delayLaw = z
  .discriminatedUnion('law', [
    z.strictObject({ law: z.literal('lognormal'), median: duration, sigma: deviation }),
    ...delayLaws,
  ])
  .describe('the law of a length of time');

/** A plain number, in whatever unit its key names. */
const plain = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
export const plainLaw = z
  .discriminatedUnion('law', [
    z.strictObject({ law: z.literal('lognormal'), median: plain, sigma: deviation }),
    ...lawsOf(plain, plain.default(0), plain.default(Number.MAX_SAFE_INTEGER)),
  ])
  .meta({ id: 'law', description: 'the law of a number' }); // once in the JSON Schema, where it stands many times

export type PlainLaw = z.output<typeof plainLaw>;
export type AmountLaw = z.output<typeof amountLaw>;
export type DelayLaw = z.output<typeof delayLaw>;
