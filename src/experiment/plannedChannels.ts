/** Channels that a scenario opens while others pay: they are in the graph from the start, and announced when they are ready. */
import { describe, UserError } from '../base/errors.ts';
import { msat, sat, satToMsat } from '../base/units.ts';
import type { ChannelGraph, Policy } from '../graph/channelGraph.ts';
import { hashIndex } from './nodeReference.ts';
import type { Scenario } from './scenario.ts';

/** What the graph and the scenario's closures call the channel of an opening. */
export const plannedChannelId = (index: number): string => `opening-${index}`;

/**
 * The graph with the channels of the scenario's openings, disabled: a copy, or the graph itself if there are none.
 * @throws UserError if a node is not there, or both are one
 */
export function withPlannedChannels(graph: ChannelGraph, { openings }: Scenario, file: string): ChannelGraph {
  if (openings.length === 0) return graph;
  const copy = graph.copy();
  const nodes = graph.nodes();
  openings.forEach((opening, index) => {
    const nodeOf = (end: 'node1' | 'node2'): string => {
      const reference = opening[end];
      const at = hashIndex(reference, nodes.length);
      const key = at === null ? reference : nodes[at]!;
      if (graph.hasNode(key)) return key;
      const expected = `the public key of a node of this graph, or #0 … #${nodes.length - 1}`;
      throw new UserError({ file, path: `openings[${index}].${end}`, found: describe(reference), expected });
    };
    const [node1, node2] = [nodeOf('node1'), nodeOf('node2')];
    if (node1 === node2) {
      const found = describe(opening.node2);
      throw new UserError({ file, path: `openings[${index}].node2`, found, expected: 'another node than node1' });
    }
    const capacitySat = sat(opening.capacitySat);
    const policy = (): Policy => ({
      feeBaseMsat: msat(opening.feeBaseMsat),
      feeProportionalMillionths: opening.feeProportionalMillionths,
      cltvExpiryDelta: opening.cltvExpiryDelta,
      htlcMinimumMsat: msat(1),
      htlcMaximumMsat: satToMsat(capacitySat),
      disabled: true,
    });
    copy.addUndirectedEdgeWithKey(plannedChannelId(index), node1, node2, {
      capacitySat,
      policy1: policy(),
      policy2: policy(),
    });
  });
  return copy;
}
