import { describe, expect, test } from 'vitest';
import { readGraph2020, CHANNELS_2020, EDGES_2020, NODES_2020 } from '../../../bench/cloth2020.ts';
import { sharedText } from '../../../bench/data.ts';
import { UserError } from '../../../src/base/errors.ts';
import { compileGraph } from '../../../src/graph/compiled.ts';
import { readClothGraph } from '../../../src/io/graphs/cloth.ts';
import type { RemedyKind } from '../../../src/io/graphs/graphReport.ts';
import { needsShared } from '../../shared.ts';

const NODES = ['0', '1', '2'];
const CHANNELS = ['0,0,1,0,1,50000000', '1,2,3,2,1,20000000'];
const EDGES = [
  '0,0,1,0,1,4300909,1000,1,1000,144',
  '1,0,0,1,0,45699091,2000,2,1,40',
  '2,1,3,2,1,842974,0,1,1000,144',
  '3,1,2,1,2,19157026,7,100000000,1,40',
];

interface Lines {
  nodes: readonly string[];
  channels: readonly string[];
  edges: readonly string[];
}

const read = ({ nodes, channels, edges }: Lines): ReturnType<typeof readClothGraph> =>
  readClothGraph(
    {
      nodes: { file: 'nodes.csv', text: ['id', ...nodes].join('\n') },
      channels: {
        file: 'channels.csv',
        text: ['id,edge1_id,edge2_id,node1_id,node2_id,capacity', ...channels].join('\n'),
      },
      edges: {
        file: 'edges.csv',
        text: [
          'id,channel_id,counter_edge_id,from_node_id,to_node_id,balance,fee_base,fee_proportional,min_htlc,timelock',
          ...edges,
        ].join('\n'),
      },
    },
    'network',
  );

const good: Lines = { nodes: NODES, channels: CHANNELS, edges: EDGES };
const remediesOf = (lines: Partial<Lines>): [RemedyKind, number, string][] =>
  read({ ...good, ...lines }).report.remedies.map(({ kind, count, first }) => [kind, count, first]);

