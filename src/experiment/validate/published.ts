/** Numbers as they stand in print: `0.090909` is known to half a unit of its last digit, `16/45` and 724 are what they are. */
import { z } from 'zod';

export interface Published {
  readonly value: number;
  /** half a unit of the last digit; 0 for integers and fractions */
  readonly rounding: number;
}

const DECIMAL = /^-?\d+\.(\d+)$/;
const FRACTION = /^(\d+)\/([1-9]\d*)$/;

/** An integer, or a text with the digits that are published, or a fraction. */
export const published = z
  .union([z.number().int(), z.string().max(40)])
  .transform((written, context): Published => {
    if (typeof written === 'number') return { value: written, rounding: 0 };
    const [, numerator, denominator] = FRACTION.exec(written) ?? [];
    if (numerator !== undefined) return { value: Number(numerator) / Number(denominator), rounding: 0 };
    const digits = DECIMAL.exec(written)?.[1]?.length;
    if (digits !== undefined) return { value: Number(written), rounding: 0.5 * 10 ** -digits };
    context.addIssue({
      code: 'custom',
      message: "an integer, or a text: '0.0909' with the digits that are published, or '16/45'",
    });
    return z.NEVER;
  })
  .meta({ description: "an integer, or a text: '0.0909' with the digits that are published, or '16/45'" });

/** Whether a number is the published one, to its digits. Sums of floats are off by less than 10⁻¹² of them. */
export const isAsPublished = (value: number, { value: printed, rounding }: Published): boolean =>
  Math.abs(value - printed) <= rounding * (1 + 1e-6) + Math.abs(printed) * 1e-12;
