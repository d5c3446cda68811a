import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { msat, type Msat } from '../../src/base/units.ts';
import { policyFault, structureFault, type PolicyFault } from '../../src/experiment/routeCheck.ts';
import { priceRoute, type Route } from '../../src/routing/route.ts';
import { edgeOf, network, requestOf, routeAlong, viewOf } from '../routing/network.ts';
import { everyWay, price, smallCase } from '../routing/smallGraphs.ts';

//  A ── B ── C ── D, and B ══ D
const graph = network([
  ['A-B', 0],
  ['B-C', 1000, { feeProportionalMillionths: 100, cltvExpiryDelta: 40 }],
  ['C-D', 2000, { htlcMinimumMsat: msat(500), htlcMaximumMsat: msat(20_000_000) }],
  ['B-D', 7, { disabled: true }],
  ['B-D', 9, { capacitySat: 6000 }],
]);
const view = viewOf(graph);
const request = requestOf(graph, 'A', 'D', { amountMsat: msat(1_000_000), finalCltvExpiryDelta: 18, maxParts: 3 });
const good = routeAlong(graph, 'A-B-C-D', 1_000_000);
const changed = (changes: Partial<Record<keyof Route, unknown>>): Route => ({ ...good, ...changes }) as Route;

describe('the structure of routes', () => {
  test('is sound for a route that was priced', () => {
    expect(structureFault(request, view, [good])).toBe(null);
  });

  test.each<[string, readonly Route[]]>([
    ['0 routes', []],
    ['4 routes', [good, good, good, good]],
    ['a route over edge -1', [changed({ edges: [-1] })]],
    ['a route over edge 0.5', [changed({ edges: [0.5] })]],
    ['a route over edge 10', [changed({ edges: [10] })]],
    ['a route whose edge 0 (1) does not leave node 0', [changed({ edges: [1] })]],
    ['a route that ends at node 0', [changed({ edges: [] })]],
    ['a route that ends at node 2', [changed({ edges: good.edges.slice(0, 2) })]],
    ['a route of 3 edges with 1 amounts and 3 expiries', [changed({ amountsMsat: [good.amountsMsat[0]] })]],
    ['a route with NaN for an amount, an expiry or a fee', [changed({ feeMsat: NaN })]],
    ['a route with -5 for an amount, an expiry or a fee', [changed({ cltvExpiryDeltas: [1, 2, -5] })]],
    ['a route whose fee is not what it sends beyond its amount', [changed({ feeMsat: 1 })]],
    ['routes that bring 2000000 msat', [good, good]],
  ])('%s', (fault, routes) => {
    expect(structureFault(request, view, routes)).toBe(fault);
  });
});

describe('the rules of the graph', () => {
  const faultOf = (routes: readonly Route[], asked = request, known = view): PolicyFault | null => {
    expect(structureFault(asked, known, routes)).toBe(null);
    return policyFault(asked, known, routes);
  };
  const lowered = (hop: number, by: number): Route => {
    const amountsMsat = good.amountsMsat.map((amountMsat, i) => (i <= hop ? amountMsat - by : amountMsat)) as Msat[];
    return { ...good, amountsMsat, feeMsat: msat(good.feeMsat - by) };
  };

  test('let a priced route through, and one that pays and waits more', () => {
    expect(good.amountsMsat).toEqual([1_003_100, 1_002_000, 1_000_000]);
    expect(faultOf([good])).toBe(null);
    expect(faultOf([changed({ amountsMsat: [1_003_300, 1_002_000, 1_000_000], feeMsat: 3300 })])).toBe(null);
  });

  test('each by its name', () => {
    expect(faultOf([lowered(0, 1)])).toBe('fee-insufficient');
    expect(faultOf([lowered(1, 1)])).toBe('fee-insufficient');
    expect(faultOf([changed({ cltvExpiryDeltas: [98, 59, 18] })])).toBe('expiry-too-soon');
    expect(faultOf([changed({ cltvExpiryDeltas: [97, 57, 17] })])).toBe('expiry-too-soon');
    expect(faultOf([good], { ...request, maxHops: 2 })).toBe('hop-limit');
    expect(faultOf([good], { ...request, maxFeeMsat: msat(3099) })).toBe('fee-limit');
    expect(faultOf([good], { ...request, maxCltvExpiryDelta: 97 })).toBe('cltv-limit');
    expect(faultOf([good], request, viewOf(graph, { spendableMsat: () => 1_003_099 }))).toBe('capacity');
    const disabled = priceRoute(graph, [edgeOf(graph, 'A', 'B'), 6], msat(1_000_000), 18);
    expect(faultOf([disabled])).toBe('disabled');
    const loop = routeAlong(graph, 'A-B-C-B-C-D', 1_000_000);
    expect(faultOf([loop])).toBe('loop');
    const small = routeAlong(graph, 'A-B-C-D', 499);
    expect(faultOf([small], { ...request, amountMsat: msat(499) })).toBe('amount-below-minimum');
    const large = routeAlong(graph, 'A-B-C-D', 20_000_001);
    expect(faultOf([large], { ...request, amountMsat: msat(20_000_001) })).toBe('amount-above-maximum');
  });

  test('a channel is shared by the routes over it', () => {
    const half = priceRoute(graph, [edgeOf(graph, 'A', 'B'), 8], msat(3_000_000), 18);
    expect(faultOf([half, half], { ...request, amountMsat: msat(6_000_000) })).toBe(null);
    const more = priceRoute(graph, [edgeOf(graph, 'A', 'B'), 8], msat(3_000_001), 18);
    expect(faultOf([half, more], { ...request, amountMsat: msat(6_000_001) })).toBe('capacity');
  });

  test('agree with big-integer arithmetic over every way of small graphs', () => {
    const seen = { kept: 0, broken: 0 };
    fc.assert(
      fc.property(smallCase, (one) => {
        for (const edges of everyWay(one.graph, one.request.source, one.request.target)) {
          const route = priceRoute(one.graph, edges, one.request.amountMsat, one.request.finalCltvExpiryDelta);
          const expected = price(one, edges) === null;
          expect(policyFault(one.request, one.view, [route]) !== null).toBe(expected);
          seen[expected ? 'broken' : 'kept']++;
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.kept).toBeGreaterThan(100);
    expect(seen.broken).toBeGreaterThan(100);
  });
});
