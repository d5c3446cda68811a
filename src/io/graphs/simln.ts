/**
 * SimLN's `sim_network` (github.com/bitcoin-dev-project/sim-ln), read and written.
 *
 * Its traps: `scid` is a JSON number of 64 bits, which no JSON parser of this platform keeps exact, so that it is taken
 * from the text; every amount is in msat; each node carries the policy of its own outgoing direction; nothing is ever
 * disabled, so an unusable direction is written with a minimum that no HTLC reaches.
 */
import { present } from '../../base/assert.ts';
import { utf8 } from '../../base/bytes.ts';
import { packedShortChannelId, parseShortChannelId } from '../../base/ids.ts';
import { MSAT_PER_SAT, type Sat } from '../../base/units.ts';
import type { ChannelGraph, Policy } from '../../graph/channelGraph.ts';
import { JsonFields, type JsonObject } from '../jsonFields.ts';
import { readJsonLists } from '../jsonStream.ts';
import { GraphImport, NAME_LENGTH_MAX } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';

/** HTLCs of one direction at a time: what BOLT 2 allows, and SimLN's usual `max_htlc_count`. */
const HTLCS_MAX = 483;
const SCID = /("scid"\s*:\s*)(\d+)/;

/** @throws UserError if the text is not JSON, not of this shape, or no channel of it can be kept */
export function readSimlnGraph(source: string | Iterable<Uint8Array>, file: string): ImportedGraph {
  return new SimlnReader(file).read(typeof source === 'string' ? [utf8(source)] : source);
}

class SimlnReader {
  readonly #file: string;
  readonly #json: JsonFields;
  readonly #import: GraphImport;

  constructor(file: string) {
    this.#file = file;
    this.#json = new JsonFields(file);
    this.#import = new GraphImport({ file, format: 'simln', nodesByChannels: true, expectsKeys: true });
  }

  read(source: Iterable<Uint8Array>): ImportedGraph {
    const seen = readJsonLists(source, this.#file, {
      sim_network: {
        take: (value, index) => this.#readChannel(value, `sim_network[${index}]`),
        prepare: (text) => text.replace(SCID, '$1"$2"'),
      },
    });
    if (seen.length === 0) this.#json.fail(undefined, () => 'sim_network', 'a list');
    return this.#import.finish('sim_network');
  }

  #readChannel(value: unknown, place: string): void {
    const json = this.#json;
    const path = (): string => place;
    const channel = json.object(value, path);
    const scid = json.field(channel, 'scid');
    const id =
      (typeof scid === 'string' ? parseShortChannelId(scid) : null) ??
      json.fail(scid, () => `${place}.scid`, 'a 64-bit short channel id');
    const capacityMsat = json.natural(json.field(channel, 'capacity_msat'), () => `${place}.capacity_msat`);
    const [end1, end2] = (['node_1', 'node_2'] as const).map((name) => {
      const at = `${place}.${name}`;
      return this.#readEnd(
        json.object(json.field(channel, name), () => at),
        at,
      );
    }) as [End, End];
    const capacitySat = this.#import.admit(id, end1.key, end2.key, capacityMsat, path);
    if (capacitySat === null) return;
    const attributes = {
      capacitySat,
      policy1: this.#policy(end1, capacitySat),
      policy2: this.#policy(end2, capacitySat),
    };
    this.#import.addChannel(id, end1.key, end2.key, attributes, path);
    for (const { key, alias, at } of [end1, end2]) this.#import.setAlias(key, alias, () => at);
  }

  #readEnd(end: JsonObject, at: string): End {
    const json = this.#json;
    const natural = (name: string): number => json.natural(json.field(end, name), () => `${at}.${name}`);
    const alias = json.field(end, 'alias') ?? '';
    return {
      at,
      key: json.text(json.field(end, 'pubkey'), NAME_LENGTH_MAX, () => `${at}.pubkey`),
      alias: typeof alias === 'string' ? alias : json.fail(alias, () => `${at}.alias`, 'text'),
      htlcs: natural('max_htlc_count'),
      inFlight: natural('max_in_flight_msat'),
      feeBase: natural('base_fee'),
      feeRate: natural('fee_rate_prop'),
      cltv: natural('cltv_expiry_delta'),
      minimum: natural('min_htlc_size_msat'),
      maximum: natural('max_htlc_size_msat'),
    };
  }

  #policy({ at, htlcs, inFlight, maximum, ...terms }: End, capacitySat: Sat): Policy | null {
    const path = (): string => at;
    if (htlcs < HTLCS_MAX || inFlight < capacitySat * MSAT_PER_SAT) this.#import.remedies.add('htlcLimits', path);
    // a maximum of zero lets nothing through here; elsewhere it says that there is none
    return this.#import.policy({ ...terms, maximum, disabled: maximum === 0 }, capacitySat, path);
  }
}

interface End {
  readonly at: string;
  readonly key: string;
  readonly alias: string;
  readonly htlcs: number;
  readonly inFlight: number;
  readonly feeBase: number;
  readonly feeRate: number;
  readonly cltv: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** The graph as a SimLN simulation file with a `sim_network` and nothing else; every channel needs both policies. */
export function writeSimlnGraph(graph: ChannelGraph): string {
  const end = (key: string, policy: Policy | null, capacitySat: Sat): JsonObject => {
    const terms = present(policy, 'a policy for each direction');
    return {
      pubkey: key,
      alias: graph.getNodeAttribute(key, 'alias'),
      max_htlc_count: HTLCS_MAX,
      max_in_flight_msat: capacitySat * MSAT_PER_SAT,
      min_htlc_size_msat: terms.htlcMinimumMsat,
      max_htlc_size_msat: terms.htlcMaximumMsat,
      cltv_expiry_delta: terms.cltvExpiryDelta,
      base_fee: terms.feeBaseMsat,
      fee_rate_prop: terms.feeProportionalMillionths,
    };
  };
  const channels = graph.mapEdges((key, { capacitySat, policy1, policy2 }, node1, node2) => {
    const id = present(parseShortChannelId(key), `a short channel id, not ${key}`);
    const fields = JSON.stringify({
      capacity_msat: capacitySat * MSAT_PER_SAT,
      node_1: end(node1, policy1, capacitySat),
      node_2: end(node2, policy2, capacitySat),
    });
    return `{"scid":${packedShortChannelId(id)},${fields.slice(1)}`;
  });
  return `{"sim_network":[\n${channels.join(',\n')}\n]}\n`;
}
