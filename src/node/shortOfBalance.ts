/**
 * A node on whose channels an HTLC fails with probability amount / capacity, as though a balance were drawn anew for each,
 * uniform from 0 to the capacity (Shikhelman and Tikhomirov, "Unjamming Lightning", 2022; the prior of Pickhardt and Richter).
 */
import type { Rng } from '../base/random.ts';
import type { Msat } from '../base/units.ts';
import type { Behaviour } from './behaviour.ts';

/** @param before what else the node does @param edge the node's own, of the channel @param rng draws once for each HTLC */
export const shortOfBalance = (before: Behaviour, edge: number, capacityMsat: Msat, rng: Rng): Behaviour => ({
  ...before,
  offers: (over, amountMsat) =>
    before.offers(over, amountMsat) && (over !== edge || rng.unit() * capacityMsat >= amountMsat),
});
