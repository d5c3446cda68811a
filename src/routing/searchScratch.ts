/**
 * What a search writes down, allocated once a graph and used again by every search on it.
 *
 * Labels are infinite between searches; a search lists the nodes it labels and takes their labels off at its end, so its
 * cost grows with what it touches, not with the graph. Exclusions are stamps of the search's number, never cleared.
 */
import type { CompiledGraph } from '../graph/compiled.ts';
import { SearchHeap } from './searchHeap.ts';
import { perGraph } from './perGraph.ts';

export class SearchScratch {
  readonly graph: CompiledGraph;

  // from the payee: a node's best label so far
  /** Weighted cost of the way from the node to the payee; −1 where no way may pass. */
  readonly cost: Float64Array;
  /** What must arrive at the node for the payee to get its amount. */
  readonly neededMsat: Float64Array;
  /** Blocks that the HTLC arriving at the node must be pending at most. */
  readonly cltvExpiryDelta: Int32Array;
  readonly hops: Uint8Array;
  /** The edge by which the way goes on. */
  readonly nextEdge: Int32Array;
  /** Nodes by the cost of their label. */
  readonly frontier: SearchHeap;
  /** Nodes whose bound is known for good, by the cost of their label and that bound. */
  readonly metFrontier: SearchHeap;

  // from the payer: a lower bound of the cost from the payer to a node
  readonly bound: Float64Array;
  /** The edge by which the way that is the bound arrives; −1 at the payer's neighbours. */
  readonly arrivalEdge: Int32Array;
  /** Nodes by bound; and rows read in part, as `~cell`, by what the rest of the row is not below. */
  readonly boundFrontier: SearchHeap;

  /** Nodes with a label in `cost` or in `bound`. */
  readonly touched: Int32Array;
  touchedCount = 0;

  // the payer's own edges, in chains by the neighbour they lead to; entries count from 1, 0 ends a chain
  readonly ownFirst: Int32Array;
  readonly ownNext: Int32Array;
  readonly ownEdge: Int32Array;
  readonly ownLimitMsat: Float64Array;

  /** Per node: the number of the last search that settled it. */
  readonly settledIn: Uint32Array;
  /** Per edge: the number of the last search that must not use it. */
  readonly excludedIn: Uint32Array;
  searchNumber = 0;

  // the request
  amountMsat = 0;
  maxNeededMsat = 0;
  maxCltvExpiryDelta = 0;
  maxHops = 0;
  perMsat = 0;
  perHop = 0;

  /** Cost of the nominal fees' least part (`leastPart`), and what is off it, for the amount of the request. */
  perNominalMsat = 0;
  lessCost = 0;

  // the best whole route so far: its cost, its edges up to a node (none: there is no route yet), and the node's way on
  bestCost = 0;
  readonly bestHead: number[] = [];
  bestEdge = -1;
  /** Did a limit on hops or blocks turn a label away? Then a dearer route may exist that keeps it. */
  limited = false;

  // edges read on either side
  work = 0;
  boundWork = 0;

  constructor(graph: CompiledGraph) {
    const { nodeCount, edgeCount } = graph;
    this.graph = graph;
    this.cost = new Float64Array(nodeCount).fill(Infinity);
    this.neededMsat = new Float64Array(nodeCount);
    this.cltvExpiryDelta = new Int32Array(nodeCount);
    this.hops = new Uint8Array(nodeCount);
    this.nextEdge = new Int32Array(nodeCount);
    this.frontier = new SearchHeap();
    this.metFrontier = new SearchHeap();
    this.bound = new Float64Array(nodeCount).fill(Infinity);
    this.arrivalEdge = new Int32Array(nodeCount);
    this.boundFrontier = new SearchHeap();
    this.touched = new Int32Array(2 * nodeCount);
    this.ownFirst = new Int32Array(nodeCount);
    const longestRow = graph.rowStart.reduce(
      (longest, start, node) => Math.max(longest, (graph.rowStart[node + 1] ?? start) - start),
      0,
    );
    this.ownNext = new Int32Array(longestRow + 1);
    this.ownEdge = new Int32Array(longestRow + 1);
    this.ownLimitMsat = new Float64Array(longestRow + 1);
    this.settledIn = new Uint32Array(nodeCount);
    this.excludedIn = new Uint32Array(edgeCount);
  }

  /** Forgets all that the search before settled and excluded; its labels it has taken off itself. */
  nextSearch(): void {
    if (++this.searchNumber > 0xffffffff) {
      this.settledIn.fill(0);
      this.excludedIn.fill(0);
      this.searchNumber = 1;
    }
    this.frontier.size = 0;
    this.metFrontier.size = 0;
    this.boundFrontier.size = 0;
    this.touchedCount = 0;
    this.bestHead.length = 0;
    this.bestEdge = -1;
    this.limited = false;
    this.work = 0;
    this.boundWork = 0;
  }
}

/** The graph's scratch, shared by all searches on it: a search runs to its end before the next begins. */
export const scratchOf = perGraph((graph) => new SearchScratch(graph));
