/** Every model of traffic: what all must keep, then what each is for. */
import { describe, expect, test } from 'vitest';
import { Rng } from '../../../src/base/random.ts';
import { seconds, type Micros } from '../../../src/base/time.ts';
import { makeTraffic } from '../../../src/sim/traffic/makeTraffic.ts';
import type { ArrivalsPlan, EndpointsPlan, RandomSource, SourcePlan } from '../../../src/sim/traffic/plans.ts';
import { settlesAtOnce, type Demand, type Places } from '../../../src/sim/traffic/traffic.ts';

//  0 ─ 1 ─ 2 ─ … ─ 19      a ring; node n has n + 1 units of capacity
const NODES = 20;
const all = Array.from({ length: NODES }, (_, node) => node);
const ring: Places = {
  payers: all,
  payees: all,
  capacityMsat: Float64Array.from(all, (node) => node + 1),
  peers: (node) => [(node + 1) % NODES, (node + NODES - 1) % NODES],
};
const source = (change: Partial<RandomSource> = {}): RandomSource => ({
  kind: 'random',
  payments: 20_000,
  ratePerSecond: 2,
  arrivals: { kind: 'poisson' },
  amount: { law: 'lognormal', median: 1e6, sigma: 1 },
  endpoints: { kind: 'uniform' },
  payee: { hold: null, failProbability: 0 },
  ...change,
});
function drawn(sources: readonly SourcePlan[], places = ring, seed = 1, structureSeed = seed): Demand[] {
  const traffic = makeTraffic(sources, places, Rng.fromSeed(seed), Rng.fromSeed(structureSeed));
  const demands: Demand[] = [];
  for (let demand = traffic.next(); demand !== null; demand = traffic.next()) demands.push(demand);
  return demands;
}
const share = (demands: readonly Demand[], holds: (demand: Demand) => boolean): number =>
  demands.filter(holds).length / demands.length;

const ARRIVALS: ArrivalsPlan[] = [
  { kind: 'poisson' },
  { kind: 'bursty', onMicros: seconds(20), offMicros: seconds(60) },
  { kind: 'diurnal', amplitude: 0.8, peakAt: seconds(100), period: seconds(1000) },
  { kind: 'batches', size: 40 },
];
const ENDPOINTS: EndpointsPlan[] = [
  { kind: 'uniform' },
  { kind: 'capacity' },
  { kind: 'merchants', share: 0.2, back: 0.25 },
  { kind: 'regions', count: 4, within: 0.9, regionOf: null },
  { kind: 'circulation', share: 0.6 },
  { kind: 'pairs', pairs: [{ source: 0, target: 1, weight: 1 }] },
];

describe('any model', () => {
  const kinds = [
    ...ARRIVALS.map((arrivals) => ({ arrivals })),
    ...ENDPOINTS.map((endpoints) => ({ endpoints })),
    { payee: { hold: { law: 'constant', value: 5e6 } as const, failProbability: 0.5 } },
  ];
  test.each(kinds)('draws so many payments in order of time, between different nodes, in whole sat: %o', (change) => {
    const demands = drawn([source({ ...change, payments: 2000 })]);
    expect(demands).toHaveLength(2000);
    let last = 0;
    for (const { at, source, target, amountMsat } of demands) {
      expect(Number.isSafeInteger(at) && at >= last).toBe(true);
      last = at;
      expect(source).not.toBe(target);
      expect(amountMsat >= 1000 && amountMsat % 1000 === 0).toBe(true);
    }
    expect(drawn([source({ ...change, payments: 2000 })])).toEqual(demands);
    expect(drawn([source({ ...change, payments: 2000 })], ring, 2)).not.toEqual(demands);
  });

  test.each(ENDPOINTS.slice(0, 5))('has no payment where nobody can pay another: %o', (endpoints) => {
    for (const [payers, payees] of [
      [[], []],
      [[3], [3]],
      [[3], []],
    ] as const) {
      expect(drawn([source({ endpoints })], { ...ring, payers, payees })).toEqual([]);
    }
  });

  test('draws who pays, how much and when apart: one changes without the others', () => {
    const [plain, other] = [drawn([source()]), drawn([source({ amount: { law: 'constant', value: 5e6 } })])];
    expect(other.map(({ at, source, target }) => [at, source, target])).toEqual(
      plain.map(({ at, source, target }) => [at, source, target]),
    );
  });
});

