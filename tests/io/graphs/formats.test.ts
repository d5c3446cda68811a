import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../../src/base/assert.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/base/bytes.ts';
import { Rng } from '../../../src/base/random.ts';
import type { ChannelGraph, Policy } from '../../../src/graph/channelGraph.ts';
import { generateGraph } from '../../../src/graph/generators/generators.ts';
import { readClothGraph, writeClothGraph } from '../../../src/io/graphs/cloth.ts';
import { BytePen } from '../../../src/io/graphs/byteCursor.ts';
import { crc32c } from '../../../src/io/graphs/crc32c.ts';
import { fitGraph } from '../../../src/io/graphs/fitGraph.ts';
import { CLOTH_HOLDS, readGraph } from '../../../src/io/graphs/formats.ts';
import type { ImportedGraph } from '../../../src/io/graphs/graphReport.ts';
import { arbitraryGraph, contents } from '../../graph/arbitraries.ts';
import { needsShared, sharedFile, sharedJson } from '../../shared.ts';
import { written, WRITTEN } from './samples.ts';

const read = (bytes: Uint8Array | string, file = 'x'): ImportedGraph =>
  readGraph([typeof bytes === 'string' ? utf8(bytes) : bytes], file);

const flaws = ({ report }: ImportedGraph): Record<string, number> =>
  Object.fromEntries(report.remedies.map(({ kind, count }) => [kind, count]));

/** Reads back what CLoTH's three files say. */
function clothAgain(graph: ChannelGraph): { fitted: ChannelGraph; imported: ImportedGraph } {
  const fitted = fitGraph(graph, CLOTH_HOLDS).graph;
  const files = writeClothGraph(fitted);
  const named = (name: keyof typeof files): { file: string; text: string } => ({ file: name, text: files[name] });
  const texts = { nodes: named('nodes.csv'), channels: named('channels.csv'), edges: named('edges.csv') };
  return { fitted, imported: readClothGraph(texts, 'x') };
}

describe('what is written', () => {
  /** What a sound graph may still have to say. */
  const SAID = new Set(['nodeNotKey', 'policyNull', 'minimumOverMaximum']);
  const expectSame = (imported: ImportedGraph, fitted: ChannelGraph): void => {
    expect(contents(imported.graph)).toEqual(contents(fitted));
    expect(imported.report.remedies.filter(({ kind }) => !SAID.has(kind))).toEqual([]);
  };

  test.each(WRITTEN)('%s is told by its content and read back as it was', (name) => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const { fitted, bytes } = written(graph, name);
        if (fitted.size === 0) return;
        const imported = read(bytes);
        expect(imported.report.format).toBe(name);
        expectSame(imported, fitted);
      }),
      { numRuns: 150 },
    );
  });

  test('cloth is read back as it was', () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const { fitted, imported } = clothAgain(graph);
        expectSame(imported, fitted);
      }),
      { numRuns: 150 },
    );
  });

  test('a fitted graph fits, so that converting twice changes nothing more', () => {
    const graph = generateGraph({ kind: 'mainnet-like', nodes: 60 }, Rng.fromSeed(3));
    for (const name of WRITTEN) {
      const once = read(written(graph, name).bytes).graph;
      const twice = read(written(once, name).bytes).graph;
      expect(contents(twice)).toEqual(contents(once));
    }
  });

  test('no format forgets a topology, a capacity or a fee', () => {
    const graph = generateGraph({ kind: 'mainnet-like', nodes: 80 }, Rng.fromSeed(4));
    const essence = (of: ChannelGraph): unknown[] =>
      of
        .mapEdges((_id, { capacitySat, policy1, policy2 }) => [
          capacitySat,
          [policy1, policy2]
            .map((policy) => present(policy, 'a policy').feeProportionalMillionths)
            .toSorted((a, b) => a - b),
        ])
        .map((each) => JSON.stringify(each))
        .toSorted();
    for (const name of WRITTEN) expect(essence(read(written(graph, name).bytes).graph)).toEqual(essence(graph));
    expect(essence(clothAgain(graph).imported.graph)).toEqual(essence(graph));
  });
});

