import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { micros, seconds } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import type { CompiledGraph } from '../../src/graph/compiled.ts';
import { aprioriEstimator, capacityFactor, type AprioriOptions } from '../../src/routing/lnd/apriori.ts';
import {
  bimodalEstimator,
  bimodalIntegral,
  bimodalProbability,
  decayedFailure,
  decayedSuccess,
} from '../../src/routing/lnd/bimodal.ts';
import { MissionControl } from '../../src/routing/lnd/missionControl.ts';
import { interpretResult } from '../../src/routing/lnd/resultInterpretation.ts';
import { prepareStrategy } from '../../src/routing/registry.ts';
import { Rng } from '../../src/base/random.ts';
import { isRouteFailure, type RoutingStrategy } from '../../src/routing/strategy.ts';
import { answer, edgeOf, network, outcomeOf, requestOf, viewOf } from './network.ts';
import { everyRoute, smallCase } from './smallGraphs.ts';

const lnd = (options: Record<string, unknown> = {}): RoutingStrategy =>
  prepareStrategy('lnd', options, { file: 'test', path: '' })(Rng.fromSeed(1));
const HOUR = 3600;

describe("the values of lnd's probability_apriori_test.go", () => {
  const CAPACITY = 1_000_000_000;
  // fraction, share of the capacity that is sent, factor
  // prettier-ignore
  const factors: readonly (readonly [number, number, number])[] = [
    [0.75, 0, 1], [0.75, 0.1, 1], [0.75, 0.5, 1], [0.75, 0.75, 0.75], [0.75, 0.8, 0.56], [0.75, 1, 0.5],
    [0.9999, 0, 1], [0.9999, 0.9, 0.99], [0.9999, 1, 0.75], [1, 1, 1],
  ];
  test('the capacity factor falls at the cut-off and is nothing above the capacity', () => {
    for (const [fraction, share, factor] of factors) {
      expect(Math.abs(capacityFactor(share * CAPACITY, CAPACITY, fraction) - factor)).toBeLessThan(0.001);
    }
    expect(capacityFactor(CAPACITY + 1, CAPACITY, 0.75)).toBe(0);
    expect(capacityFactor(5, 0, 0.75)).toBe(1);
  });

  // a node N with channels of 100,000 sat to four others; weight ¾ counts as three observations
  const graph = network([
    ['S-N', 0],
    ['N-1', 0, { capacitySat: 100_000 }],
    ['N-2', 0, { capacitySat: 100_000 }],
    ['N-3', 0, { capacitySat: 100_000 }],
    ['N-4', 0, { capacitySat: 100_000 }],
  ]);
  const node = graph.nodeIndex.get('N')!;
  const options: AprioriOptions = {
    hopProbability: 0.6,
    weight: 0.75,
    penaltyHalfLifeSeconds: HOUR,
    capacityFraction: 0.9999,
  };
  const estimator = aprioriEstimator(options);
  const AMOUNT = 90_000_000;
  const CAP_FACTOR = 0.9909715;
  const probability = (memory: MissionControl, to: string, amountMsat: number, at = 0): number =>
    estimator.tried(memory, seconds(at), node, edgeOf(graph, 'N', to), amountMsat, 100_000_000);
  const succeeded = (memory: MissionControl, to: string, amountMsat: number, at = 0): void =>
    memory.learn(outcomeOf(graph, `S-N-${to}`, amountMsat, at));
  const failed = (memory: MissionControl, to: string, amountMsat: number, at: number): void =>
    memory.learn(outcomeOf(graph, `S-N-${to}`, amountMsat, at, { name: 'temporary_channel_failure', at: 'N' }));

  test('with no results it is the guess, times the capacity factor', () => {
    const memory = new MissionControl();
    expect(probability(memory, '1', 0)).toBeCloseTo(0.6, 2);
    expect(probability(memory, '1', AMOUNT)).toBeCloseTo(0.6 * CAP_FACTOR, 2);
    expect(estimator.untried(AMOUNT, 100_000_000)).toBeCloseTo(0.6 * CAP_FACTOR, 6);
  });

  test('a success stays likely, and makes the untried pairs of its node likelier', () => {
    const memory = new MissionControl();
    succeeded(memory, '1', AMOUNT);
    expect(probability(memory, '1', 100)).toBe(0.95);
    expect(probability(memory, '1', AMOUNT)).toBe(0.95);
    expect(probability(memory, '4', 100)).toBeCloseTo((3 * 0.6 + 0.95) / 4, 6);
    expect(probability(memory, '4', AMOUNT)).toBeCloseTo((3 * 0.6 * CAP_FACTOR + 0.95) / 4, 6);
  });

  test('a failure of an hour ago halves the pair and weighs half on its node', () => {
    const memory = new MissionControl();
    failed(memory, '1', 50, 0);
    const untried = (3 * 0.6) / 3.5;
    expect(probability(memory, '4', 100, HOUR)).toBeCloseTo(untried, 6);
    expect(probability(memory, '1', 100, HOUR)).toBeCloseTo(untried / 2, 6);
    expect(probability(memory, '1', 49, HOUR)).toBeCloseTo(0.6, 6);
  });

  test('a mix of results is the weighted mean of them', () => {
    const memory = new MissionControl();
    failed(memory, '3', 50, 0);
    failed(memory, '2', 50, HOUR);
    succeeded(memory, '1', 1000, 3 * HOUR);
    const untried = (3 * 0.6 + 0.95) / (3 + 1 + 0.25 + 0.125);
    expect(probability(memory, '1', 100, 3 * HOUR)).toBe(0.95);
    expect(probability(memory, '4', 100, 3 * HOUR)).toBeCloseTo(untried, 6);
    expect(probability(memory, '2', 100, 3 * HOUR)).toBeCloseTo(untried * 0.75, 6);
  });
});

