/**
 * lnd's `describegraph` (lnrpc `ChannelGraph` as JSON), read and written.
 *
 * Its traps: 64-bit numbers are texts; `fee_rate_milli_msat` is parts per million and `min_htlc` is msat whatever their
 * names say; `node1_policy` is node1's own and prices node1 → node2 also where the keys are not in order; a policy is
 * null where no `channel_update` was seen; old dumps have no `max_htlc_msat`, and zero means absent.
 */
import { present } from '../../base/assert.ts';
import { utf8 } from '../../base/bytes.ts';
import { packedShortChannelId, parseShortChannelId, type ShortChannelId } from '../../base/ids.ts';
import { MSAT_PER_SAT, type Sat } from '../../base/units.ts';
import type { ChannelGraph, Policy } from '../../graph/channelGraph.ts';
import { JsonFields, type JsonObject } from '../jsonFields.ts';
import { readJsonLists } from '../jsonStream.ts';
import { GraphImport, NAME_LENGTH_MAX } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';
import type { RawPolicy } from './policyRepair.ts';

/**
 * The graph in a `describegraph`. What can be repaired is, and the report counts it; nothing is invented. A dump of any
 * length is read as its bytes come, without ever standing in memory as a whole.
 * @param source the text, or its bytes in pieces
 * @param file the text's name as the user knows it
 * @throws UserError if the text is not JSON, not of this shape, or no channel of it can be kept
 */
export function readLndGraph(source: string | Iterable<Uint8Array>, file: string): ImportedGraph {
  return new LndReader(file).read(typeof source === 'string' ? [utf8(source)] : source, file);
}

class LndReader {
  readonly #json: JsonFields;
  readonly #import: GraphImport;
  /** channels that the file lists before the nodes they join */
  readonly #early: (readonly [value: unknown, index: number])[] = [];
  #nodesRead = false;

  constructor(file: string) {
    this.#json = new JsonFields(file);
    this.#import = new GraphImport({ file, format: 'lnd', nodesByChannels: false, expectsKeys: true });
  }

  read(pieces: Iterable<Uint8Array>, file: string): ImportedGraph {
    const seen = readJsonLists(pieces, file, {
      nodes: {
        take: (node, i) => {
          this.#nodesRead = true;
          this.#readNode(node, `nodes[${i}]`);
        },
      },
      edges: {
        take: (edge, i) => {
          if (this.#nodesRead) this.#readEdge(edge, `edges[${i}]`);
          else this.#early.push([edge, i]);
        },
      },
    });
    for (const name of ['nodes', 'edges']) {
      if (!seen.includes(name)) this.#json.fail(undefined, () => name, 'a list');
    }
    for (const [edge, i] of this.#early) this.#readEdge(edge, `edges[${i}]`);
    return this.#import.finish('edges');
  }

  #readNode(value: unknown, path: string): void {
    const json = this.#json;
    const node = json.object(value, () => path);
    const key = this.#nodeId(json.field(node, 'pub_key'), () => `${path}.pub_key`);
    const given = json.field(node, 'alias') ?? '';
    const alias = typeof given === 'string' ? given : json.fail(given, () => `${path}.alias`, 'text');
    this.#import.addNode(key, alias, () => path);
  }

  #readEdge(value: unknown, path: string): void {
    const json = this.#json;
    const edge = json.object(value, () => path);
    const at = (name: string) => (): string => `${path}.${name}`;
    const id = this.#channelId(json.field(edge, 'channel_id'), at('channel_id'));
    const node1 = this.#nodeId(json.field(edge, 'node1_pub'), at('node1_pub'));
    const node2 = this.#nodeId(json.field(edge, 'node2_pub'), at('node2_pub'));
    const capacity = json.natural(json.field(edge, 'capacity'), at('capacity'));
    const policies = [
      this.#rawPolicy(edge, 'node1_policy', path),
      this.#rawPolicy(edge, 'node2_policy', path),
    ] as const;
    const capacitySat = this.#import.admit(id, node1, node2, capacity * MSAT_PER_SAT, () => path);
    if (capacitySat === null) return;
    const channel = {
      capacitySat,
      policy1: this.#repair(policies[0], capacitySat, at('node1_policy')),
      policy2: this.#repair(policies[1], capacitySat, at('node2_policy')),
    };
    this.#import.addChannel(id, node1, node2, channel, () => path);
  }

