/** The scenario's `gossip` and `policies`: how late payers hear of changes, and what changes. */
import { z } from 'zod';
import { count, duration, reference } from './values.ts';

export const gossip = z
  .strictObject({
    delay: z
      .union([
        duration,
        z.strictObject({
          median: duration,
          sigma: z.number().min(0).max(5).default(0.5).describe('standard deviation of the logarithm'),
        }),
      ])
      .default(0)
      .describe(
        'how long news of policies, closures and openings takes to a payer: the same for all, or drawn for each',
      ),
    grace: duration
      .default(600)
      .describe('how long nodes still take what they asked for before a change (BOLT 7: 10 minutes)'),
    updates: z
      .strictObject({
        rate: z.number().min(1e-6).max(1e6).describe('changes per second in the whole network, a Poisson process'),
        sigma: z
          .number()
          .min(0)
          .max(3)
          .default(0.5)
          .describe('fees are what they were at the start times a lognormal factor of median 1'),
      })
      .nullable()
      .default(null)
      .describe('fees that change at random; left out, none do'),
  })
  .describe('what payers know of the public network, and when');

const policy = z
  .strictObject({
    at: duration.describe('after the first payment may start'),
    channel: reference.optional().describe('a short channel id, or # and the channel’s index'),
    by: z.enum(['node1', 'node2']).optional().describe('whose direction; left out, both'),
    node: reference.optional().describe('all directions that leave the node'),
    feeBaseMsat: count(0, 1_000_000_000).optional(),
    feeProportionalMillionths: count(0, 1_000_000).optional(),
    cltvExpiryDelta: count(0, 2016).optional().describe('blocks'),
    htlcMinimumMsat: count(0, 1_000_000_000_000).optional(),
    htlcMaximumMsat: count(0, 9_000_000_000_000_000).optional(),
    disabled: z.boolean().optional(),
  })
  .superRefine(({ channel, node, by }, context) => {
    if ((channel === undefined) === (node === undefined)) {
      context.addIssue({ code: 'custom', path: [], message: 'either a channel or a node' });
    } else if (node !== undefined && by !== undefined) {
      context.addIssue({ code: 'custom', path: ['by'], message: 'no side beside a node' });
    }
  })
  .describe('a `channel_update`: what is left out stays');

export const policies = z.array(policy).max(100_000).default([]);
