/** Every registered strategy through the same cases: what a payment may rely on, whatever finds its way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { Rng } from '../../src/base/random.ts';
import { msat } from '../../src/base/units.ts';
import { prepareStrategy, strategyKinds } from '../../src/routing/registry.ts';
import { isRouteFailure, type RoutingStrategy } from '../../src/routing/strategy.ts';
import { answer, edgeOf, network, outcomeOf, requestOf, viewOf } from './network.ts';
import { type Case, everyRoute, price, smallCase } from './smallGraphs.ts';

/**
 * Options that the cases need: the reference of `pickhardt` leaves channels with a base fee out, `ldk` keeps blocks free for a
 * delay that hides the payee.
 */
const OPTIONS: Readonly<Record<string, Record<string, unknown>>> = {
  pickhardt: { baseFeeThresholdMsat: 1e12 },
  ldk: { privacyBlocks: 0 },
};

const make = (name: string): RoutingStrategy =>
  prepareStrategy(name, OPTIONS[name] ?? {}, { file: 'test', path: '' })(Rng.fromSeed(1));

describe.each(Object.keys(strategyKinds))('%s', (name) => {
  /** A - B - C - D, 1 sat a hop, and E apart. */
  const line = network([
    ['A-B', 1000],
    ['B-C', 1000],
    ['C-D', 1000],
    ['E-F', 1000],
  ]);
  const ask = (
    ...[graph, from, to, asked = {}, known = {}]: [
      Parameters<typeof requestOf>[0],
      string,
      string,
      Parameters<typeof requestOf>[3]?,
      Parameters<typeof viewOf>[1]?,
    ]
  ): string => answer(make(name), requestOf(graph, from, to, asked), viewOf(graph, known));

  test('a peer is paid over the own channel for nothing', () => {
    expect(ask(line, 'A', 'B')).toBe('A-B 0');
  });

  test('a way of several hops pays what its nodes ask', () => {
    expect(ask(line, 'A', 'D')).toBe('A-B-C-D 2000');
  });

  test('no way to the payee is said so', () => {
    expect(ask(line, 'A', 'E')).toBe('no-route');
  });

  test('what no graph can answer has its name', () => {
    expect(ask(line, 'A', 'A')).toBe('self-payment');
    expect(ask(line, 'A', 'nobody')).toBe('unknown-node');
    expect(ask(line, 'nobody', 'A')).toBe('unknown-node');
    expect(ask(line, 'A', 'D', { amountMsat: msat(0) })).toBe('zero-amount');
  });

  test('a payer that can not send the amount is told so', () => {
    expect(ask(line, 'A', 'D', {}, { spendableMsat: () => 9_999_999 })).toBe('insufficient-balance');
    expect(ask(line, 'A', 'D', {}, { spendableMsat: () => 10_002_000 })).toBe('A-B-C-D 2000');
    expect(ask(line, 'A', 'D', {}, { spendableMsat: () => 10_001_999 })).toBe('no-route');
  });

  test('the limit on fees is kept to the msat', () => {
    expect(ask(line, 'A', 'D', { maxFeeMsat: msat(2000) })).toBe('A-B-C-D 2000');
    expect(ask(line, 'A', 'D', { maxFeeMsat: msat(1999) })).toBe('no-route');
  });

  test('the limit on hops is kept', () => {
    expect(ask(line, 'A', 'D', { maxHops: 3 })).toBe('A-B-C-D 2000');
    expect(ask(line, 'A', 'D', { maxHops: 2 })).toBe('no-route');
  });

  test('the limit on blocks is kept', () => {
    expect(ask(line, 'A', 'D', { maxCltvExpiryDelta: 18 + 2 * 40 })).toBe('A-B-C-D 2000');
    expect(ask(line, 'A', 'D', { maxCltvExpiryDelta: 18 + 2 * 40 - 1 })).toBe('no-route');
  });

  test('a disabled direction is not used, but the own one is', () => {
    const graph = network([
      ['A-B', 0, { disabled: true }],
      ['B-C', 0],
    ]);
    expect(ask(graph, 'A', 'C')).toBe('A-B-C 0');
    expect(ask(graph, 'C', 'A')).toBe('no-route');
  });

  test('minimum and maximum HTLC are kept to the msat', () => {
    const most = network([
      ['A-B', 0],
      ['B-C', 1000, { htlcMaximumMsat: msat(10_000_000) }],
    ]);
    expect(ask(most, 'A', 'C')).toBe('A-B-C 1000');
    expect(ask(most, 'A', 'C', { amountMsat: msat(10_000_001) })).toBe('no-route');
    const least = network([
      ['A-B', 0],
      ['B-C', 1000, { htlcMinimumMsat: msat(10_000_000) }],
    ]);
    expect(ask(least, 'A', 'C')).toBe('A-B-C 1000');
    expect(ask(least, 'A', 'C', { amountMsat: msat(9_999_999) })).toBe('no-route');
  });

  test('of parallel channels one that carries the amount is taken', () => {
    const graph = network([
      ['A-B', 0, { capacitySat: 9_000 }],
      ['A-B', 0],
      ['B-C', 100, { capacitySat: 9_000 }],
      ['B-C', 2000],
      ['B-C', 3000, { disabled: true }],
    ]);
    const found = make(name).findRoutes(
      requestOf(graph, 'A', 'C'),
      viewOf(graph, { spendableMsat: (edge) => graph.capacityMsat[edge >> 1]! }),
    );
    expect(found).toMatchObject([{ edges: [2, 6], feeMsat: 2000 }]);
  });

  test('what the payment excludes is not used', () => {
    //  A - B - D and A - C - D
    const graph = network([
      ['A-B', 0],
      ['B-D', 1000],
      ['A-C', 0],
      ['C-D', 1000],
    ]);
    for (const [avoided, taken] of [
      ['B', 'C'],
      ['C', 'B'],
    ] as const) {
      const node = graph.nodeIndex.get(avoided)!;
      expect(ask(graph, 'A', 'D', {}, { excludedNodes: [node] })).toBe(`A-${taken}-D 1000`);
      expect(ask(graph, 'A', 'D', {}, { excludedEdges: [edgeOf(graph, avoided, 'D')] })).toBe(`A-${taken}-D 1000`);
    }
    const both = [edgeOf(graph, 'B', 'D'), edgeOf(graph, 'C', 'D')];
    expect(ask(graph, 'A', 'D', {}, { excludedEdges: both })).toBe('no-route');
  });

  test('after a failure the payer does not insist, by its memory or by what the payment excludes', () => {
    const graph = network([
      ['A-B', 0],
      ['B-D', 1000],
      ['A-C', 0],
      ['C-D', 1000],
    ]);
    const payer = make(name);
    const tried = (excludedEdges: number[]): string =>
      answer(payer, requestOf(graph, 'A', 'D'), viewOf(graph, { excludedEdges }));
    const first = tried([]);
    const [via, other] = first.startsWith('A-B') ? ['B', 'C'] : ['C', 'B'];
    payer.learn(outcomeOf(graph, `A-${via}-D`, 10_000_000, 0, { name: 'temporary_channel_failure', at: via }));
    const excluded = payer.remembersFailures === true ? [] : [edgeOf(graph, via, 'D')];
    expect(tried(excluded)).toBe(`A-${other}-D 1000`);
  });

  test('two payers of the same stream answer the same, and neither teaches the other', () => {
    const graph = network([
      ['A-B', 0],
      ['B-D', 1000],
      ['A-C', 0],
      ['C-D', 1000],
      ['A-E', 0],
      ['E-D', 1000],
    ]);
    const maker = prepareStrategy(name, OPTIONS[name] ?? {}, { file: 'test', path: '' });
    const [one, two] = [maker(Rng.fromSeed(7)), maker(Rng.fromSeed(7))];
    const answers = (payer: RoutingStrategy): string[] =>
      Array.from({ length: 5 }, () => answer(payer, requestOf(graph, 'A', 'D'), viewOf(graph)));
    const first = answers(one);
    for (let i = 0; i < 5; i++) {
      for (const via of ['B', 'C', 'E']) {
        one.learn(outcomeOf(graph, `A-${via}-D`, 10_000_000, i, { name: 'temporary_channel_failure', at: via }));
      }
    }
    expect(answers(two)).toEqual(first);
  });

  /** In the case of a strategy that sees pairs of nodes, not channels, the payer may grant more blocks than are asked. */
  const isFeasible = (one: Case, routes: ReturnType<RoutingStrategy['findRoutes']>): void => {
    if (isRouteFailure(routes)) return;
    const sum = routes.reduce((total, { amountsMsat }) => total + amountsMsat.at(-1)!, 0);
    expect(sum).toBe(one.request.amountMsat);
    expect(routes.length).toBeLessThanOrEqual(one.request.maxParts);
    expect(routes.reduce((total, { feeMsat }) => total + feeMsat, 0)).toBeLessThanOrEqual(one.request.maxFeeMsat);
    for (const route of routes) {
      const part = { ...one, request: { ...one.request, amountMsat: route.amountsMsat.at(-1)! } };
      const priced = price(part, route.edges);
      expect(priced).not.toBeNull();
      expect(route.amountsMsat).toEqual(priced!.amountsMsat);
      expect(route.feeMsat).toBe(priced!.feeMsat);
      route.cltvExpiryDeltas.forEach((blocks, hop) => {
        expect(blocks).toBeGreaterThanOrEqual(priced!.cltvExpiryDeltas[hop]!);
        expect(blocks).toBeLessThanOrEqual(one.request.maxCltvExpiryDelta);
      });
      const nodes = [one.request.source, ...route.edges.map((edge) => one.graph.edgeTo[edge]!)];
      expect(new Set(nodes).size).toBe(nodes.length);
    }
    // own channels can send all parts together
    const sent = new Map<number, number>();
    for (const { edges, amountsMsat } of routes) sent.set(edges[0]!, (sent.get(edges[0]!) ?? 0) + amountsMsat[0]!);
    for (const [edge, amount] of sent) expect(amount).toBeLessThanOrEqual(one.view.spendableMsat(edge));
  };

  test('every route found is feasible on the public graph, and there is none where there is none', () => {
    let found = 0;
    let possible = 0;
    fc.assert(
      fc.property(
        smallCase,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 9, max: 400 }),
        (drawn, hops, blocks) => {
          const one = { ...drawn, request: { ...drawn.request, maxHops: hops, maxCltvExpiryDelta: blocks } };
          const routes = make(name).findRoutes(one.request, one.view);
          isFeasible(one, routes);
          const exists = everyRoute(one).length > 0;
          if (exists) possible++;
          if (isRouteFailure(routes)) return;
          expect(exists).toBe(true);
          found++;
        },
      ),
      { numRuns: 1000 },
    );
    expect(possible).toBeGreaterThan(200);
    expect(found / possible).toBeGreaterThan(0.5);
  });

  test('so are the parts of a split payment, together', () => {
    let split = 0;
    fc.assert(
      fc.property(smallCase, fc.integer({ min: 2, max: 8 }), (drawn, maxParts) => {
        const one = { ...drawn, request: { ...drawn.request, maxParts } };
        const routes = make(name).findRoutes(one.request, one.view);
        isFeasible(one, routes);
        if (!isRouteFailure(routes) && routes.length > 1) split++;
      }),
      { numRuns: 500 },
    );
    expect(split).toBeGreaterThanOrEqual(0);
  });
});

