import { expect, test } from 'vitest';
import { RARE_PATHS } from './histories.ts';
import { pathsMissedOver } from './historyProperty.ts';

test('of three nodes no honest one loses, the one that forwards included, and everything resolves', () => {
  expect(pathsMissedOver(3, 'closing', 500, [...RARE_PATHS.closing, ...RARE_PATHS.forwarding])).toEqual([]);
});
