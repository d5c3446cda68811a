/**
 * The channel graph compiled for search: columns of numbers, one entry a node, a channel or an edge.
 *
 * An edge is one direction of a channel: `edge = 2 × channel + direction`, where direction 0 runs node1 → node2 at the
 * price of `policy1`; so `edge ^ 1` is the reverse and `edge >> 1` the channel. Topology is fixed once compiled; policies
 * and closed channels are written in place, and the rows that the search reads (`searchRows.ts`) keep step.
 */
import { assert, present } from '../base/assert.ts';
import { msat, satToMsat } from '../base/units.ts';
import type { ChannelGraph, Policy } from './channelGraph.ts';
import { type EdgeTerms, SearchRows } from './searchRows.ts';

/** A graph as columns: what `CompiledGraph` is built from, with no graphology in between. */
export interface GraphColumns {
  nodeKeys: readonly string[];
  /** short channel ids, or whatever names the channels */
  channelIds: readonly string[];
  /** per channel: index of its node1 */
  node1: ArrayLike<number>;
  /** per channel: index of its node2 */
  node2: ArrayLike<number>;
  /** per channel */
  capacityMsat: ArrayLike<number>;
  /** per edge, as the rest below */
  feeBaseMsat: ArrayLike<number>;
  feeProportionalMillionths: ArrayLike<number>;
  cltvExpiryDelta: ArrayLike<number>;
  htlcMinimumMsat: ArrayLike<number>;
  htlcMaximumMsat: ArrayLike<number>;
  /** 1 where the direction was announced and is not disabled */
  enabled: ArrayLike<number>;
}

/** All that news of an edge may change. */
export interface EdgeState {
  readonly capacityMsat: number;
  /** as in `CompiledGraph` */
  readonly enabled: number;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: number;
  readonly htlcMinimumMsat: number;
  readonly htlcMaximumMsat: number;
}

export class CompiledGraph {
  readonly nodeCount: number;
  readonly channelCount: number;
  readonly edgeCount: number;
  readonly nodeKeys: readonly string[];
  readonly nodeIndex: ReadonlyMap<string, number>;
  readonly channelIds: readonly string[];

  /** Per channel; 0 once it is closed. */
  readonly capacityMsat: Float64Array;

  // per edge
  readonly edgeFrom: Int32Array;
  readonly edgeTo: Int32Array;
  readonly feeBaseMsat: Float64Array;
  readonly feeProportionalMillionths: Float64Array;
  /** blocks */
  readonly cltvExpiryDelta: Int32Array;
  readonly htlcMinimumMsat: Float64Array;
  readonly htlcMaximumMsat: Float64Array;
  readonly enabled: Uint8Array;

  /** The incoming edges of node `n` are `rowEdge[rowStart[n]] … rowEdge[rowStart[n + 1] − 1]`, by rising edge. */
  readonly rowStart: Int32Array;
  readonly rowEdge: Int32Array;

  /** Rows of incoming edges, packed for the search from payee to payer. */
  readonly incoming: SearchRows;
  /** Rows of outgoing edges, packed for the bound computed from the payer. */
  readonly outgoing: SearchRows;

  /** Per node: 1 if all its channels lead to one neighbour, so that no route can pass through it. */
  readonly #deadEnd: Uint8Array;
  #channelIndex: ReadonlyMap<string, number> | null = null;
  /** What `#terms` gives, one object for all edges. */
  readonly #written: EdgeTerms = { baseMsat: 0, limitMsat: 0, minimumMsat: 0, millionths: 0 };

