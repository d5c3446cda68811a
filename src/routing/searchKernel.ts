/**
 * The search for the cheapest route: label setting from the payee back to the payer, on exact integer fees, directed by
 * a lower bound grown from the payer (A*, Hart, Nilsson and Raphael 1968; a bound from a search of the other side is
 * known as bidirectional A*).
 *
 * A label is what must arrive at a node for the payee to get its amount, so every fee is asked of the amount that is
 * really forwarded. An edge is usable if it is enabled, its capacity and its maximum allow the amount over it and its
 * minimum does not pass it. The payer's own edges are free, and it alone knows what they can carry. The bound of a node
 * is the cost from the payer to it at the fees for the payee's bare amount, which no real fee is below; a node that the
 * payer's side has not come to is no nearer than the next that it will. Where the two sides meet, the ways of both make a
 * route: its real cost, once it is known to be one, is what nothing of interest exceeds from there on.
 *
 * What is exact: the route's fee is the least of all routes (up to 703 BTC), and of equal fees its hops are the fewest, with
 * two exceptions. A route whose cheaper part stays below some edge's minimum while a dearer one would pass it is found only
 * if the two sides meet by it; and labels that break the limits on hops or blocks are dropped where they arise, though
 * another label of the same node, no cheaper, might have kept them.
 *
 * Ties: of equal fees the route of fewer hops, of equal hops the one found first; rows are read by rising fee, then by
 * rising edge, so the choice depends on the graph and the request alone.
 */
import { assert } from '../base/assert.ts';
import { forwardingFeeMsat } from '../base/units.ts';
import { CELL, leastLessMsat, leastPart, NOMINAL_PER_MILLIONTH } from '../graph/searchRows.ts';
import { type SearchScratch, scratchOf } from './searchScratch.ts';
import type { PayerView, RouteFailure, RouteRequest } from './strategy.ts';

/** What a label's cost counts: `perMsat × fee + perHop × hops`, all integers below 2^53. */
export interface CostWeights {
  readonly perMsat: number;
  readonly perHop: number;
}

/** Hops that fit beside a fee in a cost: the onion's 1300 bytes hold 27 at most (BOLT 4, "Packet Structure"). */
const MOST_HOPS = 63;
/** Fees that fit beside the hops in a cost, msat: 703 BTC. */
const MOST_FEE_MSAT = 2 ** 46 - 1;
/** The fee decides, hops break ties. */
export const FEE_THEN_HOPS: CostWeights = { perMsat: MOST_HOPS + 1, perHop: 1 };
/** Hops decide, the fee breaks ties. */
export const HOPS_THEN_FEE: CostWeights = { perMsat: 1, perHop: MOST_FEE_MSAT + 1 };

/** Parts per million, a little low. */
const PER_MILLION = 1e-6 * (1 - 2 ** -50);
/** The cost of a node that no way may pass: no label is below it. */
const BLOCKED = -1;
/** What settling a node costs beside reading its row, in edges read. */
const SETTLING_WORK = 8;
/** Cells that the payer's side reads of a row before it looks whether another row has cheaper ones. */
const CELLS_AT_ONCE = 8;

// A cell of `SearchRows`, as constants of this file: imported ones would be read anew at every edge.
const SIZE = 6;
const BASE = 0;
const LIMIT = 1;
const MILLIONTHS = 2;
const NEIGHBOUR = 3;
const EDGE = 4;
const MINIMUM = 5;
const PER_MILLIONTH: number = NOMINAL_PER_MILLIONTH;
assert(
  SIZE === CELL.size && BASE === CELL.base && LIMIT === CELL.limit && MILLIONTHS === CELL.millionths,
  'the cells of this file and of SearchRows are the same',
);
assert(NEIGHBOUR === CELL.neighbour && EDGE === CELL.edge && MINIMUM === CELL.minimum, 'and so they are to their end');

/** A search that found nothing, and whether a limit on hops or blocks had a part in it. */
export interface SearchFailure extends RouteFailure {
  readonly limited: boolean;
}

