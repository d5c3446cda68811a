/** The scenario's `channels`: how they are opened, and what both ends of each agree on. */
import { z } from 'zod';
import { MOST_ACCEPTED_HTLCS, MOST_HTLC_SLOTS } from '../../channel/limits.ts';
import { liquidity } from './liquidity.ts';
import { amountSat, count, duration } from './values.ts';

export const channels = z
  .strictObject({
    format: z
      .enum(['anchors_zero_fee_htlc_tx', 'anchors', 'static_remotekey', 'zero_fee_commitments'])
      .default('anchors_zero_fee_htlc_tx'),
    feeratePerKw: count(253, 100_000)
      .default(2500)
      .describe('of commitment transactions, sat per 1000 weight units; zero_fee_commitments pay none'),
    toSelfDelay: count(1, 2016).default(144).describe('blocks'),
    reserveMillionths: count(0, 500_000).default(10_000).describe('share of the capacity that each end keeps'),
    dustLimitSat: amountSat(354).default(354).describe('BOLT 2’s least is 354'),
    dustTrimming: z
      .boolean()
      .default(true)
      .describe(
        'false, for theory: each HTLC is an output of the commitment, however small; no node relays such a commitment, so that channels can close by agreement alone',
      ),
    maxAcceptedHtlcs: count(1, MOST_HTLC_SLOTS)
      .default(MOST_ACCEPTED_HTLCS)
      .describe(
        'each way; 483 is BOLT 2’s most, and stands for the 114 that zero_fee_commitments have at most (115 to 482 are cut to them, with a note); more than 483, for theory, are there in every format, and channels can close by agreement alone',
      ),
    maxHtlcValueInFlightMillionths: count(1, 1_000_000).default(1_000_000).describe('share of the capacity'),
    htlcMinimumMsat: count(1, 1_000_000_000).default(1),
    maxDustHtlcExposureSat: amountSat(0).default(500_000).describe('lnd’s default'),
    liquidity: liquidity.default('uniform'),
    opener: z.enum(['random', 'node1', 'node2', 'larger']).default('random'),
    opening: z
      .enum(['v1', 'zero-conf', 'dual'])
      .default('v1')
      .describe(
        'zero-conf: channels are used before their funding is confirmed, on trust in the opener; dual: each end funds its opening balance and keeps a hundredth (BOLT 2’s v2)',
      ),
    accepts: z
      .strictObject({
        leastCapacitySat: amountSat(0).default(0),
        mostReserveMillionths: count(0, 1_000_000).default(500_000).describe('share of the capacity'),
        mostToSelfDelay: count(1, 2016).default(2016).describe('blocks; LDK’s default'),
        leastInFlightSat: amountSat(0).default(0),
        mostHtlcMinimumMsat: count(1, 1_000_000_000).default(1_000_000_000),
      })
      .prefault({})
      .describe('what nodes put up with; a channel that asks for more is refused, and counted with the reason'),
    closing: z
      .enum(['legacy', 'simple'])
      .default('legacy')
      .describe(
        'mutual closes: the opener pays a fee that both agree on, or (option_simple_close) who closes pays and may raise it',
      ),
    commitInterval: duration
      .default(0)
      .describe('for how long an end gathers updates before it signs them; lnd takes 50ms; 0: it signs at once'),
    feeUpdates: z
      .strictObject({
        targetBlocks: count(1, 1008).default(6).describe('blocks within which a commitment is to confirm'),
        changeMillionths: count(0, 10_000_000)
          .default(100_000)
          .describe('the change that is worth an update, as a share of the rate at hand'),
        anchorsMaxPerKw: count(253, 100_000).default(2500).describe('the cap with anchors, sat per 1000 weight units'),
      })
      .nullable()
      .default(null)
      .describe('openers look at the fee estimate with each block and send update_fee; left out, they never do'),
    forwarding: z
      .enum(['announced', 'free'])
      .default('announced')
      .describe('free: no node asks a fee or sets a minimum for forwarding, whatever the graph says'),
  })
  .refine(({ opening, reserveMillionths }) => opening !== 'dual' || reserveMillionths === 10_000, {
    path: ['reserveMillionths'],
    message: '10000, for with opening dual the reserve is a hundredth',
  })
  .describe('how channels are opened');
