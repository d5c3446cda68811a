/** Random channel graphs for properties. */
import fc from 'fast-check';
import { shortChannelId } from '../../src/base/ids.ts';
import { msat, sat } from '../../src/base/units.ts';
import { newChannelGraph, type ChannelGraph, type Policy } from '../../src/graph/channelGraph.ts';

const name = fc.oneof(
  fc
    .tuple(fc.constantFrom('02', '03'), fc.uint8Array({ minLength: 32, maxLength: 32 }))
    .map(([prefix, bytes]) => prefix + Buffer.from(bytes).toString('hex')),
  // `__proto__` is not among them: graphology can't hold it, and importers rename it
  fc.constantFrom('alice', 'bob', 'a,"b"', 'é 🐙', ' <x> '),
);

const alias = fc
  .string({ unit: 'binary', maxLength: 40 })
  .map((text) => Buffer.from(text).toString())
  .filter((text) => Buffer.byteLength(text) <= 32);

function policy(capacityMsat: number): fc.Arbitrary<Policy | null> {
  return fc.option(
    fc
      .record({
        feeBaseMsat: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(msat),
        feeProportionalMillionths: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        cltvExpiryDelta: fc.integer({ min: 0, max: 2016 }),
        htlcMaximumMsat: fc.integer({ min: 1, max: capacityMsat }).map(msat),
        minimumShare: fc.double({ min: 0, max: 1, noNaN: true }),
        disabled: fc.boolean(),
      })
      .map(({ minimumShare, ...fields }) => ({
        ...fields,
        htlcMinimumMsat: msat(Math.floor(minimumShare * fields.htlcMaximumMsat)),
      })),
  );
}

const channel = fc
  .record({
    ends: fc.tuple(fc.nat(), fc.nat()),
    block: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
    transaction: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
    output: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
    capacitySat: fc.oneof(fc.integer({ min: 1, max: 10 ** 9 }), fc.constant(9_007_199_254_740)).map(sat),
  })
  .chain((drawn) =>
    fc.record({
      drawn: fc.constant(drawn),
      policy1: policy(drawn.capacitySat * 1000),
      policy2: policy(drawn.capacitySat * 1000),
    }),
  );

/** A graph with at least one channel that lnd's format can say. */
export const arbitraryGraph: fc.Arbitrary<ChannelGraph> = fc
  .record({
    nodes: fc.uniqueArray(fc.tuple(name, alias), { selector: ([key]) => key, minLength: 2, maxLength: 12 }),
    channels: fc.array(channel, { minLength: 1, maxLength: 20 }),
  })
  .map(({ nodes, channels }) => {
    const graph = newChannelGraph();
    for (const [key, ofNode] of nodes) graph.addNode(key, { alias: ofNode });
    for (const { drawn, policy1, policy2 } of channels) {
      const id = shortChannelId(drawn.block, drawn.transaction, drawn.output);
      const a = drawn.ends[0] % nodes.length;
      const b = (a + 1 + (drawn.ends[1] % (nodes.length - 1))) % nodes.length;
      if (graph.hasEdge(id)) continue;
      graph.addUndirectedEdgeWithKey(id, nodes[a]![0], nodes[b]![0], {
        capacitySat: drawn.capacitySat,
        policy1,
        policy2,
      });
    }
    return graph;
  });

/** Everything a graph holds, in order, as plain data. */
export function contents(graph: ChannelGraph): { nodes: unknown[]; channels: unknown[] } {
  return {
    nodes: graph.mapNodes((key, attributes) => [key, attributes]),
    channels: graph.mapEdges((id, attributes, node1, node2) => [id, node1, node2, attributes]),
  };
}
