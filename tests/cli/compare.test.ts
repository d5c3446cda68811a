import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { runCompare } from '../../src/cli/compareTables.ts';
import { needsShared, sharedFile } from '../shared.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/graphs/mainnet-like-1000.json', import.meta.url));
const [MAINNET, STATS] = ['data/mainnet-2026/describegraph.json.gz', 'data/stats.json'] as const;

interface Compared {
  readonly distributions: { readonly name: string; readonly distance: { value: number; isExact: boolean } | null }[];
  readonly facts: { readonly name: string; readonly a: number | null; readonly b: number | null }[];
}

const compared = (a: string, b: string): Compared => JSON.parse(runCompare(a, b, { json: true })) as Compared;

describe('leyden graph --compare', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-compare-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a graph and itself are not apart, in aligned tables', () => {
    const [a, b, , ...lines] = runCompare(FIXTURE, FIXTURE).split('\n');
    expect([a, b]).toEqual([`A: ${FIXTURE}`, `B: ${FIXTURE}`]);
    const distributions = lines.slice(1, lines.indexOf(''));
    expect(distributions).toHaveLength(9);
    for (const line of distributions) expect(line).toMatch(/^.+ 0\.0000 .* 0$/);
    expect(lines.filter((line) => / (- *)?0$/.test(line)).length).toBeGreaterThanOrEqual(18);
  });

  test('draws both, and never over what it reads', () => {
    const svg = join(folder, 'both.svg');
    const printed = runCompare(FIXTURE, FIXTURE, { svg });
    expect(printed).toBe(runCompare(FIXTURE, FIXTURE));
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
    expect(() => runCompare(FIXTURE, FIXTURE, { svg: FIXTURE })).toThrow('--svg');
  });

  test('published statistics may stand on either side, and what they lack is left open', () => {
    const stats = join(folder, 'stats.json');
    const topology = { counts: { nodes: 7 }, degree_channels: { quantiles: { p50: 2, p100: 1e9, mean: 3, n: 7 } } };
    writeFileSync(stats, JSON.stringify({ net: { topology_all: topology }, __proto__: 1, text: 'x' }));
    for (const [a, b] of [
      [FIXTURE, `${stats}#net`],
      [`${stats}#net`, FIXTURE],
    ] as const) {
      const { distributions, facts } = compared(a, b);
      expect(distributions.map((row) => row.distance !== null)).toEqual([
        true,
        ...Array.from({ length: 8 }, () => false),
      ]);
      expect(facts.filter((fact) => fact.a !== null && fact.b !== null).map(({ name }) => name)).toEqual(['nodes']);
    }
    expect(runCompare(`${stats}#net`, FIXTURE)).toMatch(/^capacity \(sat\) +- +- +[\d,]+ +-$/m);
    expect(() => runCompare(`${stats}#nothing`, FIXTURE)).toThrow(
      'nothing: found nothing, expected an entry: net, text',
    );
    expect(() => runCompare(`${stats}#text`, FIXTURE)).toThrow('text: found "x", expected an entry');
    expect(() => runCompare(`${stats}#constructor`, FIXTURE)).toThrow('constructor: found nothing');
  });

  needsShared(MAINNET, STATS)('mainnet is where its published statistics say', () => {
    const [graph, stats] = [present(sharedFile(MAINNET), MAINNET), present(sharedFile(STATS), STATS)];
    const { distributions, facts } = compared(`${stats}#mainnet_2026_02_03`, graph);
    for (const { name, distance } of distributions)
      expect([name, present(distance, name).value < 2e-4]).toEqual([name, true]);
    for (const { name, a, b } of facts) {
      expect([name, Math.abs(present(a, name) - present(b, name)) <= 0.004 * Math.abs(present(a, name))]).toEqual([
        name,
        true,
      ]);
    }
  });
});
