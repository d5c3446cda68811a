import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { seconds } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import { CompiledGraph } from '../../src/graph/compiled.ts';
import { fewerParts, mostDeliverableMsat } from '../../src/routing/flow/flowRoutes.ts';
import { LiquidityBounds } from '../../src/routing/flow/liquidityBounds.ts';
import { boundedProbability } from '../../src/routing/flow/probability.ts';
import { Parts } from '../../src/routing/parts.ts';
import { prepareStrategy } from '../../src/routing/registry.ts';
import { type Route, priceRoute } from '../../src/routing/route.ts';
import { type RouteRequest, type RoutingStrategy, isRouteFailure } from '../../src/routing/strategy.ts';
import { answer, edgeOf, network, outcomeOf, requestOf, routeAlong, viewOf } from './network.ts';
import { everyRoute, smallCase } from './smallGraphs.ts';

const make = (name: string, options: Record<string, unknown> = {}): RoutingStrategy =>
  prepareStrategy(name, options, { file: 'test', path: '' })(Rng.fromSeed(1));

/** The routes, or an error with the failure's name. */
function routesOf(strategy: RoutingStrategy, request: RouteRequest, view: ReturnType<typeof viewOf>): readonly Route[] {
  const found = strategy.findRoutes(request, view);
  if (isRouteFailure(found)) throw new Error(found.failure);
  return found;
}

const delivered = (routes: readonly Route[]): number[] => routes.map(({ amountsMsat }) => amountsMsat.at(-1)!);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Six ways of 100,000 sat from A to Z, the i-th at i × 100 ppm. */
const SIX_WAYS = network(
  Array.from({ length: 6 }, (_, i) => [
    [`A-${i}`, 0, { capacitySat: 100_000 }] as const,
    [`${i}-Z`, 0, { capacitySat: 100_000, feeProportionalMillionths: 100 * i }] as const,
  ]).flat(),
);
const SIX_VIEW = viewOf(SIX_WAYS, { spendableMsat: (edge) => SIX_WAYS.capacityMsat[edge >> 1]! });

