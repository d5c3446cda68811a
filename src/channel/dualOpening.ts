/**
 * How an opening begins that both ends fund (BOLT 2, "Channel Establishment v2"):
 *
 *     opener                                           accepter
 *     offerDualOpening  open_channel2 ──────────────▶  answerDualOpening
 *     receiveOpening    ◀────────────── accept_channel2
 *                       tx_add_input  ◀─────────────▶  tx_add_input         (what the wallets add)
 *     completeOpening   funding_created ────────────▶  receiveOpening       and on as in `opening.ts`
 */
import type { Sat } from '../base/units.ts';
import { agreedTerms } from './dualFunding.ts';
import {
  failedOpening,
  newOpening,
  type DualFunding,
  type OpeningSelf,
  type OpeningStep,
  type OpeningWish,
} from './opening.ts';
import type { AcceptChannel2, OpenChannel2 } from './openingMessages.ts';
import { agreedRefusal } from './openingRules.ts';

/** What the opener wants; `fundingSat` is what it puts in itself. */
export type DualOpeningWish = Omit<OpeningWish, 'pushMsat'> & Pick<OpenChannel2, 'fundingFeeratePerKw'>;

/** The opener proposes; what it thinks of the channel it can say when it knows what the other puts in. */
export function offerDualOpening(self: OpeningSelf, wish: DualOpeningWish): OpeningStep {
  const { policy, points, upfrontShutdownScript } = self;
  const open: OpenChannel2 = {
    type: 'open_channel2',
    chainHash: policy.chainHash,
    ...wish,
    limits: announced(self),
    points,
    upfrontShutdownScript,
  };
  const terms = agreedTerms(open, acceptOf(self, open, 0 as Sat));
  const dual: DualFunding = { open, accepterSat: 0 as Sat, shared: null };
  return { opening: newOpening('opener', 'opened', self, terms.open, null, dual), send: open };
}

/** The accepter answers `open_channel2`. @param fundingSat what it puts in; may be 0 */
export function answerDualOpening(self: OpeningSelf, open: OpenChannel2, fundingSat: Sat): OpeningStep {
  const { policy, signer } = self;
  const accept = acceptOf(self, open, fundingSat);
  const terms = agreedTerms(open, accept);
  const limits = { ...self.limits, channelReserveSat: terms.open.limits.channelReserveSat };
  const dual: DualFunding = { open, accepterSat: fundingSat, shared: null };
  const opening = newOpening('accepter', 'accepted', { ...self, limits }, terms.open, terms.accept, dual);
  if (!policy.dualFund) return failedOpening(opening, 'dual-fund-not-negotiated');
  const refusal = agreedRefusal(terms, policy, (points) => signer.pointsAreValid(points));
  return refusal === null ? { opening, send: accept } : failedOpening(opening, refusal);
}

const acceptOf = (self: OpeningSelf, { channelType }: OpenChannel2, fundingSat: Sat): AcceptChannel2 => ({
  type: 'accept_channel2',
  fundingSat,
  limits: announced(self),
  minimumDepth: channelType?.zeroConf ? 0 : self.policy.minimumDepth,
  points: self.points,
  channelType,
  upfrontShutdownScript: self.upfrontShutdownScript,
});

function announced({ limits }: OpeningSelf): OpenChannel2['limits'] {
  const { maxDustHtlcExposureMsat: _private, channelReserveSat: _notNegotiated, ...rest } = limits;
  return rest;
}
