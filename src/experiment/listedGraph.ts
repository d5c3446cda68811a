/** The graph that a scenario lists channel by channel. */
import { describe, UserError } from '../base/errors.ts';
import { msat, sat, satToMsat, type Sat } from '../base/units.ts';
import { isReservedName, newChannelGraph, type ChannelGraph, type Policy } from '../graph/channelGraph.ts';
import type { ListedChannel } from './scenario/topology.ts';

/**
 * Nodes in the order in which the list first names them, with their names as aliases; channels in its order.
 * @param file the scenario's name, for errors
 * @throws UserError if a channel joins a node with itself, has the id of another, or holds more than its capacity
 */
export function listedGraph(channels: readonly ListedChannel[], file: string): ChannelGraph {
  const graph = newChannelGraph();
  for (const [index, channel] of channels.entries()) {
    const refuse = (key: keyof ListedChannel, expected: string): never => {
      throw new UserError({
        file,
        path: `topology.channels[${index}].${key}`,
        found: describe(channel[key]),
        expected,
      });
    };
    for (const key of ['node1', 'node2'] as const) {
      const name = channel[key];
      if (isReservedName(name)) refuse(key, 'another name: JavaScript keeps this one for itself');
      if (!graph.hasNode(name)) graph.addNode(name, { alias: name });
    }
    const id = channel.id ?? `channel-${index}`;
    if (channel.node1 === channel.node2) refuse('node2', 'another node than node1');
    if (graph.hasEdge(id)) refuse('id', 'an id that no other channel has');
    const capacitySat = sat(channel.capacitySat);
    const { node1Sat } = channel;
    if (node1Sat !== undefined && node1Sat > capacitySat) refuse('node1Sat', `at most the capacity, ${capacitySat}`);
    graph.addUndirectedEdgeWithKey(id, channel.node1, channel.node2, {
      capacitySat,
      policy1: policyOf(channel.policy1, capacitySat),
      policy2: policyOf(channel.policy2, capacitySat),
      ...(node1Sat === undefined ? {} : { balance1Msat: satToMsat(sat(node1Sat)) }),
    });
  }
  return graph;
}

function policyOf(listed: ListedChannel['policy1'], capacitySat: Sat): Policy | null {
  if (listed === null) return null;
  const capacityMsat = satToMsat(capacitySat);
  const htlcMaximumMsat = msat(Math.min(listed.htlcMaximumMsat ?? capacityMsat, capacityMsat));
  return {
    feeBaseMsat: msat(listed.feeBaseMsat),
    feeProportionalMillionths: listed.feeProportionalMillionths,
    cltvExpiryDelta: listed.cltvExpiryDelta,
    htlcMinimumMsat: msat(Math.min(listed.htlcMinimumMsat, htlcMaximumMsat)),
    htlcMaximumMsat,
    disabled: listed.disabled,
  };
}
