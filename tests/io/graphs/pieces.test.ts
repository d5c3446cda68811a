import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { UserError } from '../../../src/base/errors.ts';
import { Rng } from '../../../src/base/random.ts';
import { generateGraph } from '../../../src/graph/generators/generators.ts';
import { graphFormats, readGraph, type FileFormatName } from '../../../src/io/graphs/formats.ts';
import { BytePieces } from '../../../src/io/bytePieces.ts';
import { contents } from '../../graph/arbitraries.ts';
import { inPieces, pieceLengths } from '../pieces.ts';
import { change, changed, written } from './samples.ts';

/** The formats that are read as their bytes come. */
const STREAMED = [
  'lnd',
  'listchannels',
  'gossip_store',
  'edges',
  'gexf',
  'graphml',
] as const satisfies readonly FileFormatName[];

/** All that reading says: the graph and the report, or the error. */
function outcome(name: FileFormatName, pieces: Iterable<Uint8Array>): unknown {
  try {
    const { graph, report } = graphFormats[name].read(pieces, 'x');
    return { graph: contents(graph), report };
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

describe('a file in pieces, cut anywhere, damaged or not, is read as the whole is', () => {
  const graph = generateGraph({ kind: 'mainnet-like', nodes: 3 }, Rng.fromSeed(1));
  graph.setNodeAttribute(graph.nodes()[0], 'alias', '\u001b[31m & <🐙>');

  test.each(STREAMED)('%s', (name) => {
    const { bytes } = written(graph, name);
    const outcomes = { graphs: 0, errors: 0 };
    fc.assert(
      fc.property(fc.array(change, { maxLength: 2 }), pieceLengths, (changes, lengths) => {
        const file = changes.reduce((before, each) => changed(before, each), bytes);
        const whole = outcome(name, [file]);
        expect(outcome(name, inPieces(file, lengths))).toEqual(whole);
        outcomes[typeof whole === 'string' ? 'errors' : 'graphs']++;
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(outcomes.graphs, outcomes.errors)).toBeGreaterThan(100);
  });

  test('and its format is told by a beginning in pieces', () => {
    for (const name of STREAMED) {
      const { bytes } = written(graph, name);
      expect(readGraph(inPieces(bytes, [1]), 'x').report).toEqual(readGraph([bytes], 'x').report);
    }
  });
});

/** What an endless file of a format says: how it begins, and its channels. */
interface Endless {
  readonly head: string;
  readonly channel: (index: number, capacitySat: string) => string;
}

describe('a file without end is not waited for: its mistake is told as soon as it came', () => {
  // prettier-ignore
  const FILES: Readonly<Record<string, Endless>> = {
    edges: { head: 'node1,node2,capacity\n', channel: (_, capacity) => `a,b,${capacity}\n` },
    gexf: {
      head: '<gexf><nodes><node id="a"/><node id="b"/></nodes><edges>',
      channel: (i, capacity) => `<edge id="${i}" source="a" target="b"><attvalue for="capacity" value="${capacity}"/></edge>`,
    },
    graphml: {
      head: '<graphml><node id="a"/><node id="b"/>',
      channel: (i, capacity) => `<edge id="${i}" source="a" target="b"><data key="capacity">${capacity}</data></edge>`,
    },
  };

  test.each(Object.entries(FILES))('%s', (_, { head, channel }) => {
    const WRONG = 20_000;
    let given = 0;
    const endless = (function* () {
      yield utf8(head);
      for (; ; given++) yield utf8(channel(given, given === WRONG ? 'much' : '1000'));
    })();
    expect(() => readGraph(endless, 'x')).toThrow('found "much", expected a non-negative integer');
    expect(given).toBeLessThan(WRONG + 10);
    expect(endless.next().done).toBe(true); // closed, as a file has to be
  });
});

test('a store is not held: of what came some time ago nothing is needed', () => {
  const KEPT = 100_000; // a record and a piece, with room to spare
  const LENGTH = 10_000;
  const TIMES = 1000;
  const graph = generateGraph({ kind: 'mainnet-like', nodes: 5 }, Rng.fromSeed(2));
  const { fitted, bytes } = written(graph, 'gossip_store');
  const [version, records] = [bytes.subarray(0, 1), bytes.subarray(1)];
  let length = 0;
  const given: Uint8Array[] = [];
  const pieces = function* (): Generator<Uint8Array> {
    yield version;
    const store = new BytePieces(Array.from({ length: TIMES }, () => records));
    for (let piece = store.take(LENGTH); piece.length > 0; piece = store.take(LENGTH)) {
      const own = piece.slice();
      length += own.length;
      given.push(own);
      if (given.length * LENGTH > KEPT) given.shift()!.fill(0xff);
      yield own;
    }
  };
  const imported = graphFormats.gossip_store.read(pieces(), 'x');
  expect(length).toBe(TIMES * records.length);
  expect(length).toBeGreaterThan(30 * KEPT);
  expect(contents(imported.graph)).toEqual(contents(fitted));
  const again = (TIMES - 1) * fitted.size;
  expect(imported.report.channelsListed).toBe(fitted.size + again);
  expect(imported.report.remedies.map(({ kind, count }) => [kind, count])).toContainEqual(['channelRepeated', again]);
  expect(imported.report.remedies.map(({ kind }) => kind)).not.toContain('recordDamaged');
});

describe('what has to be held has a limit', () => {
  const readText = (text: string): unknown => readGraph([utf8(text)], 'x');

  test('edges that wait have a limit', () => {
    const endless = (function* () {
      yield utf8('<graphml>');
      for (;;) yield utf8('<edge source="a" target="b"/>'.repeat(1000));
    })();
    const message = 'x: line 1: found more than 1,000,000 edges of nodes not listed so far, expected nodes before the';
    expect(() => readGraph(endless, 'x')).toThrow(message);
  });

  test('attributes without end have a limit', () => {
    const many = (one: (i: number) => string): string => Array.from({ length: 200_000 }, (_, i) => one(i)).join('');
    const limit = 'x: line 1: found attributes of more than 1,000,000 characters, expected shorter ones';
    const edge = `<graphml><edge>`;
    expect(() => readText(`${edge}${many((i) => `<data key="k${i}"/>`)}`)).toThrow(limit);
    expect(() => readText(`${edge}<data key="k">${many(() => 'text<!-- -->')}${many(() => 'text<!-- -->')}`)).toThrow(
      limit,
    );
    expect(() => readText(`<graphml>${many((i) => `<key for="node" id="k${i}" attr.name="n"/>`)}`)).toThrow(limit);
    expect(() => readText(`<gexf><edge>${many((i) => `<attvalue for="${i}" value="1"/>`)}`)).toThrow(limit);
  });

  test('a snapshot that is read as a whole', () => {
    const endless = (function* () {
      yield utf8('LDK\u0001');
      const zeros = new Uint8Array(1_000_000);
      for (;;) yield zeros;
    })();
    expect(() => readGraph(endless, 'x')).toThrow(
      'x: found more than 100,000,000 bytes, expected a shorter file, or another',
    );
  });
});
