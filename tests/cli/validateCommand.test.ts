/** `leyden validate` and `leyden schema validation` as they are typed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const LEYDEN = fileURLToPath(new URL('../../src/cli/leyden.js', import.meta.url));

function leyden(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LEYDEN, ...args], {
    cwd: tmpdir(),
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

test('one validation is run by its id from any directory, and is the same as JSON', { timeout: 60_000 }, () => {
  const { code, out } = leyden('validate', 'BOLT-7', '--workers', '1', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    allHold: true,
    checks: [10_199, 5_010_198, 80, 5_020_398, 100].map((expected) => ({ expected, verdict: 'holds' })),
  });
});

test('what is no validation, no number and no schema is refused in one line', { timeout: 60_000 }, () => {
  const refused = [
    ['validate', 'V8'],
    ['validate', '--workers', '0'],
    ['schema', 'moon'],
  ].map((args) => leyden(...args));
  expect(refused.map(({ code, out }) => [code, out])).toEqual(refused.map(() => [2, '']));
  expect(refused.map(({ err }) => err.replace(/, expected .*/s, ''))).toEqual([
    'leyden: leyden validate: found "V8"',
    'leyden: --workers: found "0"',
    'leyden: leyden schema: found "moon"',
  ]);
});

test('the schema of validations is the one that is shipped', { timeout: 60_000 }, () => {
  const shipped = readFileSync(new URL('../../fixtures/validation.schema.json', import.meta.url), 'utf8');
  expect(leyden('schema', 'validation').out).toBe(shipped);
});
