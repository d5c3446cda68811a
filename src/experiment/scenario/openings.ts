/** The scenario's `openings`: channels that are opened while others pay. */
import { z } from 'zod';
import { amountSat, count, duration, reference } from './values.ts';

export const opening = z
  .strictObject({
    at: duration.describe('after the first payment may start'),
    node1: reference,
    node2: reference,
    capacitySat: amountSat(1000),
    opener: z.enum(['node1', 'node2']).default('node1').describe('who proposes and funds it'),
    pushSat: amountSat(0)
      .default(0)
      .describe('the part of it that is the other’s from the start; with channels.opening dual, it puts it in'),
    feeBaseMsat: count(0, 4_294_967_295).default(1000).describe('what both ends ask for forwarding; lnd’s default'),
    feeProportionalMillionths: count(0, 4_294_967_295).default(1),
    cltvExpiryDelta: count(1, 2016).default(80).describe('blocks'),
  })
  .refine(({ pushSat, capacitySat }) => pushSat < capacitySat, {
    path: ['pushSat'],
    message: 'less than the capacity',
  })
  .describe('a channel opened on purpose; closures name it opening-0, opening-1 and so on');
