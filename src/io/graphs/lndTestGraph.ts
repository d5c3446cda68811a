/**
 * The graphs of lnd's routing tests (`graph/testdata/*.json` there), read: numbers that are numbers, one edge object a
 * direction, whose owner is `node_2` where bit 0 of `channel_flags` is set. They hold the nodes' private keys; those are
 * passed over.
 */
import { MSAT_PER_SAT } from '../../base/units.ts';
import { JsonFields } from '../jsonFields.ts';
import { readJsonLists } from '../jsonStream.ts';
import { DirectedChannels } from './directedChannels.ts';
import { canonicalChannelId, GraphImport, NAME_LENGTH_MAX } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';

/** @throws UserError if the text is not JSON, not of this shape, or no channel of it can be kept */
export function readLndTestGraph(source: Iterable<Uint8Array>, file: string): ImportedGraph {
  const graph = new GraphImport({ file, format: 'lnd-test', nodesByChannels: false, expectsKeys: true });
  const channels = new DirectedChannels(graph);
  const json = new JsonFields(file);
  const takeNode = (value: unknown, index: number): void => {
    const path = (): string => `nodes[${index}]`;
    const node = json.object(value, path);
    const key = json.text(json.field(node, 'pubkey'), NAME_LENGTH_MAX, () => `${path()}.pubkey`);
    const alias = json.field(node, 'alias') ?? '';
    graph.addNode(key, typeof alias === 'string' ? alias : json.fail(alias, path, 'an alias that is text'), path);
  };
  const takeEdge = (value: unknown, index: number): void => {
    const path = (): string => `edges[${index}]`;
    const edge = json.object(value, path);
    const at = (name: string) => (): string => `edges[${index}].${name}`;
    const natural = (name: string): number => json.natural(json.field(edge, name), at(name));
    const key = (name: string): string => json.text(json.field(edge, name), NAME_LENGTH_MAX, at(name));
    const flags = natural('channel_flags');
    const [from, to] = flags % 2 === 0 ? [key('node_1'), key('node_2')] : [key('node_2'), key('node_1')];
    channels.add({
      id: canonicalChannelId(String(natural('channel_id'))),
      from,
      to,
      capacityMsat: natural('capacity') * MSAT_PER_SAT,
      terms: {
        feeBase: natural('fee_base_msat'),
        feeRate: natural('fee_rate'),
        cltv: natural('expiry'),
        minimum: natural('min_htlc'),
        maximum: natural('max_htlc'),
        disabled: Math.floor(flags / 2) % 2 === 1,
      },
      path,
    });
  };
  const seen = readJsonLists(source, file, { nodes: { take: takeNode }, edges: { take: takeEdge } });
  for (const name of ['nodes', 'edges']) if (!seen.includes(name)) json.fail(undefined, () => name, 'a list');
  channels.finish();
  return graph.finish('edges');
}
