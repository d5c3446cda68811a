import { expect, test } from 'vitest';
import { RARE_PATHS } from './histories.ts';
import { pathsMissedOver } from './historyProperty.ts';

test('three nodes agree again after whatever was lost or forgotten, and every payment ends', () => {
  expect(pathsMissedOver(3, 'talk', 1500, RARE_PATHS.talk)).toEqual([]);
});
