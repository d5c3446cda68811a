/** The scenario's `channels.liquidity`: how opening balances are split. */
import { z } from 'zod';
import { count, tableFile } from './values.ts';

export const liquidity = z
  .union([
    z
      .enum(['uniform', 'balanced', 'opener', 'graph'])
      .describe('at random; in halves; all on the opener’s side; as the graph’s file says (CLoTH)'),
    z.discriminatedUnion('kind', [
      z
        .strictObject({
          kind: z.literal('bimodal'),
          scale: z
            .number()
            .min(0.001)
            .max(100)
            .default(0.05)
            .describe('share of the capacity over which the chance of a balance falls e-fold from either side'),
        })
        .describe('nearly all on one side'),
      z
        .strictObject({
          kind: z.literal('steady-state'),
          from: z.enum(['uniform', 'balanced', 'opener']).default('uniform').describe('how channels are opened'),
          window: count(16, 10_000_000)
            .default(1000)
            .describe('payments; channels are looked at 16 times in each, four windows at least'),
          threshold: z
            .number()
            .gt(0)
            .max(1)
            .default(0.05)
            .describe(
              'of the payments so far, the third quarter is held against the fourth, and balances stand still once all of ' +
                'these are below it: Kolmogorov and Smirnov’s distance between the distributions of balances, of channels ' +
                'that payments have gone over; the share of what payments moved, or were to move, in both that stayed ' +
                'moved; the change of the success rate',
            ),
          mostPayments: count(64, 100_000_000)
            .default(100_000)
            .describe('after which it is measured anyway, with a note'),
        })
        .refine(({ window, mostPayments }) => mostPayments >= 4 * window, {
          path: ['mostPayments'],
          message: 'four windows at least',
        })
        .describe('the scenario’s own traffic, uncounted, until balances stand still; times then start from zero'),
      z
        .strictObject({ kind: z.literal('file'), file: tableFile })
        .describe('CSV with the columns channel, node1_msat; a channel that it lacks is split at random'),
    ]),
  ])
  .describe('how the opening balance is split; an opener keeps what it must');
