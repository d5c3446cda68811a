/** The scenario's `routing`: by what strategies payers find routes. */
import { z } from 'zod';
import { reference } from './values.ts';

const strategy = z
  .string()
  .min(1)
  .max(200)
  .describe('a name, or a .ts or .js file of your own; relative to the scenario');

const option = z.union([z.number(), z.string().max(200), z.boolean()]).describe('an option of the strategy');

/** `60%`, or 0.6: a share of the nodes. */
const share = z
  .union([z.number(), z.string()])
  .transform((value, context) => {
    const percent = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim())?.[1] : undefined;
    const part = typeof value === 'number' ? value : Number(percent) / 100;
    if (!(part >= 0 && part <= 1)) {
      context.addIssue({ code: 'custom', message: 'a share of the nodes: 0% to 100%, or 0 to 1' });
      return z.NEVER;
    }
    return part;
  })
  .meta({ description: 'a share of the nodes: 60%, or 0.6' });

export const routing = z
  .object({
    strategy: strategy.default('cheapest-fee'),
    shares: z
      .record(strategy, share)
      .default({})
      .refine((shares) => Object.values(shares).reduce((sum, part) => sum + part, 0) <= 1 + 1e-9, {
        message: 'shares that come to at most 100%',
      })
      .describe('strategies by the share of nodes that use them, drawn for each node; the rest use `strategy`'),
    nodes: z.record(reference, strategy).default({}).describe('the strategy of single nodes, whatever was drawn'),
    options: z
      .record(strategy, z.record(z.string().max(200), option))
      .default({})
      .describe('options by strategy; those of `strategy` may stand beside it'),
  })
  .catchall(option)
  .describe('how payers find routes, each with a memory of its own');
