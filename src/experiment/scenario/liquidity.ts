/** The scenario's `channels.liquidity`: how opening balances are split. */
import { z } from 'zod';
import { tableFile } from './values.ts';

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
        .strictObject({ kind: z.literal('file'), file: tableFile })
        .describe('CSV with the columns channel, node1_msat; a channel that it lacks is split at random'),
    ]),
  ])
  .describe('how the opening balance is split; an opener keeps what it must');
