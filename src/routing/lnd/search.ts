/**
 * lnd's search (lnd 90ea05d5a, `routing/pathfind.go`, `findPath`): from the payee back to the payer, each node keeping the
 * one label of least distance, distance = fees + time-lock cost + attempt cost ÷ probability of the way.
 *
 * The last term makes distances not add up, so what is found is what this rule finds, not an optimum: the rule, its order
 * of checks and its tie-breaks (of equal distances the likelier label) are kept. lnd reads a node's channels in an order
 * that changes from run to run; here rows are read by rising fee.
 *
 * Parallel channels count as one edge: for a foreign node the dearest policy that can carry the amount, with the longest
 * time-lock and the largest capacity of them (it may forward over any of them); for the payer the channel that has most to send.
 *
 * The limit on hops is the request's; lnd's own is the size of the onion.
 */
import { assert } from '../../base/assert.ts';
import { forwardingFeeMsat } from '../../base/units.ts';
import type { CompiledGraph } from '../../graph/compiled.ts';
import { CELL } from '../../graph/searchRows.ts';
import { type ParallelEdges, isAlone, parallelEdgesOf } from '../parallelEdges.ts';
import { SearchHeap } from '../searchHeap.ts';
import type { PayerView, RouteRequest } from '../strategy.ts';
import type { ProbabilityEstimator } from './estimator.ts';
import type { MissionControl } from './missionControl.ts';
import { perGraph } from '../perGraph.ts';

/** What a search weighs. */
export interface LndWeights {
  /** a virtual cost of every attempt that fails, msat */
  readonly attemptCostMsat: number;
  /** added to it, parts per million of the amount */
  readonly attemptCostMillionths: number;
  /** what locking the amount for a block costs, in billionths of it (lnd, `RiskFactorBillionths`) */
  readonly riskFactorBillionths: number;
  /** −1 (cheap) to 1 (likely) */
  readonly timePreference: number;
  /** ways less likely than this are not followed */
  readonly minProbability: number;
}

export interface LndPath {
  /** from the payer to the payee */
  readonly edges: number[];
  /** per hop: the blocks granted to the node before it */
  readonly grantedDeltas: number[];
  readonly probability: number;
}

const SIZE = 6;
const BASE = 0;
const LIMIT = 1;
const MILLIONTHS = 2;
const NEIGHBOUR = 3;
const EDGE = 4;
const MINIMUM = 5;
assert(
  SIZE === CELL.size && BASE === CELL.base && LIMIT === CELL.limit && MILLIONTHS === CELL.millionths,
  'the cells of this file and of SearchRows are the same',
);
assert(NEIGHBOUR === CELL.neighbour && EDGE === CELL.edge && MINIMUM === CELL.minimum, 'and so they are to their end');

const BILLION = 1_000_000_000;

/** What a search writes down, shared by all on a graph; labels are valid where `labelled` has the search's number. */
class Scratch {
  readonly graph: CompiledGraph;
  readonly parallel: ParallelEdges;
  readonly alone: Uint8Array;
  readonly distance: Float64Array;
  readonly weight: Float64Array;
  readonly receivedMsat: Float64Array;
  readonly probability: Float64Array;
  readonly cltvExpiryDelta: Int32Array;
  readonly hops: Uint8Array;
  readonly nextEdge: Int32Array;
  readonly grantedDelta: Int32Array;
  readonly labelled: Uint32Array;
  readonly queued: Uint8Array;
  readonly blocked: Uint32Array;
  readonly excluded: Uint32Array;
  readonly hasHistory: Uint32Array;
  /** per node: the number of the last visit that unified its channels to the visited node */
  readonly unifiedIn: Float64Array;
  /** per node: the number of the last search whose payer had a channel to it */
  readonly isPeer: Uint32Array;
  readonly heap = new SearchHeap();
  search = 0;
  visit = 0;

  // the channel that a pair is taken for
  unifiedEdge = -1;
  unifiedFeeMsat = 0;
  unifiedCapacityMsat = 0;
  unifiedDelta = 0;

