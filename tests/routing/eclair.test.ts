import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { seconds } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import {
  type Balance,
  canSend,
  couldNotSend,
  couldSend,
  didSend,
  otherSide,
} from '../../src/routing/eclair/balanceEstimate.ts';
import { eclairWeight } from '../../src/routing/eclair/weight.ts';
import { prepareStrategy } from '../../src/routing/registry.ts';
import { isRouteFailure, type RoutingStrategy } from '../../src/routing/strategy.ts';
import { cheapestWays } from '../../src/routing/yen.ts';
import { answer, network, outcomeOf, requestOf, viewOf } from './network.ts';

const eclair = (options: Record<string, unknown> = {}): RoutingStrategy =>
  prepareStrategy('eclair', options, { file: 'test', path: '' })(Rng.fromSeed(1));

describe('the balance of a pair', () => {
  const HALF_LIFE = 100;
  const unknown: Balance = { lowMsat: 0, lowAt: 0, highMsat: 1000, highAt: 0, capacityMsat: 1000 };
  const at = (balance: Balance, now: number): number[] =>
    [0, 250, 500, 750, 1000].map((amount) => canSend(balance, amount, now, HALF_LIFE));

  test('is uniform where nothing is known', () => {
    expect(at(unknown, 0)).toEqual([1, 0.75, 0.5, 0.25, 0]);
    expect(at(unknown, 1e9)).toEqual([1, 0.75, 0.5, 0.25, 0]);
  });

  test('is linear up to what failed, certain down to what passed', () => {
    expect(at(couldNotSend(unknown, 500, 0, HALF_LIFE), 0)).toEqual([1, 0.5, 0, 0, 0]);
    expect(at(couldSend(unknown, 500, 0, HALF_LIFE), 0)).toEqual([1, 1, 1, 0.5, 0]);
    const both = couldNotSend(couldSend(unknown, 250, 0, HALF_LIFE), 750, 0, HALF_LIFE);
    expect(at(both, 0)).toEqual([1, 1, 0.5, 0, 0]);
  });

  test('is halfway back to uniform after a half-life, and back after many', () => {
    const failed = couldNotSend(unknown, 500, 0, HALF_LIFE);
    // at 500: half of the uniform ½
    expect(canSend(failed, 500, HALF_LIFE, HALF_LIFE)).toBeCloseTo(0.25, 9);
    expect(canSend(failed, 250, HALF_LIFE, HALF_LIFE)).toBeCloseTo((1 + 0.25) / 2, 9);
    expect(canSend(failed, 750, 100 * HALF_LIFE, HALF_LIFE)).toBeCloseTo(0.25, 9);
  });

  test('moves with what is sent, and what contradicts it is forgotten', () => {
    const known = couldNotSend(couldSend(unknown, 400, 0, HALF_LIFE), 800, 0, HALF_LIFE);
    expect(didSend(known, 300, 0, HALF_LIFE, true)).toMatchObject({ lowMsat: 100, highMsat: 500 });
    expect(didSend(known, 300, 0, HALF_LIFE, false)).toMatchObject({ lowMsat: 100, highMsat: 800 });
    expect(couldNotSend(known, 200, 5, HALF_LIFE)).toMatchObject({ lowMsat: 0, highMsat: 200 });
    expect(couldSend(known, 900, 5, HALF_LIFE)).toMatchObject({ lowMsat: 900, highMsat: 1000 });
    // a higher failure is no news, until the old one has faded
    expect(couldNotSend(known, 900, 5, HALF_LIFE)).toBe(known);
    expect(couldNotSend(known, 810, 5000, HALF_LIFE).highMsat).toBe(810);
  });

  test('seen from both ends is the same', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (a, b, amount) => {
        const balance = couldNotSend(couldSend(unknown, a, 0, HALF_LIFE), Math.max(1, b), 0, HALF_LIFE);
        expect(otherSide(otherSide(balance))).toEqual(balance);
        const there = canSend(balance, amount, 0, HALF_LIFE);
        expect(there).toBeGreaterThanOrEqual(0);
        expect(there).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the weight of a way', () => {
  //  A - B - C - D, 1 sat + 1000 ppm a hop, 10 M sat channels
  const terms = { feeProportionalMillionths: 1000, capacitySat: 10_000_000 };
  const graph = network([
    ['A-B', 1000, terms],
    ['B-C', 1000, terms],
    ['C-D', 1000, terms],
  ]);
  const weights = {
    lockedFundsRisk: 1e-8,
    failure: { baseMsat: 2000, millionths: 500 },
    hop: { baseMsat: 500, millionths: 200 },
    useLogProbability: false,
  };
  const AMOUNT = 1_000_000_000; // a tenth of the capacity
  const request = requestOf(graph, 'A', 'D', { amountMsat: msat(AMOUNT), maxFeeMsat: msat(1e9) });
  const probability = (edge: number, amountMsat: number): number => 1 - amountMsat / graph.capacityMsat[edge >> 1]!;

  test('is that of the way as a whole: fees, hops, risk and the failure cost over the probability', () => {
    const [best] = cheapestWays(request, viewOf(graph), eclairWeight(weights, probability, 18), 1);
    const overBC = AMOUNT + 1_001_000;
    const fees = 1_001_000 + (1000 + Math.floor(overBC / 1000));
    const hops = 500 + AMOUNT / 5000 + 500 + Math.floor(overBC / 5000);
    const total = AMOUNT + fees;
    const likely = (1 - AMOUNT / 1e10) * (1 - overBC / 1e10);
    const expected = fees + hops + total * 80 * 1e-8 + (2000 + Math.floor(total / 2000)) / likely;
    expect(best!.way.cost).toBeCloseTo(expected, 6);
    expect(best!.way.probability).toBeCloseTo(likely, 12);
  });

  test('adds up edge by edge with the logarithm', () => {
    const cost = eclairWeight({ ...weights, useLogProbability: true }, probability, 18);
    const [best] = cheapestWays(request, viewOf(graph), cost, 1);
    const overBC = AMOUNT + 1_001_000;
    const edge = (carried: number): number => {
      const fee = 1000 + Math.floor(carried / 1000);
      const sent = carried + fee;
      const failure = 2000 + Math.floor(sent / 2000);
      return fee + 500 + Math.floor(carried / 5000) + sent * 40 * 1e-8 - failure * Math.log(1 - carried / 1e10);
    };
    expect(best!.way.cost).toBeCloseTo(edge(AMOUNT) + edge(overBC), 5);
  });
});

describe('the strategy', () => {
  //  A - B, C, D or E - F at 10, 20, 30 and 900 sat
  const graph = network([
    ['A-B', 0],
    ['B-F', 10_000],
    ['A-C', 0],
    ['C-F', 20_000],
    ['A-D', 0],
    ['D-F', 30_000],
    ['A-E', 0],
    ['E-F', 900_000],
  ]);
  const ask = (strategy: RoutingStrategy, times: number): Set<string> =>
    new Set(Array.from({ length: times }, () => answer(strategy, requestOf(graph, 'A', 'F'), viewOf(graph))));

  test('shuffles the three lightest ways', () => {
    expect(ask(eclair(), 60)).toEqual(new Set(['A-B-F 10000', 'A-C-F 20000', 'A-D-F 30000']));
    expect(ask(eclair({ randomize: false }), 5)).toEqual(new Set(['A-B-F 10000']));
  });

  test('prefers a direct channel to any other', () => {
    const direct = network([
      ['A-B', 0],
      ['B-F', 0],
      ['A-F', 0],
    ]);
    const found = Array.from({ length: 20 }, () => answer(eclair(), requestOf(direct, 'A', 'F'), viewOf(direct)));
    expect(new Set(found)).toEqual(new Set(['A-F 0']));
  });

  test('looks for more than six hops only where there is nothing shorter', () => {
    const long = network([
      ...'ABCDEFGH'.split('').map((node, i) => [`${node}-${'BCDEFGHI'[i]}`, 1] as const),
      ['A-X', 0],
      ['X-I', 5000],
    ]);
    expect(answer(eclair(), requestOf(long, 'A', 'I'), viewOf(long))).toBe('A-X-I 5000');
    const onlyLong = viewOf(long, { excludedNodes: [long.nodeIndex.get('X')!] });
    expect(answer(eclair(), requestOf(long, 'A', 'I'), onlyLong)).toBe('A-B-C-D-E-F-G-H-I 7');
  });

  test('leaves a channel that failed out for a minute', () => {
    const payer = eclair({ randomize: false });
    payer.learn(outcomeOf(graph, 'A-B-F', 10_000_000, 10, { name: 'temporary_channel_failure', at: 'B' }));
    const at = (now: number): string => answer(payer, requestOf(graph, 'A', 'F'), viewOf(graph, { now: seconds(now) }));
    expect(at(69)).toBe('A-C-F 20000');
    expect(at(70)).toBe('A-B-F 10000');
  });

  test('with relay data what failed is unlikely, beyond the minute', () => {
    const payer = eclair({ randomize: false, usePastRelayData: true, failureCostSat: 1000 });
    payer.learn(outcomeOf(graph, 'A-B-F', 10_000_000, 10, { name: 'temporary_channel_failure', at: 'B' }));
    const at = (now: number): string => answer(payer, requestOf(graph, 'A', 'F'), viewOf(graph, { now: seconds(now) }));
    expect(at(3600)).toBe('A-C-F 20000');
    expect(at(1e7)).toBe('A-B-F 10000');
  });

  test('splits by what each way can carry, whatever the rule', () => {
    const lines = Array.from({ length: 4 }, (_, i) => [
      [`A-${i}`, 0, { capacitySat: 100_000 }] as const,
      [`${i}-Z`, 10, { capacitySat: 100_000 }] as const,
    ]).flat();
    const wide = network(lines);
    const view = viewOf(wide, { spendableMsat: () => 100_000_000 });
    for (const mppSplitting of ['randomize', 'full-capacity', 'max-expected-amount']) {
      const request = requestOf(wide, 'A', 'Z', { amountMsat: msat(250_000_000), maxParts: 10 });
      const found = eclair({ mppSplitting }).findRoutes(request, view);
      if (isRouteFailure(found)) throw new Error(found.failure);
      const amounts = found.map(({ amountsMsat }): number => amountsMsat.at(-1)!);
      expect(amounts.reduce((a, b) => a + b)).toBe(250_000_000);
      expect(amounts.length).toBeGreaterThan(2);
      if (mppSplitting === 'full-capacity') expect(amounts[0]).toBe(99_999_990);
      // x · (1 − x/c) is largest at half of the capacity
      if (mppSplitting === 'max-expected-amount') expect(Math.abs(amounts[0]! - 50_000_000)).toBeLessThan(13_000_000);
    }
  });
});
