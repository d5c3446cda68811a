/** What `leyden validate` prints, and what it refuses. */
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { registerValidateCommand } from '../../src/cli/validateCommand.ts';
import { formatResults } from '../../src/cli/validateTables.ts';
import type { CheckResult } from '../../src/experiment/validate/check.ts';

const result = (change: Partial<CheckResult>): CheckResult => ({
  experiment: 'V5',
  name: 'share',
  unit: 'blocks',
  expected: 0.5,
  floor: 0,
  sizes: [1000, 4000],
  estimates: [
    { value: 0.52, standardError: 0.01 },
    { value: 0.4995, standardError: 0.005 },
  ],
  verdict: 'holds',
  ...change,
});

describe('the table', () => {
  test('has a line for each size, the error in standard errors, and counts what misses', () => {
    expect(formatResults([], [result({}), result({ name: 'other', verdict: 'misses' })]).split('\n')).toEqual([
      '    figure             n  measured  expected  standard error   off by  verdict',
      'V5  share   1,000 blocks    0.5200    0.5000         0.01000  +2.0 se',
      '            4,000 blocks    0.4995    0.5000        0.005000  −0.1 se  holds',
      'V5  other   1,000 blocks    0.5200    0.5000         0.01000  +2.0 se',
      '            4,000 blocks    0.4995    0.5000        0.005000  −0.1 se  misses',
      '',
      '1 of 2 miss',
    ]);
  });

  test('has a third line where a figure was measured again, and says which theory is a bound', () => {
    const last = { value: 0.501, standardError: 0.0025 };
    const { estimates } = result({});
    const again = result({ isBound: true, sizes: [1000, 4000, 16_000], estimates: [...estimates, last] });
    expect(formatResults([], [again]).split('\n').slice(1, 4)).toEqual([
      'V5  share    1,000 blocks    0.5200  ≤ 0.5000         0.01000  +2.0 se',
      '             4,000 blocks    0.4995  ≤ 0.5000        0.005000  −0.1 se',
      '            16,000 blocks    0.5010  ≤ 0.5000        0.002500  +0.4 se  holds',
    ]);
  });

  test('says what a floor is for', () => {
    const text = formatResults([], [result({ floor: 2e-7, because: 'the attacker gives up' })]);
    expect(text).toContain('floor of 2.0e-7: the attacker gives up: share');
    expect(text).toContain('all 1 hold');
  });
});

test('a suite that does not exist is the user’s mistake', async () => {
  const program = new Command('leyden');
  registerValidateCommand(program);
  await expect(program.parseAsync(['node', 'leyden', 'validate', 'moon'])).rejects.toThrow(UserError);
});

test('what has no chance in it is printed once', () => {
  const estimate = { value: 724, standardError: 0 };
  const change: Partial<CheckResult> = { name: 'weight', unit: '', isExact: true, sizes: [1, 1], expected: 724 };
  const rows = formatResults([], [result({ ...change, estimates: [estimate, estimate] })]).split('\n');
  expect(rows[1]).toMatch(/^V5 +weight +1 +724\.0 +724\.0 +- +- +holds$/);
  expect(rows[2]).toBe('');
});
