/**
 * Core Lightning's `listchannels`, read and written: one object a direction.
 *
 * Its traps: amounts are JSON numbers in msat today and texts such as `"1000msat"` in 2021, when the capacity stood in
 * `satoshis`; `direction` is 0 from the smaller node id, and absent in old dumps; a direction without a `channel_update`
 * is not listed at all; there are no nodes and no aliases.
 */
import { utf8 } from '../../base/bytes.ts';
import { MSAT_PER_SAT } from '../../base/units.ts';
import type { ChannelGraph, Policy } from '../../graph/channelGraph.ts';
import { PLAIN_POLICY } from '../../graph/generators/channelTerms.ts';
import { JsonFields, type JsonObject } from '../jsonFields.ts';
import { readJsonLists } from '../jsonStream.ts';
import { DirectedChannels } from './directedChannels.ts';
import { canonicalChannelId, GraphImport, NAME_LENGTH_MAX } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';
import type { RawPolicy } from './policyRepair.ts';

/**
 * The graph in a `listchannels` answer; node1 is the node with the smaller name.
 * @param source the text, or its bytes in pieces
 * @throws UserError if the text is not JSON, not of this shape, or no channel of it can be kept
 */
export function readListChannels(source: string | Iterable<Uint8Array>, file: string): ImportedGraph {
  const graph = new GraphImport({ file, format: 'listchannels', nodesByChannels: true, expectsKeys: true });
  const channels = new DirectedChannels(graph);
  const json = new JsonFields(file);
  const take = (value: unknown, index: number): void => {
    const path = (): string => `channels[${index}]`;
    const object = json.object(value, path);
    const at = (name: string) => (): string => `channels[${index}].${name}`;
    const text = (name: string): string => json.text(json.field(object, name), NAME_LENGTH_MAX, at(name));
    channels.add({
      id: canonicalChannelId(text('short_channel_id')),
      from: text('source'),
      to: text('destination'),
      capacityMsat: capacityOf(json, object, at),
      terms: termsOf(json, object, at, () => graph.remedies.add('termsAbsent', path)),
      path,
    });
  };
  const seen = readJsonLists(typeof source === 'string' ? [utf8(source)] : source, file, { channels: { take } });
  if (seen.length === 0) json.fail(undefined, () => 'channels', 'a list');
  channels.finish();
  return graph.finish('channels');
}

type At = (name: string) => () => string;

function capacityOf(json: JsonFields, object: JsonObject, at: At): number {
  const amount = json.field(object, 'amount_msat');
  if (amount !== undefined) return millisatoshi(json, amount, at('amount_msat'));
  return json.natural(json.field(object, 'satoshis'), at('satoshis')) * MSAT_PER_SAT;
}

/** `1000`, `"1000"` or `"1000msat"`. */
function millisatoshi(json: JsonFields, value: unknown, path: () => string): number {
  const digits = typeof value === 'string' ? value.replace(/msat$/, '') : value;
  return json.natural(digits, path);
}

/** A direction's terms; graphs made by hand leave some out, which `onAbsent` hears of. */
function termsOf(json: JsonFields, object: JsonObject, at: At, onAbsent: () => void): RawPolicy {
  let isWhole = true;
  const given = (name: string, plain: number): number => {
    const value = json.field(object, name);
    isWhole &&= value !== undefined;
    return value === undefined ? plain : millisatoshi(json, value, at(name));
  };
  const active = json.flag(json.field(object, 'active') ?? true, at('active'));
  const terms = {
    feeBase: given('base_fee_millisatoshi', PLAIN_POLICY.feeBaseMsat),
    feeRate: given('fee_per_millionth', PLAIN_POLICY.feeProportionalMillionths),
    cltv: given('delay', PLAIN_POLICY.cltvExpiryDelta),
    minimum: given('htlc_minimum_msat', PLAIN_POLICY.htlcMinimumMsat),
    maximum: given('htlc_maximum_msat', 0),
    disabled: !active,
  };
  if (!isWhole) onAbsent();
  return terms;
}

/** The graph as a `listchannels` answer, one direction a line; `last_update` is 0, for the graph knows no time. */
export function writeListChannels(graph: ChannelGraph): string {
  const lines: string[] = [];
  graph.forEachEdge((id, { capacitySat, policy1, policy2 }, node1, node2) => {
    const add = (source: string, destination: string, policy: Policy | null): void => {
      if (policy === null) return;
      const direction = source < destination ? 0 : 1;
      lines.push(
        JSON.stringify({
          source,
          destination,
          short_channel_id: id,
          direction,
          public: true,
          amount_msat: capacitySat * MSAT_PER_SAT,
          message_flags: 1,
          channel_flags: direction + (policy.disabled ? 2 : 0),
          active: !policy.disabled,
          last_update: 0,
          base_fee_millisatoshi: policy.feeBaseMsat,
          fee_per_millionth: policy.feeProportionalMillionths,
          delay: policy.cltvExpiryDelta,
          htlc_minimum_msat: policy.htlcMinimumMsat,
          htlc_maximum_msat: policy.htlcMaximumMsat,
          features: '',
        }),
      );
    };
    add(node1, node2, policy1);
    add(node2, node1, policy2);
  });
  return `{"channels":[\n${lines.join(',\n')}\n]}\n`;
}
