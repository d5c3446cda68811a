/** What a scenario may say about the channels of a generated topology: how much they hold and what they ask. */
import type { Rng } from '../../base/random.ts';
import { msat, sat, satToMsat, type Sat } from '../../base/units.ts';
import type { Policy } from '../channelGraph.ts';
import { mainnetCapacities } from './mainnetCapacities.ts';
import { mainnetPolicies } from './mainnetPolicies.ts';
import { degreesOf, type Topology } from './topology.ts';

/** Capacities in sat, integers of at least 1. */
export type CapacityTerms =
  | { readonly kind: 'mainnet-like' }
  | { readonly kind: 'fixed'; readonly capacitySat: number }
  | { readonly kind: 'uniform'; readonly capacityLeastSat: number; readonly capacityMostSat: number }
  /** `sigma`: standard deviation of the logarithm */
  | { readonly kind: 'lognormal'; readonly capacityMedianSat: number; readonly sigma: number };

/** `fixed`: the same in every direction, up to the capacity, all enabled. */
export type PolicyTerms =
  | { readonly kind: 'mainnet-like' }
  | {
      readonly kind: 'fixed';
      readonly feeBaseMsat: number;
      readonly feeProportionalMillionths: number;
      readonly cltvExpiryDelta: number;
      readonly htlcMinimumMsat: number;
    };

export interface ChannelTerms {
  readonly capacity: CapacityTerms;
  readonly policy: PolicyTerms;
}

/** Everything as on mainnet: the terms of `mainnet-like` unless a scenario says otherwise. */
export const MAINNET_TERMS: ChannelTerms = { capacity: { kind: 'mainnet-like' }, policy: { kind: 'mainnet-like' } };

/** Mainnet's most common capacity but one. */
export const PLAIN_CAPACITY_SAT = 5_000_000;

/** lnd `DefaultBitcoinBaseFeeMSat`, `DefaultBitcoinFeeRate`, `DefaultBitcoinTimeLockDelta`, `DefaultBitcoinMinHTLCOutMSat`. */
export const PLAIN_POLICY = {
  kind: 'fixed',
  feeBaseMsat: 1000,
  feeProportionalMillionths: 1,
  cltvExpiryDelta: 80,
  htlcMinimumMsat: 1000,
} as const satisfies PolicyTerms;

/** The terms of every other generator unless a scenario says otherwise: alike channels that ask lnd's defaults. */
export const PLAIN_TERMS: ChannelTerms = {
  capacity: { kind: 'fixed', capacitySat: PLAIN_CAPACITY_SAT },
  policy: PLAIN_POLICY,
};

/** Capacity and both policies of a channel; the first policy is that of the pair's first node. */
export interface DrawnTerms {
  readonly capacitySat: Sat;
  readonly policy1: Policy;
  readonly policy2: Policy;
}

/** Terms for each channel of a topology, in its order. */
export function drawTerms(topology: Topology, terms: ChannelTerms, rng: Rng): DrawnTerms[] {
  const peers = topology.mainnetPeers ?? degreesOf(topology);
  const capacities = drawCapacities(topology, peers, terms.capacity, rng.stream('capacity'));
  const policies = drawPolicies(topology, peers, capacities, terms.policy, rng.stream('policy'));
  return capacities.map((capacitySat, channel) => {
    const [policy1, policy2] = policies[channel]!;
    return { capacitySat, policy1, policy2 };
  });
}

function drawCapacities(topology: Topology, peers: readonly number[], terms: CapacityTerms, rng: Rng): Sat[] {
  const each = (draw: () => number): Sat[] => topology.pairs.map(() => sat(Math.max(1, Math.round(draw()))));
  switch (terms.kind) {
    case 'mainnet-like':
      return mainnetCapacities(topology, peers, rng);
    case 'fixed':
      return each(() => terms.capacitySat);
    case 'uniform':
      return each(
        () => terms.capacityLeastSat + Math.floor(rng.unit() * (terms.capacityMostSat - terms.capacityLeastSat + 1)),
      );
    case 'lognormal':
      return each(() => rng.lognormal(terms.capacityMedianSat, terms.sigma));
  }
}

function drawPolicies(
  topology: Topology,
  peers: readonly number[],
  capacities: readonly Sat[],
  terms: PolicyTerms,
  rng: Rng,
): readonly (readonly [Policy, Policy])[] {
  if (terms.kind === 'mainnet-like') return mainnetPolicies(topology, peers, capacities, rng);
  const { feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, htlcMinimumMsat } = terms;
  return capacities.map((capacitySat): [Policy, Policy] => {
    const htlcMaximumMsat = satToMsat(capacitySat);
    const make = (): Policy => ({
      feeBaseMsat: msat(feeBaseMsat),
      feeProportionalMillionths,
      cltvExpiryDelta,
      htlcMinimumMsat: msat(Math.min(htlcMinimumMsat, htlcMaximumMsat)),
      htlcMaximumMsat,
      disabled: false,
    });
    return [make(), make()];
  });
}
