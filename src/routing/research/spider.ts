/**
 * `spider`: waterfilling over edge-disjoint ways (Sivaraman and others, High Throughput Cryptocurrency Routing in Payment
 * Channel Networks, NSDI 2020, section 5.3 and its baseline without rate control).
 *
 * A payment is spread over up to four ways that share no channel so that what they have left is the same. Spider's nodes
 * probe what ways have; here a payer goes by capacities and by what its attempts taught. Its rate control needs marks from
 * forwarding nodes and is not part of it.
 */
import { LiquidityBounds } from '../flow/liquidityBounds.ts';
import { amount, choice, count } from '../options.ts';
import { balanceFailure, sendableMsat } from '../ownChannels.ts';
import {
  type PayerView,
  type RouteOutcome,
  type RouteRequest,
  type RoutingStrategy,
  requestFailure,
} from '../strategy.ts';
import { strategyKind } from '../strategyKind.ts';
import { shortestWay, widestWay } from './forwardWays.ts';
import { type Allowed, type Sharing, firstThatFits, sharedOut, waterfilling } from './sharedOut.ts';

const OPTIONS = {
  paths: count('ways that share no channel', 4, 1, 50),
  kind: choice('which ways', 'widest', ['widest', 'shortest']),
  keepSeconds: amount('what was learnt is forgotten after this time', 3600, 1, 1e12),
} as const;

export const spider = strategyKind({
  summary: 'waterfilling over edge-disjoint ways',
  source: 'Sivaraman and others, High Throughput Cryptocurrency Routing in Payment Channel Networks, NSDI 2020',
  options: OPTIONS,
  prepare:
    ({ paths, kind, keepSeconds }) =>
    (): RoutingStrategy => {
      const bounds = new LiquidityBounds(keepSeconds);
      return {
        remembersFailures: true,
        clientMaxParts: paths,
        findRoutes(request, view) {
          const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
          if (fault !== null) return fault;
          const parts = Math.min(paths, request.maxParts);
          const expectedMsat = expected(view, bounds, request);
          const leastMsat = parts === 1 ? request.amountMsat : 1;
          const shareMsat = Math.ceil(request.amountMsat / parts);
          return sharedOut(
            request,
            view,
            bounds,
            leastMsat,
            (allowed) => disjointWays(request, view, allowed, paths, kind, expectedMsat, shareMsat),
            parts === 1 ? firstThatFits : capped(waterfilling, parts),
          );
        },
        learn: (outcome: RouteOutcome) => bounds.learn(outcome),
      };
    },
});

/** What an edge is expected to have: half-way between its bounds; an own one has what it can send. */
function expected(view: PayerView, bounds: LiquidityBounds, { source }: RouteRequest): (edge: number) => number {
  const { graph, now } = view;
  return (edge) => {
    if (graph.edgeFrom[edge] === source) return sendableMsat(view, edge);
    const { leastMsat, mostMsat } = bounds.look(edge, graph.capacityMsat[edge >> 1]!, now);
    if (mostMsat <= view.inFlightMsat(edge)) return 0;
    return Math.min(graph.usableMsat(edge), (leastMsat + mostMsat) / 2 - view.inFlightMsat(edge));
  };
}

/** Ways one after the other, each without the channels of those before it. */
function disjointWays(
  { source, target }: RouteRequest,
  { graph }: PayerView,
  { allows }: Allowed,
  paths: number,
  kind: 'widest' | 'shortest',
  expectedMsat: (edge: number) => number,
  shareMsat: number,
): number[][] {
  const taken = new Set<number>();
  const usable = (edge: number): boolean => !taken.has(edge >> 1) && allows(edge);
  // the shortest that are expected to carry an equal share, then any
  const searches =
    kind === 'widest'
      ? [(): number[] | null => widestWay(graph, source, target, (edge) => (usable(edge) ? expectedMsat(edge) : 0))]
      : [
          (): number[] | null =>
            shortestWay(graph, source, target, (edge) => usable(edge) && expectedMsat(edge) >= shareMsat),
          (): number[] | null => shortestWay(graph, source, target, (edge) => usable(edge) && expectedMsat(edge) > 0),
        ];
  const ways: number[][] = [];
  for (const search of searches) {
    while (ways.length < paths) {
      const way = search();
      if (way === null) break;
      ways.push(way);
      for (const edge of way) taken.add(edge >> 1);
    }
  }
  return ways;
}

/** A sharing over no more than so many ways: those with the most room. */
function capped(sharing: Sharing, parts: number): Sharing {
  return (roomMsat, amountMsat) => {
    const least = roomMsat.toSorted((a, b) => b - a)[parts - 1] ?? 0;
    let left = parts;
    const kept = roomMsat.map((room) => (room > 0 && room >= least && left-- > 0 ? room : 0));
    return sharing(kept, amountMsat);
  };
}
