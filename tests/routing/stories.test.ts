/** Small networks drawn, and what the strategies make of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { micros } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import type { CompiledGraph } from '../../src/graph/compiled.ts';
import { routingStrategies } from '../../src/routing/registry.ts';
import { type PayerView, type RouteRequest, type RoutingStrategy, isRouteFailure } from '../../src/routing/strategy.ts';
import { answer, network, requestOf, viewOf } from './network.ts';
import { everyRoute, price, smallCase } from './smallGraphs.ts';

const cheapest = routingStrategies['cheapest-fee']!();
const fewest = routingStrategies['fewest-hops']!();

/** What a strategy answers: `A-B-C 1000` (way and fee), or the failure's name. */
const ask = (
  graph: CompiledGraph,
  from: string,
  to: string,
  asked: Partial<RouteRequest & PayerView> = {},
  strategy: RoutingStrategy = cheapest,
): string => answer(strategy, requestOf(graph, from, to, asked), viewOf(graph, asked));

describe('a diamond', () => {
  //     B      A to D through B for 1000, through C for 400
  //   /   \    or through C and E for 100 + 100
  //  A     D
  //   \   / \
  //     C - E
  const diamond = network([
    ['A-B', 1000],
    ['B-D', 1000],
    ['A-C', 400],
    ['C-D', 400],
    ['C-E', 100],
    ['E-D', 100],
  ]);

  test('the cheapest way is the longest, and the fewest hops take the cheaper of the short ones', () => {
    expect(ask(diamond, 'A', 'D')).toBe('A-C-E-D 200');
    expect(ask(diamond, 'A', 'D', {}, fewest)).toBe('A-C-D 400');
  });

  test('a limit on hops or blocks that the cheapest way breaks leaves the next one', () => {
    expect(ask(diamond, 'A', 'D', { maxHops: 2 })).toBe('A-C-D 400');
    expect(ask(diamond, 'A', 'D', { maxHops: 1 })).toBe('no-route');
    expect(ask(diamond, 'A', 'D', { maxCltvExpiryDelta: 18 + 2 * 40 })).toBe('A-C-E-D 200');
    expect(ask(diamond, 'A', 'D', { maxCltvExpiryDelta: 18 + 2 * 40 - 1 })).toBe('A-C-D 400');
    expect(ask(diamond, 'A', 'D', { maxCltvExpiryDelta: 18 + 40 - 1 })).toBe('no-route');
  });

  test('a limit on the fee is kept to the msat', () => {
    expect(ask(diamond, 'A', 'D', { maxFeeMsat: msat(200) })).toBe('A-C-E-D 200');
    expect(ask(diamond, 'A', 'D', { maxFeeMsat: msat(199) })).toBe('no-route');
    expect(ask(diamond, 'A', 'D', { maxFeeMsat: msat(399) }, fewest)).toBe('A-C-E-D 200');
    expect(ask(diamond, 'A', 'D', { maxFeeMsat: msat(199) }, fewest)).toBe('no-route');
  });

  test('what failed for this payment is avoided', () => {
    const edge = (id: string): number => 2 * diamond.channelIndex.get(id)!;
    expect(ask(diamond, 'A', 'D', { excludedEdges: [edge('1x4x0')] })).toBe('A-C-D 400');
    expect(ask(diamond, 'A', 'D', { excludedNodes: [diamond.nodeIndex.get('C')!] })).toBe('A-B-D 1000');
    // only the direction that failed; and the payee is not passed through
    expect(ask(diamond, 'A', 'D', { excludedEdges: [edge('1x4x0') + 1] })).toBe('A-C-E-D 200');
    expect(ask(diamond, 'A', 'D', { excludedNodes: [diamond.nodeIndex.get('D')!] })).toBe('A-C-E-D 200');
  });
});

