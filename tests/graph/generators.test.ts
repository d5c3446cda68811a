import { UndirectedGraph } from 'graphology';
import { erdosRenyi as libraryErdosRenyi } from 'graphology-generators/random/index.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { UserError } from '../../src/base/errors.ts';
import { Rng } from '../../src/base/random.ts';
import type { ChannelTerms, Law, Term } from '../../src/graph/generators/channelTerms.ts';
import { quantileAt, roundToDigits, spreadUniform } from '../../src/graph/generators/distributions.ts';
import {
  drawTopology,
  generateGraph,
  generators,
  type GeneratorName,
  type TopologyOptions,
} from '../../src/graph/generators/generators.ts';
import { degreesOf } from '../../src/graph/generators/topology.ts';
import { graphStatistics } from '../../src/graph/statistics.ts';
import { readLndGraph, writeLndGraph } from '../../src/io/graphs/lndGraph.ts';
import { contents } from './arbitraries.ts';

const names = Object.keys(generators).filter((name): name is GeneratorName => Object.hasOwn(generators, name));

const pairsOf = (options: TopologyOptions): readonly (readonly [number, number])[] =>
  drawTopology(options, Rng.fromSeed(1)).pairs;

/** Every generator with one set of options: [nodes, channels], channels null where chance decides. */
// prettier-ignore
const SAMPLES: readonly [TopologyOptions, number, number | null][] = [
  [{ kind: 'mainnet-like', nodes: 60 },                                             60,  null],
  [{ kind: 'line', nodes: 5 },                                                      5,   4],
  [{ kind: 'ring', nodes: 5 },                                                      5,   5],
  [{ kind: 'star', nodes: 5 },                                                      5,   4],
  [{ kind: 'wheel', nodes: 6 },                                                     6,   10],
  [{ kind: 'hub-and-spoke', hubs: 3, spokesPerHub: 4 },                             15,  15],
  [{ kind: 'complete', nodes: 6 },                                                  6,   15],
  [{ kind: 'grid', rows: 3, columns: 4 },                                           12,  17],
  [{ kind: 'tree', branches: 2, levels: 3 },                                        15,  14],
  [{ kind: 'ladder', length: 4 },                                                   8,   10],
  [{ kind: 'caveman', caves: 3, nodesPerCave: 4 },                                  12,  18],
  [{ kind: 'connected-caveman', caves: 3, nodesPerCave: 4 },                        12,  18],
  [{ kind: 'erdos-renyi', nodes: 50, channelsPerNode: 6 },                          50,  null],
  [{ kind: 'barabasi-albert', nodes: 50, channelsOpened: 3 },                       50,  3 + 46 * 3],
  [{ kind: 'watts-strogatz', nodes: 50, neighbours: 4, rewiring: 0.2 },             50,  100],
  [{ kind: 'clusters', nodes: 50, channelsDrawn: 100, clusters: 5, insideShare: 0.8 },   50,  null],
  [{ kind: 'girvan-newman', channelsOut: 4 },                                       128, null],
  [{ kind: 'karate-club' },                                                         34,  78],
  [{ kind: 'florentine-families' },                                                 15,  20],
  [{ kind: 'krackhardt-kite' },                                                     10,  18],
];

