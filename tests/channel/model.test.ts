import fc from 'fast-check';
import { expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { channelHistories, RARE_PATHS } from './channelHistories.ts';

test('a channel agrees with a model of integers in every commitment, whatever is in flight, lost, forgotten or changed', () => {
  const { marks } = marksDuring(() => fc.assert(channelHistories(), { numRuns: 5000 }));
  expect(RARE_PATHS.filter((path) => (marks.get(path) ?? 0) < 20)).toEqual([]);
});
