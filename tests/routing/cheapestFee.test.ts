import fc from 'fast-check';
import { MultiDirectedGraph } from 'graphology';
import dijkstra from 'graphology-shortest-path/dijkstra.js';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { micros } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import { CompiledGraph } from '../../src/graph/compiled.ts';
import { cheapestFee } from '../../src/routing/cheapestFee.ts';
import type { Route } from '../../src/routing/route.ts';
import { type PayerView, type RouteRequest, isRouteFailure } from '../../src/routing/strategy.ts';
import { everyRoute, price, smallCase } from './smallGraphs.ts';

/** The one route found, or the name of the failure. */
function find(request: RouteRequest, view: PayerView): Route | string {
  const found = cheapestFee().findRoutes(request, view);
  if (isRouteFailure(found)) return found.failure;
  expect(found).toHaveLength(1);
  return found[0]!;
}

const rank = ({ feeMsat, edges }: Route): [number, number] => [feeMsat, edges.length];
const byFeeThenHops = (a: Route, b: Route): number => a.feeMsat - b.feeMsat || a.edges.length - b.edges.length;

describe('against every route of small random graphs', () => {
  test('the fee is the least, then the hops are the fewest, and a route is found exactly when there is one', () => {
    fc.assert(
      fc.property(smallCase, (one) => {
        const [best] = everyRoute(one).sort(byFeeThenHops);
        const found = find(one.request, one.view);
        if (typeof found === 'string') expect(best).toBeUndefined();
        else expect(rank(found)).toEqual(rank(best!));
      }),
      { numRuns: 3000 },
    );
  });

  test('what is found is feasible on the public graph, with the amounts and expiries that its policies ask', () => {
    fc.assert(
      fc.property(smallCase, (one) => {
        const found = find(one.request, one.view);
        if (typeof found !== 'string') expect(found).toEqual(price(one, found.edges));
      }),
      { numRuns: 2000 },
    );
  });

  test('a limit on the fee is exact', () => {
    fc.assert(
      fc.property(smallCase, fc.nat(30_000), (one, maxFeeMsat) => {
        const limited = { ...one, request: { ...one.request, maxFeeMsat: msat(maxFeeMsat) } };
        const [best] = everyRoute(limited).sort(byFeeThenHops);
        const found = find(limited.request, limited.view);
        expect(typeof found === 'string' ? undefined : rank(found)).toEqual(best && rank(best));
      }),
      { numRuns: 1000 },
    );
  });

  test('limits on hops and blocks are kept, at no less than the least fee under them', () => {
    let foundUnder = 0;
    let missed = 0;
    fc.assert(
      fc.property(
        smallCase,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 9, max: 250 }),
        (one, maxHops, blocks) => {
          const limited = { ...one, request: { ...one.request, maxHops, maxCltvExpiryDelta: blocks } };
          const [best] = everyRoute(limited).sort(byFeeThenHops);
          const found = find(limited.request, limited.view);
          if (typeof found === 'string') {
            if (best) missed++;
            return;
          }
          foundUnder++;
          expect(found).toEqual(price(limited, found.edges));
          expect(found.feeMsat).toBeGreaterThanOrEqual(best!.feeMsat);
        },
      ),
      { numRuns: 2000 },
    );
    // the limits make the search a heuristic: a route that only a dominated label leads to is missed now and then
    expect(missed).toBeLessThan(foundUnder / 20);
  });

  test('excluded edges and nodes are not used, and what is left is searched exactly', () => {
    fc.assert(
      fc.property(
        smallCase,
        fc.array(fc.nat(25), { maxLength: 6 }),
        fc.array(fc.nat(6), { maxLength: 2 }),
        (one, e, n) => {
          const excludedEdges = e.filter((edge) => edge < one.graph.edgeCount);
          const excludedNodes = n.filter((node) => node < one.graph.nodeCount);
          const without = { ...one, view: { ...one.view, excludedEdges, excludedNodes } };
          const [best] = everyRoute(without).sort(byFeeThenHops);
          const found = find(without.request, without.view);
          expect(typeof found === 'string' ? undefined : rank(found)).toEqual(best && rank(best));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a search leaves nothing behind: asked again after others, it answers the same', () => {
    fc.assert(
      fc.property(smallCase, fc.array(fc.nat(25), { maxLength: 4 }), (one, excluded) => {
        const first = find(one.request, one.view);
        const reversed = { ...one.request, source: one.request.target, target: one.request.source };
        find(reversed, { ...one.view, excludedEdges: excluded.filter((edge) => edge < one.graph.edgeCount) });
        const failing = (): number => {
          throw new Error('no balance known');
        };
        if (one.graph.edgeFrom.includes(one.request.source)) {
          expect(() => find(one.request, { ...one.view, spendableMsat: failing })).toThrow('no balance known');
        }
        expect(find(one.request, one.view)).toEqual(first);
      }),
      { numRuns: 500 },
    );
  });
});

describe('against graphology-shortest-path', () => {
  test('with fixed fees both find ways of the same cost', () => {
    const rng = Rng.fromSeed('fixed fees');
    let routed = 0;
    for (let round = 0; round < 40; round++) {
      const nodes = 40;
      const channels = 60 + rng.below(120);
      const node1 = Array.from({ length: channels }, () => rng.below(nodes));
      const node2 = node1.map((node) => (node + 1 + rng.below(nodes - 1)) % nodes);
      const feeBaseMsat = Array.from({ length: 2 * channels }, () => rng.below(500));
      const each = (value: number): number[] => feeBaseMsat.map(() => value);
      const graph = new CompiledGraph({
        nodeKeys: Array.from({ length: nodes }, (_, i) => String(i)),
        channelIds: node1.map((_, i) => String(i)),
        node1,
        node2,
        capacityMsat: node1.map(() => 1e12),
        feeBaseMsat,
        feeProportionalMillionths: each(0),
        cltvExpiryDelta: each(40),
        htlcMinimumMsat: each(0),
        htlcMaximumMsat: each(1e12),
        enabled: each(1),
      });
      const named = new MultiDirectedGraph<Record<string, never>, { weight: number }>();
      graph.nodeKeys.forEach((key) => named.addNode(key));
      const payer = rng.below(nodes);
      feeBaseMsat.forEach((fee, edge) => {
        const weight = graph.edgeFrom[edge] === payer ? 0 : fee;
        named.addEdge(String(graph.edgeFrom[edge]), String(graph.edgeTo[edge]), { weight });
      });
      for (let target = 0; target < nodes; target++) {
        if (target === payer) continue;
        const path: string[] | null = dijkstra.bidirectional(named, String(payer), String(target), 'weight');
        const found = find(
          {
            source: payer,
            target,
            amountMsat: msat(1000),
            finalCltvExpiryDelta: 9,
            maxFeeMsat: msat(1e9),
            maxCltvExpiryDelta: 1e6,
            maxHops: 63,
            maxParts: 1,
          },
          {
            graph,
            now: micros(0),
            spendableMsat: () => 1e12,
            inFlightMsat: () => 0,
            excludedEdges: [],
            excludedNodes: [],
          },
        );
        if (path === null) {
          expect(typeof found).toBe('string');
          continue;
        }
        let cost = 0;
        for (let hop = 0; hop + 1 < path.length; hop++) {
          const parallel = named.outEdges(path[hop], path[hop + 1]);
          cost += Math.min(...parallel.map((edge) => named.getEdgeAttribute(edge, 'weight')));
        }
        expect(typeof found === 'string' ? -1 : found.feeMsat).toBe(cost);
        routed++;
      }
    }
    expect(routed).toBeGreaterThan(1000);
  });
});
