/** The scenario's `topology`: where the channel graph comes from. */
import { z } from 'zod';
import { generators, type GeneratorName } from '../../graph/generators/generators.ts';
import { count } from './values.ts';

const generatorNames = Object.keys(generators).filter(isGeneratorName);

export const topology = z
  .object({
    file: z.string().min(1).max(4096).optional().describe('lnd describegraph, plain or .gz; relative to the scenario'),
    generate: z.enum(generatorNames).optional().describe('the name of a generator'),
    seed: count(0, Number.MAX_SAFE_INTEGER).optional().describe('of the graph alone; the run’s own if left out'),
  })
  .catchall(z.number().describe('an option of the generator, nodes for one'))
  .superRefine((value, context) => {
    const complain = (path: string[], found: unknown, message: string): void => {
      context.addIssue({ code: 'custom', path, input: found, message });
    };
    const { file, generate, seed, ...options } = value;
    if ((file === undefined) === (generate === undefined)) {
      return complain([], value, 'either file (a graph to read) or generate (the name of a generator)');
    }
    // what a generator makes of its options it checks itself
    const extra = Object.keys(options)[0] ?? (seed === undefined ? undefined : 'seed');
    if (file !== undefined && extra !== undefined) complain([extra], value[extra], 'no such option beside file');
  })
  .describe('where the channel graph comes from: a file, or a generator and its options');

function isGeneratorName(name: string): name is GeneratorName {
  return Object.hasOwn(generators, name);
}

/** Where the graph comes from: a file, or a generator with its options as `generators` lists them. */
export type TopologyInput =
  | { readonly file: string }
  | ({ readonly generate: GeneratorName; readonly seed?: number } & Readonly<Record<string, string | number>>);
