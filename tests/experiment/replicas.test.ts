/** Replicas: copies of a small world, and what the ensemble says. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import {
  ensembleOf,
  replicaSeed,
  survivalNotes,
  type EnsemblePoint,
  type ReplicaRow,
} from '../../src/experiment/replicas.ts';
import { generatedGraph, runScenario } from '../../src/experiment/run.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';
import { runSmall } from '../sim/smallWorld.ts';

const world = (seed: number, replicas?: ScenarioInput['replicas']): ScenarioInput => ({
  seed,
  topology: { generate: 'ring', nodes: 5, seed: 1 },
  traffic: { payments: 40, rate: 20, amount: { medianSat: 500_000, sigma: 1 } },
  settle: 'none',
  ...(replicas ? { replicas } : {}),
});

describe('replicas', () => {
  test('are runs of their own seeds, the first the run itself, and the same again for the same seed', () => {
    const ensemble = { count: 4, at: [10, 40] };
    const [one, again] = [runSmall(world(7, ensemble)), runSmall(world(7, ensemble))];
    expect(again.summary).toEqual(one.summary);
    expect(again.replicas).toEqual(one.replicas);
    const { replicas: _, ...alone } = one.summary;
    const { replicas: none, ...plain } = runSmall(world(7)).summary;
    expect([none, alone]).toEqual([null, plain]);
    for (let replica = 0; replica < 4; replica++) {
      const seed = replicaSeed(7, replica);
      const { failed, attempts, feesMsat } = runSmall(world(seed)).summary.payments;
      const row = one.replicas.find((each) => each.replica === replica && each.payments === 40);
      expect(row).toEqual({ replica, seed, payments: 40, failed, attempts, feesMsat });
    }
    expect(one.summary.replicas!.map(({ payments, replicas }) => [payments, replicas])).toEqual([
      [10, 4],
      [40, 4],
    ]);
  });

  test('say where their statistics are of the copies alone that had not stopped', () => {
    const stopping = { ...world(7, { count: 4, at: [1, 20, 40] }), stop: { failures: 8 } };
    const { summary } = runSmall(stopping);
    const there = summary.replicas!.map(({ replicas }) => replicas);
    expect([there[0], there[2]! < 4]).toEqual([4, true]);
    expect(summary.notes).toEqual([
      expect.stringMatching(
        /^replicas: of 4 copies, at .* payments \d.*; statistics are of these alone: the others had stopped$/,
      ),
    ]);
    expect(summary.notes[0]).toContain(`at 40 payments ${there[2]}`);
    const point = (payments: number, replicas: number): EnsemblePoint => ({ payments, replicas, statistics: null });
    expect(survivalNotes([point(5, 3), point(9, 3), point(12, 2), point(15, 2), point(20, 0)], 3)).toEqual([
      'replicas: of 3 copies, at 12 payments 2, at 20 payments 0; statistics are of these alone: the others had stopped',
    ]);
    expect(survivalNotes([point(5, 3)], 3)).toEqual([]);
  });

  test('are not looked at after more payments than traffic makes', () => {
    expect(() => runSmall(world(7, { count: 4, at: [10, 41] }))).toThrow(
      'replicas.at[1]: found 41, expected at most 40, the payments that traffic makes',
    );
  });

  test('give mean and standard error of what they did, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 2, maxLength: 30 }), (failures) => {
        const rows = failures.map((failed, replica): ReplicaRow => ({
          replica,
          seed: replica,
          payments: 100,
          failed,
          attempts: 100,
          feesMsat: 0,
        }));
        const { successRate, failed } = ensembleOf(rows, [100])[0]!.statistics!;
        const n = failures.length;
        const mean = failures.reduce((sum, each) => sum + each, 0) / n;
        const variance = failures.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1);
        expect(failed.mean).toBeCloseTo(mean, 9);
        expect(failed.standardError).toBeCloseTo(Math.sqrt(variance / n), 9);
        // W. S. Gosset's table: 12.706 at one degree of freedom, 2.045 at 29
        const times = failed.halfWidth! / failed.standardError!;
        if (n === 2 && variance > 0) expect(times).toBeCloseTo(12.706, 3);
        if (variance > 0) expect(times).toBeGreaterThan(2.045);
        expect(successRate.mean).toBeCloseTo(1 - mean / 100, 9);
        expect([failed.quantiles.least, failed.quantiles.most]).toEqual([Math.min(...failures), Math.max(...failures)]);
      }),
    );
  });

  test('tell how far they are, all of them, and count the events of all', () => {
    const scenario = checkScenario(world(7, { count: 3, at: [40] }), 'test');
    const seen: string[] = [];
    const { events, world: first } = runScenario(scenario, generatedGraph(scenario)!, {
      onProgress: ({ replica, ofReplicas, payments }) => {
        if (payments === 40) seen.push(`${replica} of ${ofReplicas}`);
      },
    });
    expect([...new Set(seen)]).toEqual(['1 of 3', '2 of 3', '3 of 3']);
    const copies = [0, 1, 2].map((replica) => runSmall(world(replicaSeed(7, replica))).world.events);
    expect(copies[0]).toBe(first.events);
    expect(events).toBe(copies.reduce((sum, each) => sum + each, 0));
  });

  test('are asked for at rising counts', () => {
    expect(() => runSmall(world(1, { count: 2, at: [10, 10] }))).toThrow('rising counts');
  });
});
