/**
 * What comes out of a dual-funded opening (BOLT 2, "Channel Establishment v2"): both ends put money in, nobody pushes, and
 * the reserve is not negotiated. `open_channel2` and `accept_channel2` differ from v1's messages in just that, so the rules
 * and the result are v1's; the funding transaction is a shared one (`sharedTransaction.ts`).
 */
import { satToMsat, type Sat } from '../base/units.ts';
import { p2wsh } from '../chain/script.ts';
import { openerPaysSat } from './commitmentSpec.ts';
import type { ChannelLimits } from './limits.ts';
import type { OpenedChannel, OpeningSelf, OpeningWish } from './opening.ts';
import type { OpeningPoints } from './openingMessages.ts';
import type { OpeningRefusal } from './openingRules.ts';
import { fundingScript } from './scripts.ts';
import type { SharedOutput } from './sharedTransaction.ts';

/** What one end brings: limits without a reserve, and money. */
export interface DualFunder {
  readonly limits: Omit<ChannelLimits, 'channelReserveSat'>;
  /** `funding_satoshis` of its message; the accepter's may be 0 */
  readonly fundingSat: Sat;
  readonly upfrontShutdownScript: OpeningSelf['upfrontShutdownScript'];
}

/** A hundredth of the channel, but not below either end's dust limit (the BOLT does not say whose it means), in sat. */
export const dualFundedReserveSat = (capacitySat: Sat, dustLimitsSat: readonly [Sat, Sat]): Sat =>
  Math.max(Math.floor(capacitySat / 100), ...dustLimitsSat) as Sat;

/**
 * The channel that the two make together, from one end's view.
 * @param wish what the opener asked for; `fundingSat` and `pushMsat` are not part of it
 * @param minimumDepth confirmations that the accepter asked for
 * @returns or why there can be none
 */
export function dualFundedChannel(
  opener: DualFunder,
  accepter: DualFunder,
  wish: Omit<OpeningWish, 'fundingSat' | 'pushMsat'>,
  minimumDepth: number,
  view: 'opener' | 'accepter',
): OpenedChannel | OpeningRefusal {
  const { channelType, feeratePerKw, announceChannel } = wish;
  const { format } = channelType;
  const capacitySat = (opener.fundingSat + accepter.fundingSat) as Sat;
  const paysSat = openerPaysSat(format, feeratePerKw, 0);
  if (opener.fundingSat < paysSat) return 'opener-cannot-pay-fee';
  const reserveSat = dualFundedReserveSat(capacitySat, [opener.limits.dustLimitSat, accepter.limits.dustLimitSat]);
  if (Math.max(opener.fundingSat - paysSat, accepter.fundingSat) <= reserveSat) return 'nothing-above-reserve';
  const isOpener = view === 'opener';
  const [own, other] = isOpener ? [opener, accepter] : [accepter, opener];
  const withReserve = ({ limits }: DualFunder): ChannelLimits => ({ ...limits, channelReserveSat: reserveSat });
  return {
    terms: { capacitySat, feeratePerKw, format },
    localLimits: withReserve(own),
    remoteLimits: withReserve(other),
    isOpener,
    toLocalMsat: satToMsat(own.fundingSat),
    toRemoteMsat: satToMsat(other.fundingSat),
    channelType,
    announceChannel,
    minimumDepth: channelType.zeroConf ? 0 : minimumDepth,
    localShutdownScript: own.upfrontShutdownScript,
    remoteShutdownScript: other.upfrontShutdownScript,
  };
}

/** The funding output of such a channel, for the opener to add. @param serialId even */
export const dualFundingOutput = (
  opener: OpeningPoints,
  accepter: OpeningPoints,
  capacitySat: Sat,
  serialId: number,
): SharedOutput => ({
  serialId,
  valueSat: capacitySat,
  script: p2wsh(fundingScript(opener.basepoints.funding, accepter.basepoints.funding)),
});