  #channelId(value: unknown, path: () => string): ShortChannelId {
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    const id = typeof text === 'string' ? parseShortChannelId(text) : null;
    return (
      id ?? this.#json.fail(value, path, 'a 64-bit short channel id as text (a JSON number loses its last digits)')
    );
  }

  #nodeId(value: unknown, path: () => string): string {
    return this.#json.text(value, NAME_LENGTH_MAX, path);
  }

  /** The policy's numbers as they stand in the file, or null. */
  #rawPolicy(edge: JsonObject, name: string, edgePath: string): LndPolicy | null {
    const json = this.#json;
    const value = json.field(edge, name) ?? null;
    if (value === null) return null;
    const policy = json.object(value, () => `${edgePath}.${name}`);
    const at = (field: string) => (): string => `${edgePath}.${name}.${field}`;
    const natural = (field: string): number => json.natural(json.field(policy, field), at(field));
    const optional = (field: string): number => (json.field(policy, field) === undefined ? 0 : natural(field));
    const nonZero = (field: string): boolean => !['undefined', 'null', '0'].includes(String(json.field(policy, field)));
    return {
      feeBase: natural('fee_base_msat'),
      feeRate: natural('fee_rate_milli_msat'),
      cltv: natural('time_lock_delta'),
      minimum: natural('min_htlc'),
      maximum: optional('max_htlc_msat'),
      disabled: json.flag(json.field(policy, 'disabled') ?? false, at('disabled')),
      hasInboundFee: nonZero('inbound_fee_base_msat') || nonZero('inbound_fee_rate_milli_msat'),
    };
  }

  /** A policy fit for use; null for a direction that was never announced. */
  #repair(raw: LndPolicy | null, capacitySat: Sat, path: () => string): Policy | null {
    const { remedies } = this.#import;
    if (raw === null) return this.#import.policy(null, capacitySat, path);
    const isBlank = raw.feeBase + raw.feeRate + raw.cltv + raw.minimum + raw.maximum === 0;
    if (isBlank && !raw.disabled) {
      // pruned dumps write a direction without channel_update this way: it is dead, not free
      remedies.add('policyZero', path);
      return null;
    }
    if (isBlank) remedies.add('policyBlank', path);
    else if (raw.maximum === 0) remedies.add('maximumAbsent', path);
    if (raw.hasInboundFee) remedies.add('inboundFee', path);
    return this.#import.policy(raw, capacitySat, path);
  }
}

interface LndPolicy extends RawPolicy {
  readonly hasInboundFee: boolean;
}

/**
 * The graph as a `describegraph` text, one node or channel a line. Fields of which the graph knows nothing
 * (`last_update`, `addresses`, `color`) are left out; `chan_point` is left out too, for a funding transaction exists
 * only once a world is built. `readLndGraph` gives the same graph back.
 */
export function writeLndGraph(graph: ChannelGraph): string {
  const nodes = graph.mapNodes((key, { alias }) => JSON.stringify({ pub_key: key, alias }));
  const edges = graph.mapEdges((key, { capacitySat, policy1, policy2 }, node1, node2) => {
    const id = present(parseShortChannelId(key), `a short channel id, not ${key}`);
    return JSON.stringify({
      channel_id: packedShortChannelId(id),
      node1_pub: node1,
      node2_pub: node2,
      capacity: String(capacitySat),
      node1_policy: policy1 && lndPolicy(policy1),
      node2_policy: policy2 && lndPolicy(policy2),
    });
  });
  return `{"nodes":[\n${nodes.join(',\n')}\n],"edges":[\n${edges.join(',\n')}\n]}\n`;
}

function lndPolicy(policy: Policy): JsonObject {
  return {
    time_lock_delta: policy.cltvExpiryDelta,
    min_htlc: String(policy.htlcMinimumMsat),
    fee_base_msat: String(policy.feeBaseMsat),
    fee_rate_milli_msat: String(policy.feeProportionalMillionths),
    disabled: policy.disabled,
    max_htlc_msat: String(policy.htlcMaximumMsat),
  };
}
