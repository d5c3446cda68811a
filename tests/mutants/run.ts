/**
 * `npm run mutants [parts of names]`: breaks a copy of the code in each of the ways of `mutants.ts`, runs the property that
 * has to notice, and prints a row of the table in `tests/mutants/README.md` for each. Exit code 1 if one goes unnoticed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '../../src/base/assert.ts';
import { MUTANTS, type Mutant } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['src', 'tests', 'bench', 'fixtures', 'package.json', 'tsconfig.json'];
/** Characters of what a red property prints that the table shows. */
const SHOWN = 110;

/** What the property prints of what it found; null if it stays green. */
function verdict(copy: string, { file, find, replace, property }: Mutant): string | null {
  const path = join(copy, file);
  const whole = readFileSync(path, 'utf8');
  assert(whole.split(find).length === 2, `${file} holds ${JSON.stringify(find)} once`);
  writeFileSync(
    path,
    whole.replace(find, () => replace),
  );
  const vitest = ['vitest', 'run', '--config', 'tests/vitest.config.ts', '--bail', '1', `tests/${property}`];
  const run = spawnSync('npx', vitest, { cwd: copy, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  writeFileSync(path, whole);
  if (run.status === 0) return null;
  const printed = `${run.stdout}\n${run.stderr}`.split('\n').map((line) => line.trim());
  const causes = printed.filter((line) => /^(Caused by: )?\w*Error: /.test(line) && !line.includes('Property failed'));
  return (causes.at(-1) ?? 'an error').replace(/^Caused by: /, '').slice(0, SHOWN);
}

const wanted = process.argv.slice(2);
const isWanted = ({ name }: Mutant): boolean => wanted.length === 0 || wanted.some((part) => name.includes(part));
const copy = mkdtempSync(join(tmpdir(), 'leyden-mutants-'));
let survivors = 0;
try {
  for (const each of COPIED) cpSync(join(ROOT, each), join(copy, each), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  console.log('| broken | in | property | what it prints |\n| --- | --- | --- | --- |');
  for (const mutant of MUTANTS.filter(isWanted)) {
    const printed = verdict(copy, mutant);
    if (printed === null) survivors++;
    const shown = printed === null ? '**nothing: it survives**' : `\`${printed.replaceAll('|', '\\|')}\``;
    console.log(`| ${mutant.name} | \`${mutant.file}\` | \`tests/${mutant.property}\` | ${shown} |`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
process.exitCode = survivors > 0 ? 1 : 0;
