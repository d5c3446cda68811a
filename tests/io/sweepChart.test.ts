import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare, defaultBaseline } from '../../src/experiment/comparison.ts';
import { METRICS, type Metrics } from '../../src/experiment/metrics.ts';
import { cellsOf, type Axis, type AxisValue } from '../../src/experiment/sweep.ts';
import { tickLabels } from '../../src/io/svg.ts';
import { sweepChart } from '../../src/io/sweepChart.ts';

function chart(axes: readonly Axis[], value: (cell: number, seed: number) => number | null, title = 'a sweep'): string {
  const grid = { axes, seeds: [1, 2], baseline: defaultBaseline(axes) };
  const results = cellsOf(axes).flatMap((_, cell) =>
    grid.seeds.map((__, seed) => {
      const metrics = Object.fromEntries(METRICS.map((name) => [name, value(cell, seed)])) as Metrics;
      return { digest: '', metrics, batches: {}, summary: { notes: [] } };
    }),
  );
  return sweepChart(title, grid, compare(grid, results).cells);
}

test('a chart has a point a cell, an interval a point, a line a series, and names what varies', () => {
  const axes: Axis[] = [
    { path: 'traffic.rate', values: [1, 2, 5] },
    { path: 'routing.strategy', values: ['lnd', 'ldk'] },
  ];
  const svg = chart(axes, (cell, seed) => cell + seed);
  expect(svg.match(/<circle/g)).toHaveLength(4 * 6 + 2); // and the legend
  expect(svg.match(/fill="none"><path/g)).toHaveLength(4 * 2);
  expect(svg).toContain('>routing.strategy lnd<');
  expect(svg).toContain('>means, 95 % intervals<');
  // a run a cell has none
  expect(chart(axes, (cell, seed) => (seed === 0 ? cell : null))).toContain('>means, without intervals<');
  expect(svg.match(/>traffic\.rate</g)).toHaveLength(4);
});

test('the intervals of one run are said to be from its batches', () => {
  const grid = { axes: [{ path: 'traffic.rate', values: [1, 2] }], seeds: [1], baseline: null };
  const metrics = { ...Object.fromEntries(METRICS.map((name) => [name, null])), fee_ppm: 3 } as Metrics;
  const run = { digest: '', metrics, batches: { fee_ppm: [1, 2, 3, 9] }, summary: { notes: [] } };
  const svg = sweepChart('one seed', grid, compare(grid, [run, { error: 'broken' }]).cells);
  expect(svg).toContain('>one run, 95 % intervals from batch means<');
  expect(svg.match(/<circle/g)).toHaveLength(1);
  expect(svg.match(/>no values</g)).toHaveLength(3);
});

test('different values have different labels, near enough to what they are', () => {
  const svg = chart([{ path: 'x', values: [1, 1.005, 1.01] }], (cell, seed) => 100 + 0.001 * cell + 0.0001 * seed);
  expect(svg.match(/>(1|1\.005|1\.01)</g)?.slice(0, 3)).toEqual(['>1<', '>1.005<', '>1.01<']);
  expect(tickLabels([1.004, 1.006])).toEqual(['1.004', '1.006']);
  expect(tickLabels([1, 1 + Number.EPSILON])).toEqual(['1', '1.0000000000000002']);
  expect(tickLabels([1, 1_234_567])).toEqual(['1', '1,230,000']);
  expect(tickLabels([0.1 + 0.2, 0.4])).toEqual(['0.3', '0.4']);
  fc.assert(
    fc.property(fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 8 }), (ticks) => {
      const distinct = new Set(ticks.map((tick) => tick + 0)); // −0 is 0
      expect(new Set(tickLabels([...distinct])).size).toBe(distinct.size);
    }),
    { examples: [[[1, 1.005, 1.01]]] },
  );
});

test('the axis of a share ends at 0 and 1, and intervals with it', () => {
  const axes = [{ path: 'x', values: [1, 2] }];
  // 0.5 ± 4.5 and 0.975 ± 0.3
  const svg = chart(axes, (cell, seed) => (cell === 0 ? 0.145 + 0.71 * seed : 0.95 + 0.05 * seed));
  const labels = (panel: string): number[] =>
    Array.from(panel.matchAll(/text-anchor="end">([-\d.]+)</g), ([, text]) => Number(text));
  const [, share = '', fees = ''] = svg.split('<g transform');
  expect([Math.min(...labels(share)), Math.max(...labels(share))]).toEqual([0, 1]);
  expect(Math.max(...labels(fees))).toBeGreaterThan(1);
  // the panel's plot goes from y = 34 to 206
  const places = Array.from(share.matchAll(/M[\d.]+ ([-\d.]+)h6m-3 0V([-\d.]+)m/g), ([, a, b]) => [
    Number(a),
    Number(b),
  ]);
  expect(places).toEqual([
    [34, 206],
    [34, expect.any(Number)],
  ]);
});

test('whatever is varied, and whatever comes of it, the picture is whole, its numbers are numbers, its texts are text', () => {
  const value: fc.Arbitrary<AxisValue> = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
  );
  const axis = fc.record({
    path: fc.string({ minLength: 1 }),
    values: fc.uniqueArray(value, { minLength: 1, maxLength: 4 }),
  });
  const measured = fc.option(fc.double({ noNaN: true, min: -1e9, max: 1e12 }));
  fc.assert(
    fc.property(
      fc.array(axis, { maxLength: 3 }),
      fc.array(measured, { minLength: 3, maxLength: 9 }),
      fc.string(),
      (axes, values, title) => {
        const svg = chart(axes, (cell, seed) => values[(2 * cell + seed) % values.length]!, title);
        expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        // what remains after all tags and references holds no markup
        expect(
          svg.replaceAll(
            /<\/?(svg|g|rect|path|text|circle)( [a-z-]+="[^"<]*"| xmlns="[^"]*"| viewBox="[^"]*")*\/?>/g,
            '',
          ),
        ).not.toMatch(/[<>]/);
      },
    ),
    {
      numRuns: 100,
      examples: [
        [[], [null, 2.5e-323, null], ''],
        [[{ path: 'x', values: [1e-300, 1e300] }], [1, 2, 3], '<b>&"'],
      ],
    },
  );
});
