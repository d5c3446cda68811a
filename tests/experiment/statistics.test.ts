import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import {
  countToTellApart,
  estimate,
  inBatches,
  lagOneCorrelation,
  pairedDifference,
  studentQuantile,
} from '../../src/experiment/statistics.ts';

describe('published values', () => {
  // Student's t, two-sided 95 % and 99 %: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2
  // prettier-ignore
  test.each([
    [1, 12.706, 63.657], [2, 4.303, 9.925], [3, 3.182, 5.841], [4, 2.776, 4.604], [5, 2.571, 4.032], [9, 2.262, 3.250],
    [10, 2.228, 3.169], [19, 2.093, 2.861], [29, 2.045, 2.756], [30, 2.042, 2.750], [60, 2.000, 2.660], [100, 1.984, 2.626],
  ])('Student’s t with %i degrees of freedom', (degrees, t95, t99) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(t95, 3);
    expect(studentQuantile(0.995, degrees)).toBeCloseTo(t99, 3);
  });

  test('Student’s t becomes the normal law', () => {
    expect(studentQuantile(0.975, 1e7)).toBeCloseTo(1.959964, 5);
    expect(studentQuantile(0.5, 3)).toBeCloseTo(0, 9);
  });

  // NIST Statistical Reference Datasets, univariate: certified mean, standard deviation, lag-1 autocorrelation
  const many = (count: number, start: number, [odd, even]: readonly [number, number]): number[] => [
    start,
    ...Array.from({ length: count - 1 }, (_, index) => (index % 2 === 0 ? odd : even)),
  ];
  // prettier-ignore
  test.each([
    ['NumAcc1', [10000001, 10000003, 10000002],              10000002,  1,   -0.5],
    ['NumAcc2', many(1001, 1.2, [1.1, 1.3]),                 1.2,       0.1, -0.999],
    ['NumAcc3', many(1001, 1000000.2, [1000000.1, 1000000.3]), 1000000.2, 0.1, -0.999],
    ['NumAcc4', many(1001, 10000000.2, [10000000.1, 10000000.3]), 10000000.2, 0.1, -0.999],
  ])('NIST %s', (_, values, mean, deviation, correlation) => {
    expect(estimate(values)?.mean).toBeCloseTo(mean, 7);
    expect(estimate(values)?.standardDeviation).toBeCloseTo(deviation, 7);
    expect(lagOneCorrelation(values)).toBeCloseTo(correlation, 7);
  });

  test('Student’s own sleep data, paired: 1.58 hours, 0.70 to 2.46 (Student 1908; R’s sleep)', () => {
    const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const { mean = NaN, halfWidth } = pairedDifference(two, one) ?? {};
    expect(mean).toBeCloseTo(1.58, 10);
    expect(mean - (halfWidth ?? NaN)).toBeCloseTo(0.7001142, 6);
    expect(mean + (halfWidth ?? NaN)).toBeCloseTo(2.4598858, 6);
  });
});

describe('estimates', () => {
  test('of nothing there is none, and one value has no interval', () => {
    expect(estimate([])).toBeNull();
    expect(estimate([3])).toEqual({ count: 1, mean: 3, standardDeviation: null, halfWidth: null });
  });

  test('95 % intervals of normal samples cover the true mean 95 times in 100', () => {
    const rng = Rng.fromSeed('coverage');
    let covered = 0;
    const samples = 4000;
    for (let sample = 0; sample < samples; sample++) {
      const { mean = NaN, halfWidth } = estimate(Array.from({ length: 6 }, () => 5 + rng.normal())) ?? {};
      if (Math.abs(mean - 5) <= (halfWidth ?? NaN)) covered++;
    }
    // 3 standard errors of a share of 0.95
    expect(Math.abs(covered / samples - 0.95)).toBeLessThan(3 * Math.sqrt((0.95 * 0.05) / samples));
  });

  test('move and stretch as their values do', () => {
    const value = fc.integer({ min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 2, maxLength: 20 }),
        value,
        fc.integer({ min: 1, max: 9 }),
        (values, by, times) => {
          const before = estimate(values);
          const after = estimate(values.map((each) => each * times + by));
          expect(after?.mean).toBeCloseTo((before?.mean ?? NaN) * times + by, 4);
          expect(after?.halfWidth).toBeCloseTo((before?.halfWidth ?? NaN) * times, 4);
        },
      ),
    );
  });

  test('the count that tells a difference apart does, and one fewer does not, nearly', () => {
    const seen = { count: 5, mean: 1, standardDeviation: 4, halfWidth: 5 };
    const count = countToTellApart(seen) ?? NaN;
    expect((studentQuantile(0.975, count - 1) * 4) / Math.sqrt(count)).toBeLessThan(1);
    expect((studentQuantile(0.975, Math.floor(count * 0.9) - 1) * 4) / Math.sqrt(count * 0.9)).toBeGreaterThan(1);
    expect(countToTellApart({ ...seen, mean: 0 })).toBeNull();
  });
});

describe('batches', () => {
  test('hold the end of the series, each the same length', () => {
    expect(inBatches([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([
      [2, 3],
      [4, 5],
      [6, 7],
    ]);
    expect(inBatches([1, 2], 3)).toEqual([]);
  });

  test('of a correlated series give the interval that its values taken as independent do not', () => {
    // AR(1) with coefficient φ: the variance of the mean is (1 + φ) / (1 − φ) times that of independent values
    const phi = 0.9;
    const length = 20_000;
    const rng = Rng.fromSeed('series');
    const [byBatches, byValues] = [[] as number[], [] as number[]];
    for (let run = 0; run < 40; run++) {
      let last = 0;
      const series = Array.from({ length }, () => (last = phi * last + rng.normal()));
      byBatches.push(estimate(inBatches(series, 20).map((batch) => estimate(batch)?.mean ?? NaN))?.halfWidth ?? NaN);
      byValues.push(estimate(series)?.halfWidth ?? NaN);
    }
    const ratio = (estimate(byBatches)?.mean ?? NaN) / (estimate(byValues)?.mean ?? NaN);
    // √19 = 4.36, times t(19) / t(∞) = 1.068
    expect(ratio).toBeGreaterThan(4.2);
    expect(ratio).toBeLessThan(5.1);
  });
});
