import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { msat } from '../../src/base/units.ts';
import { benchRoutes, type Contender, drawQueries } from '../../src/experiment/routeBench.ts';
import { prepareStrategy } from '../../src/routing/registry.ts';
import { priceRoute, type Route } from '../../src/routing/route.ts';
import { network, routeAlong } from '../routing/network.ts';

//  A ── B ── C, A ── D ── C dearer, and E whose only channel is disabled
const graph = network([
  ['A-B', 0],
  ['B-C', 1000],
  ['A-D', 0],
  ['D-C', 3000, { capacitySat: 2_000_000 }],
  ['E-A', 0, { disabled: true }],
]);
const [A, C, E] = ['A', 'C', 'E'].map((key) => graph.nodeIndex.get(key)!);
const limits = { maxFee: null, maxHops: 20, maxCltvExpiryDelta: 2016, maxParts: 2 };
const queries = [
  { source: A!, target: C!, amountMsat: msat(500_000_000) },
  { source: E!, target: C!, amountMsat: msat(1000) },
];

/** A clock by which every question takes as long as the list says, over and over. */
function clock(...costs: readonly number[]): () => number {
  let now = 0;
  let calls = 0;
  return () => (now += calls++ % 2 === 0 ? 0 : costs[((calls >> 1) - 1) % costs.length]!);
}
const named = (name: string): Contender => ({ name, make: prepareStrategy(name, {}, { file: 'test', path: '' }) });
/** The way `A-B-C` with the expiry that questions ask for. */
const priced = (way: string, amountMsat: number): Route =>
  priceRoute(graph, routeAlong(graph, way, amountMsat).edges, msat(amountMsat), 21);
const along = (way: string): Contender => ({
  name: way,
  make: () => ({
    findRoutes: ({ source, amountMsat }) => (source === A ? [priced(way, amountMsat)] : { failure: 'no-route' }),
    learn: () => undefined,
  }),
});
const options = { limits, rounds: 2, seed: 1, cpuMicros: clock(1) };

describe('the benchmark of routes', () => {
  test('measures each question, and takes the quickest round', () => {
    // two questions to warm up with, then rounds of 5 + 9, 4 + 2 and 100 + 1 µs
    const cpuMicros = clock(50, 50, 5, 9, 4, 2, 100, 1);
    const { rows } = benchRoutes([named('cheapest-fee')], queries, graph, { ...options, rounds: 3, cpuMicros });
    expect(rows[0]).toMatchObject({ cpuMicrosMean: 3, cpuMicrosP50: 3 });
    expect(rows[0]!.cpuMicrosP99).toBeCloseTo(3.98);
  });

  test('says what was found, what it costs, and how far from the cheapest it is', () => {
    const { rows, optimumFound } = benchRoutes([named('cheapest-fee'), along('A-D-C')], queries, graph, options);
    expect(optimumFound).toBe(1);
    const [cheapest, dear] = rows;
    const found = { queries: 2, found: 1, faults: {}, missed: 0, unstable: 0, hopsMean: 2, partsMean: 1 };
    expect(cheapest).toMatchObject({ ...found, feeMsatMean: 1000, feeRegretMsatMean: 0, cltvExpiryDeltaMean: 61 });
    expect(dear).toMatchObject({ ...found, feeMsatMean: 3000, feeRegretMsatMean: 2000, ownProbabilityMean: null });
    expect(cheapest!.priorProbabilityMean).toBeCloseTo(0.5, 6);
    expect(dear!.priorProbabilityMean).toBeCloseTo(0.75, 6);
  });

  test('counts an answer that the graph refuses as none, and names the rule', () => {
    const half = priced('A-B-C', 250_000_000);
    const greedy: Contender = {
      name: 'greedy',
      make: () => ({
        findRoutes: () => [
          { ...half, amountsMsat: [half.amountsMsat[1]!, half.amountsMsat[1]!], feeMsat: msat(0) },
          half,
        ],
        learn: () => undefined,
      }),
    };
    const { rows } = benchRoutes([greedy], queries.slice(0, 1), graph, options);
    expect(rows[0]).toMatchObject({ found: 0, faults: { 'fee-insufficient': 1 }, missed: 1, feeMsatMean: null });
  });

  test('tells of answers that are others in a later round', () => {
    let asked = 0;
    const moody: Contender = {
      name: 'moody',
      make: () => ({
        findRoutes: (request) => [priced(asked++ % 2 === 0 ? 'A-B-C' : 'A-D-C', request.amountMsat)],
        learn: () => undefined,
      }),
    };
    expect(benchRoutes([moody], queries.slice(0, 1), graph, options).rows[0]!.unstable).toBe(1);
    expect(benchRoutes([along('A-B-C')], queries, graph, options).rows[0]!.unstable).toBe(0);
  });

  test('gives each payer a strategy and a stream of its own, the same in every round and company', () => {
    const drawn: [number, number][] = [];
    const drawing: Contender = {
      name: 'drawing',
      make: (rng) => ({
        findRoutes: ({ source }) => {
          drawn.push([source, rng.uint32()]);
          return { failure: 'no-route' };
        },
        learn: () => undefined,
      }),
    };
    benchRoutes([along('A-B-C'), drawing], [...queries, queries[0]!], graph, { ...options, rounds: 1 });
    const [ofA, ofE] = [A!, E!].map((node) => Rng.fromSeed(1).stream('routing').stream('node', node));
    const once = [
      [A, ofA!.uint32()],
      [E, ofE!.uint32()],
      [A, ofA!.uint32()],
    ];
    expect(drawn).toEqual([...once, ...once]);
  });

  test('draws payments between nodes that can pay and be paid, by the seed', () => {
    const drawn = drawQueries(graph, 200, msat(5), Rng.fromSeed(1));
    expect(drawn).toEqual(drawQueries(graph, 200, msat(5), Rng.fromSeed(1)));
    expect(drawn).not.toEqual(drawQueries(graph, 200, msat(5), Rng.fromSeed(2)));
    expect(new Set(drawn.flatMap(({ source, target }) => [source, target])).has(E!)).toBe(false);
    expect(drawn.every(({ source, target, amountMsat }) => source !== target && amountMsat === 5)).toBe(true);
    expect(drawQueries(network([['A-B', 0, { disabled: true }]]), 3, msat(5), Rng.fromSeed(1))).toEqual([]);
  });
});