/**
 * Finds the route of least cost.
 * @param request one that `requestFailure` finds nothing wrong with
 * @returns its edges from the payer to the payee, or why there are none
 */
export function searchRoute(request: RouteRequest, view: PayerView, weights: CostWeights): number[] | SearchFailure {
  const scratch = scratchOf(view.graph);
  begin(scratch, request, weights);
  try {
    exclude(scratch, view);
    block(scratch, request.source);
    const ownEdges = listOwnEdges(scratch, view, request.source, request.target);
    if (ownEdges === 0) return { failure: 'insufficient-balance', limited: false };
    if (request.maxHops < 1 || request.finalCltvExpiryDelta > request.maxCltvExpiryDelta) {
      return { failure: 'no-route', limited: true };
    }
    // the search starts here whatever the bound, which a way through the payee, or into a dead end, need not reach
    scratch.bound[request.target] = 0;
    reach(scratch, request.target, -1, 0, request.amountMsat, request.finalCltvExpiryDelta, 0);
    meet(scratch);
    return scratch.bestHead.length === 0 ? { failure: 'no-route', limited: scratch.limited } : trace(scratch);
  } finally {
    finish(scratch, request.source);
  }
}

/** Searches from both sides, with as much work on each, until no way is left that could be better than the best route. */
function meet(scratch: SearchScratch): void {
  const { frontier, metFrontier, boundFrontier } = scratch;
  for (;;) {
    const unsettled = boundFrontier.topCost;
    const metCost = metFrontier.topCost;
    const unmetCost = frontier.topCost + unsettled;
    if (Math.min(metCost, unmetCost) >= scratch.bestCost) return;
    if (scratch.boundWork <= scratch.work && unsettled < scratch.bestCost) growBound(scratch);
    else settle(scratch, metCost <= unmetCost ? metFrontier.pop() : frontier.pop());
  }
}

function begin(scratch: SearchScratch, request: RouteRequest, weights: CostWeights): void {
  const maxFeeMsat = Math.min(request.maxFeeMsat, MOST_FEE_MSAT);
  const maxHops = Math.min(request.maxHops, MOST_HOPS);
  scratch.nextSearch();
  scratch.amountMsat = request.amountMsat;
  scratch.maxNeededMsat = request.amountMsat + maxFeeMsat;
  scratch.maxCltvExpiryDelta = request.maxCltvExpiryDelta;
  scratch.maxHops = maxHops;
  scratch.perMsat = weights.perMsat;
  scratch.perHop = weights.perHop;
  scratch.perNominalMsat = weights.perMsat * leastPart(request.amountMsat);
  scratch.lessCost = weights.perMsat * leastLessMsat(request.amountMsat);
  scratch.bestCost = weights.perMsat * maxFeeMsat + weights.perHop * maxHops + 1;
}

/** Marks what the view excludes; the payee may be an excluded node, for it is not passed through. */
function exclude(scratch: SearchScratch, view: PayerView): void {
  for (const edge of view.excludedEdges) scratch.excludedIn[edge] = scratch.searchNumber;
  for (const node of view.excludedNodes) block(scratch, node);
}

/** Lets no way pass the node. */
function block(scratch: SearchScratch, node: number): void {
  if (scratch.cost[node] !== Infinity) return;
  scratch.touched[scratch.touchedCount++] = node;
  scratch.cost[node] = BLOCKED;
  scratch.bound[node] = BLOCKED;
}

/** Lists the payer's edges that can send the amount, where the bound begins. @returns how many there are */
function listOwnEdges(scratch: SearchScratch, view: PayerView, source: number, target: number): number {
  const { graph, ownFirst, amountMsat } = scratch;
  let entries = 0;
  for (let i = graph.rowStart[source]!; i < graph.rowStart[source + 1]!; i++) {
    const edge = graph.rowEdge[i]! ^ 1;
    const neighbour = graph.edgeTo[edge]!;
    const limitMsat = Math.min(view.spendableMsat(edge), graph.usableMsat(edge));
    if (limitMsat < amountMsat || scratch.excludedIn[edge] === scratch.searchNumber) continue;
    if (scratch.cost[neighbour] === BLOCKED && neighbour !== target) continue;
    entries++;
    scratch.ownEdge[entries] = edge;
    scratch.ownLimitMsat[entries] = limitMsat;
    scratch.ownNext[entries] = ownFirst[neighbour]!;
    ownFirst[neighbour] = entries;
    if (scratch.bound[neighbour] === Infinity) reachFromPayer(scratch, neighbour, -1, 0);
  }
  return entries;
}