describe("the values of lnd's probability_bimodal_test.go", () => {
  const C = 10_000_000_000;
  const [SMALL, LARGE, SCALE] = [400_000_000, 5_000_000_000, 400_000_000];
  // success, failure, amount, probability
  // prettier-ignore
  const cases: readonly (readonly [number, number, number, number])[] = [
    [0, C, C + 1, 0], [0, C, LARGE, 0.5], [0, C, 0, 1], [0, C, C, 0], [0, C, SMALL, 0.684],
    [LARGE, C, SMALL, 1], [LARGE, C, LARGE, 1], [SMALL / 2, C, SMALL, 0.851], [LARGE / 2, C, LARGE, 0.998],
    [0, LARGE, LARGE, 0], [0, LARGE, LARGE + SMALL, 0], [0, LARGE, SMALL, 0.368],
    [SMALL, LARGE, 0, 1], [SMALL, LARGE, SMALL, 1], [SMALL, LARGE, SMALL + LARGE / 10, 0.287],
    [SMALL, LARGE, LARGE, 0], [LARGE, LARGE, LARGE, 0.5], [LARGE, SMALL, LARGE, 0.5],
    [2 * C, 2 * C + 1, LARGE, 1], [SMALL / 2, 2 * C, SMALL, 0.851],
  ];
  test('the success probability of a channel of 10 M sat', () => {
    for (const [success, fail, amount, expected] of cases) {
      expect(Math.abs(bimodalProbability(C, success, fail, amount, SCALE) - expected)).toBeLessThan(0.001);
    }
    expect(bimodalProbability(0, 0, 0, 0, SCALE)).toBe(0);
  });

  test('a scale too small for the exponentials leaves the uniform part', () => {
    const at = (amount: number): number => bimodalProbability(7e9, 1e9, 4e9, amount, 1);
    expect(at(1e9 + 1)).toBeCloseTo(1, 3);
    expect(at(4e9 - 1)).toBeCloseTo(0, 3);
    expect(at(1.75e9)).toBeCloseTo(0.75, 3);
  });

  test('the integral over a whole channel is 1, over nothing 0', () => {
    expect(bimodalIntegral(1, 1, 1, 3e8)).toBe(0);
    expect(bimodalIntegral(21e17, 0, 21e17, 3e8)).toBeCloseTo(1, 3);
    expect(bimodalIntegral(21e17, 21e17, 21e17, 21e17)).toBe(0);
    expect(bimodalIntegral(0, 0, 0, 3e8)).toBeNaN();
  });

  test('what was learnt decays to knowing nothing', () => {
    expect(decayedSuccess(1_000_000, 0, 1000)).toBe(1_000_000);
    expect(decayedSuccess(1_000_000, 1000, 1000)).toBe(Math.floor(1_000_000 / Math.E));
    expect(decayedSuccess(1_000_000, 1e10, 1000)).toBe(0);
    expect(decayedFailure(1_000_000, 3_000_000, 0, 1000)).toBe(1_000_000);
    expect(decayedFailure(1_000_000, 3_000_000, 1000, 1000)).toBe(3_000_000 - Math.floor(2_000_000 / Math.E));
    expect(decayedFailure(1_000_000, 3_000_000, 1e10, 1000)).toBe(3_000_000);
  });

  // other results of the node (s success, f failure), days since, direct probability, mixed probability
  // prettier-ignore
  const mixes: readonly (readonly [string, number, number, number])[] = [
    ['', 0, 0.5, 0.5], ['s', 0, 0.5, 0.583], ['sssss', 0, 0.5, 0.75], ['f', 0, 0.5, 0.416], ['fffff', 0, 0.5, 0.25],
    ['sf', 0, 0.5, 0.5], ['ssfff', 0, 0.5, 0.45], ['sssss', 1, 0, 0.269], ['f', 1, 1, 0.9314], ['sssss', 0.1, 0.5, 0.741],
  ];
  test("a node's other pairs pull an untried pair their way, the less the older they are", () => {
    const DAY = 24 * HOUR;
    const lines = Array.from({ length: 6 }, (_, i) => [`N-${i}`, 0, { capacitySat: 10_000_000 }] as const);
    const graph = network([['S-N', 0], ...lines]);
    const estimator = bimodalEstimator({ scaleMsat: SCALE, nodeWeight: 0.2, decaySeconds: DAY });
    const node = graph.nodeIndex.get('N')!;
    for (const [others, days, direct, expected] of mixes) {
      const memory = new MissionControl();
      others.split('').forEach((result, i) => {
        const failed = result === 's' ? null : { name: 'temporary_channel_failure', at: 'N' };
        memory.learn(outcomeOf(graph, `S-N-${i}`, 1, 0, failed));
      });
      // amounts with the direct probabilities 1, ½ and 0
      const amount = direct === 1 ? 0 : direct === 0 ? C : LARGE;
      const mixed = estimator.tried(memory, seconds(days * DAY), node, edgeOf(graph, 'N', '5'), amount, C);
      expect(mixed).toBeCloseTo(expected, 2);
    }
  });

  test('an own channel is certain until it fails, and comes back with time', () => {
    const graph = network([
      ['S-N', 0],
      ['N-1', 0],
    ]);
    const estimator = bimodalEstimator({ scaleMsat: SCALE, nodeWeight: 0.2, decaySeconds: HOUR });
    const memory = new MissionControl();
    const local = (at: number): number => estimator.local(memory, seconds(at), edgeOf(graph, 'S', 'N'));
    expect(local(0)).toBe(1);
    memory.learn(outcomeOf(graph, 'S-N-1', 5, 0, { name: 'expiry_too_soon', at: 'N' }));
    expect(local(0)).toBe(0);
    expect(local(HOUR)).toBeCloseTo(1 - 1 / Math.E, 6);
  });
});

