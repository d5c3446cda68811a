/** The scenario's `routing`: by what strategy payers find routes. */
import { z } from 'zod';

export const routing = z
  .object({
    strategy: z
      .string()
      .min(1)
      .max(200)
      .default('cheapest-fee')
      .describe('a name, or a .ts or .js file of your own; relative to the scenario'),
  })
  .catchall(z.union([z.number(), z.string().max(200), z.boolean()]).describe('an option of the strategy'))
  .describe('how payers find routes, each with a memory of its own');
