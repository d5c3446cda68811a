import { expect, test } from 'vitest';
import { ChannelTable, type ChannelSlots } from '../../src/node/channelTable.ts';
import type { NodeChannel } from '../../src/node/nodeChannel.ts';

const held = (edge: number, owner: number): NodeChannel => ({ edge, owner }) as NodeChannel;

test('nodes that keep their channels in one array see their own alone, in the order in which these came', () => {
  const slots: ChannelSlots = [];
  const [one, other] = [new ChannelTable(1, slots), new ChannelTable(2, slots)];
  for (const edge of [6, 2, 4]) one.add(held(edge, 1));
  for (const edge of [7, 3]) other.add(held(edge, 2));
  expect([...one.values()].map(({ edge }) => edge)).toEqual([6, 2, 4]);
  expect([one.get(6)?.owner, one.get(7), one.get(8), one.has(2), one.has(3)]).toEqual([
    1,
    undefined,
    undefined,
    true,
    false,
  ]);
  expect(() => one.add(held(9, 2))).toThrow('a node adds its own channels');
  one.delete(7);
  expect(other.has(7)).toBe(true);
  one.delete(2);
  expect([one.has(2), [...one.values()].map(({ edge }) => edge)]).toEqual([false, [6, 4]]);
  expect([...other.values()].map(({ edge }) => edge)).toEqual([7, 3]);
});
