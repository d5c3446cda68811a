/**
 * The scenario: what a user writes to say what is to be simulated, and its checked form with every default filled in.
 *
 * The schema is the reference; `src/io/scenarioText.ts` reads YAML and JSON and turns what zod finds into one clear error.
 */
import { z } from 'zod';
import { parseDurationSeconds } from '../base/time.ts';
import { generators, type GeneratorName } from '../graph/generators/generators.ts';

/** `90`, `"1.5h"`, `"20ms"`: seconds as a number, or a number with a unit. */
const duration = z
  .union([z.number().nonnegative(), z.string()])
  .transform((value, context) => {
    const inSeconds = typeof value === 'number' ? value : parseDurationSeconds(value);
    if (inSeconds === null || inSeconds > 1e9) {
      context.addIssue({
        code: 'custom',
        message: 'a duration: seconds, or a number with ms, s, m, h or d (30 years at most)',
      });
      return z.NEVER;
    }
    return inSeconds;
  })
  .meta({ description: 'seconds, or a number with a unit: 20ms, 90s, 10m, 1.5h, 2d' });

const count = (least: number, most: number): z.ZodNumber => z.number().int().min(least).max(most);
/** The most sat an amount may name: 90,000 BTC, for in msat it has to stay below 2^53. */
const amountSat = (least: number): z.ZodNumber => count(least, 9_000_000_000_000);
/** A node: its public key, its name in a generated graph, or `#` and its index. */
const reference = z.string().min(1).max(200);

const generatorNames = Object.keys(generators).filter(isGeneratorName);

const topology = z
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

const channels = z
  .strictObject({
    format: z.enum(['anchors_zero_fee_htlc_tx', 'anchors', 'static_remotekey']).default('anchors_zero_fee_htlc_tx'),
    feeratePerKw: count(253, 100_000).default(2500).describe('of commitment transactions, sat per 1000 weight units'),
    toSelfDelay: count(1, 2016).default(144).describe('blocks'),
    reserveMillionths: count(0, 500_000).default(10_000).describe('share of the capacity that each end keeps'),
    dustLimitSat: amountSat(330).default(354),
    maxAcceptedHtlcs: count(1, 483).default(483),
    maxHtlcValueInFlightMillionths: count(1, 1_000_000).default(1_000_000).describe('share of the capacity'),
    htlcMinimumMsat: count(1, 1_000_000_000).default(1),
    maxDustHtlcExposureSat: amountSat(0).default(500_000).describe('lnd’s default'),
    liquidity: z
      .enum(['uniform', 'balanced', 'opener'])
      .default('uniform')
      .describe('how the opening balance is split: at random, in halves, or all on the opener’s side'),
    opener: z.enum(['random', 'node1', 'node2', 'larger']).default('random'),
  })
  .describe('how channels are opened');

const transactionKind = z.enum([
  'funding',
  'mutual-close',
  'commitment',
  'revoked-commitment',
  'htlc-timeout',
  'htlc-success',
  'htlc-claim',
  'sweep',
  'penalty',
]);

const minerBehaviour = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('honest') }),
  z.strictObject({ kind: z.literal('selfish') }).describe('withholds blocks (Eyal and Sirer)'),
  z
    .strictObject({
      kind: z.literal('censor'),
      transactions: z.array(transactionKind).min(1).max(9),
      stubbornness: count(0, 1000)
        .default(0)
        .describe('ignores a branch with such a transaction until it is so many blocks longer; 0: never ignores one'),
    })
    .describe('leaves transactions of those kinds out of its blocks'),
  z
    .strictObject({
      kind: z.literal('double-spend'),
      confirmations: count(1, 1000).default(6).describe('after which its payee delivers'),
      giveUpBehind: count(1, 1000).default(10).describe('blocks that its secret branch may fall behind'),
      amountSat: amountSat(1000).default(100_000),
    })
    .describe('pays with its coinbases, and takes back (Rosenfeld); again and again'),
]);

const miner = z.strictObject({
  name: z.string().min(1).max(100),
  hashPower: z.number().positive().max(1e9).default(1).describe('in any unit: its share is its part of the sum'),
  behaviour: minerBehaviour.prefault({ kind: 'honest' }),
});

const recordedDemand = z.strictObject({
  file: z
    .string()
    .min(1)
    .max(4096)
    .describe('CSV of seconds after traffic starts, sat per virtual byte, weight units; relative to the scenario'),
});

const poissonDemand = z.strictObject({
  load: z.number().positive().max(1000).describe('weight that arrives in a mean block interval, in blocks'),
  bid: z
    .strictObject({
      medianSatPerVbyte: z.number().min(0.1).max(1e5).default(10),
      sigma: z.number().min(0).max(5).default(1),
    })
    .prefault({})
    .describe('lognormal'),
  weight: z
    .strictObject({
      median: z.number().min(240).max(400_000).default(800),
      sigma: z.number().min(0).max(2).default(0.5),
    })
    .prefault({})
    .describe('of one transaction, weight units, lognormal'),
  diurnal: z
    .strictObject({
      amplitude: z.number().min(0).max(1),
      peakAt: duration.default(0).describe('after traffic starts'),
      period: duration.refine((value) => value >= 60, 'a minute at least').default(86_400),
    })
    .optional()
    .describe('a sine wave around the load'),
  spikes: z
    .array(
      z.strictObject({
        at: duration.describe('after traffic starts'),
        for: duration,
        times: z.number().min(0).max(1000).describe('the load meanwhile, as a multiple'),
      }),
    )
    .max(1000)
    .default([]),
});