/** The payer's edge to its neighbour that carries an amount with the most to spare (the first of equals), or −1. */
function ownEdgeFor(scratch: SearchScratch, neighbour: number, amountMsat: number): number {
  let best = -1;
  let bestLimitMsat = amountMsat;
  for (let entry = scratch.ownFirst[neighbour]!; entry !== 0; entry = scratch.ownNext[entry]!) {
    const edge = scratch.ownEdge[entry]!;
    // a chain runs from the last edge to the first
    if (scratch.ownLimitMsat[entry]! < bestLimitMsat || scratch.graph.htlcMinimumMsat[edge]! > amountMsat) continue;
    best = edge;
    bestLimitMsat = scratch.ownLimitMsat[entry]!;
  }
  return best;
}

/** Relaxes the edges into a node, the first time that it comes up: its label is the best then. */
function settle(scratch: SearchScratch, node: number): void {
  if (scratch.settledIn[node] === scratch.searchNumber) return;
  scratch.settledIn[node] = scratch.searchNumber;
  relax(scratch, node);
}

/** Relaxes the edges into a node: the loop that most of the time goes into. */
function relax(scratch: SearchScratch, node: number): void {
  const { graph, cost, bound, perMsat, perNominalMsat, perHop } = scratch;
  const { start, cells } = graph.incoming;
  const neededMsat = scratch.neededMsat[node]!;
  const costSoFar = cost[node]! + perHop;
  const leastSoFar = costSoFar - scratch.lessCost;
  const unsettled = scratch.boundFrontier.topCost;
  const ends = SIZE * start[node + 1]!;
  let bestCost = scratch.bestCost;
  let cell = SIZE * start[node]!;
  for (; cell < ends; cell += SIZE) {
    const baseMsat = cells[cell + BASE]!;
    const millionths = cells[cell + MILLIONTHS]!;
    // and so it is for all further ones
    if (leastSoFar + perNominalMsat * (baseMsat + PER_MILLIONTH * millionths) >= bestCost) break;
    if (cells[cell + LIMIT]! < neededMsat) continue;
    const from = cells[cell + NEIGHBOUR]! | 0;
    const proportionalMsat = proportionalAtLeast(neededMsat, millionths);
    const atLeast = costSoFar + perMsat * (baseMsat + proportionalMsat);
    if (atLeast >= cost[from]! || atLeast + Math.min(bound[from]!, unsettled) >= bestCost) continue;
    extend(scratch, node, cell);
    bestCost = scratch.bestCost;
  }
  scratch.work += SETTLING_WORK + cell / SIZE - start[node]!;
}

/**
 * ⌊amount × millionths / 10⁶⌋ or a little less, in few instructions: equal where the product is below 2^48.
 *
 * Never more: four roundings of 2^-53 each stay under the 2^-50 that PER_MILLION is low by, and ½ × 10⁻⁶ reaches no
 * further integer. Not less below 2^48: 2^48 × 10⁻⁶ × (2^-50 + 2^-51) is under ½ × 10⁻⁶. (So bounds by the nominal fee may be
 * a msat above it for some 10,000 sat at more than 28 times the amount itself, which no route within a limit on fees pays.)
 */
export function proportionalAtLeast(amountMsat: number, millionths: number): number {
  return Math.floor((amountMsat * millionths + 0.5) * PER_MILLION);
}

