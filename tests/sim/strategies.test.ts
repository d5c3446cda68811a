/** Whole runs with every routing strategy: payments arrive, and each payer has a memory of its own. */
import { describe, expect, test } from 'vitest';
import { strategyKinds } from '../../src/routing/registry.ts';
import { runSmall } from './smallWorld.ts';

const run = (routing: { strategy: string; [option: string]: string | number | boolean }) =>
  runSmall({
    seed: 2,
    topology: { generate: 'mainnet-like', nodes: 60 },
    traffic: { payments: 150, rate: 1, amount: { medianSat: 3000, sigma: 0.5 } },
    routing,
    settle: 'none',
  }).summary;

describe('a run routed by', () => {
  test.each(Object.keys(strategyKinds))('%s delivers payments, the same twice', (strategy) => {
    const summary = run({ strategy });
    expect(summary.payments.succeeded).toBeGreaterThan(20);
    expect(run({ strategy }).digest).toBe(summary.digest);
  });

  test('lnd with another estimator is another run, and an option that there isn’t is refused', () => {
    expect(run({ strategy: 'lnd', estimator: 'bimodal' }).digest).not.toBe(run({ strategy: 'lnd' }).digest);
    expect(() => run({ strategy: 'lnd', luck: 7 })).toThrow(/routing\.luck/);
  });
});
