/** Raises the clustering of a graph by swapping ends of pairs; nodes keep their number of peers and their classes mix as before. */
import type { Rng } from '../../base/random.ts';
import type { PairSet } from './pairSet.ts';

/** Swaps tried, for each pair and in all, before the graph is left as it is: some 3 seconds for a network of 100,000. */
const TRIES_PER_PAIR = 60;
const TRIES_MAX = 3_000_000;

/**
 * Pairs (a, b) and (c, d) with a, c of one class and b, d of one class become (a, d) and (c, b) where that gains
 * clustering, until the mean local clustering reaches `target`. d is sought where it closes a triangle: at a peer of a.
 */
export function closeTriangles(set: PairSet, classes: readonly number[], target: number, rng: Rng): void {
  const peers: number[][] = Array.from({ length: set.nodes }, () => []);
  for (const [a, b] of set.pairs) {
    peers[a]!.push(b);
    peers[b]!.push(a);
  }
  /** What a triangle adds to the clustering of one of its nodes. */
  const share = (node: number): number => 2 / (peers[node]!.length * (peers[node]!.length - 1));
  /** What the triangles over a pair add to the sum of clustering, whether the pair is there or not. */
  const worth = (u: number, v: number): number => {
    const [few, many] = peers[u]!.length < peers[v]!.length ? [u, v] : [v, u];
    let sum = 0;
    for (const w of peers[few]!)
      if (w !== many && set.indexOf(w, many) !== undefined) sum += share(w) + share(u) + share(v);
    return sum;
  };
  const anyPeer = (node: number): number => peers[node]![rng.below(peers[node]!.length)]!;

  // counted over pairs, every triangle three times
  let clustering = set.pairs.reduce((sum, [a, b]) => sum + worth(a, b), 0) / 3;
  for (
    let tries = Math.min(TRIES_PER_PAIR * set.pairs.length, TRIES_MAX);
    tries > 0 && clustering < target * set.nodes;
    tries--
  ) {
    const pair = set.pairs[rng.below(set.pairs.length)]!;
    const [a, b] = peers[pair[0]]!.length <= peers[pair[1]]!.length ? pair : [pair[1], pair[0]]; // few peers gain most
    if (peers[a]!.length < 2) continue;
    const d = anyPeer(anyPeer(a));
    const c = anyPeer(d);
    if (classes[d] !== classes[b] || classes[c] !== classes[a] || c === a || d === b) continue;
    if (!set.canAdd(a, d) || !set.canAdd(c, b)) continue;
    const before = worth(a, b) + worth(c, d);
    if (worth(a, d) + worth(c, b) <= before) continue; // the swap itself can only take triangles from these two
    swap(set, peers, a, b, c, d);
    const gain = worth(a, d) + worth(c, b) - before;
    if (gain > 0) clustering += gain;
    else swap(set, peers, a, d, c, b);
  }
}

/** (a, b) and (c, d) become (a, d) and (c, b). */
function swap(set: PairSet, peers: readonly number[][], a: number, b: number, c: number, d: number): void {
  const [first, second] = [set.indexOf(a, b)!, set.indexOf(c, d)!];
  set.replace(first, a, d);
  set.replace(second, c, b);
  replaceIn(peers[a]!, b, d);
  replaceIn(peers[b]!, a, c);
  replaceIn(peers[c]!, d, b);
  replaceIn(peers[d]!, c, a);
}

function replaceIn(list: number[], from: number, to: number): void {
  list[list.indexOf(from)] = to;
}
