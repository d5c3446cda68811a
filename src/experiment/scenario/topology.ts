/** The scenario's `topology`: where the channel graph comes from. */
import { z } from 'zod';
import { generators, type GeneratorName } from '../../graph/generators/generators.ts';
import { PLAIN_POLICY, TERM_BOUNDS } from '../../graph/generators/channelTerms.ts';
import { plainLaw } from './laws.ts';
import { amountSat, count } from './values.ts';

type TermName = keyof typeof TERM_BOUNDS;

const generatorNames = Object.keys(generators).filter(isGeneratorName);

/** A node's name in a list, as long as a public key at most. */
const nodeName = z.string().min(1).max(66);

const constant = (term: TermName): z.ZodNumber => count(TERM_BOUNDS[term].least, TERM_BOUNDS[term].most);

const listedPolicy = z
  .strictObject({
    feeBaseMsat: constant('feeBaseMsat').default(PLAIN_POLICY.feeBaseMsat),
    feeProportionalMillionths: constant('feeProportionalMillionths').default(PLAIN_POLICY.feeProportionalMillionths),
    cltvExpiryDelta: constant('cltvExpiryDelta').default(PLAIN_POLICY.cltvExpiryDelta).describe('blocks'),
    htlcMinimumMsat: constant('htlcMinimumMsat').default(PLAIN_POLICY.htlcMinimumMsat),
    htlcMaximumMsat: constant('htlcMaximumMsat').optional().describe('the capacity if left out'),
    disabled: z.boolean().default(false),
  })
  .describe('what a node asks for forwarding in its direction; lnd’s defaults');

const listedChannel = z
  .strictObject({
    id: z.string().min(1).max(66).optional().describe('channel-0, channel-1, … if left out'),
    node1: nodeName,
    node2: nodeName,
    capacitySat: amountSat(1),
    node1Sat: amountSat(0).optional().describe('what node1 holds, for channels.liquidity: graph'),
    policy1: listedPolicy.nullable().prefault({}).describe('of node1; null for a direction that is not announced'),
    policy2: listedPolicy.nullable().prefault({}),
  })
  .describe('one channel of an explicit list');

export type ListedChannel = z.output<typeof listedChannel>;

/** What a generator's channels hold or ask: a number for all, or a law. */
// oxlint-disable-next-line explicit-function-return-type -- what zod infers is the type that scenarios have
const term = (name: TermName, of: string) =>
  z
    .union([constant(name), plainLaw])
    .optional()
    .describe(`of generated channels: a number, or a law that ${of} draws from`);

/** What may stand beside a generator's own options. */
const terms = {
  capacitySat: term('capacitySat', 'each channel'),
  feeBaseMsat: term('feeBaseMsat', 'each direction'),
  feeProportionalMillionths: term('feeProportionalMillionths', 'each direction'),
  cltvExpiryDelta: term('cltvExpiryDelta', 'each direction'),
  htlcMinimumMsat: term('htlcMinimumMsat', 'each direction'),
  htlcMaximumMsat: term('htlcMaximumMsat', 'each direction'),
} satisfies Record<TermName, unknown>;

export const topology = z
  .object({
    file: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('a graph in any format that leyden graph reads; relative to the scenario'),
    generate: z.enum(generatorNames).optional().describe('the name of a generator'),
    channels: z.array(listedChannel).min(1).max(100_000).optional().describe('an explicit list'),
    seed: count(0, Number.MAX_SAFE_INTEGER).optional().describe('of the graph alone; the run’s own if left out'),
    ...terms,
  })
  .catchall(z.number().describe('an option of the generator, nodes for one'))
  .superRefine((value, context) => {
    const complain = (path: string[], found: unknown, message: string): void => {
      context.addIssue({ code: 'custom', path, input: found, message });
    };
    const { file, generate, channels, seed, ...options } = value;
    const sources = [file, generate, channels].filter((each) => each !== undefined);
    if (sources.length !== 1) {
      return complain(
        [],
        value,
        'one of file (a graph to read), generate (the name of a generator) and channels (a list)',
      );
    }
    const drawn = Object.keys(terms).find((name) => options[name] !== undefined);
    if (generate === 'mainnet-like' && drawn !== undefined) {
      complain([drawn], value[drawn], 'nothing: mainnet-like draws it as it is on mainnet');
    }
    // what a generator makes of its options it checks itself
    const extra = Object.keys(options)[0] ?? (seed === undefined ? undefined : 'seed');
    if (generate === undefined && extra !== undefined) {
      complain([extra], value[extra], `no such option beside ${file === undefined ? 'channels' : 'file'}`);
    }
  })
  .describe('where the channel graph comes from: a file, a generator and its options, or a list of channels');

function isGeneratorName(name: string): name is GeneratorName {
  return Object.hasOwn(generators, name);
}

/** Where the graph comes from: a file, a list, or a generator with its options as `generators` lists them. */
export type TopologyInput =
  | { readonly file: string }
  | { readonly channels: readonly z.input<typeof listedChannel>[] }
  | ({ readonly generate: GeneratorName; readonly seed?: number } & Readonly<
      Record<string, string | number | z.input<typeof plainLaw>>
    >);
