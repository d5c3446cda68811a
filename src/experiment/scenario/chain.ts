/** The scenario's `chain`: the simulated L1, who mines it, and who else wants its space. */
import { z } from 'zod';
import { MAX_BLOCK_WEIGHT } from '../../chain/validate.ts';
import { amountSat, count, duration } from './values.ts';

const transactionKind = z.enum([
  'funding',
  'splice',
  'mutual-close',
  'commitment',
  'revoked-commitment',
  'anchor',
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
      transactions: z.array(transactionKind).min(1).max(11),
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

export const chain = z
  .strictObject({
    blockInterval: duration
      .refine((value) => value >= 1 && value <= 1e6, 'from 1 s to 1,000,000 s')
      .default(600)
      .describe('mean of the exponential interval between blocks'),
    blockMaxWeight: count(100_000, MAX_BLOCK_WEIGHT)
      .default(MAX_BLOCK_WEIGHT)
      .describe('weight units that miners fill a block with at most, once traffic has started (-blockmaxweight)'),
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
