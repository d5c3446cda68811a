/** Mainnet-like capacities: mainnet's distribution for each class of channel, dealt so that nodes have a usual size. */
import type { Rng } from '../../base/random.ts';
import { sat, type Sat } from '../../base/units.ts';
import { CAPACITY_QUANTILES_SAT, CAPACITY_SHARES } from './calibration/capacities2026.ts';
import { PEER_CLASS_BOUNDS } from './calibration/topology2026.ts';
import { channelScore, drawHabits, pairScores, placesInClass } from './channelSizes.ts';
import { classOf, quantileAt, roundToDigits } from './distributions.ts';
import type { Pair } from './pairSet.ts';
import type { Topology } from './topology.ts';

/**
 * A capacity for each channel. A channel's class is that of its end with fewer peers. The place of a channel's score in
 * its class is the quantile: the class has mainnet's distribution exactly.
 * @param peers of each node, as on mainnet
 */
export function mainnetCapacities({ pairs, scores }: Topology, peers: readonly number[], rng: Rng): Sat[] {
  const classes = pairs.map(([a, b]) => classOf(Math.min(peers[a]!, peers[b]!), PEER_CLASS_BOUNDS));
  const drawn = scores ?? usualScores(pairs, peers, rng.stream('sizes'));
  const places = placesInClass(drawn, classes, rng.stream('places'));
  return places.map((place, channel) =>
    sat(round(quantileAt(CAPACITY_SHARES, CAPACITY_QUANTILES_SAT[classes[channel]!]!, place), rng)),
  );
}

/** For topologies that say nothing of their channels' sizes. */
const usualScores = (pairs: readonly Pair[], peers: readonly number[], rng: Rng): number[] =>
  pairScores(pairs, peers, drawHabits(peers.length, rng)).map((score) => channelScore(score, rng));

/** People like round sums: capacities near a sum of one digit often are that sum, and some others are of two digits. */
function round(value: number, rng: Rng): number {
  const whole = Math.round(value);
  const oneDigit = roundToDigits(whole, 1);
  const draw = rng.unit();
  if (draw < 0.6 && Math.abs(oneDigit - whole) <= 0.08 * whole) return oneDigit;
  return draw < 0.4 ? roundToDigits(whole, 2) : whole;
}
