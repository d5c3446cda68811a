/**
 * Random topologies of the literature. graphology-generators has none of them in a form that is fast and the same on
 * every engine: its sparse Erdős-Rényi uses `Math.log`, whose last bit engines may choose.
 */
import { ln } from '../../base/math.ts';
import type { Rng } from '../../base/random.ts';
import { PairSet, type Pair } from './pairSet.ts';
import type { Topology } from './topology.ts';

/**
 * Every pair with the same probability: G(n, p) of Gilbert (1959), in time proportional to the pairs drawn by skipping
 * over the others (Batagelj and Brandes, 2005).
 */
export function erdosRenyi(nodes: number, probability: number, rng: Rng): Topology {
  const pairs: Pair[] = [];
  const skipRate = ln(1 - Math.min(probability, 1));
  if (skipRate === 0) return { nodes, pairs }; // below 2^-53 no pair is ever drawn
  let a = 1;
  let b = -1;
  for (;;) {
    b += 1 + (skipRate === -Infinity ? 0 : Math.floor(ln(1 - rng.unit()) / skipRate));
    while (b >= a && a < nodes) b -= a++;
    if (a >= nodes) return { nodes, pairs };
    pairs.push([b, a]);
  }
}

/**
 * Preferential attachment (Barabási and Albert, 1999): after a star of `channels` + 1 nodes, each node opens `channels`
 * channels to distinct nodes drawn by their number of channels.
 */
export function barabasiAlbert(nodes: number, channels: number, rng: Rng): Topology {
  const pairs: Pair[] = [];
  const ends: number[] = []; // each node as often as it has channels
  for (let node = 1; node < nodes; node++) {
    const peers = new Set<number>();
    if (node <= channels) peers.add(0);
    else while (peers.size < channels) peers.add(ends[rng.below(ends.length)]!);
    for (const peer of peers) {
      pairs.push([peer, node]);
      ends.push(peer, node);
    }
  }
  return { nodes, pairs };
}

/**
 * Small world (Watts and Strogatz, 1998): a ring where each node has its `neighbours` nearest nodes as peers, half on
 * each side, and then each pair's far end moves to a random node with probability `rewiring`.
 * @param neighbours even, less than `nodes`
 */
export function wattsStrogatz(nodes: number, neighbours: number, rewiring: number, rng: Rng): Topology {
  const set = new PairSet(nodes);
  for (let step = 1; step <= neighbours / 2; step++) {
    for (let node = 0; node < nodes; node++) set.add(node, (node + step) % nodes);
  }
  for (const [at, [near]] of [...set.pairs].entries()) {
    if (rng.unit() >= rewiring) continue;
    const far = rng.below(nodes);
    if (set.canAdd(near, far)) set.replace(at, near, far);
  }
  return { nodes, pairs: set.pairs };
}
