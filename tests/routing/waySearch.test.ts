import fc from 'fast-check';
import { MultiDirectedGraph } from 'graphology';
import dijkstra from 'graphology-shortest-path/dijkstra.js';
import { expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { msat } from '../../src/base/units.ts';
import { CompiledGraph } from '../../src/graph/compiled.ts';
import { prepareStrategy } from '../../src/routing/registry.ts';
import { isRouteFailure } from '../../src/routing/strategy.ts';
import { WaySearch } from '../../src/routing/waySearch.ts';
import { wayCost } from '../../src/routing/wayCosts.ts';
import { cheapestWays } from '../../src/routing/yen.ts';
import { network, requestOf, viewOf, written } from './network.ts';
import { type Case, everyRoute, smallCase } from './smallGraphs.ts';

/** The case with fees that don't depend on the amount and limits that are out of the way: costs add up. */
function withFixedFees({ columns, request, view }: Case): Case {
  const each = (value: number): number[] => Array.from(columns.enabled, () => value);
  const plain = {
    ...columns,
    capacityMsat: Array.from(columns.node1, () => 2 ** 50),
    feeProportionalMillionths: each(0),
    htlcMinimumMsat: each(0),
    htlcMaximumMsat: each(2 ** 50),
  };
  const graph = new CompiledGraph(plain);
  return { columns: plain, graph, request, view: { ...view, graph, spendableMsat: () => 2 ** 50 } };
}

test('the cheapest ways are the first of all ways by rising cost, where costs add up', () => {
  let several = 0;
  fc.assert(
    fc.property(smallCase.map(withFixedFees), fc.integer({ min: 1, max: 6 }), (one, k) => {
      const all = everyRoute(one)
        .map(({ feeMsat }): number => feeMsat)
        .toSorted((a, b) => a - b);
      const found = cheapestWays(one.request, one.view, wayCost('fee', one.graph), k);
      expect(found.map(({ way }) => way.feeMsat)).toEqual(all.slice(0, k));
      expect(new Set(found.map(({ edges }) => edges.join(' '))).size).toBe(found.length);
      if (found.length > 2) several++;
    }),
    { numRuns: 1500 },
  );
  expect(several).toBeGreaterThan(100);
});

test('by hops they are the shortest of all ways', () => {
  fc.assert(
    fc.property(smallCase.map(withFixedFees), fc.integer({ min: 1, max: 6 }), (one, k) => {
      const all = everyRoute(one)
        .map(({ edges }) => edges.length)
        .toSorted((a, b) => a - b);
      const found = cheapestWays(one.request, one.view, wayCost('hops', one.graph), k);
      expect(found.map(({ edges }) => edges.length)).toEqual(all.slice(0, k));
    }),
    { numRuns: 1000 },
  );
});

test('where fees depend on the amount, the cheapest way is hardly ever missed', () => {
  let found = 0;
  let dearer = 0;
  fc.assert(
    fc.property(smallCase, (one) => {
      const [first] = cheapestWays(one.request, one.view, wayCost('fee', one.graph), 1);
      const least = Math.min(...everyRoute(one).map(({ feeMsat }) => feeMsat));
      if (first === undefined) return;
      found++;
      if (first.way.feeMsat > least) dearer++;
    }),
    { numRuns: 1500 },
  );
  expect(found).toBeGreaterThan(300);
  expect(dearer).toBeLessThan(found / 100);
});

test('with fixed costs the search agrees with graphology-shortest-path', () => {
  const rng = Rng.fromSeed('fixed costs');
  let routed = 0;
  for (let round = 0; round < 20; round++) {
    const nodes = 30;
    const node1 = Array.from({ length: 90 }, () => rng.below(nodes));
    const node2 = node1.map((node) => (node + 1 + rng.below(nodes - 1)) % nodes);
    const cltvExpiryDelta = Array.from({ length: 180 }, () => 1 + rng.below(144));
    const each = (value: number): number[] => cltvExpiryDelta.map(() => value);
    const graph = new CompiledGraph({
      nodeKeys: Array.from({ length: nodes }, (_, i) => String(i)),
      channelIds: node1.map((_, i) => String(i)),
      node1,
      node2,
      capacityMsat: node1.map(() => 1e12),
      feeBaseMsat: each(1),
      feeProportionalMillionths: each(0),
      cltvExpiryDelta,
      htlcMinimumMsat: each(0),
      htlcMaximumMsat: each(1e12),
      enabled: each(1),
    });
    const payer = rng.below(nodes);
    const named = new MultiDirectedGraph<Record<string, never>, { blocks: number }>();
    graph.nodeKeys.forEach((key) => named.addNode(key));
    cltvExpiryDelta.forEach((delta, edge) => {
      const blocks = graph.edgeFrom[edge] === payer ? 0 : delta;
      named.addEdge(String(graph.edgeFrom[edge]), String(graph.edgeTo[edge]), { blocks });
    });
    for (let target = 0; target < nodes; target++) {
      if (target === payer) continue;
      const path: string[] | null = dijkstra.bidirectional(named, String(payer), String(target), 'blocks');
      const request = { ...requestOf(graph, String(payer), String(target)), maxCltvExpiryDelta: 1e6 };
      const edges = new WaySearch(request, viewOf(graph), wayCost('blocks', graph)).find();
      if (path === null || edges === null) {
        expect(edges).toBe(path);
        continue;
      }
      const shortest = path.slice(1).reduce((sum, to, hop) => {
        const parallel = named.outEdges(path[hop], to);
        return sum + Math.min(...parallel.map((edge) => named.getEdgeAttribute(edge, 'blocks')));
      }, 0);
      expect(edges.slice(1).reduce((sum, edge) => sum + cltvExpiryDelta[edge]!, 0)).toBe(shortest);
      routed++;
    }
  }
  expect(routed).toBeGreaterThan(300);
});

test('k-shortest takes the first way, the likeliest, or any of them', () => {
  //  A - B - E for 100 over small channels, A - C - E for 200, A - D - E for 300 over large ones
  const graph = network([
    ['A-B', 0, { capacitySat: 20_000 }],
    ['B-E', 100, { capacitySat: 20_000 }],
    ['A-C', 0],
    ['C-E', 200, { capacitySat: 50_000 }],
    ['A-D', 0],
    ['D-E', 300, { capacitySat: 9_000_000 }],
  ]);
  const answers = (options: Record<string, unknown>, times: number): string[] => {
    const strategy = prepareStrategy('k-shortest', options, { file: 'test', path: '' })(Rng.fromSeed(5));
    return Array.from({ length: times }, () => {
      const found = strategy.findRoutes(requestOf(graph, 'A', 'E', { amountMsat: msat(10_000_000) }), viewOf(graph));
      return isRouteFailure(found) ? found.failure : written(graph, found[0]!);
    });
  };
  expect(answers({}, 1)).toEqual(['A-B-E 100']);
  expect(answers({ pick: 'likeliest' }, 1)).toEqual(['A-D-E 300']);
  expect(answers({ pick: 'likeliest', k: 2 }, 1)).toEqual(['A-C-E 200']);
  expect(answers({ cost: 'risk' }, 1)).toEqual(['A-D-E 300']);
  expect(new Set(answers({ pick: 'random' }, 60))).toEqual(new Set(['A-B-E 100', 'A-C-E 200', 'A-D-E 300']));
});
