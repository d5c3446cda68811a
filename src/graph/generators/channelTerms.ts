/** What a scenario may say about the channels of a generated topology: how much they hold and what they ask. */
import type { Rng } from '../../base/random.ts';
import { msat, sat, satToMsat, type Msat, type Sat } from '../../base/units.ts';
import type { Policy } from '../channelGraph.ts';
import { mainnetCapacities } from './mainnetCapacities.ts';
import { mainnetPolicies } from './mainnetPolicies.ts';
import { degreesOf, type Topology } from './topology.ts';

/** A law: given a stream, what draws from it, numbers from 0 on. */
export type Law = (rng: Rng) => () => number;

/** A number, or a law that each channel (each direction, for policies) draws from; what is drawn is rounded. */
export type Term = number | Law;

/** What a channel holds, in sat. */
export type CapacityTerms = 'mainnet-like' | Term;

/** What directions ask; all are enabled. */
export interface PolicyTerms {
  readonly feeBaseMsat: Term;
  readonly feeProportionalMillionths: Term;
  /** blocks */
  readonly cltvExpiryDelta: Term;
  /** what is above the maximum becomes it */
  readonly htlcMinimumMsat: Term;
  /** what is above the capacity becomes it; the capacity if left out */
  readonly htlcMaximumMsat?: Term;
}

export interface ChannelTerms {
  readonly capacitySat: CapacityTerms;
  readonly policy: 'mainnet-like' | PolicyTerms;
}

/** Everything as on mainnet: the terms of `mainnet-like`. */
export const MAINNET_TERMS: ChannelTerms = { capacitySat: 'mainnet-like', policy: 'mainnet-like' };

/** Mainnet's most common capacity but one. */
export const PLAIN_CAPACITY_SAT = 5_000_000;

/** lnd `DefaultBitcoinBaseFeeMSat`, `DefaultBitcoinFeeRate`, `DefaultBitcoinTimeLockDelta`, `DefaultBitcoinMinHTLCOutMSat`. */
export const PLAIN_POLICY = {
  feeBaseMsat: 1000,
  feeProportionalMillionths: 1,
  cltvExpiryDelta: 80,
  htlcMinimumMsat: 1000,
} as const satisfies PolicyTerms;

/** The terms of every other generator unless a scenario says otherwise: alike channels that ask lnd's defaults. */
export const PLAIN_TERMS: ChannelTerms = { capacitySat: PLAIN_CAPACITY_SAT, policy: PLAIN_POLICY };

/** What each term may be; what a law draws beyond is cut off there. u32 as in `channel_update` (BOLT 7); two weeks of blocks. */
export const TERM_BOUNDS = {
  capacitySat: { least: 1, most: 9_000_000_000_000 }, // its msat stay below 2^53
  feeBaseMsat: { least: 0, most: 0xffff_ffff },
  feeProportionalMillionths: { least: 0, most: 0xffff_ffff },
  cltvExpiryDelta: { least: 0, most: 2016 },
  htlcMinimumMsat: { least: 0, most: Number.MAX_SAFE_INTEGER },
  htlcMaximumMsat: { least: 0, most: Number.MAX_SAFE_INTEGER },
} as const satisfies Readonly<
  Record<'capacitySat' | keyof PolicyTerms, { readonly least: number; readonly most: number }>
>;

/** Capacity and both policies of a channel; the first policy is that of the pair's first node. */
export interface DrawnTerms {
  readonly capacitySat: Sat;
  readonly policy1: Policy;
  readonly policy2: Policy;
}

/** Terms for each channel of a topology, in its order. */
export function drawTerms(topology: Topology, terms: ChannelTerms, rng: Rng): DrawnTerms[] {
  const peers = topology.mainnetPeers ?? degreesOf(topology);
  const capacities = drawCapacities(topology, peers, terms.capacitySat, rng.stream('capacity'));
  const policies = drawPolicies(topology, peers, capacities, terms.policy, rng.stream('policy'));
  return capacities.map((capacitySat, channel) => {
    const [policy1, policy2] = policies[channel]!;
    return { capacitySat, policy1, policy2 };
  });
}

function drawCapacities(topology: Topology, peers: readonly number[], terms: CapacityTerms, rng: Rng): Sat[] {
  if (terms === 'mainnet-like') return mainnetCapacities(topology, peers, rng);
  const draw = drawerOf('capacitySat', terms, rng);
  return topology.pairs.map(() => sat(draw()));
}

function drawPolicies(
  topology: Topology,
  peers: readonly number[],
  capacities: readonly Sat[],
  terms: ChannelTerms['policy'],
  rng: Rng,
): readonly (readonly [Policy, Policy])[] {
  if (terms === 'mainnet-like') return mainnetPolicies(topology, peers, capacities, rng);
  const drawer = (name: keyof PolicyTerms): (() => number) =>
    drawerOf(name, terms[name] ?? Number.MAX_SAFE_INTEGER, rng.stream(name));
  const feeBase = drawer('feeBaseMsat');
  const feeProportional = drawer('feeProportionalMillionths');
  const cltvDelta = drawer('cltvExpiryDelta');
  const htlcMinimum = drawer('htlcMinimumMsat');
  const htlcMaximum = drawer('htlcMaximumMsat');
  const draw = (capacityMsat: Msat): Policy => {
    const htlcMaximumMsat = Math.min(htlcMaximum(), capacityMsat);
    return {
      feeBaseMsat: msat(feeBase()),
      feeProportionalMillionths: feeProportional(),
      cltvExpiryDelta: cltvDelta(),
      htlcMinimumMsat: msat(Math.min(htlcMinimum(), htlcMaximumMsat)),
      htlcMaximumMsat: msat(htlcMaximumMsat),
      disabled: false,
    };
  };
  return capacities.map((capacitySat) => [draw(satToMsat(capacitySat)), draw(satToMsat(capacitySat))]);
}

/** Draws integers of a term, within its bounds. */
function drawerOf(name: keyof typeof TERM_BOUNDS, term: Term, rng: Rng): () => number {
  const { least, most } = TERM_BOUNDS[name];
  const draw = typeof term === 'number' ? () => term : term(rng);
  return () => Math.min(most, Math.max(least, Math.round(draw())));
}
