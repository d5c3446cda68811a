import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FIXTURE_PATH, fixtureText } from '../../fixtures/graphs/generate.ts';
import { graphStatistics } from '../../src/graph/statistics.ts';
import { readGraphFile } from '../../src/host/graphFile.ts';

describe('the fixture mainnet-like-1000.json', () => {
  test('is byte for byte what its script generates', () => {
    const text = readFileSync(FIXTURE_PATH, 'utf8');
    expect(fixtureText() === text).toBe(true);
    expect(text.length).toBeLessThan(2_000_000);
  });

  test('is a routable network: connected, few directions disabled, nothing to repair', () => {
    const { graph, report } = readGraphFile(FIXTURE_PATH);
    expect(report.remedies).toEqual([]);
    const usable = graphStatistics(graph, 'anyEnabled');
    expect([usable.nodes, usable.channels, usable.components]).toEqual([1000, graph.size, 1]);
    expect(usable.directionsEnabled / usable.directions).toBeGreaterThan(0.95);
    const both = graphStatistics(graph, 'bothEnabled');
    expect(both.giantNodes).toBeGreaterThan(880); // mainnet: 888 of 1,000
    expect(both.channels / graph.size).toBeGreaterThan(0.9);
  });
});
