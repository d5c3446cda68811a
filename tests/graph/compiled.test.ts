import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { msat, sat } from '../../src/base/units.ts';
import { type Policy, newChannelGraph } from '../../src/graph/channelGraph.ts';
import { CompiledGraph, type GraphColumns, compileGraph } from '../../src/graph/compiled.ts';
import { CELL, type SearchRows } from '../../src/graph/searchRows.ts';

const policy = (feeBaseMsat: number, terms: Partial<Policy> = {}): Policy => ({
  feeBaseMsat: msat(feeBaseMsat),
  feeProportionalMillionths: 7,
  cltvExpiryDelta: 40,
  htlcMinimumMsat: msat(1),
  htlcMaximumMsat: msat(90_000_000),
  disabled: false,
  ...terms,
});

describe('compiling a named graph', () => {
  //  carol ── alice ── bob ══ carol, in the order in which they were added
  const named = newChannelGraph();
  for (const key of ['carol', 'alice', 'bob', 'dave']) named.addNode(key, { alias: '' });
  named.addEdgeWithKey('7x1x0', 'carol', 'alice', {
    capacitySat: sat(100_000),
    policy1: policy(1),
    policy2: policy(2),
  });
  named.addEdgeWithKey('5x1x0', 'alice', 'bob', { capacitySat: sat(50_000), policy1: policy(3), policy2: null });
  named.addEdgeWithKey('6x1x0', 'bob', 'carol', {
    capacitySat: sat(200_000),
    policy1: policy(4, { disabled: true }),
    policy2: policy(5),
  });
  named.addEdgeWithKey('6x2x0', 'bob', 'carol', { capacitySat: sat(300_000), policy1: policy(6), policy2: policy(0) });
  const graph = compileGraph(named);

  test('keeps the order of nodes and channels and finds them by name', () => {
    expect(graph.nodeKeys).toEqual(['carol', 'alice', 'bob', 'dave']);
    expect(graph.channelIds).toEqual(['7x1x0', '5x1x0', '6x1x0', '6x2x0']);
    expect(graph.nodeIndex.get('bob')).toBe(2);
    expect(graph.channelIndex.get('6x2x0')).toBe(3);
    expect(graph.nodeIndex.get('erin')).toBeUndefined();
    expect([graph.nodeCount, graph.channelCount, graph.edgeCount]).toEqual([4, 4, 8]);
  });

  test('direction 0 runs from node1 at the price of policy1, and the reverse is edge ^ 1', () => {
    expect([...graph.edgeFrom]).toEqual([0, 1, 1, 2, 2, 0, 2, 0]);
    for (let edge = 0; edge < 8; edge++) expect(graph.edgeTo[edge]).toBe(graph.edgeFrom[edge ^ 1]);
    expect([...graph.feeBaseMsat]).toEqual([1, 2, 3, 0, 4, 5, 6, 0]);
    expect([...graph.capacityMsat]).toEqual([100_000_000, 50_000_000, 200_000_000, 300_000_000]);
  });

  test('a direction never announced and one disabled are off; no edge carries more than the capacity', () => {
    expect([...graph.enabled]).toEqual([1, 1, 1, 0, 0, 1, 1, 1]);
    expect([0, 2, 3].map((edge) => graph.usableMsat(edge))).toEqual([90_000_000, 50_000_000, 50_000_000]);
  });

  test('a row lists the edges into its node', () => {
    const rows = graph.nodeKeys.map((_, node) => [
      ...graph.rowEdge.subarray(graph.rowStart[node], graph.rowStart[node + 1]),
    ]);
    expect(rows).toEqual([[1, 4, 6], [0, 3], [2, 5, 7], []]);
  });

  test('the search reads its rows by rising fee, what is off last', () => {
    expect(row(graph.incoming, 0).map((cell) => [cell[CELL.edge], cell[CELL.base]])).toEqual([
      [1, 2],
      [6, 6],
      [4, Infinity],
    ]);
    expect(row(graph.incoming, 2).map((cell) => [cell[CELL.edge], cell[CELL.base]])).toEqual([
      [7, 0],
      [2, 3],
      [5, 5],
    ]);
    expect(row(graph.outgoing, 2).map((cell) => [cell[CELL.edge], cell[CELL.base]])).toEqual([
      [6, 6],
      [3, Infinity],
      [4, Infinity],
    ]);
  });
});

