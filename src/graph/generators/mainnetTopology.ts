/**
 * A mainnet-like topology: mainnet's peer counts joined with mainnet's mixing of classes, then made connected, then some
 * pairs doubled. The joining is a degree-corrected stochastic block model (Karrer and Newman, 2011) drawn with stubs.
 */
import type { Rng } from '../../base/random.ts';
import {
  CLASS_AFFINITY,
  LEAF_HOST_CLASS,
  MAINNET_CLUSTERING,
  PARALLEL_CHANNELS,
  PARALLEL_SHARE,
} from './calibration/topology2026.ts';
import { closeTriangles } from './closeTriangles.ts';
import { connect } from './connect.ts';
import { pickWeighted } from './distributions.ts';
import { drawPeerCounts, peerClasses } from './mainnetPeers.ts';
import { PairSet, type Pair } from './pairSet.ts';
import type { Topology } from './topology.ts';

const CLASSES = CLASS_AFFINITY.length;
/** Times that a pair which is there already tries to swap an end with another pair before it is given up. */
const SWAPS_MAX = 50;

/** @param nodes at least 2; node 0 is the best connected */
export function mainnetTopology(nodes: number, rng: Rng): Topology {
  const { mainnetPeers, peers } = drawPeerCounts(nodes, rng.stream('peers'));
  const classes = peerClasses(mainnetPeers);
  const set = new PairSet(nodes);
  joinStubs(set, peers, classes, rng.stream('pairs'));
  closeTriangles(set, classes, MAINNET_CLUSTERING, rng.stream('triangles'));
  connect(set, rng.stream('connect'));
  const pairs = withParallelChannels(set.pairs, classes, rng.stream('parallel'));
  const leafHosts = new Set(classes.flatMap((each, node) => (each === LEAF_HOST_CLASS ? [node] : [])));
  return { nodes, pairs, mainnetPeers, leafHosts };
}

/** Deals every class's stubs to the classes as `CLASS_AFFINITY` asks and joins them in the order dealt. */
function joinStubs(set: PairSet, peers: readonly number[], classes: readonly number[], rng: Rng): void {
  const stubs: number[][] = Array.from({ length: CLASSES }, () => []);
  for (const [node, count] of peers.entries()) {
    const own = stubs[classes[node]!]!;
    for (let i = 0; i < count; i++) own.push(node);
  }
  for (const own of stubs) rng.shuffle(own);
  const pairsBetween = mixing(stubs.map((own) => own.length));
  const taken = Array.from({ length: CLASSES }, () => 0);
  const take = (from: number): number => stubs[from]![taken[from]!++]!;
  for (let i = 0; i < CLASSES; i++) {
    for (let j = 0; j <= i; j++) {
      const blockStart = set.pairs.length;
      for (let k = pairsBetween[i]![j]!; k > 0; k--) joinOrSwap(set, take(i), take(j), blockStart, rng);
    }
  }
  // what rounding left over joins whatever else is left
  const rest = rng.shuffle(stubs.flatMap((own, i) => own.slice(taken[i])));
  for (let i = 0; i + 1 < rest.length; i += 2) joinOrSwap(set, rest[i]!, rest[i + 1]!, 0, rng);
}

/** Adds a pair; where it is there already, swaps an end with a pair added since `start`, or gives it up. */
function joinOrSwap(set: PairSet, a: number, b: number, start: number, rng: Rng): void {
  if (set.add(a, b)) return;
  const others = set.pairs.length - start;
  for (let tries = 0; others > 0 && tries < SWAPS_MAX; tries++) {
    const at = start + rng.below(others);
    const [c, d] = set.pairs[at]!;
    if (!set.canAdd(a, d) || !set.canAdd(c, b)) continue;
    set.replace(at, a, d);
    set.add(c, b);
    return;
  }
}

/**
 * How many pairs join two classes, [i][j] with j ≤ i, given each class's stubs: the affinities scaled until every row
 * has its sum (Sinkhorn's balancing, symmetric), rounded down.
 */
function mixing(stubs: readonly number[]): number[][] {
  const total = stubs.reduce((sum, count) => sum + count, 0);
  const expected = CLASS_AFFINITY.map((row, i) => row.map((affinity, j) => (affinity * stubs[i]! * stubs[j]!) / total));
  for (let round = 0; round < 200; round++) {
    const scale = expected.map((row, i) => {
      const sum = row.reduce((a, b) => a + b, 0);
      return sum > 0 ? Math.sqrt(stubs[i]! / sum) : 0;
    });
    for (const [i, row] of expected.entries()) for (let j = 0; j < CLASSES; j++) row[j]! *= scale[i]! * scale[j]!;
  }
  return expected.map((row, i) => row.map((count, j) => Math.floor(i === j ? count / 2 : count)));
}

/** Repeats some pairs: parallel channels, likelier where both nodes are large. */
function withParallelChannels(pairs: readonly Pair[], classes: readonly number[], rng: Rng): Pair[] {
  const out: Pair[] = [];
  for (const pair of pairs) {
    const share = PARALLEL_SHARE[Math.min(classes[pair[0]]!, classes[pair[1]]!)]!;
    const channels = rng.unit() < share ? pickWeighted(PARALLEL_CHANNELS, rng.unit()) : 1;
    for (let i = 0; i < channels; i++) out.push(pair);
  }
  return out;
}