describe("the payer's own channels", () => {
  //  A ═══ B ─── C     two channels A-B
  const pair = network([
    ['A-B', 5000],
    ['A-B', 7000, { capacitySat: 2_000_000 }],
    ['B-C', 30],
  ]);

  test('are free, and of two parallel ones the one with more to send is taken', () => {
    const spendable = [3e7, 0, 5e7, 0, 0, 0];
    const request = { spendableMsat: (edge: number) => spendable[edge]! };
    expect(ask(pair, 'A', 'C', request)).toBe('A-B-C 30');
    const found = cheapest.findRoutes(
      {
        source: 0,
        target: 1,
        amountMsat: msat(2e7),
        finalCltvExpiryDelta: 18,
        maxFeeMsat: msat(0),
        maxCltvExpiryDelta: 18,
        maxHops: 1,
        maxParts: 1,
      },
      { graph: pair, now: micros(0), inFlightMsat: () => 0, excludedEdges: [], excludedNodes: [], ...request },
    );
    expect(found).toEqual([{ edges: [2], amountsMsat: [2e7], cltvExpiryDeltas: [18], feeMsat: 0 }]);
  });

  test('must be able to send the fees too', () => {
    expect(ask(pair, 'A', 'C', { spendableMsat: () => 10_000_030 })).toBe('A-B-C 30');
    expect(ask(pair, 'A', 'C', { spendableMsat: () => 10_000_029 })).toBe('no-route');
    expect(ask(pair, 'A', 'C', { spendableMsat: () => 9_999_999 })).toBe('insufficient-balance');
  });

  test('need no announcement of their own, but the forwarding ones do', () => {
    const graph = network([
      ['A-B', 1],
      ['B-C', 1],
    ]);
    graph.setPolicy(0, null);
    expect(ask(graph, 'A', 'C')).toBe('A-B-C 1');
    graph.setPolicy(2, null);
    expect(ask(graph, 'A', 'C')).toBe('no-route');
  });
});

test('a request that no graph can answer has its name', () => {
  const graph = network([['A-B', 1]]);
  expect(ask(graph, 'A', 'A')).toBe('self-payment');
  expect(ask(graph, 'A', 'B', { amountMsat: msat(0) })).toBe('zero-amount');
  expect(ask(graph, 'A', 'nobody')).toBe('unknown-node');
  expect(ask(graph, 'nobody', 'A')).toBe('unknown-node');
  expect(ask(graph, 'A', 'B')).toBe('A-B 0');
});

test('free channels do not make long ways: of equal fees the fewest hops are taken', () => {
  //  A - B - C - D - E, and A - F - E
  const graph = network([
    ['A-B', 0],
    ['B-C', 0],
    ['C-D', 0],
    ['D-E', 0],
    ['A-F', 0],
    ['F-E', 0],
  ]);
  expect(ask(graph, 'A', 'E')).toBe('A-F-E 0');
});

test('a closed channel and a changed fee are seen at once', () => {
  const graph = network([
    ['A-B', 0],
    ['B-D', 10],
    ['A-C', 0],
    ['C-D', 20],
  ]);
  expect(ask(graph, 'A', 'D')).toBe('A-B-D 10');
  graph.closeChannel(1);
  expect(ask(graph, 'A', 'D')).toBe('A-C-D 20');
  graph.closeChannel(2);
  expect(ask(graph, 'A', 'D')).toBe('no-route');
  expect(ask(graph, 'A', 'C')).toBe('no-route');
});

test('a minimum that only a dearer part of the way passes is reached for where both sides of the search come to that part', () => {
  //  S - A - B - C     A-B takes 10,000,001 msat or more; through D, 5 msat dearer, that much would go over it
  //           \ /
  //            D
  const graph = network([
    ['S-A', 0],
    ['A-B', 0, { htlcMinimumMsat: msat(10_000_001) }],
    ['B-C', 0],
    ['B-D', 5],
    ['D-C', 5],
  ]);
  expect(ask(graph, 'S', 'C')).toBe('S-A-B-D-C 10');
  expect(ask(graph, 'S', 'C', { amountMsat: msat(10_000_001) })).toBe('S-A-B-C 0');
});

test('no route passes a node twice, though the detour would bring the amount up to a minimum', () => {
  //  S - A - B - C     A-B takes 10,000,001 msat or more; only to D and back that much would go over it
  //          |
  //          D - E
  const graph = network([
    ['S-A', 0],
    ['A-B', 0, { htlcMinimumMsat: msat(10_000_001) }],
    ['B-C', 0],
    ['B-D', 5],
    ['D-B', 5],
    ['D-E', 0],
  ]);
  expect(ask(graph, 'S', 'C')).toBe('no-route');
});

test('fewest-hops finds feasible routes, and hardly ever a longer one than there is', () => {
  let found = 0;
  let longer = 0;
  fc.assert(
    fc.property(smallCase, (one) => {
      const routes = fewest.findRoutes(one.request, one.view);
      if (isRouteFailure(routes)) return;
      const least = Math.min(...everyRoute(one).map(({ edges }) => edges.length));
      expect(routes[0]).toEqual(price(one, routes[0]!.edges));
      found++;
      if (routes[0]!.edges.length > least) longer++;
    }),
    { numRuns: 2000 },
  );
  expect(found).toBeGreaterThan(300);
  expect(longer).toBeLessThan(found / 50);
});
