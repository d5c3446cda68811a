import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { simulate } from '../../src/host/simulate.ts';
import type { Simulation } from '../../src/host/simulate.ts';

const LEYDEN = fileURLToPath(new URL('../../src/cli/leyden.js', import.meta.url));
const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../fixtures/routers/breadth-first.ts', import.meta.url));

describe("a scenario with a strategy of the user's own", () => {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-own-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const scenario = (router: string, text: string): string => {
    writeFileSync(join(folder, router), text);
    const path = join(folder, `${router}.json`);
    const routing = { strategy: `./${router}`, hops: 'few' };
    const topology = { generate: 'ring', nodes: 6 };
    writeFileSync(path, JSON.stringify({ topology, traffic: { payments: 40 }, routing, settle: 'none' }));
    return path;
  };
  const run = (router: string, text: string): Promise<Simulation> => simulate(scenario(router, text));

  test('runs with it, from beside the scenario, the same way twice', async () => {
    const example = readFileSync(EXAMPLE, 'utf8');
    const first = await run('mine.ts', example);
    expect(first.summary.payments).toMatchObject({ sent: 40 });
    expect(first.summary.payments.succeeded).toBeGreaterThan(20);
    expect((await run('mine.ts', example)).summary.digest).toBe(first.summary.digest);
  });

  test('has the example word for word in the README', () => {
    const [shown] = /```ts\n(\/\*\* The fewest hops[\s\S]*?)```/.exec(readFileSync(README, 'utf8'))?.slice(1) ?? [];
    expect(shown).toBe(readFileSync(EXAMPLE, 'utf8'));
  });

  test('gives it the options that stand beside its name', async () => {
    const text = `export default (rng, options) => { throw new Error(JSON.stringify(options)); };`;
    await expect(run('options.js', text)).rejects.toThrow(
      './options.js: export default: found Error: {"hops":"few"}, expected no exception',
    );
  });

  test('is refused before the run where a verb is missing or there is no file', async () => {
    const lacking = run('lacking.ts', 'export default { findRoutes: () => [] };');
    await expect(lacking).rejects.toThrow('./lacking.ts: export default: found no learn, expected a function learn');
    const path = scenario('gone.ts', '');
    rmSync(join(folder, 'gone.ts'));
    await expect(simulate(path)).rejects.toThrow('./gone.ts: found no such file');
  });

  test('ends with one error that names the file and the verb where the verb throws', async () => {
    const broken = run('broken.ts', 'export default { findRoutes() { throw new Error("lost"); }, learn() {} };');
    await expect(broken).rejects.toThrow(UserError);
    await expect(broken).rejects.toThrow('./broken.ts: findRoutes: found Error: lost, expected no exception');
  });

  test('ends the command with exit code 2', () => {
    const path = scenario('sour.ts', 'export default { findRoutes: () => 7, learn() {} };');
    const { status, stderr } = spawnSync(process.execPath, [LEYDEN, 'run', path], { encoding: 'utf8' });
    expect(stderr).toBe('leyden: ./sour.ts: findRoutes: found 7, expected a list of ways, or { failure }\n');
    expect(status).toBe(2);
  });
});
