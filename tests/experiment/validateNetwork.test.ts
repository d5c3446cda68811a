/** The theory of networks where no fixture has published values. */
import { describe, expect, test } from 'vitest';
import { untilDeadlock } from '../../src/experiment/validate/deadlock.ts';
import { stepsUntilRuin } from '../../src/experiment/validate/lifetime.ts';

describe('the theory', () => {
  test('of a life’s variance is that of a walk of one step each way', () => {
    // from 1 of 3: 2/3 chance of ending after odd steps: mean 2, variance 2 by the sum over the geometric law
    expect(stepsUntilRuin(1, 2, 0.5)).toEqual({ mean: 1, variance: 0 });
    expect(stepsUntilRuin(1, 3, 0.5)).toEqual({ mean: 2, variance: 2 });
  });

  test('of the deadlock is locked after some twelve seconds, with C’s twenty among fifty payments delivered', () => {
    const { tried, delivered } = untilDeadlock();
    expect(tried / 5).toBeCloseTo(11.92, 2);
    expect(delivered).toBeCloseTo(50, 6);
  });
});