describe("the story of lnd's missioncontrol_test.go", () => {
  //  S - 1 - 2, a pair 1→2 guessed at 0.9; failures count half after 30 minutes
  const graph = network([
    ['S-1', 0],
    ['1-2', 0],
  ]);
  const estimator = aprioriEstimator({
    hopProbability: 0.9,
    weight: 0.5,
    penaltyHalfLifeSeconds: HOUR / 2,
    capacityFraction: 0.9999,
  });
  const story = (): {
    p: (amountMsat: number, at: number) => number;
    fail: (name: string, amountMsat: number, at: number) => void;
    memory: MissionControl;
  } => {
    const memory = new MissionControl();
    const node = graph.nodeIndex.get('1')!;
    return {
      memory,
      p: (amountMsat, at) => estimator.tried(memory, seconds(at), node, edgeOf(graph, '1', '2'), amountMsat, 1e8),
      fail: (name, amountMsat, at) => memory.learn(outcomeOf(graph, 'S-1-2', amountMsat, at, { name, at: '1' })),
    };
  };

  test('a pair that lacks balance is not tried with as much, recovers, and a node failure brings all to nothing', () => {
    const { p, fail, memory } = story();
    expect(estimator.local(memory, seconds(0), edgeOf(graph, 'S', '1'))).toBe(0.95);
    expect(p(1000, 0)).toBeCloseTo(0.9, 3);
    fail('temporary_channel_failure', 1000, 0);
    expect(p(1000, 0)).toBe(0);
    expect(p(500, 0)).toBeCloseTo(0.9, 3);
    expect(p(1000, HOUR / 2)).toBeCloseTo(0.3, 3);
    fail('temporary_channel_failure', 0, HOUR / 2);
    expect(p(1000, HOUR / 2)).toBe(0);
    expect(p(500, HOUR / 2)).toBe(0);
    expect(p(1000, HOUR)).toBeCloseTo(0.3, 3);
    fail('expiry_too_soon', 0, HOUR);
    expect(p(1000, HOUR)).toBe(0);
    expect(memory.size).toBe(4);
  });

  test('a wrong policy is forgiven once a minute', () => {
    const { p, fail } = story();
    fail('fee_insufficient', 0, 0);
    expect(p(100, 0)).toBeCloseTo(0.9, 3);
    fail('fee_insufficient', 0, 30);
    expect(p(100, 30)).toBe(0);
  });

  test('within a minute a failure of a higher amount is not believed, one of a lower amount is', () => {
    const { p, fail } = story();
    fail('temporary_channel_failure', 1000, 0);
    fail('temporary_channel_failure', 2000, 59);
    expect(p(1500, 59)).toBeLessThan(0.05);
    fail('temporary_channel_failure', 500, 59);
    expect(p(600, 59)).toBe(0);
    fail('temporary_channel_failure', 2000, 120);
    expect(p(1500, 120)).toBeCloseTo(0.9, 3);
  });

  test('a success moves a failure up, a failure moves a success down', () => {
    const { p, fail, memory } = story();
    fail('temporary_channel_failure', 1000, 0);
    memory.learn(outcomeOf(graph, 'S-1-2', 1500, 1));
    expect(p(1500, 1)).toBe(0.95);
    expect(p(1501, 1)).toBeLessThan(0.01);
    fail('temporary_channel_failure', 1200, 100);
    expect(p(1199, 100)).toBe(0.95);
    expect(p(1200, 100)).toBe(0);
  });
});