describe('the checksum of gossip stores', () => {
  // RFC 3720, B.4
  test.each([
    ['00'.repeat(32), 'aa36918a'],
    ['ff'.repeat(32), '43aba862'],
    [toHex(Uint8Array.from({ length: 32 }, (_, i) => i)), '4e79dd46'],
    [toHex(Uint8Array.from({ length: 32 }, (_, i) => 31 - i)), '5cdb3f11'],
  ])('of %s is %s', (hex, littleEndian) => {
    const sum = crc32c(fromHex(hex));
    expect(toHex(Uint8Array.of(sum, sum >>> 8, sum >>> 16, sum >>> 24))).toBe(littleEndian);
  });
});

describe('real files', () => {
  const bytesOf = (path: string): Uint8Array => {
    const bytes = readFileSync(present(sharedFile(path), path));
    return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  };

  // prettier-ignore
  const files: readonly (readonly [path: string, format: string, nodes: number, channels: number, flaws: Record<string, number>])[] = [
    ['data/small/lnd-basic_graph.json',                          'lnd-test',      7,  8, {}],
    ['data/small/lnd-spec_example.json',                         'lnd-test',      4,  4, {}],
    ['data/small/tikhomirov-listchannels_abcd.json',             'listchannels',  4,  3, { nodeNotKey: 4, termsAbsent: 3, policyNull: 3 }],
    ['data/small/tikhomirov-listchannels_router_test.json',      'listchannels',  8, 10, { nodeNotKey: 8, termsAbsent: 10, policyNull: 10 }],
    ['data/small/tikhomirov-listchannels_test.json',             'listchannels',  4,  3, { nodeNotKey: 4, termsAbsent: 3, policyNull: 3 }],
    ['data/small/tikhomirov-listchannels_wheel.json',            'listchannels',  5,  5, { nodeNotKey: 5, termsAbsent: 5, policyNull: 5 }],
    ['data/small/tikhomirov-small-node-0263a6.json',             'listchannels',  7, 17, { nodeNotKey: 1, termsAbsent: 12, policyNull: 12 }],
    ['data/small/simln-jam-ln-ln_50-peacetime.json.gz',          'simln',        50, 78, {}],
    ['data/small/simln-jam-ln-ln_50-attacktime-sink.json.gz',    'simln',        51, 84, {}],
    ['data/small/simln-jam-ln-slow_jam-peacetime.json.gz',       'simln',        69, 231, { htlcLimits: 229 }],
    ['data/small/cln-gossip_store.simple.gz',                    'gossip_store',  2,  1, {}],
    ['data/small/cln-gossip_store.mesh-3x3.gz',                  'gossip_store',  9, 12, {}],
    ['data/small/cln-gossip_store-part1.gz',                     'gossip_store', 66, 45, { recordDeleted: 2, policyNull: 88 }],
    ['data/small/cln-gossip_store-part2.gz',                     'gossip_store', 66, 42, { capacityUnknown: 1, recordDeleted: 4, recordDamaged: 1, policyNull: 82 }],
    ['data/small/ldk-rgs-v1-full-2023-10-19.bin.gz',             'rgs',      15_117, 69_455, { capacityAbsent: 69_455, policyNull: 4408 }],
    ['data/mainnet-2026/listchannels.json.gz',                   'listchannels', 17_324, 50_808, { policyNull: 1 }],
  ];
  for (const [path, format, nodes, channels, expected] of files) {
    needsShared(path)(`${path} reads`, () => {
      const imported = read(bytesOf(path), path);
      expect([imported.report.format, imported.graph.order, imported.graph.size]).toEqual([format, nodes, channels]);
      expect(flaws(imported)).toEqual(expected);
    });
  }

  const [PART1, PART2] = ['data/small/cln-gossip_store-part1.gz', 'data/small/cln-gossip_store-part2.gz'] as const;
  needsShared(PART1, PART2)('a store and its continuation are one store', () => {
    const imported = read(concatBytes(bytesOf(PART1), bytesOf(PART2)));
    expect([imported.report.channelsListed, imported.graph.size]).toEqual([88, 87]);
  });

  const STORE = 'data/small/cln-gossip_store.mesh-3x3.gz';
  needsShared(STORE)('a store that breaks off is read up to there, and a damaged or dying record is left out', () => {
    const bytes = bytesOf(STORE);
    expect(flaws(read(bytes.subarray(0, -5)))).toEqual({ recordCut: 1, policyNull: 1 });
    const damaged = bytes.slice();
    damaged[bytes.length - 1] = damaged[bytes.length - 1]! ^ 1;
    expect(flaws(read(damaged))).toEqual({ recordDamaged: 1, policyNull: 1 });
    const dying = bytes.slice();
    dying[1] = dying[1]! | 0x08; // the first record: an announcement
    const imported = read(dying);
    expect(imported.graph.size).toBe(11);
    expect(flaws(imported)).toMatchObject({ channelDying: 1, updateUnknown: 2 });
    expect(() => read(Uint8Array.of(0x20, ...bytes.subarray(1)))).toThrow('found a file that begins with');
  });

  const SIMPLE = 'data/small/cln-gossip_store.simple.gz';
  needsShared(SIMPLE)('a later delete_chan takes its channel away', () => {
    const bytes = bytesOf(SIMPLE);
    const [id] = read(bytes).graph.edges();
    const [block, transaction, output] = present(id, 'a channel').split('x').map(Number) as [number, number, number];
    const pen = new BytePen().uint16(4103).uint32((block << 8) | (transaction >>> 16));
    const message = pen
      .uint16(transaction & 0xffff)
      .uint16(output)
      .finish();
    const record = new BytePen().uint16(0x2000).uint16(message.length).uint32(crc32c(message, 7)).uint32(7);
    expect(() => read(concatBytes(bytes, record.bytes(message).finish()))).toThrow('(channelDeleted 1, nodeAlone 2)');
  });

  const [DESCRIBE, LIST] = [
    'data/mainnet-2026/describegraph.json.gz',
    'data/mainnet-2026/listchannels.json.gz',
  ] as const;
  needsShared(DESCRIBE, LIST)('lnd and Core Lightning say the same of mainnet', () => {
    const [lnd, cln] = [read(bytesOf(DESCRIBE)).graph, read(bytesOf(LIST)).graph];
    let same = 0;
    const terms = (policy: Policy | null): unknown => (policy === null || policy.disabled ? null : policy);
    lnd.forEachEdge((id, { capacitySat, policy1, policy2 }, node1, node2) => {
      const other = cln.getEdgeAttributes(id);
      const here = [node1, node2, capacitySat, terms(policy1), terms(policy2)];
      const there = [...cln.extremities(id), other.capacitySat, terms(other.policy1), terms(other.policy2)];
      if (JSON.stringify(here) === JSON.stringify(there)) same++;
    });
    expect(same).toBe(50_808);
  });

  const RGS = 'data/small/ldk-rgs-v1-full-2023-10-19.bin.gz';
  needsShared(RGS)('LDK’s snapshot has the terms that its facts say', () => {
    const { graph } = read(bytesOf(RGS));
    const policies = graph.reduceEdges<Policy[]>((all, _id, { policy1, policy2 }) => {
      for (const policy of [policy1, policy2]) if (policy !== null) all.push(policy);
      return all;
    }, []);
    const having = (test: (policy: Policy) => boolean): number =>
      policies.filter((policy) => !policy.disabled && test(policy)).length;
    expect(policies.length).toBe(134_502);
    expect(having(({ feeBaseMsat }) => feeBaseMsat === 0)).toBe(50_146);
    expect(having(({ feeProportionalMillionths }) => feeProportionalMillionths === 1)).toBe(27_286);
    expect(having(({ cltvExpiryDelta }) => cltvExpiryDelta === 40)).toBe(50_993);
    expect(having(() => true)).toBe(134_502 - 23_086);
  });

  const VECTORS = 'data/small/ldk-rgs-test-vectors.json';
  needsShared(VECTORS)('LDK’s vectors are read or refused as LDK does', () => {
    const { vectors } = sharedJson<{ vectors: { test: string; name: string; hex: string }[] }>(VECTORS);
    const bytes = (name: string, of: string): Uint8Array =>
      fromHex(present(vectors.find((each) => each.name === name && each.test === of)?.hex, name));
    const { graph } = read(bytes('VALID_RGS_BINARY', 'shared'));
    expect(graph.edges()).toEqual(['563648x539x0', '712354x2086x1']);
    expect(graph.getEdgeAttribute('563648x539x0', 'policy1')).toEqual({
      feeBaseMsat: 100,
      feeProportionalMillionths: 736,
      cltvExpiryDelta: 40,
      htlcMinimumMsat: 1,
      htlcMaximumMsat: 978_679_000,
      disabled: false,
    });
    const clipped = bytes('example_input', 'network_graph_fails_to_update_from_clipped_input');
    expect(() => read(clipped)).toThrow('found the end of the file, expected a whole snapshot');
    const unknown = bytes('unknown_version_input', 'update_fails_with_unknown_version');
    expect(() => read(unknown)).toThrow('found version 3, expected version 1 or 2');
    const second = read(bytes('example_input', 'update_ignores_v2_additional_data'));
    expect(second.graph.mapEdges((id, { capacitySat }) => [id, capacitySat])).toEqual([['0x0x1', 42]]);
    // without capacities and with HTLC maximums of zero no channel can be told
    const bare = bytes('example_input', 'node_data_update_succeeds_with_v2');
    expect(() => read(bare)).toThrow('1 channels, none of which can be kept (capacityUnknown 1)');
  });
});

