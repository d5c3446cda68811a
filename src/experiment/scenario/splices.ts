/** The scenario's `splices`: money put into channels, or taken out of them, while they are used. */
import { z } from 'zod';
import { amountSat, duration, reference } from './values.ts';

export const splice = z
  .strictObject({
    channel: reference.describe('a short channel id, or # and the channel’s index'),
    at: duration.describe('after the first payment may start'),
    by: z.enum(['node1', 'node2']).default('node1').describe('who proposes it, and whose money it is'),
    addSat: amountSat(1).optional().describe('from its wallet into the channel; the fee comes on top'),
    removeSat: amountSat(1).optional().describe('from its balance to its wallet, less the fee'),
  })
  .refine(({ addSat, removeSat }) => (addSat === undefined) !== (removeSat === undefined), 'either addSat or removeSat')
  .describe('a channel whose funding output is replaced by another');