describe('what a failure is held against', () => {
  //  A - B - C - D
  const graph = network([
    ['A-B', 0],
    ['B-C', 0],
    ['C-D', 0],
  ]);
  /** `B>C ok 5, C>D no 5`, and the failed node. */
  const blamed = (name: string, at: string): string => {
    const { pairs, failedNode } = interpretResult(outcomeOf(graph, 'A-B-C-D', 5, 0, { name, at }));
    const verdicts = [...pairs].map(([edge, { success, amountMsat }]) => {
      const ends = [graph.edgeFrom[edge]!, graph.edgeTo[edge]!].map((node) => graph.nodeKeys[node]);
      return `${ends.join('>')} ${success ? 'ok' : 'no'} ${amountMsat}`;
    });
    return [...verdicts.toSorted(), ...(failedNode === null ? [] : [`node ${graph.nodeKeys[failedNode]}`])].join(', ');
  };

  // prettier-ignore
  const verdicts: readonly (readonly [string, string, string])[] = [
    ['temporary_channel_failure', 'C', 'A>B ok 5, B>C ok 5, C>D no 5'],
    ['unknown_next_peer', 'C', 'C>D no 0, D>C no 0'],
    ['channel_disabled', 'C', 'A>B ok 5, B>C ok 5, C>D no 0, D>C no 0'],
    ['fee_insufficient', 'C', 'A>B ok 5, B>C no 0, C>B no 0'],
    ['fee_insufficient', 'B', 'A>B no 0, B>A no 0, B>C no 0, C>B no 0, node B'],
    ['expiry_too_soon', 'C', 'A>B no 0, B>A no 0, B>C no 0, C>B no 0'],
    ['temporary_node_failure', 'C', 'B>C no 0, C>B no 0, C>D no 0, D>C no 0, node C'],
    ['incorrect_or_unknown_payment_details', 'D', 'A>B ok 5, B>C ok 5, C>D ok 5'],
    ['mpp_timeout', 'D', 'A>B ok 5, B>C ok 5, C>D ok 5'],
    ['final_incorrect_htlc_amount', 'D', 'A>B ok 5, B>C ok 5, C>D no 0, D>C no 0'],
    ['temporary_node_failure', 'D', 'A>B ok 5, B>C ok 5, C>D no 0, D>C no 0, node D'],
    ['temporary_channel_failure', 'A', ''],
  ];
  test('depends on its name and on who says so', () => {
    for (const [name, at, verdict] of verdicts)
      expect(`${name} at ${at}: ${blamed(name, at)}`).toBe(`${name} at ${at}: ${verdict}`);
  });
});

