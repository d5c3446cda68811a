import { expect, test } from 'vitest';
import { RARE_PATHS } from './histories.ts';
import { pathsMissedOver } from './historyProperty.ts';

test('of two nodes no honest one loses, the cheated get all, and everything resolves', () => {
  expect(pathsMissedOver(2, 350, RARE_PATHS.ofTwo)).toEqual([]);
});
