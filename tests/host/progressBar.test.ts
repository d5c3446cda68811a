import { expect, test } from 'vitest';
import { formatProgress, progressBar } from '../../src/host/progressBar.ts';
import { seconds } from '../../src/base/time.ts';

const PROGRESS = {
  channels: 50,
  ofChannels: 200,
  payments: 1234,
  ofPayments: 5000,
  now: seconds(7800),
  blocks: 231,
  events: 9,
  replica: 1,
  ofReplicas: 1,
};

test('progress is one line: the phase, how much of it is done, simulated time, blocks', () => {
  expect(formatProgress({ ...PROGRESS, phase: 'paying', ended: 'paying' })).toBe(
    'paying   [██████··················] 1,234 / 5,000 payments · 2h 10m simulated · 231 blocks',
  );
  expect(formatProgress({ ...PROGRESS, phase: 'opening', ended: 'opening' })).toBe(
    'opening  [██████··················] 50 / 200 channels · 2h 10m simulated · 231 blocks',
  );
  expect(formatProgress({ ...PROGRESS, ofPayments: 0, phase: 'settling', ended: 'paying' })).toContain(
    '[████████████████████████]',
  );
  expect(formatProgress({ ...PROGRESS, ofPayments: Infinity, phase: 'paying', ended: 'paying' })).toBe(
    'paying   [························] 1,234 payments · 2h 10m simulated · 231 blocks',
  );
});

test('copies of the world are counted', () => {
  expect(formatProgress({ ...PROGRESS, phase: 'paying', ended: 'paying', replica: 12, ofReplicas: 1000 })).toMatch(
    /^replica 12 \/ 1,000 {2}paying {3}\[/,
  );
});

test('nothing is drawn where standard error is no terminal', () => {
  expect(progressBar({ isTTY: false } as NodeJS.WriteStream)).toBeNull();
});

test('on a terminal the line is redrawn in place, no wider than the terminal, and cleared at the end', () => {
  const written: string[] = [];
  const stream = { isTTY: true, columns: 30, write: (text: string) => written.push(text) > 0 };
  const bar = progressBar(stream as NodeJS.WriteStream);
  bar?.show({ ...PROGRESS, phase: 'paying', ended: 'paying' });
  bar?.clear();
  expect(written[0]?.startsWith('\r\u001b[2Kpaying   [██████')).toBe(true);
  expect(written[0]?.length).toBe('\r\u001b[2K'.length + 29);
  expect(written.at(-1)).toBe('\r\u001b[2K');
});
