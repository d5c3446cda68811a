/** Mainnet-like capacities: mainnet's distribution for each class of channel, dealt so that nodes have a usual size. */
import { ln } from '../../base/math.ts';
import type { Rng } from '../../base/random.ts';
import { sat, type Sat } from '../../base/units.ts';
import {
  CAPACITY_QUANTILES_SAT,
  CAPACITY_SCORE_WEIGHTS,
  CAPACITY_SHARES,
  LEAF_HOST_WEALTH,
} from './calibration/capacities2026.ts';
import { PEER_CLASS_BOUNDS } from './calibration/topology2026.ts';
import { classOf, quantileAt, roundToDigits } from './distributions.ts';
import type { Topology } from './topology.ts';

/**
 * A capacity for each channel. A channel's class is that of its end with fewer peers. Within a class the channels are
 * ranked by a score of both ends and chance, and the rank is the quantile: the class has mainnet's distribution exactly.
 * @param peers of each node, as on mainnet
 */
export function mainnetCapacities({ nodes, pairs, leafHosts }: Topology, peers: readonly number[], rng: Rng): Sat[] {
  const wealth = Array.from({ length: nodes }, (_, node) => {
    const drawn = rng.normal();
    return leafHosts?.has(node) === true ? LEAF_HOST_WEALTH : drawn;
  });
  const byClass: { channel: number; score: number }[][] = CAPACITY_QUANTILES_SAT.map(() => []);
  for (const [channel, [a, b]] of pairs.entries()) {
    const [smaller, larger] = peers[a]! < peers[b]! ? [a, b] : [b, a];
    const { fewerPeers, morePeers, sizeOfLarger, chance } = CAPACITY_SCORE_WEIGHTS;
    const score =
      fewerPeers * wealth[smaller]! +
      morePeers * wealth[larger]! +
      sizeOfLarger * ln(peers[larger]!) +
      chance * rng.normal();
    byClass[classOf(peers[smaller]!, PEER_CLASS_BOUNDS)]!.push({ channel, score });
  }
  const capacities: Sat[] = Array.from({ length: pairs.length });
  for (const [index, channels] of byClass.entries()) {
    channels.sort((a, b) => a.score - b.score || a.channel - b.channel);
    for (const [rank, { channel }] of channels.entries()) {
      const value = quantileAt(CAPACITY_SHARES, CAPACITY_QUANTILES_SAT[index]!, (rank + 0.5) / channels.length);
      capacities[channel] = sat(round(value, rng));
    }
  }
  return capacities;
}

/** People like round sums: capacities near a sum of one digit often are that sum, and some others are of two digits. */
function round(value: number, rng: Rng): number {
  const whole = Math.round(value);
  const oneDigit = roundToDigits(whole, 1);
  const draw = rng.unit();
  if (draw < 0.6 && Math.abs(oneDigit - whole) <= 0.08 * whole) return oneDigit;
  return draw < 0.4 ? roundToDigits(whole, 2) : whole;
}
