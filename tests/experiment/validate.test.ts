/** What a validation is worth: its theory where no fixture has published values, and its judge against made-up runs. */
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { batchMeans, batchRatio } from '../../src/experiment/validate/batchMeans.ts';
import { meanWaiting, meanWaits } from '../../src/experiment/validate/bulkQueue.ts';
import { type Check, type Experiment, judge, validate } from '../../src/experiment/validate/check.ts';
import { blocksDensity, blocksQuantile, chanceOfBlocks } from '../../src/experiment/validate/erlang.ts';
import { growthWithTwoMiners } from '../../src/experiment/validate/selfishMining.ts';

describe('the theory', () => {
  test('of the time for k blocks has quantiles and a density that belong to its distribution', () => {
    for (const k of [1, 6, 144]) {
      const at = blocksQuantile(k, 0.3);
      expect(chanceOfBlocks(k, at)).toBeCloseTo(0.3, 12);
      const slope = (chanceOfBlocks(k, at + 1e-4) - chanceOfBlocks(k, at - 1e-4)) / 2e-4;
      expect(blocksDensity(k, at)).toBeCloseTo(slope, 6);
    }
  });

  test('of the bulk queue is M/M/1 for batches of one, and solves its balance equations for others', () => {
    for (const load of [0.1, 0.5, 0.9]) {
      expect(meanWaiting(load, 1)).toBeCloseTo(load / (1 - load), 9);
      // Cobham's priorities with preemption: the higher class alone is M/M/1
      const [high, low] = meanWaits([load / 2, load / 2], 1) as [number, number];
      expect(high).toBeCloseTo(1 / (1 - load / 2), 9);
      expect(low).toBeCloseTo(1 / (1 - load / 2) / (1 - load), 9);
    }
    for (const [arrivals, batch] of [
      [3, 5],
      [0.5, 2],
      [90, 100],
    ] as const) {
      const waiting = meanWaiting(arrivals, batch);
      const z = waiting / (1 + waiting);
      const p = (n: number): number => (1 - z) * z ** n;
      let leaves = 0;
      for (let n = 1; n <= batch; n++) leaves += p(n);
      expect(arrivals * p(0)).toBeCloseTo(leaves, 9);
      for (const n of [1, 2, 10]) {
        expect((arrivals + 1) * p(n)).toBeCloseTo(arrivals * p(n - 1) + p(n + batch), 9);
      }
    }
  });

  test('of the marginal bid’s delay is the derivative that Huberman, Leshno and Moallemi give', () => {
    for (const [rho, batch] of [
      [0.3, 10],
      [0.8, 10],
      [0.9, 1000],
    ] as const) {
      const waiting = meanWaiting(rho * batch, batch);
      const z = waiting / (1 + waiting);
      const formula = 1 / ((1 - z) * (1 + batch * rho - (batch + 1) * z ** batch));
      const step = 1e-4;
      const slope = (meanWaiting(rho * batch + step, batch) - meanWaiting(rho * batch - step, batch)) / (2 * step);
      expect(slope / formula).toBeCloseTo(1, 4);
    }
  });

  test('of two miners’ growth is all without delay, and the larger one’s alone when they never hear', () => {
    expect(growthWithTwoMiners(0.5, 0)).toBe(1);
    expect(growthWithTwoMiners(0.7, 0)).toBeCloseTo(1, 12);
    expect(growthWithTwoMiners(0.7, 200)).toBeCloseTo(0.7, 9);
    expect(growthWithTwoMiners(0.5, 1e6)).toBeCloseTo(0.5, 5);
    expect(growthWithTwoMiners(0.5 + 1e-7, 1)).toBeCloseTo(growthWithTwoMiners(0.5, 1), 6);
  });
});

