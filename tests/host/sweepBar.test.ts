import { expect, test } from 'vitest';
import { formatSweepProgress } from '../../src/host/sweepBar.ts';

test('progress of a sweep says how much remains, by what this process has run', () => {
  const progress = { done: 12, of: 60, ran: 2, toRun: 50 };
  expect(formatSweepProgress(progress, 10)).toBe('[█████···················] 12 / 60 runs · 4m 0s left');
  expect(formatSweepProgress({ ...progress, ran: 0 }, 10)).toBe('[█████···················] 12 / 60 runs');
});
