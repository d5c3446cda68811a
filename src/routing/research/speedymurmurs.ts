/**
 * `speedymurmurs`: greedy routing in embedded trees (Roos, Moreno-Sanchez, Kate and Goldberg, Settling Payments Fast and Private:
 * Efficient Decentralized Routing for Path-Based Transactions, NDSS 2018).
 *
 * Landmarks root spanning trees; a node's coordinate in a tree is its way from the root. A payment is split at random over
 * the trees, and each share goes from node to node, over any channel, tree edge or not, to whichever neighbour is nearest to the
 * payee in that tree. A payment in one part tries the trees one after the other. The trees are of the graph as it was when a
 * payer first asked; channels that closed since are not used. Nodes on the way choose by capacities, for balances are not
 * public; a node that can't go on hands the share back to the one before it, which the paper leaves to a new attempt.
 */
import type { Rng } from '../../base/random.ts';
import type { CompiledGraph } from '../../graph/compiled.ts';
import { LiquidityBounds } from '../flow/liquidityBounds.ts';
import { amount, count } from '../options.ts';
import { balanceFailure } from '../ownChannels.ts';
import { type RouteOutcome, type RoutingStrategy, requestFailure } from '../strategy.ts';
import { strategyKind } from '../strategyKind.ts';
import { type Tree, landmarksOf, treeDistance, treeFrom } from './landmarks.ts';
import { type Allowed, type Sharing, firstThatFits, inOrder, sharedOut } from './sharedOut.ts';
import { perGraph } from '../perGraph.ts';

const OPTIONS = {
  landmarks: count('trees', 3, 1, 20),
  keepSeconds: amount('what was learnt is forgotten after this time', 3600, 1, 1e12),
} as const;

export const speedymurmurs = strategyKind({
  summary: 'shares of a payment greedily through embedded spanning trees',
  source: 'Roos, Moreno-Sanchez, Kate and Goldberg, Settling Payments Fast and Private, NDSS 2018',
  options: OPTIONS,
  prepare: ({ landmarks, keepSeconds }) => {
    const treesOf = perGraph((graph): readonly Tree[] =>
      landmarksOf(graph, landmarks).map((root) => treeFrom(graph, root)),
    );
    return (rng): RoutingStrategy => {
      const bounds = new LiquidityBounds(keepSeconds);
      return {
        clientMaxParts: landmarks,
        findRoutes(request, view) {
          const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
          if (fault !== null) return fault;
          const { graph } = view;
          const { source, target, maxHops } = request;
          const trees = treesOf(graph);
          const parts = Math.min(trees.length, request.maxParts);
          const shareMsat = Math.ceil(request.amountMsat / parts);
          const ways = (allowed: Allowed): number[][] =>
            trees
              .map((tree) => greedyWay(graph, tree, source, target, allowed, maxHops))
              .filter((way): way is number[] => way !== null)
              .slice(0, parts === 1 ? trees.length : parts);
          return sharedOut(request, view, bounds, shareMsat, ways, parts === 1 ? firstThatFits : randomShares(rng));
        },
        learn: (outcome: RouteOutcome) => bounds.learn(outcome),
      };
    };
  },
});

/** From node to node, each to the neighbour nearest to the payee, as long as that is nearer than where it is; or null. */
function greedyWay(
  graph: CompiledGraph,
  tree: Tree,
  source: number,
  target: number,
  { allows }: Allowed,
  maxHops: number,
): number[] | null {
  const edges: number[] = [];
  /** nodes that no nearer neighbour leads on from */
  const deadEnds = new Set<number>();
  for (let node = source; node !== target;) {
    const best = edges.length === maxHops ? -1 : nearestBy(graph, tree, node, target, allows, deadEnds);
    if (best === -1) {
      const last = edges.pop();
      if (last === undefined) return null;
      deadEnds.add(node);
      node = graph.edgeFrom[last]!;
    } else {
      edges.push(best);
      node = graph.edgeTo[best]!;
    }
  }
  return edges;
}

/** The edge to the neighbour nearest to the payee and nearer than the node, the lowest among equals; −1 where there is none. */
function nearestBy(
  graph: CompiledGraph,
  tree: Tree,
  node: number,
  target: number,
  allows: (edge: number) => boolean,
  deadEnds: ReadonlySet<number>,
): number {
  let best = -1;
  let nearest = treeDistance(tree, node, target);
  for (let i = graph.rowStart[node]!; i < graph.rowStart[node + 1]!; i++) {
    const edge = graph.rowEdge[i]! ^ 1;
    const neighbour = graph.edgeTo[edge]!;
    if (deadEnds.has(neighbour) || !allows(edge)) continue;
    const distance = treeDistance(tree, neighbour, target);
    if (distance >= nearest) continue;
    nearest = distance;
    best = edge;
  }
  return best;
}

/** Shares cut at random points, as far as the ways have room; the rest in order. */
function randomShares(rng: Rng): Sharing {
  return (roomMsat, amountMsat) => {
    const cuts = roomMsat.slice(1).map(() => Math.floor(rng.unit() * amountMsat));
    const ends = [...cuts.sort((a, b) => a - b), amountMsat];
    const drawn = roomMsat.map((room, i) => Math.min(room, ends[i]! - (ends[i - 1] ?? 0)));
    const left = amountMsat - drawn.reduce((sum, share) => sum + share, 0);
    const more = inOrder(
      roomMsat.map((room, i) => room - drawn[i]!),
      left,
    );
    return drawn.map((share, i) => share + more[i]!);
  };
}