describe('standard errors', () => {
  test('of independent values are those of textbooks, of dependent ones larger', () => {
    const rng = Rng.fromSeed(1);
    const values = Array.from({ length: 32_000 }, () => rng.normal());
    const { value, standardError } = batchMeans(values);
    expect(Math.abs(value)).toBeLessThan(3 * standardError);
    expect(standardError * Math.sqrt(32_000)).toBeGreaterThan(0.6);
    expect(standardError * Math.sqrt(32_000)).toBeLessThan(1.5);
    // each value ten times in a row: a tenth of the information
    const repeated = values.slice(0, 3200).flatMap((each) => Array.from({ length: 10 }, () => each));
    expect(batchMeans(repeated).standardError).toBeCloseTo(batchMeans(values.slice(0, 3200)).standardError, 12);
  });

  test('of a ratio cancel what both parts have in common', () => {
    const rng = Rng.fromSeed(2);
    const below = Array.from({ length: 3200 }, () => 1 + rng.below(10));
    expect(
      batchRatio(
        below.map((each) => 3 * each),
        below,
      ),
    ).toEqual({ value: 3, standardError: 0 });
    expect(() => batchMeans([1, 2, 3])).toThrow('3 samples fill 32 batches');
  });
});

describe('the judge', () => {
  const at = (value: number, standardError: number) => ({ value, standardError });

  // prettier-ignore
  test.each([
    ['both within three standard errors',    [at(1.29, 0.1), at(1.14, 0.05)],  0,    'holds'],
    ['the larger run too far',               [at(1.00, 0.1), at(1.16, 0.05)],  0,    'misses'],
    ['the smaller run too far',              [at(1.31, 0.1), at(1.00, 0.05)],  0,    'misses'],
    ['too far but for the floor',            [at(1.31, 0.1), at(1.16, 0.05)],  0.02, 'holds'],
    ['an error that stays as it was',        [at(1.00, 0.1), at(1.00, 0.11)],  0,    'does not shrink'],
    ['an error of nothing',                  [at(1.00, 0.1), at(1.00, 0)],     0,    'does not shrink'],
  ] as const)('says of %s: %#', (_, estimates, floor, verdict) => {
    expect(judge({ expected: 1, floor }, [100, 400], [...estimates])).toBe(verdict);
  });

  test('lets what is bound from above be as far below as it likes, and no further above', () => {
    const verdictOf = (value: number): string =>
      judge({ expected: 1, floor: 0, isBound: true }, [100, 400], [at(value, 0.1), at(value, 0.05)]);
    expect([0, 1.14, 1.16].map(verdictOf)).toEqual(['holds', 'holds', 'misses']);
  });

  test('has what misses measured again at four times the size, and that run decides', () => {
    /** Off by so many standard errors in each of the three runs. */
    const experiment = (off: readonly [number, number, number]): Experiment => {
      const sizes = [100, 400] as const;
      return {
        id: 'x',
        title: 'luck',
        key: 'luck',
        source: 'none',
        unit: 'throws',
        sizes,
        checks: [
          { name: 'mean', expected: 1, floor: 0 },
          { name: 'sound', expected: 1, floor: 0 },
        ],
        run: (size) => {
          const standardError = 1 / Math.sqrt(size);
          const by = off[[...sizes, 1600].indexOf(size)]!;
          return [at(1 + by * standardError, standardError), at(1, standardError)];
        },
      };
    };
    const outcome = (...off: [number, number, number]): unknown =>
      validate(experiment(off)).map(({ sizes, verdict }) => [sizes.length, verdict]);
    const sound = [2, 'holds'];
    expect(outcome(2, -2, 9)).toEqual([sound, sound]);
    expect(outcome(2, 3.5, 2)).toEqual([[3, 'holds'], sound]);
    expect(outcome(-3.5, 0, -3.1)).toEqual([[3, 'misses'], sound]);
  });

  test('finds out a biased simulator and one whose error bar lies', () => {
    const experiment = (draw: (rng: Rng) => number, check: Check): Experiment => ({
      id: 'x',
      title: 'coins',
      key: 'coins',
      source: 'none',
      unit: 'throws',
      sizes: [3200, 12_800],
      checks: [check],
      run: (size, rng) => [batchMeans(Array.from({ length: size }, () => draw(rng)))],
    });
    const fair = { name: 'mean', expected: 0.5, floor: 0 };
    const verdictOf = (draw: (rng: Rng) => number): string | undefined => validate(experiment(draw, fair))[0]?.verdict;
    expect(verdictOf((rng) => rng.unit())).toBe('holds');
    expect(verdictOf((rng) => rng.unit() + 0.02)).toBe('misses');
  });
});
