/**
 * What a dual-funded opening (BOLT 2, "Channel Establishment v2") agrees on: both ends put money in, nobody pushes, and the
 * reserve is not negotiated. `open_channel2` and `accept_channel2` differ from v1's messages in just that, so their terms are
 * told as v1's, and v1's rules hold; the funding transaction is a shared one (`sharedTransaction.ts`).
 */
import { satToMsat, type Sat } from '../base/units.ts';
import { p2wsh } from '../chain/script.ts';
import type { AcceptChannel, AcceptChannel2, OpenChannel, OpenChannel2, OpeningPoints } from './openingMessages.ts';
import { fundingScript } from './scripts.ts';
import type { SharedOutput } from './sharedTransaction.ts';

/** A hundredth of the channel, but not below either end's dust limit (the BOLT does not say whose it means), in sat. */
export const dualFundedReserveSat = (capacitySat: Sat, dustLimitsSat: readonly [Sat, Sat]): Sat =>
  Math.max(Math.floor(capacitySat / 100), ...dustLimitsSat) as Sat;

/** What the two messages come to, as v1 would say it: of the capacity, what the accepter put in is its from the start. */
export function agreedTerms(
  { fundingFeeratePerKw: _rate, ...open }: OpenChannel2,
  { fundingSat, ...accept }: AcceptChannel2,
): { readonly open: OpenChannel; readonly accept: AcceptChannel } {
  const capacitySat = (open.fundingSat + fundingSat) as Sat;
  const channelReserveSat = dualFundedReserveSat(capacitySat, [open.limits.dustLimitSat, accept.limits.dustLimitSat]);
  return {
    open: {
      ...open,
      type: 'open_channel',
      fundingSat: capacitySat,
      pushMsat: satToMsat(fundingSat),
      limits: { ...open.limits, channelReserveSat },
    },
    accept: { ...accept, type: 'accept_channel', limits: { ...accept.limits, channelReserveSat } },
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