  constructor(graph: CompiledGraph) {
    const { nodeCount, edgeCount } = graph;
    this.graph = graph;
    this.parallel = parallelEdgesOf(graph);
    this.alone = new Uint8Array(edgeCount).map((_, edge) => (isAlone(this.parallel, edge) ? 1 : 0));
    this.distance = new Float64Array(nodeCount);
    this.weight = new Float64Array(nodeCount);
    this.receivedMsat = new Float64Array(nodeCount);
    this.probability = new Float64Array(nodeCount);
    this.cltvExpiryDelta = new Int32Array(nodeCount);
    this.hops = new Uint8Array(nodeCount);
    this.nextEdge = new Int32Array(nodeCount);
    this.grantedDelta = new Int32Array(nodeCount);
    this.labelled = new Uint32Array(nodeCount);
    this.queued = new Uint8Array(nodeCount);
    this.blocked = new Uint32Array(nodeCount);
    this.excluded = new Uint32Array(edgeCount);
    this.hasHistory = new Uint32Array(nodeCount);
    this.unifiedIn = new Float64Array(nodeCount);
    this.isPeer = new Uint32Array(nodeCount);
  }
}

const scratchOf = perGraph((graph) => new Scratch(graph));

/**
 * Finds lnd's way for the whole amount of a request, or null.
 * @param request one that `requestFailure` finds nothing wrong with
 */
export function findPath(
  request: RouteRequest,
  view: PayerView,
  memory: MissionControl,
  estimator: ProbabilityEstimator,
  weights: LndWeights,
): LndPath | null {
  const scratch = scratchOf(view.graph);
  const { source, target, amountMsat } = request;
  if (request.finalCltvExpiryDelta > request.maxCltvExpiryDelta || request.maxHops < 1) return null;
  begin(scratch, request, view, memory);
  const attemptCost = attemptCostMsat(amountMsat, weights);
  const search = scratch.search;
  const { heap, distance, labelled, queued, hops } = scratch;
  label(scratch, target, 0, 0, amountMsat, request.finalCltvExpiryDelta, 1, 0, -1, 0);
  for (;;) {
    if (heap.size === 0) break;
    const node = heap.pop();
    if (node === source) break;
    if (queued[node] === 0) continue;
    queued[node] = 0;
    // the payer's own label can't get better any more
    if (labelled[source] === search && distance[node]! >= distance[source]! && node !== target) continue;
    if (hops[node]! >= request.maxHops || scratch.receivedMsat[node]! - amountMsat > request.maxFeeMsat) continue;
    if (scratch.isPeer[node] === search) {
      relaxOwn(scratch, request, view, memory, estimator, weights, attemptCost, node);
    }
    relaxRow(scratch, request, view, memory, estimator, weights, attemptCost, node);
  }
  return labelled[source] === search ? trace(scratch, source, target) : null;
}

/** The attempt cost that a probability divides, msat (lnd, `AttemptCost`, `AttemptCostPPM`, time preference). */
function attemptCostMsat(amountMsat: number, weights: LndWeights): number {
  const cost = weights.attemptCostMsat + Math.floor((amountMsat * weights.attemptCostMillionths) / 1_000_000);
  // scaled, so that the extremes stay finite
  return cost * (1 / (0.5 - (0.9 * weights.timePreference) / 2) - 1);
}

function begin(scratch: Scratch, request: RouteRequest, view: PayerView, memory: MissionControl): void {
  const { graph } = scratch;
  scratch.search++;
  scratch.heap.size = 0;
  for (const edge of view.excludedEdges) scratch.excluded[edge] = scratch.search;
  for (const node of view.excludedNodes) if (node !== request.target) scratch.blocked[node] = scratch.search;
  for (const node of memory.knownNodes) scratch.hasHistory[node] = scratch.search;
  scratch.blocked[request.target] = scratch.search; // nothing passes through the payee
  scratch.blocked[request.source] = scratch.search; // the payer's own channels are read apart
  for (let i = graph.rowStart[request.source]!; i < graph.rowStart[request.source + 1]!; i++) {
    scratch.isPeer[graph.edgeFrom[graph.rowEdge[i]!]!] = scratch.search;
  }
}

