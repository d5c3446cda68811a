import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { runConvertCommand } from '../../src/cli/convertTables.ts';
import { readGraphFile } from '../../src/host/graphFile.ts';
import { writtenFormats } from '../../src/host/graphOutFile.ts';
import { contents } from '../graph/arbitraries.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/graphs/mainnet-like-1000.json', import.meta.url));

describe('leyden convert', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-convert-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const out = (name: string): string => join(folder, name);

  test('takes a graph through every format and loses no channel', () => {
    const channels = readGraphFile(FIXTURE).graph.size;
    let from = FIXTURE;
    for (const format of writtenFormats) {
      const to = out(`${format}.out`);
      runConvertCommand(from, to, { to: format });
      const { graph, report } = readGraphFile(to);
      expect([report.format, graph.size, graph.order]).toEqual([format, channels, 1000]);
      from = to;
    }
  });

  test('goes by the ending of the name, and zips where it says so', () => {
    for (const [name, format] of [
      ['a.json', 'lnd'],
      ['a.gexf', 'gexf'],
      ['a.graphml.gz', 'graphml'],
      ['a.csv.gz', 'edges'],
      ['a.lngossip', 'rgs'],
      ['gossip_store', 'gossip_store'],
    ] as const) {
      runConvertCommand(FIXTURE, out(name));
      expect(readGraphFile(out(name)).report.format).toBe(format);
      expect(readFileSync(out(name))[0] === 0x1f).toBe(name.endsWith('.gz'));
    }
    expect(contents(readGraphFile(out('a.graphml.gz')).graph)).toEqual(contents(readGraphFile(FIXTURE).graph));
  });

  test('says what reading repaired and what writing lost', () => {
    const alias = 'a & b';
    const [a, b] = [`02${'aa'.repeat(32)}`, `03${'bb'.repeat(32)}`];
    const nodes = [{ pub_key: a, alias }, { pub_key: b }, { pub_key: `03${'cc'.repeat(32)}` }];
    const edge = {
      channel_id: '1',
      node1_pub: b,
      node2_pub: a,
      capacity: '10',
      node1_policy: null,
      node2_policy: null,
    };
    writeFileSync(out('in.json'), JSON.stringify({ nodes, edges: [edge, { ...edge, node2_pub: b }] }));
    const lines = runConvertCommand(out('in.json'), out('made'), { to: 'cloth' }).split('\n');
    expect(lines).toEqual([
      `Read ${out('in.json')} (lnd): kept all 3 nodes, 1 of 2 channels`,
      '  1  channel from a node to itself: dropped; first: edges[1]',
      '  2  direction never announced (no policy): not usable; first: edges[0].node1_policy',
      `Wrote ${out('made')} (cloth): 3 nodes, 1 channels`,
      '  3  node whose name the format cannot say: renamed',
      '  1  channel whose id the format cannot say: renamed',
      '  1  alias the format cannot say: left out or changed',
      '  2  direction disabled or never announced: written with a minimum that no HTLC reaches',
      '  1  balances not known: half the capacity each',
    ]);
    expect(readdirSync(out('made')).toSorted((x, y) => (x < y ? -1 : 1))).toEqual([
      'channels.csv',
      'edges.csv',
      'nodes.csv',
    ]);
    const printed: unknown = JSON.parse(runConvertCommand(out('in.json'), out('a.gexf'), { json: true }));
    expect(printed).toMatchObject({ report: { channelsKept: 1 }, written: { format: 'gexf', nodes: 3, losses: [] } });
  });

  // prettier-ignore
  test.each<[string, string, object, string]>([
    [FIXTURE,    'x.txt', {},                  'expected a name that ends in .json, gossip_store, .lngossip, .gexf, .graphml, .csv (with .gz or without), or --to FORMAT'],
    [FIXTURE,    'x',     { to: 'lnd-test' },  '--to: found "lnd-test", expected one of lnd, listchannels, gossip_store, rgs, simln, gexf, graphml, edges, cloth'],
    ['no/such',  'x.csv', {},                  'no/such: found no such file'],
    [FIXTURE,    '.',     { to: 'lnd' },       'a directory, expected the name of a file to write'],
  ])('%s to %s %o is one error', (from, to, options, message) => {
    expect(() => runConvertCommand(from, out(to), options)).toThrow(message);
  });

  test('never replaces what it reads', () => {
    runConvertCommand(FIXTURE, out('same.json'));
    expect(() => runConvertCommand(out('same.json'), out('same.json'))).toThrow('which the command reads');
    runConvertCommand(FIXTURE, out('same'), { to: 'cloth' });
    expect(() => runConvertCommand(out('same'), out('same'), { to: 'cloth' })).toThrow('which the command reads');
  });
});