  /**
   * @throws InvariantError if columns differ in length, two nodes have one key, an end is not a node, or a channel's ends are
   *   one node
   */
  constructor(columns: GraphColumns) {
    this.nodeCount = columns.nodeKeys.length;
    this.channelCount = columns.channelIds.length;
    this.edgeCount = 2 * this.channelCount;
    checkColumns(columns);
    this.nodeKeys = columns.nodeKeys;
    this.channelIds = columns.channelIds;
    this.nodeIndex = indexOf(columns.nodeKeys, 'node');
    this.capacityMsat = new Float64Array(columns.capacityMsat);
    this.edgeFrom = new Int32Array(this.edgeCount);
    this.edgeTo = new Int32Array(this.edgeCount);
    for (let channel = 0; channel < this.channelCount; channel++) {
      const edge = 2 * channel;
      this.edgeFrom[edge] = this.edgeTo[edge + 1] = columns.node1[channel]!;
      this.edgeTo[edge] = this.edgeFrom[edge + 1] = columns.node2[channel]!;
    }
    this.feeBaseMsat = new Float64Array(columns.feeBaseMsat);
    this.feeProportionalMillionths = new Float64Array(columns.feeProportionalMillionths);
    this.cltvExpiryDelta = new Int32Array(columns.cltvExpiryDelta);
    this.htlcMinimumMsat = new Float64Array(columns.htlcMinimumMsat);
    this.htlcMaximumMsat = new Float64Array(columns.htlcMaximumMsat);
    this.enabled = new Uint8Array(columns.enabled);

    this.rowStart = countRows(this.edgeTo, this.nodeCount);
    this.rowEdge = fillRows(this.edgeTo, this.rowStart);
    this.#deadEnd = findDeadEnds(this);
    // a node has as many outgoing edges as incoming ones: one list of row starts serves both
    const { edgeFrom, edgeTo, rowStart } = this;
    this.incoming = new SearchRows(edgeTo, edgeFrom, rowStart, (edge) => this.#terms(edge, edgeFrom[edge]!));
    this.outgoing = new SearchRows(edgeFrom, edgeTo, rowStart, (edge) => this.#terms(edge, edgeTo[edge]!));
  }

  /**
   * Channels by id. Made when it is first asked for: of five million it takes hundreds of MB.
   * @throws InvariantError if two are the same
   */
  get channelIndex(): ReadonlyMap<string, number> {
    this.#channelIndex ??= indexOf(this.channelIds, 'channel');
    return this.#channelIndex;
  }

  /** The most that one HTLC over the edge may carry as the gossip has it, msat; 0 for a closed channel. */
  usableMsat(edge: number): number {
    return Math.min(this.htlcMaximumMsat[edge]!, this.capacityMsat[edge >> 1]!);
  }

  /** Takes a `channel_update` (BOLT 7): the edge's new policy, or null for a direction that is no longer announced. */
  setPolicy(edge: number, policy: Policy | null): void {
    assert(edge >= 0 && edge < this.edgeCount, `no edge ${edge} among ${this.edgeCount}`);
    const isClosed = this.capacityMsat[edge >> 1] === 0;
    this.enabled[edge] = policy === null || policy.disabled || isClosed ? 0 : 1;
    if (policy !== null) {
      this.feeBaseMsat[edge] = policy.feeBaseMsat;
      this.feeProportionalMillionths[edge] = policy.feeProportionalMillionths;
      this.cltvExpiryDelta[edge] = policy.cltvExpiryDelta;
      this.htlcMinimumMsat[edge] = policy.htlcMinimumMsat;
      this.htlcMaximumMsat[edge] = policy.htlcMaximumMsat;
    }
    this.#refresh(edge);
  }

  /** A splice has changed what a channel holds: an edge that carried all of it still does, another no more than there is. */
  setCapacity(channel: number, capacityMsat: number): void {
    const before = this.capacityMsat[channel]!;
    assert(before > 0 && capacityMsat > 0, 'a channel that is open has another capacity');
    this.capacityMsat[channel] = capacityMsat;
    for (const edge of [2 * channel, 2 * channel + 1]) {
      const most = this.htlcMaximumMsat[edge]!;
      this.htlcMaximumMsat[edge] = most === before ? capacityMsat : Math.min(most, capacityMsat);
      this.#refresh(edge);
    }
  }

  /** Takes a channel out of use, both ways and for its own nodes too; its index stays. */
  closeChannel(channel: number): void {
    assert(channel >= 0 && channel < this.channelCount, `no channel ${channel} among ${this.channelCount}`);
    this.capacityMsat[channel] = 0;
    for (const edge of [2 * channel, 2 * channel + 1]) {
      this.enabled[edge] = 0;
      this.#refresh(edge);
    }
  }

  /** An edge's policy as it is now. */
  policyOf(edge: number): Policy {
    return {
      feeBaseMsat: msat(this.feeBaseMsat[edge]!),
      feeProportionalMillionths: this.feeProportionalMillionths[edge]!,
      cltvExpiryDelta: this.cltvExpiryDelta[edge]!,
      htlcMinimumMsat: msat(this.htlcMinimumMsat[edge]!),
      htlcMaximumMsat: msat(this.htlcMaximumMsat[edge]!),
      disabled: this.enabled[edge] === 0,
    };
  }

  /** All that news of an edge may change, as it is now. */
  stateOf(edge: number): EdgeState {
    return {
      capacityMsat: this.capacityMsat[edge >> 1]!,
      enabled: this.enabled[edge]!,
      feeBaseMsat: this.feeBaseMsat[edge]!,
      feeProportionalMillionths: this.feeProportionalMillionths[edge]!,
      cltvExpiryDelta: this.cltvExpiryDelta[edge]!,
      htlcMinimumMsat: this.htlcMinimumMsat[edge]!,
      htlcMaximumMsat: this.htlcMaximumMsat[edge]!,
    };
  }

  /** Puts an edge, and its channel's capacity, back to what they were. */
  restore(edge: number, state: EdgeState): void {
    this.capacityMsat[edge >> 1] = state.capacityMsat;
    this.enabled[edge] = state.enabled;
    this.feeBaseMsat[edge] = state.feeBaseMsat;
    this.feeProportionalMillionths[edge] = state.feeProportionalMillionths;
    this.cltvExpiryDelta[edge] = state.cltvExpiryDelta;
    this.htlcMinimumMsat[edge] = state.htlcMinimumMsat;
    this.htlcMaximumMsat[edge] = state.htlcMaximumMsat;
    this.#refresh(edge);
    this.#refresh(edge ^ 1);
  }

  #refresh(edge: number): void {
    this.incoming.set(edge, this.#terms(edge, this.edgeFrom[edge]!));
    this.outgoing.set(edge, this.#terms(edge, this.edgeTo[edge]!));
  }

  /** What a search that enters `next` by the edge reads: a dead end is not entered, nor is a closed or disabled edge used. */
  #terms(edge: number, next: number): EdgeTerms {
    const terms = this.#written;
    const limitMsat = this.usableMsat(edge);
    const usable = this.enabled[edge] === 1 && limitMsat > 0 && this.#deadEnd[next] === 0;
    terms.baseMsat = usable ? this.feeBaseMsat[edge]! : Infinity;
    terms.limitMsat = limitMsat;
    terms.minimumMsat = this.htlcMinimumMsat[edge]!;
    terms.millionths = this.feeProportionalMillionths[edge]!;
    return terms;
  }
}

/** Compiles the graph that people hold: nodes and channels in the order in which they were added to it. */
export function compileGraph(graph: ChannelGraph): CompiledGraph {
  const nodeKeys = graph.nodes();
  const nodeIndex = indexOf(nodeKeys, 'node');
  const channels = graph.size;
  const perEdge = (): Float64Array => new Float64Array(2 * channels);
  const columns = {
    nodeKeys,
    channelIds: graph.edges(),
    node1: new Int32Array(channels),
    node2: new Int32Array(channels),
    capacityMsat: new Float64Array(channels),
    feeBaseMsat: perEdge(),
    feeProportionalMillionths: perEdge(),
    cltvExpiryDelta: perEdge(),
    htlcMinimumMsat: perEdge(),
    htlcMaximumMsat: perEdge(),
    enabled: new Uint8Array(2 * channels),
  } satisfies GraphColumns;
  let channel = 0;
  graph.forEachEdge((_, { capacitySat, policy1, policy2 }, node1, node2) => {
    columns.node1[channel] = present(nodeIndex.get(node1), node1);
    columns.node2[channel] = present(nodeIndex.get(node2), node2);
    const capacityMsat = satToMsat(capacitySat);
    columns.capacityMsat[channel] = capacityMsat;
    for (const [edge, policy] of [
      [2 * channel, policy1],
      [2 * channel + 1, policy2],
    ] as const) {
      columns.feeBaseMsat[edge] = policy?.feeBaseMsat ?? 0;
      columns.feeProportionalMillionths[edge] = policy?.feeProportionalMillionths ?? 0;
      columns.cltvExpiryDelta[edge] = policy?.cltvExpiryDelta ?? 0;
      columns.htlcMinimumMsat[edge] = policy?.htlcMinimumMsat ?? 0;
      // its own node may send over a direction that was never announced
      columns.htlcMaximumMsat[edge] = policy?.htlcMaximumMsat ?? capacityMsat;
      columns.enabled[edge] = policy === null || policy.disabled ? 0 : 1;
    }
    channel++;
  });
  return new CompiledGraph(columns);
}

function checkColumns(columns: GraphColumns): void {
  const channels = columns.channelIds.length;
  const nodes = columns.nodeKeys.length;
  const { node1, node2, capacityMsat, feeBaseMsat, feeProportionalMillionths } = columns;
  const { cltvExpiryDelta, htlcMinimumMsat, htlcMaximumMsat, enabled } = columns;
  for (const column of [node1, node2, capacityMsat]) {
    assert(column.length === channels, `a column of ${column.length} for ${channels} channels`);
  }
  const perEdge = [feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, htlcMinimumMsat, htlcMaximumMsat, enabled];
  for (const column of perEdge) {
    assert(column.length === 2 * channels, `a column of ${column.length} for ${2 * channels} edges`);
  }
  for (let channel = 0; channel < channels; channel++) {
    const [a, b] = [node1[channel]!, node2[channel]!];
    assert(a >= 0 && a < nodes && b >= 0 && b < nodes, `channel ${channel} joins ${a} and ${b} of ${nodes} nodes`);
    assert(a !== b, `channel ${channel} joins node ${a} to itself`);
  }
}

function indexOf(keys: readonly string[], what: string): Map<string, number> {
  const index = new Map<string, number>();
  for (let i = 0; i < keys.length; i++) index.set(keys[i]!, i);
  assert(index.size === keys.length, `two of the ${keys.length} ${what} keys are the same`);
  return index;
}

/** Compressed rows: where each node's row begins, given the node that each edge belongs to. */
function countRows(owner: Int32Array, nodes: number): Int32Array {
  const start = new Int32Array(nodes + 1);
  for (let edge = 0; edge < owner.length; edge++) start[owner[edge]! + 1]!++;
  for (let node = 0; node < nodes; node++) start[node + 1]! += start[node]!;
  return start;
}

function fillRows(owner: Int32Array, rowStart: Int32Array): Int32Array {
  const next = rowStart.slice();
  const rows = new Int32Array(owner.length);
  for (let edge = 0; edge < owner.length; edge++) rows[next[owner[edge]!]!++] = edge;
  return rows;
}

function findDeadEnds(graph: { edgeFrom: Int32Array; rowStart: Int32Array; rowEdge: Int32Array }): Uint8Array {
  const nodes = graph.rowStart.length - 1;
  const deadEnd = new Uint8Array(nodes);
  for (let node = 0; node < nodes; node++) {
    const row = graph.rowEdge.subarray(graph.rowStart[node], graph.rowStart[node + 1]);
    const neighbour = graph.edgeFrom[row[0] ?? 0];
    deadEnd[node] = row.every((edge) => graph.edgeFrom[edge] === neighbour) ? 1 : 0;
  }
  return deadEnd;
}
