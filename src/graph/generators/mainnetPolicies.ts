/** Mainnet-like policies: each node has the habits of an implementation and of its operator, and departs from some. */
import type { Rng } from '../../base/random.ts';
import { msat, satToMsat, type Msat, type Sat } from '../../base/units.ts';
import type { Policy } from '../channelGraph.ts';
import {
  BASE_FEE_DEPARTURES,
  BASE_FEE_HABITS,
  BASE_FEE_OTHER,
  CHANNEL_CLASS_BOUNDS,
  CLTV_DEPARTURES,
  CLTV_HABITS,
  FEE_RATE_DEPARTURES,
  FEE_RATE_FOLLOWS_CAPACITY,
  FEE_RATE_HABITS,
  FEE_RATE_LOYALTY,
  FEE_SHARES,
  HTLC_MAXIMUM_DEPARTURES,
  HTLC_MAXIMUM_HABITS,
  HTLC_MAXIMUM_PART,
  HTLC_MAXIMUM_PART_SHARES,
  HTLC_MINIMUM_DEPARTURES,
  HTLC_MINIMUM_HABITS,
  LOYALTY,
  LOYALTY_SHARES,
  type BaseFeeHabit,
  type Fingerprint,
  type HtlcMaximumHabit,
} from './calibration/policies2026.ts';
import { DISABLED_CLASS_BOUNDS, DISABLED_SHARE, SILENT_SHARE } from './calibration/topology2026.ts';
import { classOf, pickWeighted, quantileAt, roundToDigits, spreadUniform } from './distributions.ts';
import type { Topology } from './topology.ts';

/** What a node usually asks, and how loyal it is to that: the share of its directions that keep to the habit. */
interface Habits {
  readonly channelClass: number;
  readonly cltvExpiryDelta: number;
  readonly baseFeeHabit: BaseFeeHabit;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly htlcMinimumMsat: number;
  readonly htlcMaximum: HtlcMaximumHabit;
  /** share of the capacity, where the habit is a part of it */
  readonly htlcMaximumPart: number;
  readonly loyalty: Readonly<Record<keyof typeof LOYALTY | 'feeProportionalMillionths', number>>;
  /** its place by mean capacity among the nodes of its class, in [0, 1) */
  readonly capacityPlace: number;
  readonly disabledClass: number;
  /** none of its directions is enabled */
  readonly isSilent: boolean;
}

/**
 * Two policies for each channel: that of its first node and that of its second. At least one of them is enabled.
 * @param peers of each node, as on mainnet
 */
export function mainnetPolicies(
  { nodes, pairs }: Topology,
  peers: readonly number[],
  capacitiesSat: readonly Sat[],
  rng: Rng,
): [Policy, Policy][] {
  const byPeers = Array.from({ length: nodes }, (_, node) => node).sort((a, b) => peers[b]! - peers[a]! || a - b);
  const offsets = HABIT_PRIMES.map(() => rng.unit());
  const places = capacityPlaces({ nodes, pairs }, peers, capacitiesSat);
  const habits: Habits[] = Array.from({ length: nodes });
  for (const [rank, node] of byPeers.entries()) {
    let next = 0;
    const draw = (): number => {
      const index = next++;
      return spreadUniform(offsets[index]!, HABIT_PRIMES[index]!, rank);
    };
    habits[node] = drawHabits(peers[node]!, places[node]!, draw);
  }
  return pairs.map(([a, b], channel): [Policy, Policy] => {
    const [of1, of2] = [habits[a]!, habits[b]!];
    const capacityMsat = satToMsat(capacitiesSat[channel]!);
    const policies: [Policy, Policy] = [
      drawPolicy(of1, of2, capacityMsat, rng),
      drawPolicy(of2, of1, capacityMsat, rng),
    ];
    if (policies[0].disabled && policies[1].disabled) policies[peers[a]! >= peers[b]! ? 0 : 1].disabled = false;
    return policies;
  });
}

/** Each node's place by the mean capacity of its channels among the nodes of its class: evenly spread in [0, 1). */
function capacityPlaces({ nodes, pairs }: Topology, peers: readonly number[], capacitiesSat: readonly Sat[]): number[] {
  const sums = Array.from({ length: nodes }, () => 0);
  const counts = Array.from({ length: nodes }, () => 0);
  for (const [channel, ends] of pairs.entries()) {
    for (const node of ends) {
      sums[node]! += capacitiesSat[channel]!;
      counts[node]!++;
    }
  }
  const byClass: number[][] = Array.from({ length: CHANNEL_CLASS_BOUNDS.length + 1 }, () => []);
  for (let node = 0; node < nodes; node++) byClass[classOf(peers[node]!, CHANNEL_CLASS_BOUNDS)]!.push(node);
  const places = Array.from({ length: nodes }, () => 0);
  const mean = (node: number): number => (counts[node] === 0 ? 0 : sums[node]! / counts[node]!);
  for (const members of byClass) {
    members.sort((a, b) => mean(a) - mean(b) || a - b);
    for (const [rank, node] of members.entries()) places[node] = (rank + 0.5) / members.length;
  }
  return places;
}

/** One for each draw that makes a node's habits, in the order of `drawHabits`. */
const HABIT_PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43] as const;