describe('the search', () => {
  test('without an attempt cost finds the least fees and time-lock costs of all ways', () => {
    let found = 0;
    const cost = (graph: CompiledGraph, edges: readonly number[], amountsMsat: readonly number[]): number =>
      edges.reduce((sum, edge, hop) => {
        if (hop === 0) return sum;
        const delta = graph.cltvExpiryDelta[edge]!;
        return sum + amountsMsat[hop - 1]! - amountsMsat[hop]! + Math.floor((amountsMsat[hop]! * delta * 15) / 1e9);
      }, 0);
    fc.assert(
      fc.property(smallCase, (one) => {
        // parallel channels are taken for one, which no enumeration of channels does
        const pairs = new Set(Array.from(one.graph.edgeFrom, (from, edge) => `${from} ${one.graph.edgeTo[edge]}`));
        if (pairs.size < one.graph.edgeCount) return;
        const routes = lnd({ attemptCostSat: 0, attemptCostMillionths: 0, minProbability: 0 }).findRoutes(
          one.request,
          one.view,
        );
        const costs = everyRoute(one).map(({ edges, amountsMsat }) => cost(one.graph, edges, amountsMsat));
        if (isRouteFailure(routes)) {
          expect(costs).toEqual([]);
          return;
        }
        found++;
        const { edges, amountsMsat } = routes[0]!;
        // time-lock costs are floored hop by hop, and a dearer label may round to less
        expect(cost(one.graph, edges, amountsMsat)).toBeLessThanOrEqual(Math.min(...costs) + edges.length);
      }),
      { numRuns: 3000 },
    );
    expect(found).toBeGreaterThan(100);
  });

  //     B      through B: two hops for 1,050 sat; through C and D: three hops for 2 sat
  //   /   \    10,000 sat cost 110 sat an attempt
  //  A     E
  //   \   /
  //    C-D
  const graph = network([
    ['A-B', 0],
    ['B-E', 30_000],
    ['A-C', 0],
    ['C-D', 1000],
    ['D-E', 1000],
  ]);

  test('takes the shorter way where the fees are less than what its likelihood saves', () => {
    // 110/(0.95·0.6) = 193 sat + 30; 110/(0.95·0.36) = 322 sat + 2
    expect(answer(lnd(), requestOf(graph, 'A', 'E'), viewOf(graph))).toBe('A-B-E 30000');
    expect(answer(lnd({ timePreference: -1 }), requestOf(graph, 'A', 'E'), viewOf(graph))).toBe('A-C-D-E 2000');
  });

  test('says how likely it thinks the way', () => {
    const found = lnd().findRoutes(requestOf(graph, 'A', 'E'), viewOf(graph));
    expect(isRouteFailure(found) ? 0 : found[0]!.probability).toBeCloseTo(0.95 * 0.6, 6);
  });

  test('turns to the other way after a failure, and back when it is forgotten', () => {
    const payer = lnd();
    payer.learn(outcomeOf(graph, 'A-B-E', 10_000_000, 0, { name: 'temporary_channel_failure', at: 'B' }));
    expect(answer(payer, requestOf(graph, 'A', 'E'), viewOf(graph))).toBe('A-C-D-E 2000');
    expect(answer(payer, requestOf(graph, 'A', 'E'), viewOf(graph, { now: seconds(24 * HOUR) }))).toBe('A-B-E 30000');
    expect(
      answer(
        payer,
        requestOf(graph, 'A', 'E', { source: graph.nodeIndex.get('C')! }),
        viewOf(graph, { now: micros(0) }),
      ),
    ).toBe('C-D-E 1000');
  });

  test('of parallel channels grants the dearest fee and the longest delta', () => {
    const pair = network([
      ['A-B', 0],
      ['B-C', 100, { cltvExpiryDelta: 144 }],
      ['B-C', 700, { cltvExpiryDelta: 20 }],
    ]);
    const found = lnd().findRoutes(requestOf(pair, 'A', 'C'), viewOf(pair));
    expect(found).toMatchObject([{ edges: [0, 4], feeMsat: 700, cltvExpiryDeltas: [18 + 144, 18] }]);
  });

  test('halves a payment until its parts fit', () => {
    //  A ═ B, A - C - B: three ways of 30,000 sat for 70,000: 17,500 + 26,250 + 26,250
    const parts = network([
      ['A-B', 0, { capacitySat: 30_000 }],
      ['A-B', 0, { capacitySat: 30_000 }],
      ['A-C', 0, { capacitySat: 30_000 }],
      ['C-B', 1, { capacitySat: 30_000 }],
    ]);
    const view = viewOf(parts, { spendableMsat: () => 30_000_000 });
    const request = requestOf(parts, 'A', 'B', { amountMsat: msat(70_000_000), maxParts: 16 });
    const found = lnd().findRoutes(request, view);
    expect(isRouteFailure(found) ? found.failure : found.map(({ amountsMsat }) => amountsMsat.at(-1))).toEqual([
      17_500_000, 26_250_000, 26_250_000,
    ]);
    expect(answer(lnd(), { ...request, maxParts: 2 }, view)).toBe('no-route');
    expect(answer(lnd(), { ...request, amountMsat: msat(90_000_001) }, view)).toBe('insufficient-balance');
  });
});
