import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { strategyFrom } from '../../src/host/strategyFile.ts';
import { answer, network, outcomeOf, requestOf, viewOf } from '../routing/network.ts';

const EXAMPLE = fileURLToPath(new URL('../../fixtures/routers/breadth-first.ts', import.meta.url));

//  A ── B ── C ── D, and A ── E ── F ── D
const graph = network([
  ['A-B', 0],
  ['B-C', 1000],
  ['C-D', 1000],
  ['A-E', 0],
  ['E-F', 1],
  ['F-D', 1],
]);
const request = requestOf(graph, 'A', 'D');
const view = viewOf(graph);

describe('a strategy by what a user writes for it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-router-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test('is one of the registry by its name, with options behind colons or beside it', async () => {
    const { name, make } = await strategyFrom('k-shortest:k=2:cost=hops', '--strategy', ['pick=first']);
    expect(name).toBe('k-shortest:k=2:cost=hops');
    expect(answer(make(Rng.fromSeed(1)), request, view)).toMatch(/^A-.-.-D/);
    await expect(strategyFrom('lnd:k=2', '--strategies')).rejects.toThrow('--strategies: k: found the option "k"');
    await expect(strategyFrom('lnd', '--strategy', ['k'])).rejects.toThrow(
      '--option: found "k", expected an option as name=value',
    );
    await expect(strategyFrom('best', '--strategy')).rejects.toThrow(
      '--strategy: strategy: found "best", expected one',
    );
  });

  test('is the example, in under 25 lines, which learns', async () => {
    const lines = readFileSync(EXAMPLE, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThan(25);
    const strategy = (await strategyFrom(EXAMPLE, '--strategy')).make(Rng.fromSeed(1));
    expect(answer(strategy, request, view)).toBe('A-B-C-D 2000');
    strategy.learn(outcomeOf(graph, 'A-B-C-D', 1, 1, { name: 'temporary_channel_failure', at: 'B' }));
    expect(answer(strategy, request, view)).toBe('A-E-F-D 2');
    expect(answer(strategy, { ...request, target: 0 }, view)).toBe('self-payment');
  });

  test.each(['a.ts', 'a.js', 'a.mjs', 'a.cts'])('is a file without any package around it: %s', async (name) => {
    const body = `{ learn() {}, findRoutes: (request, view) => [{ edges: OPTIONS.via === 'E' ? [6, 8, 10] : [0, 2, 4] }] }`;
    const exported = name === 'a.cts' ? 'module.exports =' : 'export default';
    const path = file(name, `${exported} (rng, options) => (${body.replace('OPTIONS', 'options')});\n`);
    const plain = (await strategyFrom(path, '--strategy')).make(Rng.fromSeed(1));
    expect(answer(plain, request, view)).toBe('A-B-C-D 2000');
    const via = (await strategyFrom(`${path}:via=E`, '--strategy')).make(Rng.fromSeed(1));
    expect(answer(via, request, view)).toBe('A-E-F-D 2');
  });

  test.each([
    ['none.ts', 'export const x = 1;', 'export default: found no'],
    ['half.ts', 'export default { findRoutes() {} };', 'export default: found no learn, expected a function learn'],
    ['syntax.ts', 'export default (', 'found TransformError: Transform failed'],
    ['import.ts', `import x from 'no-such-package'; export default x;`, `found Error: Cannot find `],
    ['throws.mjs', 'throw new RangeError("no");', 'found RangeError: no, expected a module that loads'],
  ])('that is wrong is one error that names the file: %s', async (name, text, message) => {
    const path = file(name, text);
    await expect(strategyFrom(path, '--strategy')).rejects.toThrow(`${path}: ${message}`);
  });

  test('that is not there is one error that names the file', async () => {
    await expect(strategyFrom('./no/such.ts', '--strategy')).rejects.toThrow('./no/such.ts: found no such file');
    await expect(strategyFrom(join(folder, '.ts'), '--strategy')).rejects.toThrow('found no such file');
  });
});