describe("CLoTH's network", () => {
  needsShared(
    CHANNELS_2020,
    EDGES_2020,
    NODES_2020,
  )('of December 2020 is read as it is, 1,040.56 BTC of it', () => {
    const named = (path: string): { file: string; text: string } => ({ file: path, text: sharedText(path) });
    const { graph, report } = readClothGraph(
      { nodes: named(NODES_2020), channels: named(CHANNELS_2020), edges: named(EDGES_2020) },
      'mainnet-2020',
    );
    expect(report).toEqual({
      file: 'mainnet-2020',
      format: 'cloth',
      nodesListed: 6006,
      channelsListed: 30_457,
      nodesKept: 6006,
      channelsKept: 30_457,
      remedies: [],
    });
    const [ours, plain] = [compileGraph(graph), readGraph2020()];
    expect(ours.capacityMsat.reduce((sum, capacityMsat) => sum + capacityMsat, 0) / 1e11).toBeCloseTo(1040.56, 2);
    expect(ours.nodeKeys).toEqual(plain.nodeKeys);
    expect(ours.channelIds).toEqual(plain.channelIds);
    expect(ours.incoming.cells).toEqual(plain.incoming.cells);
    expect(ours.cltvExpiryDelta).toEqual(plain.cltvExpiryDelta);
  });

  test('gives each node its own policy, whatever the order of the edges', () => {
    for (const edges of [EDGES, EDGES.toReversed()]) {
      const { graph, report } = read({ ...good, edges });
      expect(report.remedies).toEqual([]);
      expect(graph.source('1')).toBe('2');
      expect(graph.getEdgeAttributes('1')).toEqual({
        capacitySat: 20_000,
        balance1Msat: 842_974,
        policy1: {
          feeBaseMsat: 0,
          feeProportionalMillionths: 1,
          cltvExpiryDelta: 144,
          htlcMinimumMsat: 1000,
          htlcMaximumMsat: 20_000_000,
          disabled: false,
        },
        policy2: {
          feeBaseMsat: 7,
          feeProportionalMillionths: 100_000_000,
          cltvExpiryDelta: 40,
          htlcMinimumMsat: 1,
          htlcMaximumMsat: 20_000_000,
          disabled: false,
        },
      });
    }
  });

  test('what can be repaired is, and the report counts it', () => {
    expect(remediesOf({ nodes: [...NODES, '01'] })).toEqual([['nodeRepeated', 1, 'nodes.csv, line 5']]);
    const channels = [
      ...CHANNELS,
      '1,2,3,0,1,7',
      '2,4,5,1,1,1000',
      '3,6,7,1,9,1000',
      '4,8,9,0,2,999',
      '5,8,9,0,2,9007199254740992',
      '6,10,11,0,2,1500',
    ];
    const edges = [
      ...EDGES,
      '4,2,5,1,1,0,0,0,0,0', // of a channel that was dropped: nothing more to say
      '10,6,11,0,2,0,4294967296,0,1,2017',
      '11,6,10,2,0,0,0,0,1001,65536',
      '12,77,0,0,2,0,0,0,0,0',
      '13,0,1,0,1,0,5,5,5,5',
    ];
    expect(remediesOf({ channels, edges })).toEqual([
      ['channelRepeated', 1, 'channels.csv, line 4'],
      ['selfLoop', 1, 'channels.csv, line 5'],
      ['unknownNode', 1, 'channels.csv, line 6'],
      ['capacityZero', 1, 'channels.csv, line 7'],
      ['capacityTooLarge', 1, 'channels.csv, line 8'],
      ['capacityFraction', 1, 'channels.csv, line 9'],
      ['edgeUnknownChannel', 1, 'edges.csv, line 9'],
      ['edgeRepeated', 1, 'edges.csv, line 10'],
      ['balanceContradiction', 1, 'channel 6'],
      ['feeTooLarge', 1, 'edges.csv, line 7'],
      ['cltvTooLarge', 2, 'edges.csv, line 7'],
    ]);
    const kept = read({ ...good, channels, edges }).graph;
    expect(kept.getEdgeAttribute('6', 'capacitySat')).toBe(1);
    expect(kept.getEdgeAttribute('0', 'policy1')).toMatchObject({ feeBaseMsat: 1000 });
    expect(remediesOf({ edges: EDGES.slice(0, 3) })).toEqual([['policyNull', 1, 'channel 1, edge2']]);
  });

  test.each<[string, Partial<Lines>, RegExp]>([
    ['a text where a number is due', { nodes: ['0', 'x'] }, /^nodes\.csv: line 3, id: found "x", expected a number/],
    [
      'a fraction',
      { channels: ['0,0,1,0,1,1.5'] },
      /^channels\.csv: line 2, capacity: found "1\.5", expected a non-neg/,
    ],
    ['a negative fee', { edges: ['0,0,1,0,1,0,-1,0,0,0'] }, /^edges\.csv: line 2, fee_base: found "-1"/],
    ['too few values', { edges: [EDGES[0]!, '1,0,0'] }, /^edges\.csv: line 3: found 3 values, expected 10, as line 1/],
    ['an edge of other nodes', { edges: ['0,0,1,0,2,0,0,0,0,0'] }, /from 0 to 2, expected an edge between 0 and 1,/],
    ['no channel', { channels: [] }, /^channels\.csv: found no channel, expected at least one/],
    [
      'no channel left',
      { channels: ['0,0,1,1,1,5'], edges: [] },
      /found 1 channels, none of which can be kept \(selfLoop 1\)/,
    ],
  ])('%s is one error that says where', (_, lines, message) => {
    expect(() => read({ ...good, ...lines })).toThrow(UserError);
    expect(() => read({ ...good, ...lines })).toThrow(message);
  });

  test('a file without its columns is told apart at once', () => {
    const empty = { file: 'a.csv', text: '' };
    const texts = { nodes: empty, channels: empty, edges: empty };
    expect(() => readClothGraph(texts, 'x')).toThrow('a.csv: line 1: found no line of column names, expected the col');
    const foreign = { ...texts, nodes: { file: 'b.csv', text: '{"nodes": []}' } };
    expect(() => readClothGraph(foreign, 'x')).toThrow(/b\.csv: line 1: found .*, without id, expected the columns id/);
  });
});
