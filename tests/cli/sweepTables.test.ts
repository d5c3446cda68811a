import { expect, test } from 'vitest';
import { formatComparison } from '../../src/cli/sweepTables.ts';
import type { Comparison } from '../../src/experiment/comparison.ts';

test('a difference that is rounding is none; one that is told from zero has a star', () => {
  const difference = {
    baseline: 'lnd',
    metric: 'success_rate',
    count: 3,
    standardDeviation: 0.01,
    seedsNeeded: null,
  } as const;
  const comparison: Comparison = {
    axes: [{ path: 'routing.strategy', values: ['lnd', 'ldk', 'eclair'] }],
    seeds: [1, 2, 3],
    along: 'routing.strategy',
    cells: [
      {
        values: ['lnd'],
        metric: 'success_rate',
        from: 'seeds',
        failed: 0,
        count: 3,
        mean: 1e-12,
        standardDeviation: 0,
        halfWidth: 0,
      },
    ],
    differences: [
      { ...difference, values: ['ldk'], mean: 1.865e-17, halfWidth: 0.00828 },
      { ...difference, values: ['eclair'], mean: 0.5, halfWidth: 0.00828 },
    ],
    warnings: [],
  };
  const text = formatComparison(comparison);
  expect(text).toMatch(/^ +lnd +1e-12 ± 0 /m);
  expect(text).toMatch(/^ +ldk +0 ± 0\.00828 /m);
  expect(text).toMatch(/^ +eclair +\* \+0\.5 ± 0\.00828 /m);
});
