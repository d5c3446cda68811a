/** The network's validation: its theory against published tables, then worlds against the theory. */
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { validate } from '../../src/experiment/validate/check.ts';
import { untilDeadlock } from '../../src/experiment/validate/deadlock.ts';
import { failureRate } from '../../src/experiment/validate/depletion.ts';
import { lifetimeExperiment, stepsUntilRuin } from '../../src/experiment/validate/lifetime.ts';
import { networkExperiments, quickNetworkExperiments } from '../../src/experiment/validate/networkExperiments.ts';
import { erlangB } from '../../src/experiment/validate/slots.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';

const accelerated = await acceleratedSecp256k1();
if (accelerated) useSecp256k1(accelerated);

describe('the theory', () => {
  // prettier-ignore
  test.each([
    [10,  [0.090909, 0.092359, 0.124716, 0.204678, 0.400072]],
    [20,  [0.047619, 0.050381, 0.103002, 0.200080, 0.4]],
    [60,  [0.016393, 0.023818, 0.100001, 0.2,      0.4]],
    [100, [0.009901, 0.020716, 0.1,      0.2,      0.4]],
  ])('of a channel of %d units fails as often as the table says', (units, rates) => {
    [0.5, 0.51, 0.55, 0.6, 0.7].forEach((chance, at) => expect(failureRate(units, chance)).toBeCloseTo(rates[at]!, 6));
  });

  // prettier-ignore
  test.each([
    [5, 10, 0.5, 25], [10, 100, 0.5, 900], [20, 40, 0.5, 400], [50, 100, 0.5, 2500],
    [50, 100, 0.55, 499.956], [200, 400, 0.5, 40_000], [200, 400, 0.55, 2000],
  ])('of a channel’s life from %d of %d, up with %d, is %d payments', (a, n, up, steps) => {
    expect(stepsUntilRuin(a, n, up).mean).toBeCloseTo(steps, 3);
  });

  test('of its variance is that of a walk of one step each way', () => {
    // from 1 of 3: 2/3 chance of ending after odd steps: mean 2, variance 2 by the sum over the geometric law
    expect(stepsUntilRuin(1, 2, 0.5)).toEqual({ mean: 1, variance: 0 });
    expect(stepsUntilRuin(1, 3, 0.5)).toEqual({ mean: 2, variance: 2 });
  });

  // prettier-ignore
  test.each([
    [5, 4, 0.199067], [10, 8, 0.121661], [30, 25, 0.052603], [30, 30, 0.132460], [100, 90, 0.026957],
    [483, 450, 0.005914], [483, 483, 0.035441], [483, 500, 0.058573], [483, 600, 0.201372], [483, 966, 0.501027],
  ])('of %d slots at a load of %d blocks %d', (slots, load, blocked) => {
    expect(erlangB(slots, load)).toBeCloseTo(blocked, 6);
  });

  test('of the deadlock is locked after some twelve seconds, with C’s twenty among fifty payments delivered', () => {
    const { tried, delivered } = untilDeadlock();
    expect(tried / 5).toBeCloseTo(11.92, 2);
    expect(delivered).toBeCloseTo(50, 6);
  });
});

describe('the suite', () => {
  test('has experiments of distinct titles, and takes four times as much for half the error', () => {
    for (const suite of [networkExperiments, quickNetworkExperiments]) {
      expect(new Set(suite.map(({ title }) => title)).size).toBe(suite.length);
      for (const { sizes, checks } of suite)
        if (checks.some(({ isExact }) => isExact !== true)) expect(sizes[1]).toBe(4 * sizes[0]);
    }
  });

  // one of each kind: `leyden validate --quick` runs them all
  const inTests = quickNetworkExperiments.filter(
    ({ id }, at) =>
      id === 'spec' || (id !== 'V2' && quickNetworkExperiments.findIndex((other) => other.id === id) === at),
  );
  test.each(inTests.map((experiment) => [experiment.title, experiment] as const))('holds: %s', (_, experiment) => {
    for (const result of validate(experiment)) expect(result, result.name).toMatchObject({ verdict: 'holds' });
  });

  test('a channel lives as long as it should, in a first sample', () => {
    const experiment = lifetimeExperiment({ a: 4, n: 8, up: 0.5, sizes: [32, 128] });
    experiment.run(32, Rng.fromSeed(1)).forEach(({ value, standardError }, at) => {
      expect(Math.abs(value - experiment.checks[at]!.expected)).toBeLessThan(3 * standardError);
    });
  });
});