/** Extends the way from a settled node by the edge in a cell, if it may be used and the way gets better by it. */
function extend(scratch: SearchScratch, node: number, cell: number): void {
  const { graph, cost, perMsat, perHop } = scratch;
  const { cells } = graph.incoming;
  const edge = cells[cell + EDGE]!;
  const forwardedMsat = scratch.neededMsat[node]!;
  if (cells[cell + MINIMUM]! > forwardedMsat || scratch.excludedIn[edge] === scratch.searchNumber) return;
  const from = cells[cell + NEIGHBOUR]! | 0;
  const feeMsat = forwardingFeeMsat(forwardedMsat, cells[cell + BASE]!, cells[cell + MILLIONTHS]!);
  const label = cost[node]! + perHop + perMsat * feeMsat;
  const neededMsat = forwardedMsat + feeMsat;
  if (neededMsat > scratch.maxNeededMsat || label >= cost[from]! || label >= scratch.bestCost) return;
  const cltvExpiryDelta = scratch.cltvExpiryDelta[node]! + graph.cltvExpiryDelta[edge]!;
  const hops = scratch.hops[node]! + 1;
  if (cltvExpiryDelta > scratch.maxCltvExpiryDelta || hops >= scratch.maxHops) scratch.limited = true;
  else reach(scratch, from, edge, label, neededMsat, cltvExpiryDelta, hops);
}

/** Labels a node; a route is whole if the payer has an edge to it that carries what must arrive there, or a way. */
function reach(
  scratch: SearchScratch,
  node: number,
  nextEdge: number,
  cost: number,
  neededMsat: number,
  cltvExpiryDelta: number,
  hops: number,
): void {
  if (scratch.cost[node] === Infinity) scratch.touched[scratch.touchedCount++] = node;
  scratch.cost[node] = cost;
  scratch.neededMsat[node] = neededMsat;
  scratch.cltvExpiryDelta[node] = cltvExpiryDelta;
  scratch.hops[node] = hops;
  scratch.nextEdge[node] = nextEdge;
  const ownEdge = ownEdgeFor(scratch, node, neededMsat);
  if (ownEdge !== -1) {
    // nothing dearer is of interest from here on, ways through this node among it
    scratch.bestCost = cost;
    scratch.bestHead.length = 0;
    scratch.bestHead.push(ownEdge);
    scratch.bestEdge = nextEdge;
    return;
  }
  const bound = scratch.bound[node]!;
  // a bound that is not above the next to be settled is settled, or as good as that
  if (bound <= scratch.boundFrontier.topCost) scratch.metFrontier.push(cost + bound, node);
  else scratch.frontier.push(cost, node);
  if (nextEdge !== -1 && cost + bound < scratch.bestCost) join(scratch, node);
}

/** The way by which the payer's side came to a labelled node may make a route with the way on from it, and a better one. */
function join(scratch: SearchScratch, node: number): void {
  const { graph, arrivalEdge, perMsat, perHop } = scratch;
  let cost = scratch.cost[node]!;
  let amountMsat = scratch.neededMsat[node]!;
  let cltvExpiryDelta = scratch.cltvExpiryDelta[node]!;
  let hops = scratch.hops[node]!;
  let at = node;
  const edges: number[] = [];
  for (let edge = arrivalEdge[at]!; edge !== -1; edge = arrivalEdge[at]!) {
    if (graph.htlcMinimumMsat[edge]! > amountMsat || graph.usableMsat(edge) < amountMsat) return;
    const feeMsat = forwardingFeeMsat(amountMsat, graph.feeBaseMsat[edge]!, graph.feeProportionalMillionths[edge]!);
    amountMsat += feeMsat;
    cost += perHop + perMsat * feeMsat;
    cltvExpiryDelta += graph.cltvExpiryDelta[edge]!;
    hops++;
    at = graph.edgeFrom[edge]!;
    if (isOnWay(scratch, node, at)) return;
    edges.push(edge);
  }
  if (cost >= scratch.bestCost || amountMsat > scratch.maxNeededMsat) return;
  if (cltvExpiryDelta > scratch.maxCltvExpiryDelta || hops >= scratch.maxHops) return;
  const ownEdge = ownEdgeFor(scratch, at, amountMsat);
  if (ownEdge === -1) return;
  scratch.bestCost = cost;
  scratch.bestHead.length = 0;
  scratch.bestHead.push(ownEdge);
  for (let i = edges.length - 1; i >= 0; i--) scratch.bestHead.push(edges[i]!);
  scratch.bestEdge = scratch.nextEdge[node]!;
}

