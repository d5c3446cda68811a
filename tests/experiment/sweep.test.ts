import { expect, test } from 'vitest';
import { generatedGraph, runScenario } from '../../src/experiment/run.ts';
import { sweepResultOf } from '../../src/experiment/sweep.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';

test('a run is measured in batches of its payments, but no quantile in batches that are too short for it', () => {
  const batchesOf = (payments: number): string[] => {
    const scenario = checkScenario(
      {
        topology: { generate: 'star', nodes: 5 },
        traffic: { payments, rate: 10, amount: { medianSat: 10, sigma: 0 } },
        settle: 'none',
      },
      'scenario',
    );
    const result = sweepResultOf(runScenario(scenario, generatedGraph(scenario)!));
    if ('error' in result) throw new Error(result.error);
    expect(result.metrics).toMatchObject({ success_rate: 1, latency_p99_s: expect.any(Number) });
    return Object.keys(result.batches);
  };
  // all succeed: 20 batches of 20 have ten payments on either side of the median, and none above the 99th percentile
  expect(batchesOf(400)).toEqual(['success_rate', 'fee_ppm', 'attempts_mean', 'hops_mean', 'latency_p50_s']);
  expect(batchesOf(399)).toEqual([]);
});
