/**
 * A mainnet-like topology: mainnet's peer counts joined with mainnet's mixing of classes, those of like habits with each
 * other, then made connected, then some pairs doubled. The joining is a degree-corrected stochastic block model (Karrer and Newman, 2011) drawn with stubs.
 */
import type { Rng } from '../../base/random.ts';
import { HABIT_ASSORTATIVITY, LEAF_HOST_HABIT, PEER_SIZE_TASTE } from './calibration/habits2026.ts';
import { CLASS_AFFINITY, LEAF_HOST_CLASS, MAINNET_CLUSTERING } from './calibration/topology2026.ts';
import { drawHabits, pairScores } from './channelSizes.ts';
import { closeTriangles } from './closeTriangles.ts';
import { connect } from './connect.ts';
import { drawPeerCounts, peerClasses } from './mainnetPeers.ts';
import { withParallelChannels } from './mainnetParallels.ts';
import { PairSet } from './pairSet.ts';
import type { Topology } from './topology.ts';

const CLASSES = CLASS_AFFINITY.length;
/** Times that a pair which is there already tries to swap an end with another pair before it is given up. */
const SWAPS_MAX = 50;

/** @param nodes at least 2; node 0 is the best connected */
export function mainnetTopology(nodes: number, rng: Rng): Topology {
  const { mainnetPeers, peers } = drawPeerCounts(nodes, rng.stream('peers'));
  const classes = peerClasses(mainnetPeers);
  const habits = drawHabits(nodes, rng.stream('habits'));
  const set = new PairSet(nodes);
  joinStubs(set, peers, classes, habits, rng.stream('pairs'));
  closeTriangles(set, classes, MAINNET_CLUSTERING, rng.stream('triangles'));
  connect(set, rng.stream('connect'));
  for (const node of habits.keys()) if (classes[node] === LEAF_HOST_CLASS) habits[node] = LEAF_HOST_HABIT;
  const scores = pairScores(set.pairs, mainnetPeers, habits);
  return { nodes, mainnetPeers, ...withParallelChannels(set.pairs, classes, scores, rng.stream('parallel')) };
}

/**
 * Deals every class's stubs to the classes as `CLASS_AFFINITY` asks, a node's with its taste for larger or smaller ones, and
 * joins those of like habits.
 */
function joinStubs(
  set: PairSet,
  peers: readonly number[],
  classes: readonly number[],
  habits: readonly number[],
  rng: Rng,
): void {
  const stubs: number[][] = Array.from({ length: CLASSES }, () => []);
  for (const [node, count] of peers.entries()) {
    const own = stubs[classes[node]!]!;
    for (let i = 0; i < count; i++) own.push(node);
  }
  const tastes = drawHabits(peers.length, rng.stream('tastes'));
  for (const [i, own] of stubs.entries()) stubs[i] = inOrder(own, tastes, PEER_SIZE_TASTE, rng);
  const pairsBetween = mixing(stubs.map((own) => own.length));
  const taken = Array.from({ length: CLASSES }, () => 0);
  const take = (from: number, count: number): number[] => {
    const start = taken[from]!;
    taken[from] = start + count;
    return inOrder(stubs[from]!.slice(start, start + count), habits, HABIT_ASSORTATIVITY, rng);
  };
  for (let i = 0; i < CLASSES; i++) {
    for (let j = 0; j <= i; j++) {
      const blockStart = set.pairs.length;
      const pairs = pairsBetween[i]![j]!;
      const own = take(i, i === j ? 2 * pairs : pairs);
      const [as, bs] = i === j ? everySecond(own) : [own, take(j, pairs)];
      for (const k of rng.shuffle([...as.keys()])) joinOrSwap(set, as[k]!, bs[k]!, blockStart, rng);
    }
  }
  // what rounding left over joins whatever else is left
  const rest = rng.shuffle(stubs.flatMap((own, i) => own.slice(taken[i])));
  for (let i = 0; i + 1 < rest.length; i += 2) joinOrSwap(set, rest[i]!, rest[i + 1]!, 0, rng);
}

/**
 * Stubs in the order of their nodes' scores and of chance, so that what two such lists have at one place is alike.
 * @param share of the scores in the order's variance
 */
function inOrder(stubs: readonly number[], scores: readonly number[], share: number, rng: Rng): number[] {
  const [ofScore, ofChance] = [Math.sqrt(share), Math.sqrt(1 - share)];
  const keyed = stubs.map((node) => ({ node, key: ofScore * scores[node]! + ofChance * rng.normal() }));
  return keyed.sort((a, b) => a.key - b.key || a.node - b.node).map(({ node }) => node);
}

/** What stands at even and at odd places. */
const everySecond = (list: readonly number[]): [number[], number[]] => [
  list.filter((_, at) => at % 2 === 0),
  list.filter((_, at) => at % 2 === 1),
];

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
