/** Makes a graph connected with as little change as possible. */
import type { Rng } from '../../base/random.ts';
import type { PairSet } from './pairSet.ts';

/**
 * Joins every component to the largest. Where the largest has a pair (u, v) that is no bridge, a pair (x, y) of the
 * small component and (u, v) become (x, u) and (y, v): every node keeps its number of peers. Else, or for a node without
 * pairs, one pair to an end of a random pair is added.
 */
export function connect(set: PairSet, rng: Rng): void {
  const parents = Int32Array.from({ length: set.nodes }, (_, node) => node);
  const root = (node: number): number => {
    let at = node;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  };
  const spare: number[] = []; // pairs that a spanning forest does without: no bridges, and none becomes one
  for (const [at, [a, b]] of set.pairs.entries()) {
    if (root(a) === root(b)) spare.push(at);
    else parents[root(a)] = root(b);
  }
  const sizes = new Map<number, number>();
  for (let node = 0; node < set.nodes; node++) sizes.set(root(node), (sizes.get(root(node)) ?? 0) + 1);
  let giant = root(0);
  for (const [component, size] of sizes) if (size > sizes.get(giant)!) giant = component;

  const giantPairs: number[] = [];
  const pairOf = new Map<number, number>(); // a pair of each small component
  for (const [at, [a]] of set.pairs.entries()) {
    if (root(a) === giant) giantPairs.push(at);
    else pairOf.set(root(a), at);
  }
  const swaps = rng.shuffle(spare.filter((at) => root(set.pairs[at]![0]) === giant));
  for (const component of sizes.keys()) {
    if (component === giant) continue;
    const own = pairOf.get(component);
    const other = own === undefined ? undefined : swaps.pop();
    if (own === undefined || other === undefined) {
      const at = giantPairs.length === 0 ? null : set.pairs[giantPairs[rng.below(giantPairs.length)]!]!;
      set.add(component, at === null ? giant : at[rng.below(2)]!);
    } else {
      const [x, y] = set.pairs[own]!;
      const [u, v] = set.pairs[other]!;
      set.replace(own, x, u);
      set.replace(other, y, v);
    }
  }
}
