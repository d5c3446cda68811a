/**
 * lnd's `describegraph` (lnrpc `ChannelGraph` as JSON), read and written.
 *
 * Its traps: 64-bit numbers are texts; `fee_rate_milli_msat` is parts per million and `min_htlc` is msat whatever their
 * names say; `node1_policy` is node1's own and prices node1 → node2 also where the keys are not in order; a policy is
 * null where no `channel_update` was seen; old dumps have no `max_htlc_msat`, and zero means absent.
 */
import { present } from '../base/assert.ts';
import { UserError } from '../base/errors.ts';
import { packedShortChannelId, parseShortChannelId, type ShortChannelId } from '../base/ids.ts';
import { sat, type Sat } from '../base/units.ts';
import { newChannelGraph, type ChannelGraph, type Policy } from '../graph/channelGraph.ts';
import { RemedyCounter, type ImportedGraph } from './graphReport.ts';
import { JsonFields, type JsonObject } from './jsonFields.ts';
import { parseJsonText } from './jsonText.ts';
import { CAPACITY_MAX_SAT, type RawPolicy, repairPolicy } from './policyRepair.ts';

/** Bytes of UTF-8 (BOLT 7, `node_announcement`). */
const ALIAS_BYTES_MAX = 32;
/** Hexadecimal digits of a compressed public key, and the longest name that may stand for one. */
const NODE_ID_LENGTH_MAX = 66;
const COMPRESSED_KEY = /^0[23][0-9a-f]{64}$/;

/**
 * The graph in a `describegraph` text. What can be repaired is, and the report counts it; nothing is invented.
 * @param file the text's name as the user knows it
 * @throws UserError if the text is not JSON, not of this shape, or no channel of it can be kept
 */
export function readLndGraph(text: string, file: string): ImportedGraph {
  return new LndReader(file).read(parseJsonText(text, file));
}

class LndReader {
  readonly #file: string;
  readonly #json: JsonFields;
  readonly #remedies = new RemedyCounter();
  readonly #graph = newChannelGraph();

  constructor(file: string) {
    this.#file = file;
    this.#json = new JsonFields(file);
  }

  read(document: unknown): ImportedGraph {
    const json = this.#json;
    const top = json.object(document, () => '');
    const nodes = json.list(json.field(top, 'nodes'), () => 'nodes');
    const edges = json.list(json.field(top, 'edges'), () => 'edges');
    for (const [i, node] of nodes.entries()) this.#readNode(node, `nodes[${i}]`);
    for (const [i, edge] of edges.entries()) this.#readEdge(edge, `edges[${i}]`);
    const report = {
      file: this.#file,
      format: 'lnd',
      nodesListed: nodes.length,
      channelsListed: edges.length,
      nodesKept: this.#graph.order,
      channelsKept: this.#graph.size,
      remedies: this.#remedies.list(),
    } as const;
    if (report.channelsKept === 0) {
      const why = report.remedies.map(({ kind, count }) => `${kind} ${count}`).join(', ');
      throw new UserError({
        file: this.#file,
        path: 'edges',
        found: edges.length === 0 ? 'no channel' : `${edges.length} channels, none of which can be kept (${why})`,
        expected: 'at least one channel between two listed nodes',
      });
    }
    return { graph: this.#graph, report };
  }

  #readNode(value: unknown, path: string): void {
    const json = this.#json;
    const node = json.object(value, () => path);
    const key = this.#nodeId(json.field(node, 'pub_key'), () => `${path}.pub_key`);
    const given = json.field(node, 'alias') ?? '';
    const alias = typeof given === 'string' ? given : json.fail(given, () => `${path}.alias`, 'text');
    if (this.#graph.hasNode(key)) return this.#remedies.add('nodeRepeated', () => path);
    if (!COMPRESSED_KEY.test(key)) this.#remedies.add('nodeNotKey', () => path);
    const bounded = boundAlias(alias);
    if (bounded.wasCut) this.#remedies.add('aliasTooLong', () => `${path}.alias`);
    this.#graph.addNode(key, { alias: bounded.alias });
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

    const drop = (kind: 'selfLoop' | 'unknownNode' | 'capacityZero' | 'capacityTooLarge' | 'channelRepeated'): void =>
      this.#remedies.add(kind, () => path);
    if (node1 === node2) return drop('selfLoop');
    if (!this.#graph.hasNode(node1) || !this.#graph.hasNode(node2)) return drop('unknownNode');
    if (capacity === 0) return drop('capacityZero');
    if (capacity > CAPACITY_MAX_SAT) return drop('capacityTooLarge');
    if (this.#graph.hasEdge(id)) return drop('channelRepeated');
    const capacitySat = sat(capacity);
    this.#graph.addUndirectedEdgeWithKey(id, node1, node2, {
      capacitySat,
      policy1: this.#repair(policies[0], capacitySat, at('node1_policy')),
      policy2: this.#repair(policies[1], capacitySat, at('node2_policy')),
    });
  }

  #channelId(value: unknown, path: () => string): ShortChannelId {
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    const id = typeof text === 'string' ? parseShortChannelId(text) : null;
    return (
      id ?? this.#json.fail(value, path, 'a 64-bit short channel id as text (a JSON number loses its last digits)')
    );
  }

  #nodeId(value: unknown, path: () => string): string {
    return this.#json.text(value, NODE_ID_LENGTH_MAX, path);
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
    const remedies = this.#remedies;
    if (raw === null) {
      remedies.add('policyNull', path);
      return null;
    }
    const isBlank = raw.feeBase + raw.feeRate + raw.cltv + raw.minimum + raw.maximum === 0;
    if (isBlank && !raw.disabled) {
      // pruned dumps write a direction without channel_update this way: it is dead, not free
      remedies.add('policyZero', path);
      return null;
    }
    if (isBlank) remedies.add('policyBlank', path);
    else if (raw.maximum === 0) remedies.add('maximumAbsent', path);
    if (raw.hasInboundFee) remedies.add('inboundFee', path);
    return repairPolicy(raw, capacitySat, remedies, path);
  }
}

interface LndPolicy extends RawPolicy {
  readonly hasInboundFee: boolean;
}

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** At most 32 bytes of well-formed UTF-8, cut between characters. */
function boundAlias(alias: string): { alias: string; wasCut: boolean } {
  const bytes = utf8Encoder.encode(alias.slice(0, ALIAS_BYTES_MAX + 1)); // a lone surrogate becomes U+FFFD
  if (bytes.length <= ALIAS_BYTES_MAX) return { alias: utf8Decoder.decode(bytes), wasCut: false };
  let end = ALIAS_BYTES_MAX;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--; // back from inside a character to its first byte
  return { alias: utf8Decoder.decode(bytes.subarray(0, end)), wasCut: true };
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