describe('arrivals', () => {
  test.each(ARRIVALS)('come at their rate, on average over long times: %o', (arrivals) => {
    const demands = drawn([source({ arrivals, payments: 60_000 })]);
    expect(demands.at(-1)!.at / 1e6 / 30_000).toBeCloseTo(1, arrivals.kind === 'bursty' ? 1 : 2);
  });

  test('of a Poisson process have variance equal to the mean in windows; bursts have more, by the known sum', () => {
    const dispersion = (arrivals: ArrivalsPlan): number => {
      const demands = drawn([source({ arrivals, payments: 100_000 })]);
      const counts = new Float64Array(Math.floor(demands.at(-1)!.at / 10e6));
      for (const { at } of demands) if (at < counts.length * 10e6) counts[Math.floor(at / 10e6)]!++;
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
      return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean;
    };
    expect(Math.abs(dispersion({ kind: 'poisson' }) - 1)).toBeLessThan(0.1);
    // on for 20 s, off for 60 s: rate 8 within; r = 1/20 + 1/60 per second, p = 1/4, window T = 10 s:
    // 1 + 2 (8 (1 − p) / r) (1 − (1 − e^(−rT)) / (rT))
    const [r, T] = [1 / 20 + 1 / 60, 10];
    const expected = 1 + ((2 * 8 * 0.75) / r) * (1 - (1 - Math.exp(-r * T)) / (r * T));
    expect(dispersion(ARRIVALS[1]!) / expected).toBeCloseTo(1, 0);
  });

  test('in batches come together, the first at once, the others as far apart as the rate has it', () => {
    const demands = drawn([source({ arrivals: { kind: 'batches', size: 7 }, ratePerSecond: 2, payments: 20 })]);
    expect(demands.map(({ at }) => at / 1e6)).toEqual(demands.map((_, index) => 3.5 * Math.floor(index / 7)));
  });

  test('of a day’s wave are most at its peak and least half a period later', () => {
    const demands = drawn([source({ arrivals: ARRIVALS[2]!, payments: 60_000 })]);
    const near = (phase: number): number => share(demands, ({ at }) => Math.floor(((at / 1e6) % 1000) / 100) === phase);
    // hundredth of the period around the peak at 100 s: the mean of 1 + 0.8 cos over 0 … 36 degrees
    expect(near(1)).toBeCloseTo(0.1 * (1 + (0.8 * Math.sin(0.2 * Math.PI)) / (0.2 * Math.PI)), 2);
    expect(near(6)).toBeCloseTo(0.1 * (1 - (0.8 * Math.sin(0.2 * Math.PI)) / (0.2 * Math.PI)), 2);
  });
});

describe('endpoints', () => {
  test('by capacity pay in proportion to it', () => {
    const demands = drawn([source({ endpoints: { kind: 'capacity' } })]);
    expect(share(demands, ({ source }) => source === 19)).toBeCloseTo(20 / 210, 2);
    expect(share(demands, ({ source }) => source === 0)).toBeCloseTo(1 / 210, 2);
  });

  test('of merchants: consumers pay merchants, a part of it comes back', () => {
    const demands = drawn([source({ endpoints: { kind: 'merchants', share: 0.2, back: 0.25 } })]);
    const forward = drawn([source({ endpoints: { kind: 'merchants', share: 0.2, back: 0 } })]);
    const merchants = new Set(forward.map(({ target }) => target));
    expect(merchants.size).toBe(4);
    expect(forward.some(({ source }) => merchants.has(source))).toBe(false);
    expect(share(demands, ({ source, target }) => merchants.has(source) && !merchants.has(target))).toBeCloseTo(
      0.25,
      1,
    );
  });

  test('of regions stay within them, which are connected and cover the network', () => {
    const regionOf = Int32Array.from(all, (node) => Math.floor(node / 5));
    const demands = drawn([source({ endpoints: { kind: 'regions', count: 4, within: 0.9, regionOf } })]);
    const within = ({ source, target }: Demand): boolean => regionOf[source] === regionOf[target];
    // one in ten goes anywhere: of the 19 others 4 are in the region
    expect(share(demands, within)).toBeCloseTo(0.9 + 0.1 * (4 / 19), 2);
    const grown = drawn([source({ endpoints: { kind: 'regions', count: 4, within: 1, regionOf: null } })]);
    // who pays whom, followed from any node, closes over its region alone: arcs of the ring
    const reached = new Map(all.map((node) => [node, new Set<number>()]));
    for (const { source, target } of grown) reached.get(source)!.add(target);
    const arcs = new Set(all.map((node) => [...reached.get(node)!, node].toSorted((a, b) => a - b).join(' ')));
    expect(arcs.size).toBe(4);
    expect([...arcs].reduce((sum, arc) => sum + arc.split(' ').length, 0)).toBe(NODES);
  });

  test('of a circulation give every node as much as they take; the acyclic rest has no cycle', () => {
    const cycle = drawn([source({ endpoints: { kind: 'circulation', share: 1 } })]);
    expect(new Set(cycle.map(({ source, target }) => `${source} ${target}`)).size).toBe(NODES);
    expect(new Set(cycle.map(({ target }) => target)).size).toBe(NODES);
    const rest = drawn([source({ endpoints: { kind: 'circulation', share: 0 } })]);
    const pairs = new Set(rest.map(({ source, target }) => `${source} ${target}`));
    // all pairs of one order: 20 × 19 / 2, none with its reverse, so that the order is total
    expect(pairs.size).toBe((NODES * (NODES - 1)) / 2);
    for (const pair of pairs) expect(pairs.has(pair.split(' ').toReversed().join(' '))).toBe(false);
  });

  test('of a matrix are its pairs, by weight, with their routes', () => {
    const pairs = [
      { source: 1, target: 2, weight: 3 },
      { source: 4, target: 5, weight: 1, route: [8, 10, 8] },
      { source: 6, target: 7, weight: 0 },
    ];
    const demands = drawn([source({ endpoints: { kind: 'pairs', pairs } })]);
    expect(share(demands, ({ source }) => source === 1)).toBeCloseTo(0.75, 1);
    expect(demands.find(({ source }) => source === 4)?.route).toEqual([8, 10, 8]);
    expect(demands.some(({ source }) => source === 6)).toBe(false);
  });
});