/** Relaxes the payer's own channels to a node. */
function relaxOwn(
  scratch: Scratch,
  request: RouteRequest,
  view: PayerView,
  memory: MissionControl,
  estimator: ProbabilityEstimator,
  weights: LndWeights,
  attemptCost: number,
  node: number,
): void {
  const { graph } = scratch;
  const { source } = request;
  const amountMsat = scratch.receivedMsat[node]!;
  let best = -1;
  let bestMsat = 0;
  for (let i = graph.rowStart[source]!; i < graph.rowStart[source + 1]!; i++) {
    const edge = graph.rowEdge[i]! ^ 1;
    if (graph.edgeTo[edge] !== node || scratch.excluded[edge] === scratch.search) continue;
    if (amountMsat > graph.usableMsat(edge) || amountMsat < graph.htlcMinimumMsat[edge]!) continue;
    const spendableMsat = view.spendableMsat(edge);
    if (amountMsat > spendableMsat || spendableMsat < bestMsat) continue;
    best = edge;
    bestMsat = spendableMsat;
  }
  if (best === -1) return;
  const likely = estimator.local(memory, view.now, scratch.parallel.first[best]!);
  const probability = scratch.probability[node]! * likely;
  if (likely === 0 || probability < weights.minProbability) return;
  const weight = scratch.weight[node]!;
  const distance = Math.floor(weight + attemptCost / probability);
  if (!isNearer(scratch, source, distance, probability)) return;
  const hops = scratch.hops[node]! + 1;
  label(scratch, source, distance, weight, amountMsat, scratch.cltvExpiryDelta[node]!, probability, hops, best, 0);
}

/** Relaxes the edges into a node: the loop that most of the time goes into. */
function relaxRow(
  scratch: Scratch,
  request: RouteRequest,
  view: PayerView,
  memory: MissionControl,
  estimator: ProbabilityEstimator,
  weights: LndWeights,
  attemptCost: number,
  node: number,
): void {
  const { graph, distance, labelled, blocked, search, alone, hasHistory } = scratch;
  const { start, cells } = graph.incoming;
  const amountMsat = scratch.receivedMsat[node]!;
  const weightHere = scratch.weight[node]!;
  const likelyHere = scratch.probability[node]!;
  const hops = scratch.hops[node]! + 1;
  const cltvHere = scratch.cltvExpiryDelta[node]!;
  const untriedCost = attemptCost / (likelyHere * estimator.untriedAtMost);
  const triedCost = attemptCost / likelyHere;
  const risk = weights.riskFactorBillionths;
  const visit = ++scratch.visit;
  const ends = SIZE * start[node + 1]!;
  for (let cell = SIZE * start[node]!; cell < ends; cell += SIZE) {
    const baseMsat = cells[cell + BASE]!;
    if (baseMsat === Infinity) break;
    const from = cells[cell + NEIGHBOUR]! | 0;
    if (blocked[from] === search) continue;
    const known = hasHistory[from] === search;
    const bestSoFar = labelled[from] === search ? distance[from]! : Infinity;
    // no label by this edge, or a dearer one beside it, is nearer than this
    const mostLikelyCost = weightHere + (known ? triedCost : untriedCost);
    if (mostLikelyCost + baseMsat >= bestSoFar + 1) continue;
    let edge = cells[cell + EDGE]! | 0;
    let feeMsat: number;
    let capacityMsat: number;
    let delta: number;
    if (alone[edge] === 1) {
      if (cells[cell + LIMIT]! < amountMsat || cells[cell + MINIMUM]! > amountMsat) continue;
      if (scratch.excluded[edge] === search) continue;
      feeMsat = forwardingFeeMsat(amountMsat, baseMsat, cells[cell + MILLIONTHS]!);
      capacityMsat = graph.capacityMsat[edge >> 1]!;
      delta = graph.cltvExpiryDelta[edge]!;
    } else {
      if (scratch.unifiedIn[from] === visit) continue;
      scratch.unifiedIn[from] = visit;
      if (!unify(scratch, edge, amountMsat)) continue;
      edge = scratch.unifiedEdge;
      feeMsat = scratch.unifiedFeeMsat;
      capacityMsat = scratch.unifiedCapacityMsat;
      delta = scratch.unifiedDelta;
    }
    const weight = weightHere + feeMsat + timeLockCost(amountMsat, delta * risk);
    if (mostLikelyCost - weightHere + weight >= bestSoFar + 1) continue;
    const cltvExpiryDelta = cltvHere + delta;
    if (cltvExpiryDelta > request.maxCltvExpiryDelta) continue;
    const likely = known
      ? estimator.tried(memory, view.now, from, scratch.parallel.first[edge]!, amountMsat, capacityMsat)
      : estimator.untried(amountMsat, capacityMsat);
    const probability = likelyHere * likely;
    if (likely === 0 || probability < weights.minProbability) continue;
    const newDistance = Math.floor(weight + attemptCost / probability);
    if (!isNearer(scratch, from, newDistance, probability)) continue;
    label(scratch, from, newDistance, weight, amountMsat + feeMsat, cltvExpiryDelta, probability, hops, edge, delta);
  }
}

