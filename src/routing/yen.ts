/**
 * The k cheapest loopless ways (Yen, Management Science 17, 1971; with Lawler's rule that spurs before the one that a way
 * came from are not searched again), grown from the payee, so that every cost is of the amounts really carried.
 */
import type { PayerView, RouteRequest } from './strategy.ts';
import { type Way, type WayCost, WaySearch, atPayee, extendWay } from './waySearch.ts';

/** A way found, with what its cost says of it. */
export interface RankedWay {
  /** from the payer to the payee */
  readonly edges: readonly number[];
  readonly way: Way;
}

interface Candidate extends RankedWay {
  /** how many edges it shares, from the payee on, with the way it branched off */
  readonly shared: number;
}

/** Finds up to k ways by rising cost. @param request one that `requestFailure` finds nothing wrong with */
export function cheapestWays(request: RouteRequest, view: PayerView, costOf: WayCost, k: number): RankedWay[] {
  const search = new WaySearch(request, view, costOf);
  const { graph } = view;
  const ranked = (edges: readonly number[], shared: number): Candidate | null => {
    const way = wayOf(request, view, edges, costOf);
    return way === null ? null : { edges, way, shared };
  };
  const firstEdges = search.find();
  const first = firstEdges === null ? null : ranked(firstEdges, 0);
  if (first === null) return [];
  const found: Candidate[] = [first];
  const candidates: Candidate[] = [];
  while (found.length < k) {
    const last = found.at(-1)!;
    for (let shared = last.shared; shared < last.edges.length; shared++) {
      const root = shared === 0 ? [] : last.edges.slice(-shared);
      const spur = root.length === 0 ? request.target : graph.edgeFrom[root[0]!]!;
      const rest = root.length === 0 ? atPayee(request) : wayOf(request, view, root, costOf);
      if (rest === null) continue;
      // the edges by which ways that were found go on from here
      const edges = new Set(
        found.filter((other) => endsWith(other.edges, root)).map((other) => other.edges.at(-1 - shared) ?? -1),
      );
      const nodes = new Set(root.map((edge) => graph.edgeTo[edge]!));
      const before = search.find(spur, rest, { edges, nodes }, costToBeat(candidates, k - found.length));
      const candidate = before === null ? null : ranked([...before, ...root], shared);
      if (candidate !== null) candidates.push(candidate);
    }
    if (candidates.length === 0) break;
    // of equal costs the one found first
    let best = 0;
    candidates.forEach((candidate, i) => {
      if (candidate.way.cost < candidates[best]!.way.cost) best = i;
    });
    found.push(...candidates.splice(best, 1));
  }
  return found;
}

/** What a candidate must cost less than to be among the so many best of those known; equal ones come too late. */
function costToBeat(candidates: readonly Candidate[], wanted: number): number {
  const costs = candidates.map(({ way }) => way.cost).toSorted((a, b) => a - b);
  return costs[wanted - 1] ?? Infinity;
}

/** What a way along those edges costs; null where the cost or a limit forbids it. */
function wayOf(request: RouteRequest, view: PayerView, edges: readonly number[], costOf: WayCost): Way | null {
  let way: Way = atPayee(request);
  for (let i = edges.length - 1; i >= 0; i--) {
    const longer = { ...way };
    if (!extendWay(longer, request, view.graph, way, edges[i]!, costOf)) return null;
    way = longer;
  }
  return way;
}

const endsWith = (edges: readonly number[], root: readonly number[]): boolean =>
  root.length < edges.length && root.every((edge, i) => edges[edges.length - root.length + i] === edge);
