/** The scenario's `faults`: what goes wrong, and when. */
import { z } from 'zod';
import { amountSat, count, duration, reference } from './values.ts';

export const fault = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('offline'), node: reference, at: duration, for: duration })
    .describe('a node is away: messages to and from it are lost'),
  z
    .strictObject({ kind: z.literal('crash'), node: reference, at: duration, for: duration })
    .describe('a node loses all that it has not written, and is away until it has started again'),
  z
    .strictObject({ kind: z.literal('corrupt-onion'), node: reference, at: duration, for: duration })
    .describe('a node garbles the onions that it forwards'),
  z
    .strictObject({ kind: z.literal('disconnect'), channel: reference, at: duration, for: duration })
    .describe('the link of a channel breaks'),
  z
    .strictObject({ kind: z.literal('unresponsive'), node: reference, at: duration, for: duration })
    .describe('a node neither hears its peers nor answers them, but follows the chain and acts there'),
  z
    .strictObject({
      kind: z.literal('low-balance'),
      channel: reference,
      capacitySat: amountSat(1).optional().describe('the channel’s own if left out'),
      at: duration,
      for: duration,
    })
    .describe(
      'HTLCs over a channel, either way, fail with probability amount / capacity, as if its balance were drawn for each',
    ),
  z
    .strictObject({
      kind: z.literal('corrupt-balance'),
      channel: reference,
      at: duration,
      msat: count(-1_000_000_000, 1_000_000_000),
    })
    .describe('a fire drill: breaks the ledger on purpose, so that the run stops'),
]);