function drawHabits(peers: number, capacityPlace: number, draw: () => number): Habits {
  const channelClass = classOf(peers, CHANNEL_CLASS_BOUNDS);
  const disabledClass = classOf(peers, DISABLED_CLASS_BOUNDS);
  const cltvExpiryDelta = pickWeighted(
    CLTV_HABITS.map(([blocks, ...shares]) => [blocks, shares[channelClass]!] as const),
    draw(),
  );
  const fingerprint = fingerprintOf(cltvExpiryDelta);
  const { zero, thousand } = BASE_FEE_HABITS[fingerprint];
  const [zeroShare, thousandShare] = [zero[channelClass]!, thousand[channelClass]!];
  const baseDraw = draw();
  const baseFeeHabit = baseDraw < zeroShare ? 'zero' : baseDraw < zeroShare + thousandShare ? 'thousand' : 'other';
  const otherBaseMsat = Math.round(quantileAt(FEE_SHARES, BASE_FEE_OTHER[channelClass]!, draw()));
  const feeRatePlace = draw() < FEE_RATE_FOLLOWS_CAPACITY ? capacityPlace : draw();
  const feeRate = quantileAt(FEE_SHARES, FEE_RATE_HABITS[baseFeeHabit][channelClass]!, feeRatePlace);
  const feeBaseMsat = baseFeeHabit === 'zero' ? 0 : baseFeeHabit === 'thousand' ? 1000 : otherBaseMsat;
  const feeProportionalMillionths = Math.round(feeRate);
  const keepsDefaults = feeBaseMsat === 1000 && feeProportionalMillionths === 1;
  const loyal = (field: keyof typeof LOYALTY): number =>
    channelClass === 0 ? 1 : quantileAt(LOYALTY_SHARES, LOYALTY[field], draw()); // one channel is a habit
  const feeRateLoyalty = FEE_RATE_LOYALTY[keepsDefaults ? 'defaults' : 'own'][channelClass]!;
  return {
    channelClass,
    cltvExpiryDelta,
    baseFeeHabit,
    feeBaseMsat,
    feeProportionalMillionths,
    htlcMinimumMsat: pickWeighted(HTLC_MINIMUM_HABITS[fingerprint], draw()),
    htlcMaximum: pickWeighted(HTLC_MAXIMUM_HABITS[fingerprint], draw()),
    htlcMaximumPart: quantileAt(HTLC_MAXIMUM_PART_SHARES, HTLC_MAXIMUM_PART, draw()),
    loyalty: {
      cltvExpiryDelta: loyal('cltvExpiryDelta'),
      feeBaseMsat: loyal('feeBaseMsat'),
      htlcMinimumMsat: loyal('htlcMinimumMsat'),
      htlcMaximumMsat: loyal('htlcMaximumMsat'),
      feeProportionalMillionths: quantileAt(LOYALTY_SHARES, feeRateLoyalty, draw()),
    },
    capacityPlace,
    disabledClass,
    isSilent: draw() < SILENT_SHARE[disabledClass]!,
  };
}

function fingerprintOf(cltvExpiryDelta: number): Fingerprint {
  switch (cltvExpiryDelta) {
    case 80:
    case 40:
    case 144:
    case 100:
    case 34:
      return cltvExpiryDelta;
    default:
      return 'other';
  }
}

function drawPolicy(habits: Habits, ofPeer: Habits, capacityMsat: Msat, rng: Rng): Policy {
  const { loyalty } = habits;
  const keeps = (share: number): boolean => rng.unit() < share;
  const htlcMaximumMsat = msat(drawHtlcMaximum(habits, capacityMsat, keeps(loyalty.htlcMaximumMsat), rng));
  const minimumMsat = keeps(loyalty.htlcMinimumMsat)
    ? habits.htlcMinimumMsat
    : pickWeighted(HTLC_MINIMUM_DEPARTURES, rng.unit());
  return {
    feeBaseMsat: msat(keeps(loyalty.feeBaseMsat) ? habits.feeBaseMsat : pickWeighted(BASE_FEE_DEPARTURES, rng.unit())),
    feeProportionalMillionths: keeps(loyalty.feeProportionalMillionths)
      ? habits.feeProportionalMillionths
      : drawFeeRate(habits, rng),
    cltvExpiryDelta: keeps(loyalty.cltvExpiryDelta)
      ? habits.cltvExpiryDelta
      : pickWeighted(CLTV_DEPARTURES, rng.unit()),
    htlcMinimumMsat: msat(Math.min(minimumMsat, htlcMaximumMsat)),
    htlcMaximumMsat,
    disabled: habits.isSilent || rng.unit() < DISABLED_SHARE[habits.disabledClass]![ofPeer.disabledClass]!,
  };
}

/** Half of the rates that depart are set by a program, to the part per million; half by a hand, to one digit. */
function drawFeeRate({ baseFeeHabit, channelClass, capacityPlace }: Habits, rng: Rng): number {
  const place = rng.unit() < FEE_RATE_FOLLOWS_CAPACITY ? capacityPlace : rng.unit();
  const rate = Math.round(quantileAt(FEE_SHARES, FEE_RATE_DEPARTURES[baseFeeHabit][channelClass]!, place));
  return rng.unit() < 0.5 ? rate : roundToDigits(rate, 1);
}

function drawHtlcMaximum(habits: Habits, capacityMsat: Msat, keepsHabit: boolean, rng: Rng): number {
  const setting = keepsHabit
    ? habits.htlcMaximum
    : pickWeighted(HTLC_MAXIMUM_DEPARTURES[habits.htlcMaximum], rng.unit());
  if (setting === 'capacity') return capacityMsat;
  if (setting === 'allButReserve') return capacityMsat - Math.floor(capacityMsat / 100);
  const part = keepsHabit
    ? habits.htlcMaximumPart
    : quantileAt(HTLC_MAXIMUM_PART_SHARES, HTLC_MAXIMUM_PART, rng.unit());
  return Math.max(1000, Math.floor(capacityMsat * part));
}
