import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readGraphFile } from '../../src/host/graphFile.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/graphs/mainnet-like-1000.json', import.meta.url));
const NODES = 'id\n0\n1\n';
const CHANNELS = 'id,edge1_id,edge2_id,node1_id,node2_id,capacity\n0,0,1,0,1,50000000\n';
const EDGES =
  'id,channel_id,counter_edge_id,from_node_id,to_node_id,balance,fee_base,fee_proportional,min_htlc,timelock\n' +
  '0,0,1,0,1,4300909,1000,1,1000,144\n1,0,0,1,0,45699091,1000,1,1000,144\n';

describe('a graph by its path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-graph-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is lnd’s where it is a file', () => {
    expect(readGraphFile(FIXTURE).report.format).toBe('lnd');
    expect(() => readGraphFile('no/such')).toThrow('no/such: found no such file, expected a file');
    expect(() => readGraphFile('no\0such')).toThrow('a name that no file can have');
  });

  test('is CLoTH’s where it is a directory, plain or gzip, under either of its names', () => {
    expect(() => readGraphFile(folder)).toThrow(/found a directory without nodes\.csv, nodes\.csv\.gz, nodes_ln\.csv,/);
    writeFileSync(join(folder, 'nodes_ln.csv.gz'), gzipSync(NODES));
    writeFileSync(join(folder, 'channels.csv'), CHANNELS);
    expect(() => readGraphFile(folder)).toThrow(/without edges\.csv/);
    writeFileSync(join(folder, 'edges_ln.csv'), EDGES);
    expect(readGraphFile(folder).report).toMatchObject({
      file: folder,
      format: 'cloth',
      channelsKept: 1,
      remedies: [],
    });
  });

  test('errors name the file of the three that is wrong', () => {
    writeFileSync(join(folder, 'edges_ln.csv'), `${EDGES}2,0\n`);
    expect(() => readGraphFile(folder)).toThrow(`${join(folder, 'edges_ln.csv')}: line 4: found 2 values`);
  });
});
