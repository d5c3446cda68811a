import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { Calibration, calibrated } from '../../src/experiment/calibration.ts';
import { reliabilityPicture } from '../../src/io/reliabilityPicture.ts';
import type { RoutingStrategy } from '../../src/routing/strategy.ts';
import { network, outcomeOf, requestOf, viewOf } from '../routing/network.ts';

describe('calibration', () => {
  test('scores what was predicted by what came true', () => {
    const calibration = new Calibration('x');
    for (const [predicted, cameTrue] of [
      [0.8, true],
      [0.8, false],
      [0.25, false],
      [1, true],
    ] as const) {
      calibration.add(predicted, cameTrue);
    }
    calibration.add(undefined, true);
    const row = calibration.row();
    expect(row).toMatchObject({ strategy: 'x', attempts: 4, unpredicted: 1, observed: 0.5, brierOfRate: 0.25 });
    expect(row.predicted).toBeCloseTo(2.85 / 4, 12);
    expect(row.brier).toBeCloseTo((0.04 + 0.64 + 0.0625 + 0) / 4, 12);
    expect(row.logLoss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.2) + Math.log(0.75) + Math.log(1 - 1e-6)) / 4, 9);
    expect(row.bins.map(({ attempts }) => attempts)).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 2, 1]);
    expect(row.bins[8]).toEqual({ from: 0.8, attempts: 2, predicted: 0.8, observed: 0.5 });
    expect(row.bins[0]).toEqual({ from: 0, attempts: 0, predicted: null, observed: null });
  });

  test('finds a true forecaster true: its Brier score is the mean of p (1 − p)', () => {
    const calibration = new Calibration('true');
    const rng = Rng.fromSeed(5);
    for (let i = 0; i < 20_000; i++) {
      const p = rng.unit();
      calibration.add(p, rng.unit() < p);
    }
    const { bins, brier } = calibration.row();
    for (const { predicted, observed } of bins) expect(Math.abs(predicted! - observed!)).toBeLessThan(0.04);
    expect(brier).toBeCloseTo(1 / 6, 2);
  });

  test('says nothing of what was not predicted', () => {
    const calibration = new Calibration('mute');
    calibration.add(undefined, false);
    const nothing = { predicted: null, observed: null, logLoss: null, brier: null, brierOfRate: null };
    expect(calibration.row()).toMatchObject({ attempts: 0, unpredicted: 1, ...nothing });
    expect(reliabilityPicture([calibration.row()])).toContain('no predictions');
  });

  test('listens to a strategy, which behaves as before', () => {
    const graph = network([
      ['A-B', 0],
      ['B-C', 0],
    ]);
    const heard: unknown[] = [];
    const inner: RoutingStrategy = {
      findRoutes: () => ({ failure: 'no-route' }),
      learn: (outcome) => void heard.push(outcome),
      remembersFailures: true,
      clientMaxParts: 7,
    };
    const calibration = new Calibration('x');
    const watched = calibrated(inner, calibration);
    expect(watched).toMatchObject({ remembersFailures: true, clientMaxParts: 7 });
    expect(watched.findRoutes(requestOf(graph, 'A', 'C'), viewOf(graph))).toEqual({ failure: 'no-route' });
    const outcomes = [
      outcomeOf(graph, 'A-B-C', 5, 1),
      outcomeOf(graph, 'A-B-C', 5, 1, { name: 'temporary_channel_failure', at: 'B' }),
      outcomeOf(graph, 'A-B-C', 5, 1, { name: 'incorrect_or_unknown_payment_details', at: 'C' }),
    ].map((outcome) => ({ ...outcome, route: { ...outcome.route, probability: 0.5 } }));
    for (const outcome of outcomes) watched.learn(outcome);
    expect(heard).toEqual(outcomes);
    // an HTLC that the payee refuses has reached it
    expect(calibration.row()).toMatchObject({ attempts: 3, observed: 2 / 3 });
  });

  test('is drawn with a panel for each strategy, safe whatever its name', () => {
    const rows = ['a', 'b', 'c', '<script>'].map((name) => {
      const calibration = new Calibration(name);
      for (let i = 0; i < 40; i++) calibration.add((i % 10) / 10, i % 3 === 0);
      return calibration.row();
    });
    const picture = reliabilityPicture(rows);
    expect(picture).toMatch(/^<svg [^>]*width="936" height="800"/);
    expect(picture).not.toContain('<script');
    expect(picture).not.toMatch(/NaN|undefined|Infinity/);
    expect(picture.match(/<circle/g)).toHaveLength(40);
  });
});