describe('probabilities of Pickhardt and Richter (arXiv 2107.05322), example 1', () => {
  // capacities s-A 2, A-B 2, B-d 4, s-X 1, X-Y 7, Y-d 4, X-B 9; the payer is p, whose own channel to s is certain
  const ends = [
    ['p', 's', 100],
    ['s', 'A', 2],
    ['A', 'B', 2],
    ['B', 'd', 4],
    ['s', 'X', 1],
    ['X', 'Y', 7],
    ['Y', 'd', 4],
    ['X', 'B', 9],
  ] as const;
  const keys = ['p', 's', 'A', 'B', 'd', 'X', 'Y'];
  const each = (value: number): number[] => ends.flatMap(() => [value, value]);
  const graph = new CompiledGraph({
    nodeKeys: keys,
    channelIds: ends.map((_, i) => String(i)),
    node1: ends.map(([a]) => keys.indexOf(a)),
    node2: ends.map(([, b]) => keys.indexOf(b)),
    capacityMsat: ends.map(([, , capacity]) => capacity),
    feeBaseMsat: each(0),
    feeProportionalMillionths: each(0),
    cltvExpiryDelta: each(1),
    htlcMinimumMsat: each(0),
    htlcMaximumMsat: each(100),
    enabled: each(1),
  });
  const likely = (way: string, units: number, bounds = new LiquidityBounds(1e9)): number =>
    boundedProbability(routeAlong(graph, way, units), viewOf(graph), bounds);

  test('of one unit, and of two over ways that share no channel', () => {
    expect(likely('p-s-A-B-d', 1)).toBeCloseTo(16 / 45, 12);
    expect(likely('p-s-X-Y-d', 1)).toBeCloseTo(7 / 20, 12);
    expect(likely('p-s-X-B-d', 1)).toBeCloseTo(9 / 25, 12);
    expect(likely('p-s-A-B-d', 1) * likely('p-s-X-Y-d', 1)).toBeCloseTo(28 / 225, 12);
    expect(likely('p-s-X-Y-d', 2)).toBe(0);
  });

  test('after an attempt what passed is certain, what failed bounds from above', () => {
    const bounds = new LiquidityBounds(1e9);
    // the first unit came to B and failed from there
    bounds.learn(outcomeOf(graph, 'p-s-A-B-d', 1, 0, { name: 'temporary_channel_failure', at: 'B' }));
    expect(bounds.look(edgeOf(graph, 's', 'A'), 2, seconds(0))).toEqual({ leastMsat: 1, mostMsat: 2 });
    expect(bounds.look(edgeOf(graph, 'A', 's'), 2, seconds(0))).toEqual({ leastMsat: 0, mostMsat: 1 });
    expect(bounds.look(edgeOf(graph, 'B', 'd'), 4, seconds(0))).toEqual({ leastMsat: 0, mostMsat: 0 });
    expect(likely('p-s-A-B-d', 1, bounds)).toBe(0);
    expect(likely('p-s-X-Y-d', 1, bounds)).toBeCloseTo(7 / 20, 12);
  });

  test('what was learnt is forgotten after its time, and a success moves the bounds', () => {
    const bounds = new LiquidityBounds(60);
    bounds.learn(outcomeOf(graph, 'p-s-A-B-d', 1, 0, { name: 'temporary_channel_failure', at: 'B' }));
    expect(bounds.look(edgeOf(graph, 'B', 'd'), 4, seconds(59))).toMatchObject({ mostMsat: 0 });
    expect(bounds.look(edgeOf(graph, 'B', 'd'), 4, seconds(60))).toMatchObject({ mostMsat: 4 });
    bounds.learn(outcomeOf(graph, 'p-s-X-Y-d', 1, 60));
    expect(bounds.look(edgeOf(graph, 'X', 'Y'), 7, seconds(60))).toEqual({ leastMsat: 0, mostMsat: 6 });
    expect(bounds.look(edgeOf(graph, 'Y', 'X'), 7, seconds(60))).toEqual({ leastMsat: 1, mostMsat: 7 });
  });

  test('bounds never cross, whatever is learnt', () => {
    const outcome = fc.record({
      amount: fc.integer({ min: 1, max: 9 }),
      at: fc.constantFrom(null, 'X', 'Y'),
      time: fc.nat(300),
    });
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 20 }), (outcomes) => {
        const bounds = new LiquidityBounds(100);
        for (const { amount, at, time } of outcomes.toSorted((a, b) => a.time - b.time)) {
          const failed = at === null ? null : { name: 'temporary_channel_failure', at };
          bounds.learn(outcomeOf(graph, 'p-s-X-Y-d', amount, time, failed));
          for (let edge = 0; edge < graph.edgeCount; edge++) {
            const capacity = graph.capacityMsat[edge >> 1]!;
            const { leastMsat, mostMsat } = bounds.look(edge, capacity, seconds(time));
            expect(leastMsat).toBeGreaterThanOrEqual(0);
            expect(leastMsat).toBeLessThanOrEqual(mostMsat);
            expect(mostMsat).toBeLessThanOrEqual(capacity);
          }
        }
      }),
    );
  });
});

describe('ways of a flow', () => {
  test('bring as much as their channels carry with fees, and not an msat more', () => {
    let checked = 0;
    fc.assert(
      fc.property(smallCase, (one) => {
        for (const { edges } of everyRoute(one)) {
          const most = mostDeliverableMsat(edges, one.view, () => 0);
          const carries = (amountMsat: number): boolean => {
            const { amountsMsat } = priceRoute(one.graph, edges, msat(amountMsat), 9);
            return edges.every((edge, hop) => {
              const limit = hop === 0 ? one.view.spendableMsat(edge) : Infinity;
              return amountsMsat[hop]! <= Math.min(limit, one.graph.usableMsat(edge));
            });
          };
          expect(carries(most)).toBe(true);
          expect(carries(most + 1)).toBe(false);
          checked++;
        }
      }),
      { numRuns: 1500 },
    );
    expect(checked).toBeGreaterThan(200);
  });

  test('that are too many are brought down to the strongest, if those can carry all', () => {
    const parts = new Parts();
    [30, 50, 20].forEach((units, i) => parts.add(routeAlong(SIX_WAYS, `A-${i}-Z`, units * 1_000_000)));
    parts.add(routeAlong(SIX_WAYS, 'A-1-Z', 10_000_000));
    const fewer = (maxParts: number): number[] | null => {
      const request = requestOf(SIX_WAYS, 'A', 'Z', { amountMsat: msat(110_000_000), maxParts });
      const found = fewerParts(parts, request, SIX_VIEW);
      return found && delivered(found.routes);
    };
    expect(fewer(3)).toEqual([60_000_000, 30_000_000, 20_000_000]);
    // 100,000 sat over a way leave no room for its fee of 100 ppm
    expect(fewer(2)).toEqual([80_000_000, 30_000_000]);
    expect(fewer(1)).toBeNull();
  });
});

