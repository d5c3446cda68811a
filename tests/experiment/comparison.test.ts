import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { compare, defaultBaseline } from '../../src/experiment/comparison.ts';
import { METRICS, type Metrics } from '../../src/experiment/metrics.ts';
import { cellsOf, type Axis, type RunMeasures, type SweepGrid } from '../../src/experiment/sweep.ts';

const AXES: readonly Axis[] = [
  { path: 'traffic.rate', values: [1, 10] },
  { path: 'routing.strategy', values: ['cheapest-fee', 'lnd', 'ldk'] },
];
const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => 1 + index);
const grid = (count: number, axes = AXES): SweepGrid => ({
  axes,
  seeds: seeds(count),
  baseline: defaultBaseline(axes),
});

function measures(
  values: Partial<Metrics>,
  batches: RunMeasures['batches'] = {},
  notes: readonly string[] = [],
): RunMeasures {
  const metrics = { ...Object.fromEntries(METRICS.map((name) => [name, null])), ...values } as Metrics;
  return { digest: '', metrics, batches, summary: { notes } };
}

describe('a comparison', () => {
  test('is along the last axis of names, from its first value, unless it is told otherwise', () => {
    expect(defaultBaseline(AXES)).toEqual({ path: 'routing.strategy', value: 'cheapest-fee' });
    expect(defaultBaseline(AXES.slice(0, 1))).toEqual({ path: 'traffic.rate', value: 1 });
    expect(defaultBaseline([{ path: 'a', values: ['x'] }])).toBeNull();
    const told = compare(
      { ...grid(2), baseline: { path: 'traffic.rate', value: 10 } },
      runs(2, () => measures({ fee_ppm: 1 })),
    );
    expect(told.along).toBe('traffic.rate');
    expect(told.differences.map(({ values, baseline }) => [...values, baseline])).toEqual([
      [1, 'cheapest-fee', 10],
      [1, 'lnd', 10],
      [1, 'ldk', 10],
    ]);
  });

  test('pairs seeds: noise that all share drops out of the difference, not of the means', () => {
    const shared = seeds(12).map((seed) => Rng.fromSeed(seed).normal());
    const results = runs(12, (cell, seed) => measures({ fee_ppm: 100 + 50 * shared[seed]! + cell }));
    const { cells, differences } = compare(grid(12), results);
    const mean = cells.find(({ metric, values }) => metric === 'fee_ppm' && values[0] === 1 && values[1] === 'ldk');
    const difference = differences.find(({ values }) => values[0] === 1 && values[1] === 'ldk');
    expect(mean?.halfWidth).toBeGreaterThan(10);
    expect(difference?.mean).toBeCloseTo(2, 9);
    expect(difference?.halfWidth).toBeLessThan(1e-9);
    expect(difference?.seedsNeeded).toBeNull();
  });

  test('leaves out what a run has no value for, and runs that failed, together with their partners', () => {
    const results = runs(4, (cell, seed) =>
      cell === 1 && seed === 0 ? { error: 'broken' } : measures({ latency_p50_s: seed === 3 ? null : cell }),
    );
    const { cells, differences, warnings } = compare(grid(4), results);
    const counts = cells.filter(({ metric }) => metric === 'latency_p50_s').map(({ count, failed }) => [count, failed]);
    expect(counts).toEqual([3, 2, 3, 3, 3, 3].map((count, cell) => [count, cell === 1 ? 1 : 0]));
    expect(warnings[0]).toBe('traffic.rate=1, routing.strategy=lnd: 1 of 4 runs failed: means are over the others');
    expect(differences.map(({ count, values }) => [values[1], count])).toEqual([
      ['lnd', 2],
      ['ldk', 3],
      ['lnd', 3],
      ['ldk', 3],
    ]);
  });

  test('says what there are too few samples for, and how many would do', () => {
    const rng = Rng.fromSeed('noise');
    const noisy = compare(
      grid(3),
      runs(3, (cell) => measures({ success_rate: 0.5 + 0.001 * cell + 0.1 * rng.normal() })),
    );
    expect(noisy.warnings.join('\n')).toMatch(/3 seeds are few/);
    expect(noisy.warnings.join('\n')).toMatch(
      /differences are not told from zero; the least clear \(success_rate\) would take about \d+ seeds/,
    );
    const clear = compare(
      grid(12),
      runs(12, (cell, seed) => measures({ success_rate: 0.5 + 0.1 * cell + 0.001 * (seed % 2) })),
    );
    expect(clear.warnings).toEqual([]);
  });

  test('a cell whose runs all failed has its rows, and nothing is compared with it without a word', () => {
    const results = runs(2, (cell) => (cell === 0 ? { error: 'broken' } : measures({ fee_ppm: cell })));
    const { cells, differences, warnings } = compare(grid(2), results);
    expect(cells).toHaveLength(6 * METRICS.length);
    expect(cells.find(({ metric }) => metric === 'fee_ppm')).toEqual({
      values: [1, 'cheapest-fee'],
      metric: 'fee_ppm',
      from: 'seeds',
      failed: 2,
      count: 0,
      mean: null,
      standardDeviation: null,
      halfWidth: null,
    });
    expect(differences.every(({ values }) => values[0] === 10)).toBe(true);
    expect(warnings.slice(0, 2)).toEqual([
      'traffic.rate=1, routing.strategy=cheapest-fee: all 2 runs failed: no values',
      'there are no differences from traffic.rate=1, routing.strategy=cheapest-fee: all 2 runs failed',
    ]);
  });

  test('tells what runs noted, with how many of them did, and is bounded', () => {
    const results = runs(2, (cell, seed) => {
      if (cell === 5 && seed === 1) return { error: 'broken' };
      const steady = cell < 3 ? [`not steady: 32 payments (distance 0.0${cell}${seed})`] : [];
      return measures({}, {}, [...steady, 'faults[0] never began', ...(cell === 1 ? ['faults[1] never began'] : [])]);
    });
    expect(compare(grid(2), results).warnings.slice(1, 4)).toEqual([
      '6 of 11 runs, for example: not steady: 32 payments (distance 0.000)',
      '11 of 11 runs: faults[0] never began',
      '2 of 11 runs: faults[1] never began',
    ]);
    const many = runs(2, (_, seed) =>
      measures(
        {},
        {},
        Array.from({ length: 100 }, (_, at) => `#${100 * seed + at}`),
      ),
    );
    expect(compare(grid(2), many).warnings.slice(19, 22)).toEqual([
      '6 of 12 runs: #19',
      'and 180 more kinds of notes',
      expect.stringMatching(/^2 seeds are few/),
    ]);
  });

  test('with one seed gives the run’s own values, takes intervals from batches, and warns where those follow each other', () => {
    const still = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 1 : 2));
    const rising = still.map((_, index) => index);
    const one = grid(1, AXES.slice(0, 1));
    const { cells, differences, warnings } = compare(one, [
      measures({ fee_ppm: 1.25, hops_mean: 4 }, { fee_ppm: still }),
      measures({ fee_ppm: 7 }, { fee_ppm: rising }),
    ]);
    const fees = cells.filter(({ metric }) => metric === 'fee_ppm');
    expect(fees.map(({ from, mean, count }) => [from, mean, count])).toEqual([
      ['batches', 1.25, 20],
      ['batches', 7, 20],
    ]);
    // Student's 2.093 × √(5 / 19) / √20
    expect(fees[0]?.halfWidth).toBeCloseTo(0.2401, 4);
    expect(cells.find(({ metric }) => metric === 'hops_mean')).toMatchObject({
      from: 'seeds',
      count: 1,
      mean: 4,
      halfWidth: null,
    });
    expect(differences.find(({ metric }) => metric === 'fee_ppm')).toMatchObject({ mean: 5.75, halfWidth: null });
    expect(warnings.filter((text) => text.includes('batches follow each other'))).toEqual([
      expect.stringMatching(/^fee_ppm of traffic\.rate=10: .*correlation 0\.\d\d/),
    ]);
    const bare = compare(one, [measures({ fee_ppm: 1.5 }), measures({ fee_ppm: 9.5 })]);
    expect(bare.warnings).toEqual(['one seed, and too few payments to make batches of: there are no intervals']);
  });
});

/** A result for each cell and seed, by their positions. */
function runs<T>(count: number, of: (cell: number, seed: number) => T): T[] {
  return cellsOf(AXES).flatMap((_, cell) => seeds(count).map((__, seed) => of(cell, seed)));
}
