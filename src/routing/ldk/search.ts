/**
 * LDK's search for one path (LDK cfee4b755, `lightning/src/routing/router.rs`, `get_route`): label setting from the payee on
 * fees + penalties over the value that the path contributes.
 *
 * A label's cost is max(fees, what the path's minimums ask) + penalties. A channel that can't carry the whole value narrows the
 * path from there on, down to the least contribution asked for; costs compare by value, so that a narrow path does not look
 * cheap. A processed node is final.
 */
import { assert } from '../../base/assert.ts';
import { forwardingFeeMsat } from '../../base/units.ts';
import type { CompiledGraph } from '../../graph/compiled.ts';
import { CELL, leastLessMsat, leastPart, NOMINAL_PER_MILLIONTH } from '../../graph/searchRows.ts';
import { SearchHeap } from '../searchHeap.ts';
import type { PayerView, RouteRequest } from '../strategy.ts';
import type { PayerScores } from './scorer.ts';
import { perGraph } from '../perGraph.ts';

/** What one path is to bring. */
export interface PathDemand {
  readonly valueMsat: number;
  readonly leastContributionMsat: number;
  /** no HTLC takes more than this power of ½ of a channel's capacity */
  readonly saturationPowerOfHalf: number;
  readonly maxCltvExpiryDelta: number;
  /** what earlier paths of the payment carry over an edge; infinite for an edge not to be used again */
  readonly usedMsat: ReadonlyMap<number, number>;
}

export interface LdkPath {
  /** from the payer to the payee */
  readonly edges: number[];
  readonly valueMsat: number;
  readonly penaltyMsat: number;
}

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

/** What a search writes down, shared by all on a graph; labels are valid where `labelled` has the search's number. */
class Scratch {
  readonly graph: CompiledGraph;
  readonly cost: Float64Array;
  readonly feeMsat: Float64Array;
  readonly pathMinimumMsat: Float64Array;
  readonly penaltyMsat: Float64Array;
  readonly valueMsat: Float64Array;
  readonly cltvExpiryDelta: Int32Array;
  readonly hops: Uint8Array;
  readonly nextEdge: Int32Array;
  readonly labelled: Uint32Array;
  readonly closed: Uint32Array;
  readonly isPeer: Uint32Array;
  /** per channel: the number of the last search that must not use it */
  readonly failed: Uint32Array;
  /** per channel: the number of the last search whose payer had learnt something of it */
  readonly known: Uint32Array;
  readonly heap = new SearchHeap();
  search = 0;

  constructor(graph: CompiledGraph) {
    const { nodeCount, channelCount } = graph;
    this.graph = graph;
    this.cost = new Float64Array(nodeCount);
    this.feeMsat = new Float64Array(nodeCount);
    this.pathMinimumMsat = new Float64Array(nodeCount);
    this.penaltyMsat = new Float64Array(nodeCount);
    this.valueMsat = new Float64Array(nodeCount);
    this.cltvExpiryDelta = new Int32Array(nodeCount);
    this.hops = new Uint8Array(nodeCount);
    this.nextEdge = new Int32Array(nodeCount);
    this.labelled = new Uint32Array(nodeCount);
    this.closed = new Uint32Array(nodeCount);
    this.isPeer = new Uint32Array(nodeCount);
    this.failed = new Uint32Array(channelCount);
    this.known = new Uint32Array(channelCount);
  }
}

const scratchOf = perGraph((graph) => new Scratch(graph));

/** Finds the path of least cost by value, or null. @param request one that `requestFailure` finds nothing wrong with */
export function findPath(
  request: RouteRequest,
  view: PayerView,
  scores: PayerScores,
  demand: PathDemand,
): LdkPath | null {
  const scratch = scratchOf(view.graph);
  const { source, target } = request;
  if (request.finalCltvExpiryDelta > demand.maxCltvExpiryDelta || request.maxHops < 1) return null;
  begin(scratch, request, view, scores);
  const { heap, closed, search } = scratch;
  label(scratch, target, -1, 0, 0, 0, demand.valueMsat, request.finalCltvExpiryDelta, 0);
  while (heap.size > 0) {
    const node = heap.pop();
    if (node === source) return trace(scratch, source, target);
    if (closed[node] === search) continue;
    closed[node] = search;
    if (scratch.hops[node]! >= request.maxHops) continue;
    if (scratch.isPeer[node] === search) relaxOwn(scratch, request, view, demand, node);
    relaxRow(scratch, request, view, scores, demand, node);
  }
  return null;
}