const chain = z
  .strictObject({
    blockInterval: duration
      .refine((value) => value >= 1 && value <= 1e6, 'from 1 s to 1,000,000 s')
      .default(600)
      .describe('mean of the exponential interval between blocks'),
    feerateSatPerVbyte: z
      .number()
      .min(1)
      .max(10_000)
      .default(5)
      .describe('what wallets pay for fundings, closings and claims'),
    minimumDepth: count(1, 100).default(6).describe('confirmations before a channel is used'),
    walletReserveSat: amountSat(0).default(200_000).describe('on-chain money of each node beside its channels'),
    maxSettlementBlocks: count(1, 1_000_000).default(10_000).describe('blocks to wait for the last claims'),
    verify: z
      .enum(['once', 'always'])
      .default('once')
      .describe('whether a signature that the run itself made is verified again in its block'),
    miners: z
      .array(miner)
      .min(1)
      .max(100)
      .prefault([{ name: 'miner' }])
      .describe('who mines; while the network is being opened all of them are honest'),
    propagation: z
      .strictObject({
        median: duration.refine((value) => value > 0, 'more than 0').describe('from a miner to each of the others'),
        sigma: z.number().min(0).max(5).default(0.5).describe('standard deviation of the logarithm'),
      })
      .nullable()
      .default(null)
      .describe('how long a block travels, lognormal: forks arise. Left out, everybody hears of it at once'),
    demand: z
      .union([recordedDemand, poissonDemand])
      .nullable()
      .default(null)
      .describe('who else wants block space; left out, nobody'),
    feeTarget: count(1, 1008)
      .default(6)
      .describe('with demand: nodes pay what the fee estimator says confirms within so many blocks'),
    filler: z
      .boolean()
      .default(false)
      .describe('whether the demand that gets into blocks is made of real transactions, for --chain-out'),
  })
  .refine(({ filler, demand }) => !filler || demand !== null, {
    path: ['filler'],
    message: 'demand, for there is nothing to fill blocks with',
  })
  .describe('the simulated L1');

const latency = z
  .strictObject({
    median: duration.default(0.05).describe('of one message over one link'),
    sigma: z.number().min(0).max(5).default(0.5).describe('standard deviation of the logarithm'),
  })
  .describe('lognormal, drawn for each message');

const traffic = z
  .strictObject({
    payments: count(0, 100_000_000).default(1000),
    rate: z.number().min(1e-6).max(1e9).default(1).describe('payments per second, a Poisson process'),
    amount: z
      .strictObject({
        medianSat: z.number().positive().max(1e12).default(10_000),
        sigma: z.number().min(0).max(5).default(1).describe('standard deviation of the logarithm; 0 for one amount'),
      })
      .prefault({}),
    maxAttempts: count(1, 1000).default(5),
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

const routing = z
  .object({ strategy: z.string().min(1).max(200).default('cheapest-fee') })
  .catchall(z.union([z.number(), z.string().max(200), z.boolean()]).describe('an option of the strategy'))
  .describe('how payers find routes, each with a memory of its own');

const pendingHtlcs = z.strictObject({
  from: z.enum(['closer', 'peer']).describe('who offers them'),
  count: count(1, 483).default(1),
  amountSat: amountSat(1),
  outcome: z
    .enum(['claim', 'timeout'])
    .describe(
      'claim: the receiver reveals the preimage on-chain; timeout: it never does, and the offerer takes them back',
    ),
});

const closure = z
  .strictObject({
    channel: reference.describe('a short channel id, or # and the channel’s index'),
    at: duration.describe('after the first payment may start'),
    kind: z.enum(['mutual', 'unilateral', 'revoked', 'revoked-unpunished']),
    by: z.enum(['node1', 'node2']).default('node1').describe('who closes; in a revoked close, who cheats'),
    pending: z.array(pendingHtlcs).max(20).default([]).describe('HTLCs to be in flight when it closes'),
  })
  .describe('a channel closed on purpose');

const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('offline'), node: reference, at: duration, for: duration }),
  z
    .strictObject({
      kind: z.literal('corrupt-balance'),
      channel: reference,
      at: duration,
      msat: count(-1_000_000_000, 1_000_000_000),
    })
    .describe('a fire drill: breaks the ledger on purpose, so that the run stops'),
]);

export const scenarioSchema = z.strictObject({
  $schema: z.string().max(4096).optional(),
  name: z.string().min(1).max(200).default('unnamed'),
  description: z.string().max(4000).optional(),
  seed: count(0, Number.MAX_SAFE_INTEGER).default(1),
  topology,
  channels: channels.prefault({}),
  chain: chain.prefault({}),
  latency: latency.prefault({}),
  traffic: traffic.prefault({}),
  routing: routing.prefault({}),
  closures: z.array(closure).max(100_000).default([]),
  faults: z.array(fault).max(100_000).default([]),
  settle: z
    .enum(['none', 'pending', 'all'])
    .default('all')
    .describe('at the end: stop; resolve what is closing; or close every channel mutually, too'),
  auditEvery: count(1, 1_000_000_000).default(100_000).describe('events between two whole-world audits'),
});

/** Where the graph comes from: a file, or a generator with its options as `generators` lists them. */
export type TopologyInput =
  | { readonly file: string }
  | ({ readonly generate: GeneratorName; readonly seed?: number } & Readonly<Record<string, string | number>>);
/** A scenario as its author writes it. */
export type ScenarioInput = Omit<z.input<typeof scenarioSchema>, 'topology'> & { readonly topology: TopologyInput };
/** A scenario with every default filled in; durations in seconds. */
export type Scenario = z.output<typeof scenarioSchema>;