test('a name or an option that there is not is the user’s mistake, with its place', () => {
  const where = { file: 'mine.yaml', path: 'routing' };
  const mistake = (name: string, options: Record<string, unknown>): string => {
    try {
      prepareStrategy(name, options, where);
    } catch (error) {
      if (error instanceof UserError) return error.message;
    }
    return 'none';
  };
  expect(mistake('lnf', {})).toMatch(
    /^mine.yaml: routing.strategy: found "lnf", expected "lnd" perhaps, one of cheapest-fee, /,
  );
  expect(mistake('lnd', { estimtor: 'bimodal' })).toMatch(
    /routing.estimtor: found the option "estimtor", expected "estimator" perhaps, one of /,
  );
  expect(mistake('lnd', { estimator: 'both' })).toBe(
    'mine.yaml: routing.estimator: found "both", expected one of apriori, bimodal',
  );
  expect(mistake('lnd', { minShardSat: 0.5 })).toMatch(/expected a whole number from 1 to /);
  expect(mistake('eclair', { randomize: 1 })).toMatch(/expected true or false/);
  expect(mistake('cheapest-fee', { k: 1 })).toMatch(/expected one of retries/);
  expect(mistake('lnd', { estimator: 'bimodal', minShardSat: 20_000 })).toBe('none');
});