describe('every generator', () => {
  test('has a sample here', () => {
    expect(SAMPLES.map(([{ kind }]) => kind)).toEqual(names);
  });

  test.each(SAMPLES)(
    '%j: nodes and channels as expected, sound, the same for a seed, and lnd can say it',
    (options, nodes, channels) => {
      const graph = generateGraph(options, Rng.fromSeed('a'));
      expect(graph.order).toBe(nodes);
      if (channels !== null) expect(graph.size).toBe(channels);
      expect(contents(generateGraph(options, Rng.fromSeed('a')))).toEqual(contents(graph));
      const { graph: back, report } = readLndGraph(writeLndGraph(graph), 'x');
      expect(contents(back)).toEqual(contents(graph));
      expect(report.remedies).toEqual([]);
    },
  );

  test.each(SAMPLES)('%j: without an option, with one too many or out of its range it says so', (options) => {
    const at = { file: 's.yaml', path: 'topology' };
    const mistake = (changes: Record<string, unknown>): string => {
      try {
        drawTopology({ ...options, ...changes } as TopologyOptions, Rng.fromSeed(1), at);
      } catch (error) {
        if (error instanceof UserError) return error.message;
        throw error;
      }
      return 'none';
    };
    expect(mistake({ noods: 5 })).toMatch(/^s\.yaml: topology\.noods: found 5, expected an option of /);
    for (const [name, { least, most, isInteger }] of Object.entries(generators[options.kind].options)) {
      const wrong = [undefined, NaN, Infinity, least - 1, most + 1, 'many', ...(isInteger ? [least + 0.5] : [])];
      for (const value of wrong) expect(mistake({ [name]: value })).toContain(`s.yaml: topology.${name}: found `);
    }
  });

  test('with any options in range makes a sound topology or says which option is at fault', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        fc.integer(),
        (kind, draws, seed) => {
          const options: Record<string, number> = {};
          for (const [i, [name, { least, most, isInteger }]] of Object.entries(generators[kind].options).entries()) {
            const value = least + draws[i]! * (Math.min(most, 120) - least);
            options[name] = isInteger ? Math.round(value) : value;
          }
          try {
            const topology = drawTopology({ kind, ...options }, Rng.fromSeed(seed));
            for (const [a, b] of topology.pairs) {
              expect(a !== b && a >= 0 && b >= 0 && a < topology.nodes && b < topology.nodes).toBe(true);
            }
            expect(topology.mainnetPeers?.length ?? topology.nodes).toBe(topology.nodes);
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('shapes', () => {
  test('are numbered as drawn', () => {
    //  0 - 1 - 2      ring 0-1-2-0      star 1-0-2, 0-3      0 - 1 - 2      tree      0
    //                                                        |   |   |             1     2
    //                                                        3 - 4 - 5            3 4   5 6
    expect(pairsOf({ kind: 'line', nodes: 3 })).toEqual([[0, 1], [1, 2]]); // prettier-ignore
    expect(pairsOf({ kind: 'ring', nodes: 3 })).toEqual([[0, 1], [1, 2], [2, 0]]); // prettier-ignore
    expect(pairsOf({ kind: 'star', nodes: 4 })).toEqual([[0, 1], [0, 2], [0, 3]]); // prettier-ignore
    expect(pairsOf({ kind: 'wheel', nodes: 4 })).toEqual([[0, 1], [0, 2], [0, 3], [1, 2], [2, 3], [3, 1]]); // prettier-ignore
    expect(pairsOf({ kind: 'hub-and-spoke', hubs: 2, spokesPerHub: 2 })).toEqual([[0, 1], [0, 2], [0, 3], [1, 4], [1, 5]]); // prettier-ignore
    expect(pairsOf({ kind: 'grid', rows: 2, columns: 3 })).toEqual([[0, 1], [0, 3], [1, 2], [1, 4], [2, 5], [3, 4], [4, 5]]); // prettier-ignore
    expect(pairsOf({ kind: 'tree', branches: 2, levels: 2 })).toEqual([[0, 1], [0, 2], [1, 3], [1, 4], [2, 5], [2, 6]]); // prettier-ignore
  });

  test('keep to the order of keys that announcements have, with policies following their nodes', () => {
    const policy = 'mainnet-like';
    const graph = generateGraph({ kind: 'ring', nodes: 40 }, Rng.fromSeed(4), { policy });
    graph.forEachEdge((_id, _attributes, node1, node2) => expect(node1 < node2).toBe(true));
  });
});

describe('random topologies', () => {
  test('of Erdős and Rényi have every pair with the probability asked for, as the library’s have', () => {
    const nodes = 30;
    const runs = 400;
    const channelsPerNode = 7.25; // probability 0.25
    const ours = new Float64Array(nodes * nodes);
    let theirs = 0;
    let all = 0;
    for (let run = 0; run < runs; run++) {
      const rng = Rng.fromSeed(run);
      const { pairs } = drawTopology({ kind: 'erdos-renyi', nodes, channelsPerNode }, rng);
      for (const [a, b] of pairs) {
        expect(a < b).toBe(true);
        ours[a * nodes + b]!++;
      }
      all += pairs.length;
      theirs += libraryErdosRenyi(UndirectedGraph, { order: nodes, probability: 0.25, rng: () => rng.unit() }).size;
    }
    // 400 draws of 435 pairs: mean 108.75 pairs a draw, standard error 0.45; a pair comes 100 times, deviation 8.7
    expect(Math.abs(all / runs - 108.75)).toBeLessThan(4 * 0.45);
    expect(Math.abs(theirs / runs - 108.75)).toBeLessThan(4 * 0.45);
    for (let a = 0; a < nodes; a++) {
      for (let b = a + 1; b < nodes; b++) expect(Math.abs(ours[a * nodes + b]! - 100)).toBeLessThan(4.5 * 8.7);
    }
    expect(pairsOf({ kind: 'erdos-renyi', nodes, channelsPerNode: 29 })).toHaveLength(435);
    expect(pairsOf({ kind: 'erdos-renyi', nodes, channelsPerNode: 0 })).toHaveLength(0);
  });

  test('of Barabási and Albert have a tail of k^-3 and distinct peers', () => {
    const topology = drawTopology({ kind: 'barabasi-albert', nodes: 20_000, channelsOpened: 3 }, Rng.fromSeed(9));
    expect(new Set(topology.pairs.map(([a, b]) => (a < b ? a * 20_000 + b : b * 20_000 + a))).size).toBe(
      topology.pairs.length,
    );
    const degrees = degreesOf(topology);
    // P(k ≥ x) = m (m + 1) / (x (x + 1)) for the model's stationary law
    for (const x of [3, 5, 10, 30]) {
      const share = degrees.filter((degree) => degree >= x).length / degrees.length;
      expect(share / (12 / (x * (x + 1)))).toBeCloseTo(1, x < 30 ? 1 : 0);
    }
  });

  test('of Watts and Strogatz go from a lattice to disorder', () => {
    const at = (rewiring: number): number[] =>
      degreesOf(drawTopology({ kind: 'watts-strogatz', nodes: 500, neighbours: 6, rewiring }, Rng.fromSeed(2)));
    expect(new Set(at(0))).toEqual(new Set([6]));
    expect(Math.min(...at(1))).toBeGreaterThanOrEqual(3); // the near end stays
    expect(new Set(at(1)).size).toBeGreaterThan(6);
  });
});

describe('channel terms', () => {
  const capacities = (capacitySat: ChannelTerms['capacitySat']): number[] =>
    generateGraph({ kind: 'star', nodes: 3001 }, Rng.fromSeed(5), { capacitySat }).mapEdges((_id, channel) =>
      Number(channel.capacitySat),
    );
  const oneTo =
    (most: number): Law =>
    (rng) =>
    () =>
      1 + rng.below(most);

  test('give capacities that are constant or drawn from a law, within bounds', () => {
    expect(new Set(capacities(123_456))).toEqual(new Set([123_456]));
    const drawn = capacities((rng) => () => 1_000_000 * rng.unit());
    expect(drawn.reduce((a, b) => a + b, 0) / 3000 / 500_000).toBeCloseTo(1, 1);
    expect(drawn.every((each) => Number.isInteger(each) && each >= 1)).toBe(true);
    expect(new Set(capacities(() => () => 0))).toEqual(new Set([1]));
    expect(new Set(capacities(() => () => Infinity))).toEqual(new Set([9_000_000_000_000]));
  });

  test('give constant policies to both directions, each its own object', () => {
    const policy = { feeBaseMsat: 1, feeProportionalMillionths: 2, cltvExpiryDelta: 3, htlcMinimumMsat: 4 };
    const graph = generateGraph({ kind: 'line', nodes: 3 }, Rng.fromSeed(5), { policy, capacitySat: 7 });
    const seen = new Set<object | null>();
    graph.forEachEdge((_id, { policy1, policy2 }) => {
      for (const own of [policy1, policy2]) {
        seen.add(own);
        expect(own).toEqual({ ...policy, htlcMaximumMsat: 7000, disabled: false });
      }
    });
    expect(seen.size).toBe(4);
  });

  test('draw every direction’s policy, and no maximum is above the capacity, no minimum above the maximum', () => {
    const policy = {
      feeBaseMsat: oneTo(100),
      feeProportionalMillionths: oneTo(200),
      cltvExpiryDelta: oneTo(4000),
      htlcMinimumMsat: oneTo(50_000),
      htlcMaximumMsat: oneTo(100_000),
    };
    const graph = generateGraph({ kind: 'star', nodes: 1001 }, Rng.fromSeed(5), { policy, capacitySat: oneTo(100) });
    const seen = graph.mapEdges((_id, { capacitySat, policy1, policy2 }) =>
      [policy1, policy2].map((each) => ({ ...present(each, 'a policy'), capacitySat })),
    );
    const directions = seen.flat();
    const of = (field: 'feeBaseMsat' | 'feeProportionalMillionths' | 'cltvExpiryDelta'): Set<number> =>
      new Set(directions.map((each) => each[field]));
    expect([of('feeBaseMsat').size, of('feeProportionalMillionths').size]).toEqual([100, 200]);
    expect(Math.max(...of('cltvExpiryDelta'))).toBe(2016);
    for (const { htlcMinimumMsat, htlcMaximumMsat, capacitySat } of directions) {
      expect(htlcMaximumMsat).toBeLessThanOrEqual(capacitySat * 1000);
      expect(htlcMinimumMsat).toBeLessThanOrEqual(htlcMaximumMsat);
    }
    expect(directions.some(({ htlcMaximumMsat, capacitySat }) => htlcMaximumMsat === capacitySat * 1000)).toBe(true);
    expect(directions.some(({ htlcMaximumMsat, htlcMinimumMsat }) => htlcMaximumMsat === htlcMinimumMsat)).toBe(true);
  });

  test('are drawn apart: another law for one leaves the others as they were', () => {
    const base = (feeProportionalMillionths: Term): unknown[] =>
      generateGraph({ kind: 'ring', nodes: 50 }, Rng.fromSeed(5), {
        capacitySat: oneTo(1_000_000),
        policy: { feeBaseMsat: oneTo(1000), feeProportionalMillionths, cltvExpiryDelta: 1, htlcMinimumMsat: 1 },
      }).mapEdges((_id, { capacitySat, policy1, policy2 }) => [
        capacitySat,
        policy1?.feeBaseMsat,
        policy2?.feeBaseMsat,
      ]);
    expect(base(oneTo(10))).toEqual(base(7));
  });

  test('as on mainnet can be asked of any shape', () => {
    const terms = { capacitySat: 'mainnet-like', policy: 'mainnet-like' } as const;
    const { directions, directionsEnabled, channelCapacitySat } = graphStatistics(
      generateGraph({ kind: 'barabasi-albert', nodes: 2000, channelsOpened: 4 }, Rng.fromSeed(1), terms),
    );
    expect(directionsEnabled / directions).toBeGreaterThan(0.9);
    expect(channelCapacitySat?.p50).toBeGreaterThan(500_000);
  });

  test('leave the topology alone: the same channels whatever they hold', () => {
    const ends = (terms: Partial<ChannelTerms>): string[] =>
      generateGraph({ kind: 'erdos-renyi', nodes: 40, channelsPerNode: 4 }, Rng.fromSeed(3), terms).mapEdges(
        (id, _attributes, a, b) => `${id} ${a} ${b}`,
      );
    expect(ends({ capacitySat: 'mainnet-like' })).toEqual(ends({}));
  });
});

describe('tabulated distributions', () => {
  test('give their entries at their shares and values between them in between', () => {
    const [shares, values] = [[0, 0.5, 0.9, 1], [0, 10, 10, 1000]]; // prettier-ignore
    expect([0, 0.25, 0.5, 0.7, 0.9, 0.95, 1].map((unit) => Math.round(quantileAt(shares, values, unit)))).toEqual([
      0, 5, 10, 10, 10, 100, 1000,
    ]);
  });

  test('round to digits', () => {
    expect([0, 7, 74, 749, 1_234_567].map((value) => roundToDigits(value, 1))).toEqual([0, 7, 70, 700, 1_000_000]);
    expect([7, 74, 749, 1_234_567].map((value) => roundToDigits(value, 2))).toEqual([7, 74, 750, 1_200_000]);
  });

  test('spread uniforms evenly over any run of neighbours', () => {
    for (const prime of [2, 3, 5, 7, 43]) {
      for (const from of [0, 17, 6000]) {
        const below = Array.from({ length: 100 }, (_, n) => spreadUniform(0.3, prime, from + n)).filter(
          (value) => value < 0.3,
        );
        expect(Math.abs(below.length - 30)).toBeLessThanOrEqual(4);
      }
    }
  });
});
