import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import type { ChannelGraph } from '../../src/graph/channelGraph.ts';
import { generateGraph, type TopologyOptions } from '../../src/graph/generators/generators.ts';
import { DISTRIBUTIONS, distance, graphProfile, medianOf, type Distribution } from '../../src/graph/graphProfile.ts';
import { degreeAssortativity, meanClustering, meanDistance, peerGraph } from '../../src/graph/peerGraph.ts';
import { quantile } from '../../src/graph/quantiles.ts';
import { arbitraryGraph } from './arbitraries.ts';

const generate = (options: TopologyOptions): ChannelGraph => generateGraph(options, Rng.fromSeed(1));

describe('who is whose peer', () => {
  // known in closed form or from the literature
  // prettier-ignore
  test.each<[string, TopologyOptions, clustering: number, hops: number, assortativity: number]>([
    ['a complete graph',  { kind: 'complete', nodes: 8 },                    1,      1,      NaN],
    ['a ring',            { kind: 'ring', nodes: 9 },                        0,      2.5,    NaN],
    ['a star',            { kind: 'star', nodes: 11 },                       0,      20 / 11, -1],
    ['a line of four',    { kind: 'line', nodes: 4 },                        0,      10 / 6, -0.5],
    // Zachary's club: networkx gives these
    ['the karate club',   { kind: 'karate-club' },                           0.5706, 2.4082, -0.4756],
  ])('%s', (_name, options, clustering, hops, assortativity) => {
    const peers = peerGraph(generate(options));
    expect(meanClustering(peers)).toBeCloseTo(clustering, 4);
    expect(meanDistance(peers)).toBeCloseTo(hops, 4);
    if (Number.isNaN(assortativity)) expect(degreeAssortativity(peers)).toBeNaN();
    else expect(degreeAssortativity(peers)).toBeCloseTo(assortativity, 4);
  });

  test('parallel channels count once, and every pair from both ends', () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const { nodes, start, peers } = peerGraph(graph);
        const found = Array.from({ length: nodes }, (_, i) => [...peers.subarray(start[i], start[i + 1])]);
        const keys = graph.nodes();
        expect(found.map((row) => row.map((peer) => keys[peer]!))).toEqual(
          keys.map((key) => graph.neighbors(key).toSorted((a, b) => keys.indexOf(a) - keys.indexOf(b))),
        );
      }),
    );
  });
});

describe('distances of distributions', () => {
  const sample = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 });
  const values = (of: readonly number[]): Distribution => ({ kind: 'values', sorted: Float64Array.from(of).sort() });
  const quantilesOf = (of: readonly number[]): Distribution => {
    const sorted = Float64Array.from(of).sort();
    // quantiles of the lower kind are values of the sample
    const shares = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
    return { kind: 'quantiles', points: shares.map((share) => [share, sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!]) }; // prettier-ignore
  };

  test('are what the definition says, the same both ways, and 0 for the same', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const share = (of: readonly number[], x: number): number => of.filter((each) => each <= x).length / of.length;
        const most = Math.max(...[...a, ...b].map((x) => Math.abs(share(a, x) - share(b, x))));
        expect(distance(values(a), values(b))?.value).toBeCloseTo(most, 12);
        expect(distance(values(b), values(a))?.value).toBeCloseTo(most, 12);
        expect(distance(values(a), values(a))?.value).toBe(0);
        expect(medianOf(values(a))).toBe(quantile(Float64Array.from(a).sort(), 0.5));
      }),
    );
  });

  test('from quantiles alone are never more than they are', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const exact = distance(values(a), values(b))!.value;
        const atLeast = distance(values(a), quantilesOf(b))!;
        expect(atLeast.isExact).toBe(false);
        expect(atLeast.value).toBeLessThanOrEqual(exact + 1e-12);
        expect(distance(quantilesOf(b), values(a))).toEqual(atLeast);
        expect(distance(values(b), quantilesOf(b))!.value).toBeLessThanOrEqual(1e-12);
        expect(distance(quantilesOf(a), quantilesOf(b))).toBeNull();
      }),
    );
  });

  test('of a graph from itself are all 0', () => {
    const profile = graphProfile(generate({ kind: 'mainnet-like', nodes: 100 }));
    for (const name of DISTRIBUTIONS) {
      expect(distance(profile.distributions[name]!, profile.distributions[name]!)).toEqual({ value: 0, isExact: true });
    }
  });
});