function begin(scratch: Scratch, request: RouteRequest, view: PayerView, scores: PayerScores): void {
  const { graph } = scratch;
  const search = ++scratch.search;
  scratch.heap.size = 0;
  // LDK avoids a channel that failed for the payment in both directions
  for (const edge of view.excludedEdges) scratch.failed[edge >> 1] = search;
  for (const node of view.excludedNodes) if (node !== request.target) scratch.closed[node] = search;
  for (const channel of scores.memory.channels) scratch.known[channel] = search;
  for (let i = graph.rowStart[request.source]!; i < graph.rowStart[request.source + 1]!; i++) {
    scratch.isPeer[graph.edgeFrom[graph.rowEdge[i]!]!] = search;
  }
}

/** Relaxes the payer's own channels to a node: they cost nothing, and what they can send is known. */
function relaxOwn(scratch: Scratch, request: RouteRequest, view: PayerView, demand: PathDemand, node: number): void {
  const { graph, search } = scratch;
  const { source } = request;
  const feeMsat = scratch.feeMsat[node]!;
  const candidates: { edge: number; availableMsat: number }[] = [];
  for (let i = graph.rowStart[source]!; i < graph.rowStart[source + 1]!; i++) {
    const edge = graph.rowEdge[i]! ^ 1;
    if (graph.edgeTo[edge] !== node || scratch.failed[edge >> 1] === search) continue;
    const mostMsat = Math.min(view.spendableMsat(edge), graph.usableMsat(edge));
    candidates.push({ edge, availableMsat: mostMsat - (demand.usedMsat.get(edge) ?? 0) });
  }
  // of channels with enough the smallest, so that the large ones stay whole; else the largest
  const wantedMsat = 3 * request.amountMsat;
  candidates.sort((a, b) =>
    a.availableMsat < wantedMsat || b.availableMsat < wantedMsat
      ? b.availableMsat - a.availableMsat
      : a.availableMsat - b.availableMsat,
  );
  for (const { edge, availableMsat } of candidates) {
    const valueMsat = Math.min(availableMsat - feeMsat, scratch.valueMsat[node]!);
    const amountMsat = valueMsat + feeMsat;
    if (valueMsat < demand.leastContributionMsat || feeMsat > request.maxFeeMsat) continue;
    const minimumMsat = Math.max(graph.htlcMinimumMsat[edge]!, scratch.pathMinimumMsat[node]!);
    if (amountMsat < minimumMsat) continue;
    const cltvExpiryDelta = scratch.cltvExpiryDelta[node]!;
    const penaltyMsat = scratch.penaltyMsat[node]!;
    const cost = Math.max(feeMsat, minimumMsat) + penaltyMsat;
    if (!isCheaper(scratch, source, cost, valueMsat)) continue;
    const hops = scratch.hops[node]! + 1;
    label(scratch, source, edge, feeMsat, minimumMsat, penaltyMsat, valueMsat, cltvExpiryDelta, hops);
  }
}

