/**
 * Ways from the payer forwards over edges that a caller allows: the shortest and the widest. They weigh no fees, so what they find
 * is priced, and cut where it does not fit, afterwards (`sharedOut.ts`).
 */
import type { CompiledGraph } from '../../graph/compiled.ts';
import { SearchHeap } from '../searchHeap.ts';
import { perGraph } from '../perGraph.ts';

/** What each search writes down: the edge that reached a node, where `seen` has the search's number. */
class Scratch {
  readonly seen: Uint32Array;
  readonly reachedBy: Int32Array;
  readonly queue: Int32Array;
  readonly width: Float64Array;
  readonly heap = new SearchHeap();
  search = 0;

  constructor(nodes: number) {
    this.seen = new Uint32Array(nodes);
    this.reachedBy = new Int32Array(nodes);
    this.queue = new Int32Array(nodes);
    this.width = new Float64Array(nodes);
  }
}

const scratchOf = perGraph((graph) => new Scratch(graph.nodeCount));

/** The edges of a way with the fewest hops, the lowest edges first among equals; null where there is none. */
export function shortestWay(
  graph: CompiledGraph,
  from: number,
  to: number,
  allows: (edge: number) => boolean,
): number[] | null {
  if (from === to) return [];
  const { seen, reachedBy, queue, search } = begun(scratchOf(graph));
  let end = 0;
  queue[end++] = from;
  seen[from] = search;
  for (let next = 0; next < end; next++) {
    const node = queue[next]!;
    for (let i = graph.rowStart[node]!; i < graph.rowStart[node + 1]!; i++) {
      const edge = graph.rowEdge[i]! ^ 1;
      const neighbour = graph.edgeTo[edge]!;
      if (seen[neighbour] === search || !allows(edge)) continue;
      seen[neighbour] = search;
      reachedBy[neighbour] = edge;
      if (neighbour === to) return traced(graph, reachedBy, from, to);
      queue[end++] = neighbour;
    }
  }
  return null;
}

/** The edges of a way whose narrowest edge is widest; null where there is none. @param widthOf 0 or less: not to be used */
export function widestWay(
  graph: CompiledGraph,
  from: number,
  to: number,
  widthOf: (edge: number) => number,
): number[] | null {
  const { seen, reachedBy, width, heap, search } = begun(scratchOf(graph));
  heap.size = 0;
  seen[from] = search;
  width[from] = Infinity;
  heap.push(-Infinity, from);
  while (heap.size > 0) {
    const listed = -heap.topCost;
    const node = heap.pop();
    if (listed < width[node]!) continue;
    if (node === to) return traced(graph, reachedBy, from, to);
    for (let i = graph.rowStart[node]!; i < graph.rowStart[node + 1]!; i++) {
      const edge = graph.rowEdge[i]! ^ 1;
      const neighbour = graph.edgeTo[edge]!;
      const wide = Math.min(width[node]!, widthOf(edge));
      if (wide <= 0 || (seen[neighbour] === search && width[neighbour]! >= wide)) continue;
      seen[neighbour] = search;
      width[neighbour] = wide;
      reachedBy[neighbour] = edge;
      heap.push(-wide, neighbour);
    }
  }
  return null;
}

function begun(scratch: Scratch): Scratch {
  scratch.search++;
  return scratch;
}

function traced(graph: CompiledGraph, reachedBy: Int32Array, from: number, to: number): number[] {
  const edges: number[] = [];
  for (let node = to; node !== from; node = graph.edgeFrom[edges.at(-1)!]!) edges.push(reachedBy[node]!);
  return edges.reverse();
}

/** A way without the circles that it goes. */
export function withoutCircles(graph: CompiledGraph, edges: readonly number[]): number[] {
  const kept: number[] = [];
  for (const edge of edges) {
    kept.push(edge);
    const back = kept.findIndex((earlier) => graph.edgeFrom[earlier] === graph.edgeTo[edge]);
    if (back !== -1) kept.length = back;
  }
  return kept;
}
