import { expect, test } from 'vitest';
import { RARE_PATHS } from './histories.ts';
import { pathsMissedOver } from './historyProperty.ts';

test('of two nodes no honest one loses, the cheated get all, and everything resolves', () => {
  expect(pathsMissedOver(2, 'closing', 250, RARE_PATHS.closing)).toEqual([]);
});
