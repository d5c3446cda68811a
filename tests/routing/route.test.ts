import { describe, expect, test } from 'vitest';
import { micros } from '../../src/base/time.ts';
import { msat, sat } from '../../src/base/units.ts';
import { newChannelGraph } from '../../src/graph/channelGraph.ts';
import { type CompiledGraph, compileGraph } from '../../src/graph/compiled.ts';
import { priceRoute } from '../../src/routing/route.ts';
import { routingStrategies } from '../../src/routing/registry.ts';
import { needsShared, sharedJson } from '../shared.ts';

const EXAMPLE = 'data/vectors/bolts/bolt07-routing-example.json';

interface RoutingExample {
  channels: [string, string][];
  channel_updates: {
    from: string;
    to: string;
    cltv_expiry_delta: number;
    fee_base_msat: number;
    fee_proportional_millionths: number;
  }[];
  final_cltv_delta: number;
  shadow_route_cltv: number;
  amount_msat: number;
  routes: { path: string[]; fee_msat?: number; hops: { amount_msat: number; cltv_over_height: number }[] }[];
}

describe('BOLT 7, "Routing Example"', () => {
  const withExample = needsShared(EXAMPLE);

  withExample('every route of the example carries the amounts and expiries printed there', () => {
    const example = sharedJson<RoutingExample>(EXAMPLE);
    const graph = compileExample(example);
    const finalCltvExpiryDelta = example.final_cltv_delta + example.shadow_route_cltv;
    for (const { path, fee_msat, hops } of example.routes) {
      const route = priceRoute(graph, edgesAlong(graph, path), msat(example.amount_msat), finalCltvExpiryDelta);
      expect(route.amountsMsat).toEqual(hops.map(({ amount_msat }) => amount_msat));
      expect(route.cltvExpiryDeltas).toEqual(hops.map(({ cltv_over_height }) => cltv_over_height));
      expect(route.feeMsat).toBe(fee_msat ?? 0);
    }
  });

  withExample('A pays C through B for 10,199 msat, and through D for 20,399 when B is excluded', () => {
    const example = sharedJson<RoutingExample>(EXAMPLE);
    const graph = compileExample(example);
    const node = (key: string): number => graph.nodeIndex.get(key)!;
    const request = {
      source: node('A'),
      target: node('C'),
      amountMsat: msat(example.amount_msat),
      finalCltvExpiryDelta: example.final_cltv_delta + example.shadow_route_cltv,
      maxFeeMsat: msat(100_000),
      maxCltvExpiryDelta: 2016,
      maxHops: 20,
      maxParts: 1,
    };
    const view = {
      graph,
      now: micros(0),
      spendableMsat: () => 1e9,
      inFlightMsat: () => 0,
      excludedEdges: [],
      excludedNodes: [],
    };
    for (const name of ['cheapest-fee', 'fewest-hops']) {
      const strategy = routingStrategies[name]!();
      expect(strategy.findRoutes(request, view)).toMatchObject([
        { edges: edgesAlong(graph, ['A', 'B', 'C']), feeMsat: 10_199 },
      ]);
      expect(strategy.findRoutes(request, { ...view, excludedNodes: [node('B')] })).toMatchObject([
        { edges: edgesAlong(graph, ['A', 'D', 'C']), amountsMsat: [5_020_398, 4_999_999], cltvExpiryDeltas: [100, 60] },
      ]);
    }
  });
});

test('a way whose edges do not join is refused', () => {
  const graph = newChannelGraph();
  const policy = {
    feeBaseMsat: msat(0),
    feeProportionalMillionths: 0,
    cltvExpiryDelta: 40,
    htlcMinimumMsat: msat(0),
    htlcMaximumMsat: msat(1e8),
    disabled: false,
  };
  for (const key of ['A', 'B', 'C', 'D']) graph.addNode(key, { alias: '' });
  const channel = { capacitySat: sat(100_000), policy1: policy, policy2: policy };
  graph.addEdgeWithKey('1x1x0', 'A', 'B', channel);
  graph.addEdgeWithKey('1x2x0', 'C', 'D', channel);
  expect(() => priceRoute(compileGraph(graph), [0, 2], msat(1), 9)).toThrow('leaves the node');
});

function compileExample(example: RoutingExample): CompiledGraph {
  const graph = newChannelGraph();
  for (const key of ['A', 'B', 'C', 'D']) graph.addNode(key, { alias: key });
  const policy = (from: string, to: string) => {
    const update = example.channel_updates.find((each) => each.from === from && each.to === to)!;
    return {
      feeBaseMsat: msat(update.fee_base_msat),
      feeProportionalMillionths: update.fee_proportional_millionths,
      cltvExpiryDelta: update.cltv_expiry_delta,
      htlcMinimumMsat: msat(0),
      htlcMaximumMsat: msat(1e9),
      disabled: false,
    };
  };
  example.channels.forEach(([a, b], i) => {
    const attributes = { capacitySat: sat(1_000_000), policy1: policy(a, b), policy2: policy(b, a) };
    graph.addEdgeWithKey(`1x${i}x0`, a, b, attributes);
  });
  return compileGraph(graph);
}

function edgesAlong(graph: CompiledGraph, path: readonly string[]): number[] {
  return path.slice(1).map((key, hop) => {
    const [from, to] = [graph.nodeIndex.get(path[hop]!), graph.nodeIndex.get(key)];
    return graph.edgeFrom.findIndex((node, edge) => node === from && graph.edgeTo[edge] === to);
  });
}
