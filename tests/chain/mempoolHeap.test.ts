import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap, IndexedHeap } from '../../src/chain/mempoolHeap.ts';

interface Item {
  rank: number;
  readonly id: number;
  at: number;
}

const isBefore = (a: Item, b: Item): boolean => (a.rank !== b.rank ? a.rank < b.rank : a.id < b.id);
const sorted = (items: Iterable<Item>): Item[] => [...items].toSorted((a, b) => (isBefore(a, b) ? -1 : 1));

test('a heap gives back what it got in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (ranks) => {
      const heap = new Heap<Item>(isBefore);
      const items = ranks.map((rank, id) => ({ rank, id, at: -1 }));
      for (const item of items) heap.push(item);
      expect(heap.first).toBe(sorted(items)[0]);
      expect(items.map(() => heap.pop())).toEqual(sorted(items));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('an indexed heap stays in order while items come, go and change rank, and lists them without a change', () => {
  const action = fc.tuple(fc.constantFrom('add', 'remove', 'update', 'list'), fc.nat(), fc.nat(20));
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const heap = new IndexedHeap<Item>(isBefore, { get: (item) => item.at, set: (item, at) => void (item.at = at) });
      const items: Item[] = [];
      for (const [what, which, rank] of actions) {
        const item = items[which % Math.max(1, items.length)];
        if (what === 'add' || item === undefined) {
          const added = { rank, id: which, at: -1 };
          items.push(added);
          heap.add(added);
        } else if (what === 'remove') {
          items.splice(items.indexOf(item), 1);
          heap.remove(item);
          expect(item.at).toBe(-1);
        } else if (what === 'update') {
          item.rank = rank;
          heap.update(item);
        } else {
          expect([...heap.ordered()].map(({ rank: r, id }) => [r, id])).toEqual(
            sorted(items).map(({ rank: r, id }) => [r, id]),
          );
        }
        expect(heap.first?.rank).toBe(sorted(items)[0]?.rank);
        expect(new Set(items.map(({ at }) => at)).size).toBe(items.length);
      }
    }),
  );
});

test('the first few of many are found with few comparisons', () => {
  let comparisons = 0;
  const heap = new IndexedHeap<Item>((a, b) => (comparisons++, isBefore(a, b)), {
    get: (item) => item.at,
    set: (item, at) => void (item.at = at),
  });
  for (let id = 0; id < 100_000; id++) heap.add({ rank: (id * 7919) % 100_003, id, at: -1 });
  comparisons = 0;
  const ranks: number[] = [];
  for (const { rank } of heap.ordered()) if (ranks.push(rank) === 100) break;
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  expect(comparisons).toBeLessThan(2_500);
});
