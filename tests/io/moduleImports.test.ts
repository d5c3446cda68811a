import { expect, test } from 'vitest';
import { candidatesFor, relativeImports } from '../../src/io/moduleImports.ts';

test('relative imports of every form are found, each once; packages and computed names are none', () => {
  const text = `
    import { K } from './a.mts';
    import type { T } from "../b.ts";
    import './c.js'; import * as all from'./d'
    export * from './e.ts'; export { x } from '../../f/g.ts';
    import {
      several,
    } from
      './h.ts';
    const late = await import( './i.mjs' ), old = require('./j.cjs'), here = await import(\`./k.ts\`);
    import data from './l.json' with { type: 'json' };
    import again from './a.mts'; import up from '..';
    import fs from 'node:fs'; import { UserStrategy } from 'leyden'; import deep from 'pkg/./m.ts';
    await import(\`./n\${K}.ts\`); await import(name); const from = './o.ts'; Array.from([1]);
  `;
  const names = 'a.mts ../b.ts c.js d e.ts ../../f/g.ts h.ts i.mjs j.cjs k.ts l.json'.split(' ');
  expect(relativeImports(text)).toEqual([...names.map((name) => (name.startsWith('.') ? name : `./${name}`)), '..']);
});

test('an import may mean the file, the TypeScript that compiles to it, one with an ending left out, an index', () => {
  expect(candidatesFor('/x/a.js').slice(0, 3)).toEqual(['/x/a.js', '/x/a.ts', '/x/a.tsx']);
  expect(candidatesFor('/x/a')).toEqual(expect.arrayContaining(['/x/a', '/x/a.ts', '/x/a.json', '/x/a/index.ts']));
  expect(candidatesFor('/x/a.ts?v=1')[0]).toBe('/x/a.ts');
});
