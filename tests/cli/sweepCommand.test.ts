import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/experiment/comparison.ts';

const LEYDEN = fileURLToPath(new URL('../../src/cli/leyden.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'leyden-sweep-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function leyden(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LEYDEN, ...args], { cwd: folder, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

writeFileSync(
  join(folder, 's.yaml'),
  'topology: { generate: ring, nodes: 6 }\ntraffic: { payments: 40 }\nsettle: none\n' +
    "faults: [{ kind: corrupt-balance, channel: '#0', at: 1, msat: 0 }]\n",
);

describe('leyden sweep', () => {
  test('killed in the middle loses no finished run, and goes on where it was', async () => {
    const args = [
      'sweep',
      's.yaml',
      '--grid',
      'traffic.rate=1,2,3',
      '--seeds',
      '8',
      '--workers',
      '1',
      '--out',
      'killed',
    ];
    const child = spawn(process.execPath, [LEYDEN, ...args], { cwd: folder, stdio: 'ignore' });
    const runs = join(folder, 'killed/runs');
    const finished = (): string[] =>
      existsSync(runs) ? readdirSync(runs).filter((name) => !name.startsWith('.')) : [];
    while (finished().length < 3) await wait(10);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const kept = new Map(finished().map((name) => [name, readFileSync(join(runs, name), 'utf8')]));
    expect(kept.size).toBeLessThan(24);
    for (const text of kept.values()) expect(JSON.parse(text)).toHaveProperty('digest');

    const { code, out, err } = leyden(...args, '--json');
    expect([code, err]).toEqual([0, '']);
    const { cells, differences, seeds, along } = JSON.parse(out) as Comparison;
    expect([seeds.length, along]).toEqual([8, 'traffic.rate']);
    expect(cells.every(({ count }) => count === 8)).toBe(true);
    expect(new Set(differences.map(({ values }) => values[0]))).toEqual(new Set([2, 3]));
    expect(finished()).toHaveLength(24);
    for (const [name, text] of kept) expect(readFileSync(join(runs, name), 'utf8')).toBe(text);
    expect(JSON.parse(readFileSync(join(folder, 'killed/comparison.json'), 'utf8'))).toMatchObject({ seeds, along });
  });

  test('prints tables, a line for each run that failed, and exits with 1', () => {
    const args = ['--grid', 'faults[0].msat=0,-1', '--seeds', '2', '--workers', '1', '--out', 'failed'];
    const { code, out, err } = leyden('sweep', 's.yaml', ...args);
    expect(code).toBe(1);
    expect(err.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^leyden: faults\[0\]\.msat=-1 seed=1: money is not conserved: /),
      expect.stringMatching(/^leyden: faults\[0\]\.msat=-1 seed=2: money is not conserved: /),
    ]);
    expect(out).toMatch(/means ± half their 95 % intervals\n +faults\[0\]\.msat +success_rate +fee_ppm/);
    expect(out).toMatch(/2 seeds are few/);
  });

  test('in parts says what to do next; leyden merge makes the whole', () => {
    const grid = ['--seeds', '2', '--workers', '1'];
    const first = leyden('sweep', 's.yaml', ...grid, '--shard', '1/2', '--out', 'parts/1');
    expect(first).toEqual({
      code: 0,
      err: '',
      out: '1 runs made, 0 there already; leyden merge makes one of all parts\n',
    });
    leyden('sweep', 's.yaml', ...grid, '--shard', '2/2', '--out', 'parts/2');
    const { code, out } = leyden('merge', 'parts/1', 'parts/2', '--out', 'whole', '--json');
    expect(code).toBe(0);
    expect((JSON.parse(out) as Comparison).seeds).toEqual([1, 2]);
    expect(existsSync(join(folder, 'whole/runs.parquet'))).toBe(true);
  });

  // prettier-ignore
  test.each([
    [['sweep', 's.yaml', '--grid', 'traffic.rte=1', '--out', 'x'], /^leyden: --grid traffic\.rte=1: traffic\.rte: found an unknown key/],
    [['sweep', 's.yaml', '--grid', 'traffic.rate=1'],              /required option '--out <directory>' not specified/],
    [['sweep', 's.yaml', '--seeds', '0', '--out', 'x'],            /^leyden: --seeds: found "0", expected an integer from 1/],
    [['sweep', 's.yaml', '--shard', '0/2', '--out', 'x'],          /^leyden: --shard: found "0\/2", expected .* counts from 0 add one/],
    [['sweep', 's.yaml', '--shard', '3/2', '--out', 'x'],          /^leyden: --shard: found "3\/2"/],
    [['merge', 'none', '--out', 'x'],                              /none\/sweep\.json: found no such file/],
  ])('%j: one line, exit code 2, nothing written', (args, message) => {
    const { code, out, err } = leyden(...args);
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect([code, out]).toEqual([2, '']);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });
});
