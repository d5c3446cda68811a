import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SearchHeap } from '../../src/routing/searchHeap.ts';

test('what is pushed comes out by rising cost, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { maxLength: 2000, size: 'max' }), (costs) => {
      const heap = new SearchHeap();
      costs.forEach((cost, node) => heap.push(cost, node));
      const taken: number[] = [];
      while (heap.size > 0) {
        const least = heap.topCost;
        const node = heap.pop();
        expect(costs[node]).toBe(least);
        taken.push(least);
      }
      expect(taken).toEqual(costs.toSorted((a, b) => a - b));
      expect(heap.topCost).toBe(Infinity);
    }),
  );
});

test('pushes and pops may alternate', () => {
  const heap = new SearchHeap();
  heap.push(5, 50);
  heap.push(3, 30);
  expect(heap.pop()).toBe(30);
  heap.push(4, 40);
  heap.push(9, 90);
  expect([heap.pop(), heap.pop(), heap.pop()]).toEqual([40, 50, 90]);
});