/** Whether a label replaces the node's own: it is nearer, or as near and likelier. */
function isNearer(scratch: Scratch, node: number, distance: number, probability: number): boolean {
  if (scratch.labelled[node] !== scratch.search) return true;
  const current = scratch.distance[node]!;
  return distance < current || (distance === current && probability > scratch.probability[node]!);
}

function label(
  scratch: Scratch,
  node: number,
  distance: number,
  weight: number,
  receivedMsat: number,
  cltvExpiryDelta: number,
  probability: number,
  hops: number,
  edge: number,
  grantedDelta: number,
): void {
  scratch.labelled[node] = scratch.search;
  scratch.distance[node] = distance;
  scratch.weight[node] = weight;
  scratch.receivedMsat[node] = receivedMsat;
  scratch.cltvExpiryDelta[node] = cltvExpiryDelta;
  scratch.probability[node] = probability;
  scratch.hops[node] = hops;
  scratch.nextEdge[node] = edge;
  scratch.grantedDelta[node] = grantedDelta;
  scratch.queued[node] = 1;
  // distances are whole: what the probability adds decides between equal ones, as far as 53 bits hold both
  scratch.heap.push(distance + (1 - probability) / 2, node);
}

/** Takes the channels from one node to another for one: its edge, fee, capacity and delta. @returns false if none carries it */
function unify(scratch: Scratch, edge: number, amountMsat: number): boolean {
  const { graph, parallel } = scratch;
  scratch.unifiedEdge = -1;
  scratch.unifiedFeeMsat = -1;
  scratch.unifiedCapacityMsat = 0;
  scratch.unifiedDelta = 0;
  for (let each = parallel.first[edge]!; each !== -1; each = parallel.next[each]!) {
    if (graph.enabled[each] === 0 || scratch.excluded[each] === scratch.search) continue;
    if (amountMsat > graph.usableMsat(each) || amountMsat < graph.htlcMinimumMsat[each]!) continue;
    scratch.unifiedCapacityMsat = Math.max(scratch.unifiedCapacityMsat, graph.capacityMsat[each >> 1]!);
    scratch.unifiedDelta = Math.max(scratch.unifiedDelta, graph.cltvExpiryDelta[each]!);
    const feeMsat = forwardingFeeMsat(amountMsat, graph.feeBaseMsat[each]!, graph.feeProportionalMillionths[each]!);
    if (feeMsat < scratch.unifiedFeeMsat) continue;
    scratch.unifiedFeeMsat = feeMsat;
    scratch.unifiedEdge = each;
  }
  return scratch.unifiedEdge !== -1;
}

/** ⌊amount × billionths / 10⁹⌋, exact although the product may pass 2^53. */
function timeLockCost(amountMsat: number, billionths: number): number {
  const product = amountMsat * billionths;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / BILLION);
  const whole = Math.floor(amountMsat / BILLION);
  return whole * billionths + Math.floor(((amountMsat - whole * BILLION) * billionths) / BILLION);
}

function trace(scratch: Scratch, source: number, target: number): LndPath {
  const edges: number[] = [];
  const grantedDeltas: number[] = [];
  for (let node = source; node !== target; node = scratch.graph.edgeTo[edges.at(-1)!]!) {
    assert(edges.length <= scratch.graph.nodeCount, 'a path without a loop');
    edges.push(scratch.nextEdge[node]!);
    grantedDeltas.push(scratch.grantedDelta[node]!);
  }
  return { edges, grantedDeltas, probability: scratch.probability[source]! };
}