/** Relaxes the edges into a node: the loop that most of the time goes into. */
function relaxRow(
  scratch: Scratch,
  request: RouteRequest,
  view: PayerView,
  scores: PayerScores,
  demand: PathDemand,
  node: number,
): void {
  const { graph, search, closed, labelled, cost, valueMsat: values } = scratch;
  const { scorer, memory, now } = scores;
  const { source } = request;
  const { start, cells } = graph.incoming;
  const feeHere = scratch.feeMsat[node]!;
  const minimumHere = scratch.pathMinimumMsat[node]!;
  const penaltyHere = scratch.penaltyMsat[node]!;
  const valueHere = values[node]!;
  const leastMsat = demand.leastContributionMsat;
  const share = 0.5 ** demand.saturationPowerOfHalf;
  const hops = scratch.hops[node]! + 1;
  const usesEdges = demand.usedMsat.size > 0;
  const leastAmountMsat = leastMsat + feeHere;
  const leastKnown = scorer.leastPenaltyMsat(leastAmountMsat, false);
  const leastUntried = scorer.leastPenaltyMsat(leastAmountMsat, true);
  const feePart = leastPart(leastAmountMsat);
  const leastHere = feeHere - leastLessMsat(leastAmountMsat) + penaltyHere + leastKnown;
  const sourceCost = labelled[source] === search ? cost[source]! / values[source]! : Infinity;
  // nothing above this leads to a better path than the best so far
  const mostMsat = sourceCost * valueHere;
  const ends = SIZE * start[node + 1]!;
  for (let cell = SIZE * start[node]!; cell < ends; cell += SIZE) {
    const baseMsat = cells[cell + BASE]!;
    const millionths = cells[cell + MILLIONTHS]!;
    const soFar = leastHere + feePart * (baseMsat + PER_MILLIONTH * millionths);
    if (soFar === Infinity || soFar > mostMsat) break; // and so it is for all further ones
    if (cells[cell + LIMIT]! < leastAmountMsat) continue;
    const from = cells[cell + NEIGHBOUR]! | 0;
    if (closed[from] === search || from === source) continue;
    const edge = cells[cell + EDGE]! | 0;
    const channel = edge >> 1;
    const isKnown = scratch.known[channel] === search;
    // a node that is no peer of the payer is a channel away from one at least
    const further = scratch.isPeer[from] === search ? 0 : leastKnown;
    const least = soFar + (isKnown ? 0 : leastUntried - leastKnown);
    if (least + further > mostMsat) continue;
    const hasLabel = labelled[from] === search;
    if (hasLabel && least * values[from]! > cost[from]! * valueHere) continue;
    const capacityMsat = graph.capacityMsat[channel]!;
    let availableMsat = Math.min(Math.floor(capacityMsat * share), cells[cell + LIMIT]!) - feeHere;
    let usedMsat = 0;
    if (usesEdges) {
      usedMsat = demand.usedMsat.get(edge) ?? 0;
      availableMsat -= usedMsat;
    }
    const valueMsat = Math.min(availableMsat, valueHere);
    if (valueMsat < leastMsat || scratch.failed[channel] === search) continue;
    const amountMsat = valueMsat + feeHere;
    const minimumMsat = Math.max(minimumHere, cells[cell + MINIMUM]!);
    if (amountMsat < minimumMsat) continue;
    const cltvExpiryDelta = scratch.cltvExpiryDelta[node]! + graph.cltvExpiryDelta[edge]!;
    if (cltvExpiryDelta > demand.maxCltvExpiryDelta) continue;
    const feeMsat = feeHere + forwardingFeeMsat(amountMsat, baseMsat, millionths);
    if (feeMsat > request.maxFeeMsat) continue;
    const pathMinimumMsat = minimumMsat + forwardingFeeMsat(minimumMsat, baseMsat, millionths);
    const dearest = Math.max(feeMsat, pathMinimumMsat) + penaltyHere;
    const atLeast = dearest + (isKnown ? leastKnown : leastUntried);
    if (hasLabel && atLeast * values[from]! > cost[from]! * valueMsat) continue;
    if (atLeast + further > sourceCost * valueMsat) continue;
    const liquidity = memory.look(edge, capacityMsat, now);
    const inFlightMsat = view.inFlightMsat(edge) + usedMsat;
    const penaltyMsat =
      penaltyHere + scorer.penaltyMsat(liquidity, amountMsat, inFlightMsat, capacityMsat, graph.htlcMaximumMsat[edge]!);
    const newCost = Math.max(feeMsat, pathMinimumMsat) + penaltyMsat;
    if (!isCheaper(scratch, from, newCost, valueMsat)) continue;
    label(scratch, from, edge, feeMsat, pathMinimumMsat, penaltyMsat, valueMsat, cltvExpiryDelta, hops);
  }
}

/** Products of costs and values are compared as floats unless they are this close to each other. */
const NEAR = 1e-14;

/** Whether a label replaces the node's own: it costs less for what it contributes. */
function isCheaper(scratch: Scratch, node: number, cost: number, valueMsat: number): boolean {
  if (scratch.labelled[node] !== scratch.search) return true;
  const [oldCost, oldValueMsat] = [scratch.cost[node]!, scratch.valueMsat[node]!];
  if (valueMsat === oldValueMsat) return cost < oldCost;
  const [ours, theirs] = [cost * oldValueMsat, oldCost * valueMsat];
  if (Math.abs(ours - theirs) > NEAR * theirs) return ours < theirs;
  return BigInt(cost) * BigInt(oldValueMsat) < BigInt(oldCost) * BigInt(valueMsat);
}

function label(
  scratch: Scratch,
  node: number,
  nextEdge: number,
  feeMsat: number,
  pathMinimumMsat: number,
  penaltyMsat: number,
  valueMsat: number,
  cltvExpiryDelta: number,
  hops: number,
): void {
  const cost = Math.max(feeMsat, pathMinimumMsat) + penaltyMsat;
  scratch.labelled[node] = scratch.search;
  scratch.cost[node] = cost;
  scratch.feeMsat[node] = feeMsat;
  scratch.pathMinimumMsat[node] = pathMinimumMsat;
  scratch.penaltyMsat[node] = penaltyMsat;
  scratch.valueMsat[node] = valueMsat;
  scratch.cltvExpiryDelta[node] = cltvExpiryDelta;
  scratch.hops[node] = hops;
  scratch.nextEdge[node] = nextEdge;
  scratch.heap.push(cost / valueMsat, node);
}

function trace(scratch: Scratch, source: number, target: number): LdkPath {
  const edges: number[] = [];
  for (let node = source; node !== target; node = scratch.graph.edgeTo[edges.at(-1)!]!) {
    assert(edges.length <= scratch.graph.nodeCount, 'a path without a loop');
    edges.push(scratch.nextEdge[node]!);
  }
  return { edges, valueMsat: scratch.valueMsat[source]!, penaltyMsat: scratch.penaltyMsat[source]! };
}