test('columns of the wrong length, ends that are no nodes and keys that are used twice are refused', () => {
  const columns = someColumns(2, [[0, 1]]);
  expect(() => new CompiledGraph({ ...columns, enabled: [1] })).toThrow('a column of 1 for 2 edges');
  expect(() => new CompiledGraph({ ...columns, node2: [2] })).toThrow('joins 0 and 2 of 2 nodes');
  expect(() => new CompiledGraph({ ...columns, node2: [0] })).toThrow('to itself');
  expect(() => new CompiledGraph({ ...columns, nodeKeys: ['a', 'a'] })).toThrow('node keys are the same');
});

test('a graph updated in place is the graph compiled anew', () => {
  const update = fc.record({
    edge: fc.nat(39),
    close: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
    policy: fc.option(
      fc.record({
        feeBaseMsat: fc.nat(5).map(msat),
        feeProportionalMillionths: fc.nat(10),
        cltvExpiryDelta: fc.nat(10),
        htlcMinimumMsat: fc.nat(10).map(msat),
        htlcMaximumMsat: fc.integer({ min: 10, max: 2000 }).map(msat),
        disabled: fc.boolean(),
      }),
      { freq: 5 },
    ),
  });
  const ends = fc
    .tuple(fc.nat(5), fc.integer({ min: 1, max: 5 }))
    .map(([a, step]): [number, number] => [a, (a + step) % 6]);
  fc.assert(
    fc.property(
      fc.array(ends, { minLength: 1, maxLength: 20 }),
      fc.array(update, { maxLength: 60 }),
      (channels, updates) => {
        const graph = new CompiledGraph(someColumns(6, channels));
        for (const { edge: drawn, close, policy: next } of updates) {
          const edge = drawn % graph.edgeCount;
          if (close) graph.closeChannel(edge >> 1);
          else graph.setPolicy(edge, next);
        }
        const { nodeKeys, channelIds, capacityMsat, ...columns } = graph;
        const node1 = channels.map(([a]) => a);
        const anew = new CompiledGraph({
          ...columns,
          nodeKeys,
          channelIds,
          capacityMsat,
          node1,
          node2: channels.map(([, b]) => b),
        });
        expect(graph.incoming.cells).toEqual(anew.incoming.cells);
        expect(graph.outgoing.cells).toEqual(anew.outgoing.cells);
      },
    ),
    { numRuns: 500 },
  );
});

test('a closed channel stays closed whatever is announced for it', () => {
  const graph = new CompiledGraph(
    someColumns(3, [
      [0, 1],
      [1, 2],
      [2, 0],
    ]),
  );
  graph.closeChannel(0);
  graph.setPolicy(0, policy(0));
  expect([graph.usableMsat(0), graph.enabled[0]]).toEqual([0, 0]);
  expect(row(graph.incoming, 1).every((cell) => cell[CELL.edge] !== 0 || cell[CELL.base] === Infinity)).toBe(true);
  expect(() => graph.closeChannel(3)).toThrow('no channel 3 among 3');
  expect(() => graph.setPolicy(6, null)).toThrow('no edge 6 among 6');
});

/** The cells of a node's row. */
function row(rows: SearchRows, node: number): Float64Array[] {
  const cells: Float64Array[] = [];
  for (let cell = rows.start[node]!; cell < rows.start[node + 1]!; cell++) {
    cells.push(rows.cells.subarray(CELL.size * cell, CELL.size * (cell + 1)));
  }
  return cells;
}

function someColumns(nodes: number, channels: readonly (readonly [number, number])[]): GraphColumns {
  const perEdge = (value: number): number[] => channels.flatMap(() => [value, value]);
  return {
    nodeKeys: Array.from({ length: nodes }, (_, i) => `n${i}`),
    channelIds: channels.map((_, i) => `${i}x0x0`),
    node1: channels.map(([a]) => a),
    node2: channels.map(([, b]) => b),
    capacityMsat: channels.map(() => 1000),
    feeBaseMsat: channels.flatMap((_, i) => [i % 3, (i + 1) % 3]),
    feeProportionalMillionths: perEdge(1),
    cltvExpiryDelta: perEdge(40),
    htlcMinimumMsat: perEdge(1),
    htlcMaximumMsat: perEdge(900),
    enabled: perEdge(1),
  };
}
