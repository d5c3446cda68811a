/** `leyden schema` and `leyden init`: what helps an author begin. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { writeStarter } from '../../src/cli/initCommand.ts';
import { simulate } from '../../src/host/simulate.ts';
import { scenarioJsonSchema, scenarioSchemaText } from '../../src/io/scenarioSchema.ts';
import { parseScenario } from '../../src/io/scenarioText.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'leyden-init-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the schema', () => {
  test('that is shipped is the one that checks: else run `npx leyden schema > fixtures/scenario.schema.json`', () => {
    expect(readFileSync(join(FIXTURES, 'scenario.schema.json'), 'utf8')).toBe(scenarioSchemaText());
  });

  test('knows every section, and what its keys are for', () => {
    const { properties } = scenarioJsonSchema();
    expect(Object.keys(properties ?? {})).toEqual(
      expect.arrayContaining(['topology', 'channels', 'chain', 'latency', 'traffic', 'routing', 'closures', 'faults']),
    );
    expect(properties?.['topology']).toMatchObject({ description: expect.stringContaining('graph comes from') });
  });

  test('is named in the first line of every scenario that is shipped', () => {
    for (const file of readdirSync(join(FIXTURES, 'scenarios')).filter((name) => name.endsWith('.yaml'))) {
      const [first] = readFileSync(join(FIXTURES, 'scenarios', file), 'utf8').split('\n');
      expect(first, file).toBe('# yaml-language-server: $schema=../scenario.schema.json');
    }
  });
});

describe('the starter', () => {
  test('runs as it is, to the end', async () => {
    const file = join(directory, 'deep', 'starter.yaml');
    writeStarter(file);
    const { summary } = await simulate(file);
    expect(summary).toMatchObject({ settled: true, notes: [], payments: { sent: 500 } });
    expect(summary.payments.succeeded).toBeGreaterThan(250);
    expect(summary.closings.map(({ kind }) => kind)).toEqual(['unilateral']);
    expect(readFileSync(file, 'utf8')).toContain(`leyden run ${file}`);
    expect(dirname(file)).not.toBe(directory);
  });

  test('replaces nothing that is there', () => {
    const file = join(directory, 'mine.yaml');
    writeFileSync(file, 'mine');
    expect(() => writeStarter(file)).toThrow(UserError);
    expect(() => writeStarter(directory)).toThrow(UserError);
    expect(() => writeStarter('')).toThrow(UserError);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('a mistake in a scenario', () => {
  // prettier-ignore
  test.each([
    ['topology: {generate: star}\ntraffic:\n  rate: fast\n',    'traffic.rate (line 3, column 9): found "fast", expected a number'],
    ['topology: {generate: star}\ntraffic: {a: 1}\n',           'traffic.a (line 2, column 14): found an unknown key, expected one of payments'],
    ['topology: {generate: star}\nseed: -1\n',                  'seed (line 2, column 7): found -1, expected at least 0'],
    ['topology: {generate: star}\nfaults: [{kind: fire}]\n',    'faults[0].kind (line 2, column 17): found "fire", expected one of offline'],
    ['seed: 1\n',                                               'topology (line 1, column 1): found nothing, expected a map of keys'],
    ['topology: {generate: star\n',                             'line 2, column 1: found no valid YAML'],
    ['topology: {generate: star}\nlatency: {law: gama}\n',      'latency.law (line 2, column 16): found "gama", expected "gamma" perhaps, one of lognormal'],
    ['topology: {generate: star}\nchannels: {liquidity: bimodal}\n', 'channels.liquidity (line 2, column 23): found "bimodal", expected one of uniform, balanced, opener, graph, or a map of keys (kind: bimodal, steady-state, file)'],
    ['topology: {generate: star}\n---\nseed: 2\n',              'line 2, column 1: found no valid YAML: a second document'],
    ['topology: {generate: star}\nname: !!js/function x\n',     'line 2, column 7: found no valid YAML: Unresolved tag'],
    [`${'- '.repeat(50000)}\n`,                                 'line 1, column'],
  ])('is shown with its place, what was found and what was expected: %#', (text, message) => {
    expect(() => parseScenario(text, 'my.yaml')).toThrow(`my.yaml: ${message}`);
  });
});