describe('edge lists and graphs of other programs', () => {
  const essence = (text: string): unknown[] =>
    read(text).graph.mapEdges((id, { capacitySat, policy1 }, node1, node2) => [
      id, node1, node2, capacitySat, present(policy1, 'a policy').feeBaseMsat,
    ]); // prettier-ignore

  test('networkx’s lines, with a capacity or without', () => {
    const lines = [
      '# a comment',
      'a b',
      'b c 70000',
      "c d {'capacity': 50000}",
      "d a {'weight': 1, 'capacity': u'495629'}",
    ];
    const plain = read(lines.join('\n'));
    expect(flaws(plain)).toEqual({ capacityPlain: 1, termsAbsent: 8 });
    expect(essence(lines.join('\r\n'))).toEqual([
      ['edge-0', 'a', 'b', 5_000_000, 1000],
      ['edge-1', 'b', 'c', 70_000, 1000],
      ['edge-2', 'c', 'd', 50_000, 1000],
      ['edge-3', 'd', 'a', 495_629, 1000],
    ]);
  });

  test('a table of some columns', () => {
    const table = 'node1,node2,capacity,feeBaseMsat1\na,b,900,7\n"b, the second",a,800,\n';
    const { graph } = read(table);
    expect(graph.mapEdges((_id, { capacitySat, policy1 }) => [capacitySat, policy1?.feeBaseMsat])).toEqual([
      [900, 7],
      [800, undefined],
    ]);
    expect(graph.hasNode('b, the second')).toBe(true);
  });

  test('networkx’s GraphML and GEXF of a multigraph', () => {
    const graphml = `<?xml version='1.0' encoding='utf-8'?>
      <graphml xmlns="http://graphml.graphdrawing.org/xmlns"><!-- a > b --><key id="d0" for="edge" attr.name="capacity" attr.type="long"/>
      <graph edgedefault="undirected"><node id="a"/><node id="b"/>
      <edge source="a" target="b" id="0"><data key="d0">100</data></edge>
      <edge source="a" target="b" id="0"><data key="d0"><![CDATA[200]]></data></edge></graph></graphml>`;
    expect(essence(graphml)).toEqual([['0x0x0', 'a', 'b', 100, 1000], ['edge-1', 'a', 'b', 200, 1000]]); // prettier-ignore
    const gexf = `<gexf version="1.2" xmlns:viz="x"><graph><attributes class="edge"><attribute id="0" title="capacity" type="long"/></attributes>
      <edges><edge source="a" target="b"><attvalues><attvalue for="0" value="300"/></attvalues></edge></edges>
      <nodes><node id="a" label="A&#x1F419;&amp;"><viz:size value="1"/></node><node id="b"/></nodes></graph></gexf>`;
    expect(essence(gexf)).toEqual([['edge-0', 'a', 'b', 300, 1000]]);
    expect(read(gexf).graph.getNodeAttribute('a', 'alias')).toBe('A🐙&');
  });

  test('an edge waits for nodes that are listed later, and keeps its place', () => {
    const node = (id: string): string => `<node id="${id}"/>`;
    const edge = (ends: string, capacity: number): string =>
      `<edge source="${ends[0]}" target="${ends[1]}"><data key="capacity">${capacity}</data></edge>`;
    const imported = read(
      `<graphml>${node('a')}${edge('ab', 1)}${edge('az', 2)}${node('b')}${edge('ab', 3)}</graphml>`,
    );
    const capacities = imported.graph.mapEdges((id, { capacitySat }) => `${id} ${capacitySat}`);
    expect(new Set(capacities)).toEqual(new Set(['edge-0 1', 'edge-2 3']));
    expect(flaws(imported)).toEqual({ unknownNode: 1, termsAbsent: 4 });
  });

  // prettier-ignore
  test.each<[string, string]>([
    ['<!DOCTYPE x [<!ENTITY a "b">]><gexf/>',    'x: line 1: found a document type, expected an element'],
    ['<gexf>\n<a>&lol;</a></gexf>',              'x: line 2: found &lol;, expected an entity of XML itself'],
    ['<gexf><a></b></gexf>',                     'x: line 1: found an end tag, expected </a>'],
    ['<gexf a="1" a="2"/>',                      'x: line 1: found a again, expected each attribute once'],
    ['<svg></svg>',                              'x: line 1: found <svg>, expected <gexf>'],
    ['<gexf>&#0;</gexf>',                        'x: line 1: found &#0;, expected an entity of XML itself'],
    ['<gexf></gexf>',                            'x: found no channel, expected at least one channel'],
    ['<graphml><edge source="a" target="b"/>\n<key id="f" for="edge" attr.name="feeBaseMsat1"/></graphml>',
      'x: line 2: found "feeBaseMsat1", expected the attributes of edges to be declared before the first edge'],
    ['<gexf',                                    'x: line 1: found what is no attribute of gexf, expected ">"'],
    [`<gexf>${'<a>'.repeat(200)}`,               'x: line 1: found more than 100 elements inside each other, expected a graph'],
    ['a b c',                                    'x: found a file that begins with "a b c", expected lnd’s describegraph'],
    ['a b\na b c',                               'x: line 2, capacity: found "c", expected a non-negative integer'],
    ['a b\na',                                   'x: line 2: found "a", expected two node names and, maybe, a capacity in sat'],
    ['node1,node2\na',                           'x: line 2: found 1 values, expected 2, as line 1 has'],
    ['',                                         'x: found an empty file, expected lnd’s describegraph'],
    ['\u001b[2Jxyz',                             'x: found a file that begins with "\\u{1b}[2Jxyz", expected lnd'],
  ])('%s is one error that says where', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