/** Whether the way on from a labelled node comes to another. */
function isOnWay({ graph, nextEdge }: SearchScratch, node: number, other: number): boolean {
  for (let edge = nextEdge[node]!; edge !== -1; edge = nextEdge[graph.edgeTo[edge]!]!) {
    if (graph.edgeTo[edge] === other) return true;
  }
  return false;
}

/** Reads some cells more on the payer's side, at no more than the fees for the bare amount: of a node, or of a row begun. */
function growBound(scratch: SearchScratch): void {
  const { graph, cost, bound, boundFrontier, excludedIn, searchNumber, amountMsat, perMsat, perNominalMsat } = scratch;
  const { start, cells } = graph.outgoing;
  const listed = boundFrontier.topCost;
  const entry = boundFrontier.pop();
  const isNode = entry >= 0;
  if (isNode && listed > bound[entry]!) return;
  const node = isNode ? entry : graph.edgeFrom[cells[SIZE * ~entry + EDGE]!]!;
  if (isNode && cost[node]! < Infinity) scratch.metFrontier.push(listed + cost[node]!, node);
  const costSoFar = bound[node]! + scratch.perHop;
  const leastSoFar = costSoFar - scratch.lessCost;
  const first = SIZE * (isNode ? start[node]! : ~entry);
  const ends = SIZE * start[node + 1]!;
  const pause = first + SIZE * CELLS_AT_ONCE;
  let cell = first;
  for (; cell < ends; cell += SIZE) {
    const baseMsat = cells[cell + BASE]!;
    const millionths = cells[cell + MILLIONTHS]!;
    const least = leastSoFar + perNominalMsat * (baseMsat + PER_MILLIONTH * millionths);
    if (least >= scratch.bestCost) break;
    if (cell >= pause && least > boundFrontier.topCost) {
      boundFrontier.push(least, ~(cell / SIZE));
      break;
    }
    if (cells[cell + LIMIT]! < amountMsat) continue;
    const to = cells[cell + NEIGHBOUR]! | 0;
    const atLeast = costSoFar + perMsat * (baseMsat + proportionalAtLeast(amountMsat, millionths));
    if (atLeast >= bound[to]! || atLeast >= scratch.bestCost) continue;
    const edge = cells[cell + EDGE]!;
    if (excludedIn[edge] === searchNumber) continue;
    reachFromPayer(scratch, to, edge, atLeast);
    if (atLeast + cost[to]! < scratch.bestCost) join(scratch, to);
  }
  scratch.boundWork += SETTLING_WORK + (cell - first) / SIZE;
}

function reachFromPayer(scratch: SearchScratch, node: number, edge: number, cost: number): void {
  if (scratch.bound[node] === Infinity) scratch.touched[scratch.touchedCount++] = node;
  scratch.bound[node] = cost;
  scratch.arrivalEdge[node] = edge;
  scratch.boundFrontier.push(cost, node);
}

/** The edges of the best route, from the payer to the payee. */
function trace(scratch: SearchScratch): number[] {
  const edges = [...scratch.bestHead];
  for (let edge = scratch.bestEdge; edge !== -1; edge = scratch.nextEdge[scratch.graph.edgeTo[edge]!]!) {
    assert(edges.length <= MOST_HOPS, 'a route without a loop');
    edges.push(edge);
  }
  return edges;
}

/** Takes every label off. */
function finish(scratch: SearchScratch, source: number): void {
  const { graph, touched } = scratch;
  for (let i = 0; i < scratch.touchedCount; i++) {
    scratch.cost[touched[i]!] = Infinity;
    scratch.bound[touched[i]!] = Infinity;
  }
  for (let i = graph.rowStart[source]!; i < graph.rowStart[source + 1]!; i++) {
    scratch.ownFirst[graph.edgeFrom[graph.rowEdge[i]!]!] = 0;
  }
}
