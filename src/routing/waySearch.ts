/**
 * A search from the payee back to the payer over any cost: the caller says what a way costs once an edge is put before it.
 *
 * Each node keeps the way of least cost found before it was taken off the queue (Dijkstra's rule). Where costs add up, that is
 * the best there is; where they depend on the way as a whole, it is the heuristic that clients use.
 */
import { assert } from '../base/assert.ts';
import { forwardingFeeMsat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { CELL } from '../graph/searchRows.ts';
import { SearchHeap } from './searchHeap.ts';
import { ownEdges, sendableMsat } from './ownChannels.ts';
import type { PayerView, RouteRequest } from './strategy.ts';
import { perGraph } from './perGraph.ts';

/** A way from a node to the payee. */
export interface Way {
  /** what must arrive at the node for the payee to get its amount */
  readonly amountMsat: number;
  readonly feeMsat: number;
  /** blocks that the HTLC arriving at the node is pending at most, the payee's own included */
  readonly blocks: number;
  readonly hops: number;
  readonly cost: number;
  /** how likely the way carries it, where the cost has a model of that */
  readonly probability: number;
  /** what else the cost adds up along the way */
  readonly extra: number;
  /** the edge it begins with, −1 at the payee */
  readonly edge: number;
}

/** A way that an edge was put before, which the cost is to finish. */
export type WayDraft = { -readonly [Field in keyof Way]: Way[Field] };

/**
 * Says what a way costs, by writing `cost` and, where they are not those of the rest, `probability` and `extra`.
 * @param rest the way from the edge's end; the edge carries its `amountMsat`
 * @param isOwn whether the edge is the payer's own: it asks no fee and no blocks
 * @returns false if the edge must not be used
 */
export type WayCost = (way: WayDraft, rest: Way, edge: number, isOwn: boolean) => boolean;

/** What a search may not use besides what the view excludes. */
export interface Banned {
  readonly edges: ReadonlySet<number>;
  readonly nodes: ReadonlySet<number>;
}

export const NOTHING_BANNED: Banned = { edges: new Set(), nodes: new Set() };

/** The way of no edges. */
export const atPayee = (request: RouteRequest): Way => ({
  amountMsat: request.amountMsat,
  feeMsat: 0,
  blocks: request.finalCltvExpiryDelta,
  hops: 0,
  cost: 0,
  probability: 1,
  extra: 0,
  edge: -1,
});

/** Puts an edge before a way. @param way is overwritten @returns false where a limit of the request or the cost forbids it */
export function extendWay(
  way: WayDraft,
  request: RouteRequest,
  graph: CompiledGraph,
  rest: Way,
  edge: number,
  costOf: WayCost,
): boolean {
  const isOwn = graph.edgeFrom[edge] === request.source;
  const { amountMsat } = rest;
  const feeMsat = isOwn
    ? 0
    : forwardingFeeMsat(amountMsat, graph.feeBaseMsat[edge]!, graph.feeProportionalMillionths[edge]!);
  way.amountMsat = amountMsat + feeMsat;
  way.feeMsat = rest.feeMsat + feeMsat;
  way.blocks = rest.blocks + (isOwn ? 0 : graph.cltvExpiryDelta[edge]!);
  way.hops = rest.hops + 1;
  way.edge = edge;
  way.probability = rest.probability;
  way.extra = rest.extra;
  if (way.feeMsat > request.maxFeeMsat || way.hops > request.maxHops) return false;
  if (way.blocks > request.maxCltvExpiryDelta) return false;
  return costOf(way, rest, edge, isOwn);
}

/** What searches on a graph write down, used again by each: entries are valid where a stamp is the search's number. */
class Scratch {
  readonly ways: WayDraft[] = [];
  readonly labelled: Uint32Array;
  readonly settled: Uint32Array;
  readonly heap = new SearchHeap();
  search = 0;

  constructor(nodeCount: number) {
    this.labelled = new Uint32Array(nodeCount);
    this.settled = new Uint32Array(nodeCount);
  }
}

const scratchOf = perGraph((graph) => new Scratch(graph.nodeCount));

/** Finds ways on one graph for one request: what is the same for all searches is set up once. */
export class WaySearch {
  readonly #request: RouteRequest;
  readonly #view: PayerView;
  readonly #costOf: WayCost;
  readonly #excludedEdges: ReadonlySet<number>;
  readonly #excludedNodes: ReadonlySet<number>;
  /** the payer's edges by the peer they lead to */
  readonly #own = new Map<number, number[]>();
  readonly #scratch: Scratch;
  /** the way that is being priced */
  #draft: WayDraft;
  #below = Infinity;

  /** @param request one that `requestFailure` finds nothing wrong with */
  constructor(request: RouteRequest, view: PayerView, costOf: WayCost) {
    this.#request = request;
    this.#view = view;
    this.#costOf = costOf;
    this.#scratch = scratchOf(view.graph);
    this.#draft = { ...atPayee(request) };
    this.#excludedEdges = new Set(view.excludedEdges);
    this.#excludedNodes = new Set(view.excludedNodes);
    for (const edge of ownEdges(view, request.source)) {
      const peer = view.graph.edgeTo[edge]!;
      const edges = this.#own.get(peer);
      if (edges === undefined) this.#own.set(peer, [edge]);
      else edges.push(edge);
    }
  }

  /**
   * The edges from the payer to a node, put before a way that begins there: the whole route's first part.
   * @param from the node, the payee unless a way from it is given
   * @param below routes that cost this much or more are not looked for
   */
  find(
    from = this.#request.target,
    rest = atPayee(this.#request),
    banned = NOTHING_BANNED,
    below = Infinity,
  ): number[] | null {
    const { source } = this.#request;
    const { heap, settled, ways, labelled } = this.#scratch;
    const search = ++this.#scratch.search;
    heap.size = 0;
    this.#below = below;
    if (rest.blocks > this.#request.maxCltvExpiryDelta) return null;
    labelled[from] = search;
    ways[from] = { ...rest };
    heap.push(rest.cost, from);
    while (heap.size > 0) {
      const node = heap.pop();
      if (node === source) return this.#trace(from);
      if (settled[node] === search) continue;
      settled[node] = search;
      const way = ways[node]!;
      const own = this.#own.get(node);
      if (own !== undefined) {
        for (const edge of own) if (this.#canSend(edge, way.amountMsat, banned)) this.#offer(source, way, edge);
      }
      this.#relax(node, way, banned);
    }
    return null;
  }

  #canSend(edge: number, amountMsat: number, banned: Banned): boolean {
    if (banned.edges.has(edge) || this.#excludedEdges.has(edge)) return false;
    return sendableMsat(this.#view, edge) >= amountMsat && this.#view.graph.htlcMinimumMsat[edge]! <= amountMsat;
  }

  #relax(node: number, way: Way, banned: Banned): void {
    const { source, target } = this.#request;
    const { settled, search, labelled, ways } = this.#scratch;
    const { start, cells } = this.#view.graph.incoming;
    const { amountMsat } = way;
    const ends = CELL.size * start[node + 1]!;
    for (let cell = CELL.size * start[node]!; cell < ends; cell += CELL.size) {
      if (cells[cell + CELL.base] === Infinity) break;
      if (cells[cell + CELL.limit]! < amountMsat || cells[cell + CELL.minimum]! > amountMsat) continue;
      const from = cells[cell + CELL.neighbour]!;
      if (from === source || from === target || settled[from] === search) continue;
      if (labelled[from] === search && ways[from]!.cost <= way.cost) continue;
      if (banned.nodes.has(from) || this.#excludedNodes.has(from)) continue;
      const edge = cells[cell + CELL.edge]!;
      if (banned.edges.has(edge) || this.#excludedEdges.has(edge)) continue;
      this.#offer(from, way, edge);
    }
  }

  #offer(from: number, rest: Way, edge: number): void {
    const { heap, labelled, ways, search } = this.#scratch;
    const { source } = this.#request;
    const draft = this.#draft;
    if (!extendWay(draft, this.#request, this.#view.graph, rest, edge, this.#costOf)) return;
    const known = labelled[from] === search;
    if (known && ways[from]!.cost <= draft.cost) return;
    if (draft.cost >= this.#below) return;
    // costs do not fall along a way: one that is dearer than the payer's own leads to nothing better
    if (from !== source && labelled[source] === search && ways[source]!.cost <= draft.cost) return;
    // the node's old way is no longer read: it is the next draft
    this.#draft = ways[from] ?? { ...draft };
    ways[from] = draft;
    labelled[from] = search;
    heap.push(draft.cost, from);
  }

  #trace(end: number): number[] {
    const { ways } = this.#scratch;
    const edges: number[] = [];
    for (let node = this.#request.source; node !== end; node = this.#view.graph.edgeTo[edges.at(-1)!]!) {
      assert(edges.length <= this.#view.graph.nodeCount, 'a way without a loop');
      edges.push(ways[node]!.edge);
    }
    return edges;
  }
}
