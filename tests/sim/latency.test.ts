/** Latency: distances on the globe, and delays of links in worlds. */
import { describe, expect, test } from 'vitest';
import { generatedGraph, runScenario } from '../../src/experiment/run.ts';
import { tablesNamed } from '../../src/experiment/scenarioTables.ts';
import { readScenarioTable } from '../../src/io/scenarioTable.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';
import { greatCircleKm } from '../../src/sim/latency/greatCircle.ts';

const place = (latitude: number, longitude: number) => ({ latitude, longitude });

describe('the great circle', () => {
  test('is as long as it is', () => {
    const QUARTER = (6371.0088 * Math.PI) / 2;
    expect(greatCircleKm(place(0, 0), place(0, 0))).toBeCloseTo(0, 6);
    expect(greatCircleKm(place(0, 0), place(0, 90))).toBeCloseTo(QUARTER, 6);
    expect(greatCircleKm(place(0, -90), place(0, 90))).toBeCloseTo(2 * QUARTER, 2);
    expect(greatCircleKm(place(90, 12), place(0, -71))).toBeCloseTo(QUARTER, 6);
    expect(greatCircleKm(place(0, 179), place(0, -179))).toBeCloseTo(QUARTER / 45, 6);
    // Leyden to San Francisco by the formula in floating point
    const [a, b] = [place(52.16, 4.49), place(37.77, -122.42)];
    const radians = Math.PI / 180;
    const h =
      Math.sin(((b.latitude - a.latitude) * radians) / 2) ** 2 +
      Math.cos(a.latitude * radians) *
        Math.cos(b.latitude * radians) *
        Math.sin(((b.longitude - a.longitude) * radians) / 2) ** 2;
    expect(greatCircleKm(a, b)).toBeCloseTo(2 * 6371.0088 * Math.asin(Math.sqrt(h)), 6);
    expect(greatCircleKm(b, a)).toBeCloseTo(greatCircleKm(a, b), 9);
  });
});

describe('in a world', () => {
  /** How long a payment over #0 ─ #1 ─ #2 takes, seconds. */
  function took(latency: unknown, text = ''): number {
    const scenario = checkScenario(
      {
        topology: { generate: 'line', nodes: 3 },
        channels: { liquidity: 'balanced' },
        latency,
        traffic: { payments: 1, endpoints: { kind: 'pairs', pairs: [{ from: '#0', to: '#2' }] } },
        settle: 'none',
      },
      'test',
    );
    const tables = new Map(tablesNamed(scenario).map((table) => [table.file, readScenarioTable(text, table)]));
    const { world } = runScenario(scenario, generatedGraph(scenario)!, { files: { tables } });
    const [payment] = world.payments;
    expect(payment?.succeeded).toBe(true);
    return (payment!.endedAt - payment!.startedAt) / 1e6;
  }

  test('a payment waits for the messages of its way: each hop adds, commits and revokes both ways, then tells back', () => {
    // per hop: add with commitment_signed, revoke with commitment_signed, revoke: 3; and the preimage back: 1
    expect(took({ law: 'constant', value: '100ms' })).toBeCloseTo(0.8, 6);
    expect(took({ law: 'links', file: 'l.csv' }, 'channel,latency\n#0,0.1\n#1,0.3\n')).toBeCloseTo(1.6, 6);
    expect(took({ law: 'links', file: 'l.csv', otherwise: '200ms' }, 'channel,latency\n#0,0.1\n')).toBeCloseTo(1.2, 6);
    const equator = 'node,latitude,longitude\n#0,0,0\n#1,0,90\n#2,0,91\n';
    const kilometres = ((6371.0088 * Math.PI) / 2) * (1 + 1 / 90);
    expect(took({ law: 'coordinates', file: 'c.csv', base: 0 }, equator)).toBeCloseTo(
      (4 * kilometres * 1.5) / 200_000,
      5,
    );
  });

  test('drawn delays are drawn', () => {
    for (const latency of [
      { law: 'normal', mean: '50ms', deviation: '10ms' },
      { law: 'gamma', mean: '50ms', shape: 4 },
      { median: '50ms', sigma: 0.3 },
      { law: 'exponential', mean: '50ms' },
    ]) {
      const seconds = took(latency);
      expect(seconds).toBeGreaterThan(0.05);
      expect(seconds).toBeLessThan(2);
    }
  });
});
