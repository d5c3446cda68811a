/** The scenario's `closures`: channels closed on purpose. */
import { z } from 'zod';
import { amountSat, count, duration, reference } from './values.ts';

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

export const closure = z
  .strictObject({
    channel: reference.describe('a short channel id, or # and the channel’s index'),
    at: duration.describe('after the first payment may start'),
    kind: z
      .enum(['mutual', 'unilateral', 'revoked', 'revoked-unpunished'])
      .describe(
        'revoked-unpunished: the victim is away until the cheater has what it can get; a watchtower may punish',
      ),
    by: z.enum(['node1', 'node2']).default('node1').describe('who closes; in a revoked close, who cheats'),
    pending: z.array(pendingHtlcs).max(20).default([]).describe('HTLCs to be in flight when it closes'),
  })
  .describe('a channel closed on purpose');