describe('pickhardt', () => {
  const pay = (
    amountSat: number,
    options: Record<string, unknown> = {},
    asked: Partial<RouteRequest> = {},
  ): readonly Route[] =>
    routesOf(
      make('pickhardt', options),
      requestOf(SIX_WAYS, 'A', 'Z', { amountMsat: msat(1000 * amountSat), maxParts: 20, ...asked }),
      SIX_VIEW,
    );

  test('spreads a payment so that no channel is filled, and sends one part of a small one', () => {
    expect(delivered(pay(10_000))).toEqual([10_000_000]);
    // pieces are fifths of a channel: six ways take one each before any takes two
    expect(delivered(pay(120_000)).toSorted((a, b) => a - b)).toEqual([2, 2, 2, 2, 2, 2].map((fifth) => fifth * 1e7));
    expect(Math.max(...delivered(pay(240_000)))).toBe(40_000_000);
  });

  test('with fees weighed more goes where they are lower', () => {
    expect(delivered(pay(60_000, { mu: 100_000 }))).toEqual([60_000_000]);
    const [route] = pay(60_000, { mu: 100_000 });
    expect(route!.feeMsat).toBe(0);
  });

  test('within a limit on fees raises their weight', () => {
    const free = pay(80_000, {}, { maxFeeMsat: msat(100_000) });
    expect(sum(free.map(({ feeMsat }) => feeMsat))).toBeGreaterThan(1000);
    const tight = pay(80_000, {}, { maxFeeMsat: msat(0) });
    expect(sum(tight.map(({ feeMsat }) => feeMsat))).toBe(0);
  });

  test('adds fees upstream, though no channel has room to spare', () => {
    const full = pay(599_800);
    expect(sum(delivered(full))).toBe(599_800_000);
    for (const { edges, amountsMsat } of full) {
      edges.forEach((edge, hop) => expect(amountsMsat[hop]).toBeLessThanOrEqual(SIX_WAYS.capacityMsat[edge >> 1]!));
    }
    expect(() => pay(600_000)).toThrow('no-route');
  });

  test('leaves channels with a base fee out unless told otherwise, and small ones if told to prune', () => {
    const based = network([
      ['A-B', 0],
      ['B-C', 1],
    ]);
    expect(answer(make('pickhardt'), requestOf(based, 'A', 'C'), viewOf(based))).toBe('no-route');
    const lenient = make('pickhardt', { baseFeeThresholdMsat: 1 });
    expect(answer(lenient, requestOf(based, 'A', 'C'), viewOf(based))).toBe('A-B-C 1');
    expect(() => pay(10_000, { prune: true })).toThrow('no-route');
  });

  test('goes around what failed, and sends less where less is left', () => {
    const payer = make('pickhardt');
    payer.learn(outcomeOf(SIX_WAYS, 'A-0-Z', 5_000_000, 0, { name: 'temporary_channel_failure', at: '0' }));
    const request = requestOf(SIX_WAYS, 'A', 'Z', { amountMsat: msat(30_000_000), maxParts: 1 });
    expect(answer(payer, request, SIX_VIEW)).toBe('A-1-Z 3000');
    // what carried all of 90,000 sat is the best way again, though it costs more
    payer.learn(outcomeOf(SIX_WAYS, 'A-4-Z', 90_000_000, 0, { name: 'incorrect_or_unknown_payment_details', at: 'Z' }));
    expect(answer(payer, request, SIX_VIEW)).toBe('A-4-Z 12000');
  });
});

