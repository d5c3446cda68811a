/** Whether a node offers an HTLC over one of its channels, as far as the channel and the node's behaviour go. */
import type { Msat } from '../base/units.ts';
import type { AddRefusal } from '../channel/allowance.ts';
import type { ForwardingFailure } from '../payment/forwarding.ts';
import type { Behaviour } from './behaviour.ts';
import type { NodeChannel } from './nodeChannel.ts';

/** Why a node does not offer an HTLC over one of its edges. */
export interface OfferRefusal {
  /** what its payer is told */
  readonly name: ForwardingFailure | 'unknown_next_peer';
  /** what stands in the way where the payer is told `temporary_channel_failure` of the channel; null otherwise */
  readonly channel: AddRefusal | 'unwilling' | null;
}

/** Null: it does. */
export function offerRefusal(behaviour: Behaviour, { end, edge }: NodeChannel, amountMsat: Msat): OfferRefusal | null {
  const channel = end.refusal(amountMsat) ?? (behaviour.offers(edge, amountMsat) ? null : 'unwilling');
  return channel && { name: 'temporary_channel_failure', channel };
}
