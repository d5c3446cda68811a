/** The layers hold: every import in `src` points down the drawing of `src/README.md`, or stays in its folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** What each layer may import besides itself. The two columns (channel … crypto, payment … graph) meet in `node`. */
// prettier-ignore
const BELOW: Readonly<Record<string, readonly string[]>> = {
  base:       [],
  crypto:     ['base'],
  chain:      ['base', 'crypto'],
  channel:    ['base', 'crypto', 'chain'],
  graph:      ['base'],
  routing:    ['base', 'graph'],
  payment:    ['base', 'graph', 'routing'],
  node:       ['base', 'crypto', 'chain', 'channel', 'graph', 'routing', 'payment'],
  sim:        ['base', 'crypto', 'chain', 'channel', 'graph', 'routing', 'payment', 'node'],
  experiment: ['base', 'crypto', 'chain', 'channel', 'graph', 'routing', 'payment', 'node', 'sim'],
  io:         ['base', 'crypto', 'chain', 'channel', 'graph', 'routing', 'payment', 'node', 'sim', 'experiment'],
  host:       ['base', 'crypto', 'chain', 'channel', 'graph', 'routing', 'payment', 'node', 'sim', 'experiment', 'io'],
  cli:        ['base', 'crypto', 'chain', 'channel', 'graph', 'routing', 'payment', 'node', 'sim', 'experiment', 'io', 'host'],
};
/** Folders that may touch the platform. */
const OUTSIDE = new Set(['host', 'cli']);
/** Words of the platform, of clocks and of chance that no layer below may speak. */
const FORBIDDEN =
  /(?<![#.\w])process\.|\bDate\.now\b|\bnew Date\b|\bperformance\.now\b|\bMath\.random\b|\brequire\(|\bBuffer\./;

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(ts|js)$/.test(entry.name)) yield path;
  }
}

const files = [...sources(SRC)];
/** Static, side-effect and dynamic imports, re-exports, and types imported in place. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"]+)\1/g;
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
const importsOf = (file: string): Import[] =>
  [...withoutComments(readFileSync(file, 'utf8')).matchAll(IMPORT)].map((match) => ({ file, specifier: match[2]! }));
const layerOf = (path: string): string | null => {
  const [first, ...rest] = relative(SRC, path).split('/');
  return rest.length === 0 ? null : first!;
};
const imports = files.flatMap(importsOf);

describe('the layers', () => {
  test('every folder of src is a layer of the drawing', () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).toSorted()).toEqual(Object.keys(BELOW).toSorted());
    expect(imports.length).toBeGreaterThan(300);
  });

  test('an import points down or stays in its folder', () => {
    const wrong = imports.flatMap(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return [];
      const from = layerOf(file);
      const to = layerOf(resolve(dirname(file), specifier));
      // src/index.ts is the library's door: it stands above all layers, and nothing imports it
      if (from === null && to !== null) return [];
      const allowed = from !== null && to !== null && (from === to || BELOW[from]?.includes(to));
      return allowed ? [] : [`${relative(SRC, file)} imports ${specifier}`];
    });
    expect(wrong).toEqual([]);
  });

  test('only host and cli touch the platform', () => {
    const wrong = imports
      .filter(({ file, specifier }) => specifier.startsWith('node:') && !OUTSIDE.has(layerOf(file) ?? ''))
      .map(({ file, specifier }) => `${relative(SRC, file)} imports ${specifier}`);
    const spoken = files
      .filter(
        (file) => !OUTSIDE.has(layerOf(file) ?? '') && FORBIDDEN.test(withoutComments(readFileSync(file, 'utf8'))),
      )
      .map((file) => relative(SRC, file));
    expect([...wrong, ...spoken]).toEqual([]);
  });

  test('the one door to the curve is crypto', () => {
    const doors = imports
      .filter(({ specifier }) => specifier.endsWith('secp256k1') && !specifier.startsWith('.'))
      .map(({ file }) => layerOf(file));
    expect(new Set(doors)).toEqual(new Set(['crypto']));
  });

  test('every file opens with what it is', () => {
    const bare = files.filter((file) => !/^(#!.*\n)?\/[*/]/.test(readFileSync(file, 'utf8')));
    expect(bare.map((file) => relative(SRC, file))).toEqual([]);
  });
});
