import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import type { ChannelGraph } from '../../src/graph/channelGraph.ts';
import { generateGraph } from '../../src/graph/generators/generators.ts';
import { graphProfile, type GraphProfile } from '../../src/graph/graphProfile.ts';
import { profilePicture } from '../../src/io/profilePicture.ts';

const star = (nodes: number, capacitySat: number): ChannelGraph =>
  generateGraph({ kind: 'star', nodes }, Rng.fromSeed(1), { capacitySat });

/** The corners of every curve of that class, panel by panel. */
const curvesOf = (svg: string, name: 'a' | 'b'): [number, number][][] =>
  [...svg.matchAll(new RegExp(`<path class="${name}" d="M([^"]*)"/>`, 'g'))]
    .map(([, path = '']) => path)
    .filter((path) => !path.includes('h')) // the legend's
    .map((path) =>
      path.split('L').map((corner): [number, number] => corner.split(' ').map(Number) as [number, number]),
    );

describe('the picture of two graphs', () => {
  const a = { name: 'a & <b>\u001b', profile: graphProfile(star(101, 1_000_000)) };
  const b = { name: 'b', profile: graphProfile(star(11, 10_000)) };
  const svg = profilePicture(a, b);

  test('has a curve for each graph in both panels, through the shares of its values', () => {
    // 100 of 101 nodes have one channel, the hub has 100; the plot is 430 wide from 62, 320 high from 64
    const [degrees, capacities] = curvesOf(svg, 'a');
    expect(degrees).toEqual([[62, 64], [492, 384]]); // prettier-ignore
    expect(capacities).toEqual([[492, 384], [492, 64]]); // prettier-ignore
    const [ofB] = curvesOf(svg, 'b');
    expect(ofB![0]).toEqual([62, 64]);
    expect(ofB![1]![0]).toBeCloseTo(62 + 430 / 2, 1); // 10 of 1 to 100, by logarithms
    expect(ofB![1]![1]).toBeCloseTo(64 + (320 * Math.log(11)) / Math.log(101), 1);
  });

  test('escapes names, and is the same every time', () => {
    expect(svg).toContain('a &#38; &#60;b&#62;');
    expect(svg).not.toContain('\u001b');
    expect(profilePicture(a, b)).toBe(svg);
  });

  test('draws published quantiles through their points, and says what nobody knows', () => {
    const { distributions, facts } = a.profile;
    const published: GraphProfile = {
      facts,
      distributions: {
        ...distributions,
        'channels a node': { kind: 'quantiles', points: [[0, 1], [0.9, 10], [1, 100]] }, // prettier-ignore
        'capacity (sat)': null,
      },
    };
    const own = profilePicture({ name: 'x', profile: published }, { name: 'y', profile: published });
    expect(curvesOf(own, 'a')).toEqual([
      [
        [62, 64],
        [492, 384],
      ],
    ]); // the last share is of nobody
    expect(own).toContain('capacity (sat): not known');
  });
});
