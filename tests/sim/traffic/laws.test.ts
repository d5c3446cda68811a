/** Laws against their closed forms: mean, variance, distribution function. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../../src/base/random.ts';
import { drawerOf, scaled, type Law } from '../../../src/sim/laws.ts';
import { weightedChoice } from '../../../src/sim/weightedChoice.ts';

const DRAWS = 40_000;
const drawn = (law: Law, seed = 1): number[] => {
  const draw = drawerOf(law, Rng.fromSeed(seed));
  return Array.from({ length: DRAWS }, () => draw());
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Each law with its mean, its variance, and the share of draws below a point. */
// prettier-ignore
const LAWS: [Law, number, number, [number, number]][] = [
  [{ law: 'constant', value: 3 },                                    3,            0,             [4, 1]],
  [{ law: 'uniform', from: 2, to: 8 },                               5,            3,             [5, 0.5]],
  [{ law: 'exponential', mean: 3, plus: 1 },                         4,            9,             [1 + 3 * Math.LN2, 0.5]],
  [{ law: 'lognormal', median: 50, sigma: 0.7 },                     50 * Math.exp(0.245), 2500 * (Math.exp(0.49) - 1) * Math.exp(0.49), [50, 0.5]],
  [{ law: 'normal', mean: 10, deviation: 2 },                        10,           4,             [12, 0.841345]],
  // the half normal: what is below 0 is drawn again
  [{ law: 'normal', mean: 0, deviation: 1 },                         Math.sqrt(2 / Math.PI), 1 - 2 / Math.PI, [1, 0.682689]],
  [{ law: 'gamma', mean: 6, shape: 3 },                              6,            12,            [6, 0.576810]],
  [{ law: 'gamma', mean: 1, shape: 0.5 },                            1,            2,             [0.454936, 0.5]],
  [{ law: 'pareto', least: 2, alpha: 5, most: 1e9 },                 2.5,          5 / 12,        [4, 1 - 0.5 ** 5]],
  [{ law: 'list', values: [1, 5, 9], weights: null },                5,            32 / 3,        [2, 1 / 3]],
  [{ law: 'list', values: [1, 5, 9], weights: [3, 0, 1] },           3,            12,            [5, 0.75]],
];

describe('a law', () => {
  test.each(LAWS)('has its mean, its variance and its distribution: %o', (law, expected, variance, [point, below]) => {
    const values = drawn(law);
    const close = (value: number, to: number, deviation: number): void =>
      expect(Math.abs(value - to)).toBeLessThan(4.5 * (deviation / Math.sqrt(DRAWS)) + 1e-9);
    close(mean(values), expected, Math.sqrt(variance));
    close(values.filter((value) => value <= point).length / DRAWS, below, 0.5);
    const squares = values.map((value) => (value - expected) ** 2);
    const spread = Math.sqrt(mean(squares.map((square) => (square - variance) ** 2)));
    close(mean(squares), variance, spread);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  });

  test('in another unit draws the same, so many times as large', () => {
    for (const [law] of LAWS) {
      const [few, many] = [drawn(law), drawn(scaled(law, 1000))];
      for (let i = 0; i < 100; i++) expect(many[i]! / 1000).toBeCloseTo(few[i]!, 9);
    }
  });

  test('is cut off where the scenario says so', () => {
    expect(Math.max(...drawn({ law: 'pareto', least: 1, alpha: 0.1, most: 50 }))).toBe(50);
  });
});

test('a weighted choice never takes what has no weight, and takes the rest in proportion', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }).filter((weights) => weights.some((weight) => weight > 0)),
      fc.nat(),
      (weights, seed) => {
        const choose = weightedChoice(weights, Rng.fromSeed(seed));
        for (let i = 0; i < 50; i++) expect(weights[choose()]).toBeGreaterThan(0);
      },
    ),
  );
  const choose = weightedChoice([1, 0, 3], Rng.fromSeed(1));
  const counts = [0, 0, 0];
  for (let i = 0; i < 8000; i++) counts[choose()]!++;
  expect(Math.abs(counts[0]! - 2000)).toBeLessThan(4 * Math.sqrt(1500));
});
