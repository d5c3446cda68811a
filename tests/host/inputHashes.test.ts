import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inputHashes } from '../../src/host/inputHashes.ts';
import { loadStrategyFiles } from '../../src/host/strategyFile.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';

const folder = mkdtempSync(join(tmpdir(), 'leyden-inputs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (name: string): string => join(folder, name);

const scenario = checkScenario(
  { topology: { generate: 'ring', nodes: 4 }, routing: { strategy: './own/router.ts' } },
  'scenario',
);
const hashes = (): Record<string, string | null> =>
  Object.fromEntries(inputHashes(scenario, place).map(({ path, sha256 }) => [path, sha256]));

test('what a strategy imports is hashed with it: a changed helper of a helper is a changed input', async () => {
  for (const name of ['own', 'own/d', 'shared']) mkdirSync(place(name));
  writeFileSync(
    place('own/router.ts'),
    [
      `import { A } from './a.mts';`,
      `import { B } from './b.js';`,
      `import { C } from './c';`,
      `export { D } from './d';`,
      `// import './missing.ts'`,
      'export default () => ({ findRoutes: () => [], learn: () => A + B + C });',
    ].join('\n'),
  );
  writeFileSync(place('own/a.mts'), `export { A } from '../shared/number.ts';\n`);
  writeFileSync(place('own/b.ts'), `export const B = 2; export const again = () => import('./router.ts');\n`);
  writeFileSync(place('own/c.ts'), 'export const C = 3;\n');
  writeFileSync(place('own/d/index.ts'), 'export const D = 4;\n');
  writeFileSync(place('shared/number.ts'), 'export const A = 1;\n');
  // the loader finds the same files
  const loaded = await loadStrategyFiles(['./own/router.ts'], place);
  expect(loaded.get('./own/router.ts')).toBeTypeOf('function');
  const before = hashes();
  const imported = (name: string): string => `routing.strategy imports ${name}`;
  expect(Object.keys(before)).toEqual([
    'routing.strategy',
    ...['a.mts', 'b.ts', 'c.ts', 'd/index.ts', '../shared/number.ts'].map(imported),
  ]);
  writeFileSync(place('shared/number.ts'), 'export const A = 5;\n');
  const after = hashes();
  const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
  expect(changed).toEqual([imported('../shared/number.ts')]);
});