describe('several sources', () => {
  const at = (time: number, from: number): Demand => ({
    at: time as Micros,
    source: from,
    target: 9,
    amountMsat: 1000 as Demand['amountMsat'],
    route: null,
    payee: settlesAtOnce,
  });

  test('are merged by time, the earlier source first among equals', () => {
    const demands = drawn([
      { kind: 'replay', demands: [at(1, 0), at(5, 0), at(5, 1)] },
      { kind: 'replay', demands: [at(0, 2), at(5, 2), at(7, 2)] },
      { kind: 'replay', demands: [] },
    ]);
    expect(demands.map(({ at, source }) => `${at}:${source}`)).toEqual(['0:2', '1:0', '5:0', '5:1', '5:2', '7:2']);
  });

  test('leave the first as it is alone', () => {
    const first = drawn([source()]);
    const both = drawn([source(), source({ endpoints: { kind: 'capacity' } })]);
    expect(both).toHaveLength(2 * first.length);
    const seen = new Set(both.map(({ at, source, target }) => `${at} ${source} ${target}`));
    expect(first.every(({ at, source, target }) => seen.has(`${at} ${source} ${target}`))).toBe(true);
  });

  test('may be SimLN’s activity: from its start on, at its intervals, so many times', () => {
    const activity = {
      kind: 'activity',
      payments: 4,
      source: 1,
      target: 2,
      amount: { law: 'constant', value: 7000 },
    } as const;
    const interval = { law: 'constant', value: 20e6 } as const;
    const times = (start: Micros | null): number[] =>
      drawn([{ ...activity, interval, start }]).map(({ at }) => at / 1e6);
    expect(times(seconds(5))).toEqual([5, 25, 45, 65]);
    expect(times(null)).toEqual([20, 40, 60, 80]);
  });
});

test('payees hold and refuse as they are told', () => {
  const payee = { hold: { law: 'exponential', mean: 3e6, plus: 1e6 } as const, failProbability: 0.25 };
  const demands = drawn([source({ payee })]);
  expect(share(demands, ({ payee }) => payee.fails)).toBeCloseTo(0.25, 1);
  const mean = demands.reduce((sum, { payee }) => sum + payee.holdMicros, 0) / demands.length;
  expect(mean / 4e6).toBeCloseTo(1, 1);
  expect(Math.min(...demands.map(({ payee }) => payee.holdMicros))).toBeGreaterThanOrEqual(1e6);
});

test('what is drawn once comes from a stream of its own: another warm-up of the same structure is the same demand', () => {
  const pairsOf = (demands: readonly Demand[]): Set<number> =>
    new Set(demands.map(({ source, target }) => source * NODES + target));
  const kinds: EndpointsPlan[] = [
    { kind: 'merchants', share: 0.2, back: 0 },
    { kind: 'circulation', share: 1 },
    { kind: 'regions', count: 4, within: 1, regionOf: null },
  ];
  for (const endpoints of kinds) {
    // the second source's structure is one of its own
    const sources = [source({ payments: 0 }), source({ payments: 6000, endpoints })];
    const [one, other, drawnAnew] = [
      drawn(sources, ring, 1, 3),
      drawn(sources, ring, 2, 3),
      drawn(sources, ring, 1, 2),
    ];
    expect(pairsOf(other)).toEqual(pairsOf(one));
    expect(pairsOf(drawnAnew)).not.toEqual(pairsOf(one));
    expect(other.map(({ at }) => at)).not.toEqual(one.map(({ at }) => at));
  }
});
