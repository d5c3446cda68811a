import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { Rng } from '../../../src/base/random.ts';
import { generateGraph } from '../../../src/graph/generators/generators.ts';
import { readClothGraph, writeClothGraph } from '../../../src/io/graphs/cloth.ts';
import { fitGraph } from '../../../src/io/graphs/fitGraph.ts';
import { CLOTH_HOLDS, readGraph } from '../../../src/io/graphs/formats.ts';
import { change, changed, readsOrTells, written, WRITTEN } from './samples.ts';

describe('ten thousand damaged files of each format', () => {
  const graph = generateGraph({ kind: 'mainnet-like', nodes: 3 }, Rng.fromSeed(1));
  // names that only some formats can say
  graph.setNodeAttribute(graph.nodes()[0], 'alias', '\u001b[31m & <🐙>');

  test.each(WRITTEN)('%s: a graph or one UserError of one line', (name) => {
    const { bytes } = written(graph, name);
    const outcomes = { graphs: 0, errors: 0 };
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const damaged = changes.reduce((before, each) => changed(before, each), bytes);
        const isRead = readsOrTells(() => {
          const { graph: imported, report } = readGraph([damaged], 'x');
          expect(imported.size).toBe(report.channelsKept);
        });
        outcomes[isRead ? 'graphs' : 'errors']++;
      }),
      { numRuns: 10_000 },
    );
    expect(outcomes.graphs).toBeGreaterThan(300);
    expect(outcomes.errors).toBeGreaterThan(300);
  });

  test('cloth: the same', () => {
    const files = writeClothGraph(fitGraph(graph, CLOTH_HOLDS).graph);
    const names = ['nodes.csv', 'channels.csv', 'edges.csv'] as const;
    const outcomes = { graphs: 0, errors: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(change, { minLength: 1, maxLength: 3 }), (which, changes) => {
        const named = (name: (typeof names)[number]): { file: string; text: string } => {
          const bytes = utf8(files[name]);
          const damaged = name === which ? changes.reduce((before, each) => changed(before, each), bytes) : bytes;
          return { file: name, text: Buffer.from(damaged).toString() };
        };
        const isRead = readsOrTells(() =>
          readClothGraph({ nodes: named(names[0]), channels: named(names[1]), edges: named(names[2]) }, 'x'),
        );
        outcomes[isRead ? 'graphs' : 'errors']++;
      }),
      { numRuns: 10_000 },
    );
    expect(outcomes.graphs).toBeGreaterThan(300);
    expect(outcomes.errors).toBeGreaterThan(300);
  });
});