describe('cln-xpay', () => {
  const pay = (amountSat: number, asked: Partial<RouteRequest> = {}): readonly Route[] =>
    routesOf(
      make('cln-xpay'),
      requestOf(SIX_WAYS, 'A', 'Z', { amountMsat: msat(1000 * amountSat), maxParts: 100, ...asked }),
      SIX_VIEW,
    );

  test('spreads a payment over pieces of half a channel, then 30 and 15 %', () => {
    expect(delivered(pay(40_000))).toEqual([40_000_000]);
    const half = delivered(pay(290_000));
    expect(half.length).toBe(6);
    expect(Math.max(...half)).toBeLessThanOrEqual(51_000_000);
    expect(sum(half)).toBe(290_000_000);
    expect(sum(delivered(pay(560_000)))).toBe(560_000_000);
  });

  test('keeps to the budget by weighing fees more', () => {
    const free = pay(90_000, { maxFeeMsat: msat(100_000) });
    const tight = pay(90_000, { maxFeeMsat: msat(10) });
    expect(sum(tight.map(({ feeMsat }) => feeMsat))).toBeLessThanOrEqual(10);
    expect(sum(free.map(({ feeMsat }) => feeMsat))).toBeGreaterThanOrEqual(0);
    expect(tight[0]!.probability).toBeLessThan(0.2);
    expect(() => pay(300_000, { maxFeeMsat: msat(10) })).toThrow('no-route');
  });

  test('goes where blocks are fewer once the best way is too slow', () => {
    //  through B in 300 blocks for nothing, through C in 20 for 300 ppm
    const graph = network([
      ['A-B', 0, { capacitySat: 9_000_000 }],
      ['B-D', 0, { capacitySat: 9_000_000, cltvExpiryDelta: 300 }],
      ['A-C', 0, { capacitySat: 9_000_000 }],
      ['C-D', 0, { capacitySat: 9_000_000, feeProportionalMillionths: 300, cltvExpiryDelta: 20 }],
    ]);
    const request = requestOf(graph, 'A', 'D', { maxFeeMsat: msat(1_000_000), maxParts: 10 });
    expect(answer(make('cln-xpay'), request, viewOf(graph))).toBe('A-B-D 0');
    const quick = { ...request, maxCltvExpiryDelta: 100 };
    expect(answer(make('cln-xpay'), quick, viewOf(graph))).toBe('A-C-D 3000');
    expect(answer(make('cln-xpay'), { ...quick, maxParts: 1 }, viewOf(graph))).toBe('A-C-D 3000');
  });

  test('forgets after an hour what failed', () => {
    const payer = make('cln-xpay');
    const request = requestOf(SIX_WAYS, 'A', 'Z', { amountMsat: msat(5_000_000), maxParts: 1 });
    expect(answer(payer, request, SIX_VIEW)).toBe('A-0-Z 0');
    payer.learn(outcomeOf(SIX_WAYS, 'A-0-Z', 5_000_000, 0, { name: 'temporary_channel_failure', at: '0' }));
    expect(answer(payer, request, SIX_VIEW)).not.toBe('A-0-Z 0');
    expect(answer(payer, request, { ...SIX_VIEW, now: seconds(3600) })).toBe('A-0-Z 0');
  });
});

describe('cln-pay', () => {
  test('takes the way of the best score, but for what amounts change on the way', () => {
    let found = 0;
    let worse = 0;
    fc.assert(
      fc.property(smallCase, (one) => {
        const score = ({ edges, amountsMsat }: Route): number =>
          sum(
            edges.map((edge, hop) => {
              if (hop === 0) return 1;
              const [amount, capacity] = [amountsMsat[hop]!, one.graph.capacityMsat[edge >> 1]!];
              const risk = Math.floor(((amount * 10) / 100 / 52_596) * one.graph.cltvExpiryDelta[edge]!);
              const fee = amountsMsat[hop - 1]! - amount;
              const bias = 1 - Math.log((capacity + 1 - amount) / (capacity + 1));
              return Math.min(2 ** 32 - 1, Math.floor(bias * (fee + risk + 1)));
            }),
          );
        const routes = make('cln-pay').findRoutes(one.request, one.view);
        const scores = everyRoute(one).map(score);
        if (isRouteFailure(routes)) return;
        found++;
        expect(score(routes[0]!)).toBeGreaterThanOrEqual(Math.min(...scores));
        if (score(routes[0]!) > Math.min(...scores)) worse++;
      }),
      { numRuns: 1500 },
    );
    expect(found).toBeGreaterThan(300);
    expect(worse).toBeLessThan(found / 20);
  });

  test('pays for a larger channel', () => {
    //  9,500 of 10,000 sat through B at 1 sat, of 10 million through C at 3
    const graph = network([
      ['A-B', 0],
      ['B-D', 1000, { capacitySat: 10_000 }],
      ['A-C', 0],
      ['C-D', 3000, { capacitySat: 10_000_000 }],
    ]);
    const pay = (sat: number): string =>
      answer(make('cln-pay'), requestOf(graph, 'A', 'D', { amountMsat: msat(1000 * sat) }), viewOf(graph));
    expect(pay(9_500)).toBe('A-C-D 3000');
    expect(pay(1_000)).toBe('A-B-D 1000');
  });

  test('halves a payment that no way carries whole', () => {
    const request = requestOf(SIX_WAYS, 'A', 'Z', { amountMsat: msat(150_000_000), maxParts: 10 });
    const parts = delivered(routesOf(make('cln-pay'), request, SIX_VIEW));
    expect(parts[0]).toBe(75_000_000);
    expect(sum(parts)).toBe(150_000_000);
  });
});
