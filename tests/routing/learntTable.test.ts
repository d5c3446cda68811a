import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LearntTable } from '../../src/routing/learntTable.ts';
import { isAlone, parallelEdgesOf } from '../../src/routing/parallelEdges.ts';
import { smallCase } from './smallGraphs.ts';

test('a table keeps a row for each key, in the order in which they came', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(2 ** 31 - 1), { maxLength: 200 }), fc.nat(2 ** 31 - 1), (keys, stranger) => {
      const table = new LearntTable(2);
      expect(table.rowOf(stranger)).toBe(-1);
      keys.forEach((key, i) => {
        expect(table.add(key)).toBe(i);
        table.values[2 * i] = key;
        table.values[2 * i + 1] = -key;
      });
      keys.forEach((key, i) => {
        expect(table.rowOf(key)).toBe(i);
        expect([...table.values.subarray(2 * i, 2 * i + 2)]).toEqual([key, -key]);
      });
      expect([...table.keys.subarray(0, table.size)]).toEqual(keys);
      if (!keys.includes(stranger)) expect(table.rowOf(stranger)).toBe(-1);
    }),
  );
});

test('a key has one row', () => {
  const table = new LearntTable(1);
  table.add(7);
  expect(() => table.add(7)).toThrow('no row yet for 7');
});

test('a table takes what its rows take, and twice that at most', () => {
  const table = new LearntTable(4);
  expect(table.values.byteLength + table.keys.byteLength).toBe(0);
  for (let key = 0; key < 10_000; key++) table.add(key);
  expect(table.values.byteLength).toBeGreaterThanOrEqual(10_000 * 32);
  expect(table.values.byteLength).toBeLessThan(2 * 10_000 * 32);
});

test('parallel edges are those between the same nodes in the same direction, by rising edge', () => {
  let several = 0;
  fc.assert(
    fc.property(smallCase, ({ graph }) => {
      const parallel = parallelEdgesOf(graph);
      for (let edge = 0; edge < graph.edgeCount; edge++) {
        const beside = [...graph.edgeFrom.keys()].filter(
          (other) => graph.edgeFrom[other] === graph.edgeFrom[edge] && graph.edgeTo[other] === graph.edgeTo[edge],
        );
        const listed: number[] = [];
        for (let each = parallel.first[edge]!; each !== -1; each = parallel.next[each]!) listed.push(each);
        expect(listed).toEqual(beside);
        expect(isAlone(parallel, edge)).toBe(beside.length === 1);
        // the reverse pair is named by the reverse edge
        expect(parallel.first[edge ^ 1]).toBe(parallel.first[edge]! ^ 1);
        if (beside.length > 1) several++;
      }
    }),
    { numRuns: 300 },
  );
  expect(several).toBeGreaterThan(100);
});
