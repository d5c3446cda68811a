import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulate } from '../../src/host/simulate.ts';
import { sweep, type SweepProgress, type SweepReport } from '../../src/host/sweep.ts';
import { mergeSweeps } from '../../src/host/sweepResults.ts';
import type { SweepManifest } from '../../src/io/sweepFiles.ts';
import { duckdb } from '../io/duckdb.ts';

const SCENARIO = `
name: swept
seed: 4
topology: { generate: ring, nodes: 6 }
traffic: { payments: 40 }
settle: none
`;
const GRID = ['traffic.rate=1,10', 'routing.strategy=cheapest-fee,fewest-hops'];

const folder = mkdtempSync(join(tmpdir(), 'leyden-sweep-'));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (name: string): string => join(folder, name);

/** Every file of a directory with what it holds. */
function bytesOf(directory: string): Record<string, string> {
  const names = readdirSync(place(directory), { recursive: true, encoding: 'utf8' }).toSorted();
  const files = names.filter((name) => statSync(join(place(directory), name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(place(directory), name), 'base64')]));
}
const json = <T>(path: string): T => JSON.parse(readFileSync(place(path), 'utf8')) as T;

function run(out: string, options: Partial<Parameters<typeof sweep>[1]> = {}): Promise<SweepReport> {
  // a thread takes a second or two to start
  return sweep(place('s.yaml'), { grid: GRID, seeds: 3, out: place(out), workers: 1, ...options });
}

describe('a sweep', () => {
  const progress: SweepProgress[] = [];
  beforeAll(async () => {
    writeFileSync(place('s.yaml'), SCENARIO);
    const report = await run('one', { onProgress: (each) => progress.push(each) });
    expect(report).toMatchObject({ ran: 12, reused: 0, failed: [] });
  });

  test('gives the same bytes with two threads as with one', async () => {
    await run('two', { workers: 2 });
    expect(bytesOf('two')).toEqual(bytesOf('one'));
    expect(Object.keys(bytesOf('one'))).toHaveLength(12 + 6);
  });

  test('counts its runs while they go on', () => {
    expect(progress.map(({ done }) => done)).toEqual(Array.from({ length: 13 }, (_, index) => index));
    expect(progress[0]).toEqual({ done: 0, of: 12, ran: 0, toRun: 12 });
  });

  test('holds, for each run, what that run gives by itself', async () => {
    const { runs } = json<SweepManifest>('one/sweep.json');
    const { summary } = await simulate({
      name: 'swept',
      topology: { generate: 'ring', nodes: 6 },
      traffic: { payments: 40, rate: 10 },
      routing: { strategy: 'fewest-hops' },
      settle: 'none',
      seed: 5,
    });
    // the last cell, its second seed
    expect(json<{ digest: string }>(`one/runs/${runs[10]}.json`).digest).toBe(summary.digest);
  });

  test('in parts, merged in any order, is the same bytes as in one piece', async () => {
    for (const index of [1, 2]) {
      const report = await run(`part${index}`, { shard: { index, of: 2 } });
      expect(report).toMatchObject({ ran: 6, comparison: null });
    }
    expect(() => mergeSweeps([place('part2')], place('short'))).toThrow(
      'the parts: found 6 of 12 runs in none of them, expected all runs, also those of part 1/2',
    );
    mergeSweeps([place('part2'), place('part1')], place('merged'));
    expect(bytesOf('merged')).toEqual(bytesOf('one'));
    expect(() => mergeSweeps([place('part1')], place('merged'))).toThrow('which is there already');
    expect(readdirSync(folder).filter((name) => name.startsWith('.') || name === 'short')).toEqual([]);
  });

  test('goes on where it was: runs that are there are not made again, and the end is the same', async () => {
    cpSync(place('one'), place('cut'), { recursive: true });
    const runs = readdirSync(place('cut/runs')).toSorted();
    for (const name of runs.slice(0, 5)) rmSync(place(`cut/runs/${name}`));
    for (const name of ['comparison.json', 'sweep.svg', 'runs.parquet']) rmSync(place(`cut/${name}`));
    // what a machine that failed may leave of one
    writeFileSync(place(`cut/runs/${runs[6]}`), '');
    // no process has a number so large: a draft that a killed one left
    writeFileSync(place('cut/runs/.abc.json-999999999'), '{');
    const kept = statSync(place(`cut/runs/${runs[7]}`)).mtimeMs;
    const notes: string[] = [];
    expect(await run('cut', { onNote: (text) => notes.push(text) })).toMatchObject({ ran: 6, reused: 6 });
    expect(notes).toEqual([expect.stringMatching(new RegExp(`${runs[6]}: .*; it is run again$`))]);
    expect(bytesOf('cut')).toEqual(bytesOf('one'));
    expect(statSync(place(`cut/runs/${runs[7]}`)).mtimeMs).toBe(kept);
  });

  test('may grow: more seeds and values keep what was run', async () => {
    const grown = await run('cut', { seeds: 4, grid: ['traffic.rate=1,10,20', GRID[1]!] });
    expect(grown).toMatchObject({ ran: 12, reused: 12 });
  });

  test('that grows never stands beside the comparison of what it was', async () => {
    cpSync(place('one'), place('growing'), { recursive: true });
    const results = (): string[] => readdirSync(place('growing')).toSorted();
    expect(results()).toHaveLength(2 + 5);
    const seen: string[][] = [];
    const onProgress = ({ ran }: SweepProgress): void => {
      if (ran === 0) seen.push(results());
    };
    await run('growing', { seeds: 4, onProgress });
    expect(seen).toEqual([['runs', 'sweep.json']]);
    expect(results()).toHaveLength(2 + 5);
  });

  test('never mixes with another one, or with what else is in a directory', async () => {
    await expect(run('one', { seeds: 2 })).rejects.toThrow('which holds another sweep');
    writeFileSync(place('s2.yaml'), SCENARIO.replace('nodes: 6', 'nodes: 7'));
    const other = sweep(place('s2.yaml'), { grid: GRID, seeds: 3, out: place('one') });
    await expect(other).rejects.toThrow('which holds another sweep');
    await expect(run('.')).rejects.toThrow('which holds something else');
    await expect(sweep(place('s.yaml'), { grid: GRID, seeds: 3, out: '' })).rejects.toThrow(
      '--out: found , an empty name',
    );
    await expect(run('s.yaml/within')).rejects.toThrow(
      /^--out: found .*s\.yaml\/within.*expected a directory that can be written$/,
    );
    expect(() => mergeSweeps([place('part1'), place('cut')], place('mixed'))).toThrow('found another sweep');
  });

  test('as tables: DuckDB’s means are the comparison’s, and differences are paired by seed', async () => {
    const means = await duckdb(
      `select r."traffic.rate" as rate, avg(r.fee_ppm) as mean, any_value(c.mean) as told, any_value(c.count) as n
       from '${place('one/runs.parquet')}' r join '${place('one/cells.parquet')}' c
       on c.metric = 'fee_ppm' and c."traffic.rate" = r."traffic.rate" and c."routing.strategy" = r."routing.strategy"
       group by r."traffic.rate", r."routing.strategy"`,
    );
    expect(means).toHaveLength(4);
    for (const { mean, told, n } of means) {
      expect(told).toBeCloseTo(Number(mean), 9);
      expect(n).toBe(3);
    }
    const [difference] = await duckdb(
      `with r as (from '${place('one/runs.parquet')}' where "traffic.rate" = 10)
       select avg(a.hops_mean - b.hops_mean) as mean,
         (select mean from '${place('one/differences.parquet')}' where metric = 'hops_mean' and "traffic.rate" = 10) as told
       from r a join r b using (seed) where a."routing.strategy" = 'fewest-hops' and b."routing.strategy" = 'cheapest-fee'`,
    );
    expect(difference?.['told']).toBeCloseTo(Number(difference?.['mean']), 12);
    expect(readFileSync(place('one/sweep.svg'), 'utf8')).toMatch(
      /^<svg [^]*routing\.strategy fewest-hops[^]*<\/svg>\n$/,
    );
  });

  test('makes the longest runs first, so that no thread is left alone with one at the end', async () => {
    await run('order', { grid: ['traffic.payments=5,400'], seeds: 1 });
    const { runs } = json<SweepManifest>('order/sweep.json');
    const [short = NaN, long = NaN] = runs.map((id) => statSync(place(`order/runs/${id}.json`)).mtimeMs);
    expect(long).toBeLessThan(short);
  });

  test('reports each run that fails, goes on with the others, and tries those again the next time', async () => {
    writeFileSync(
      place('drill.yaml'),
      `${SCENARIO}faults: [{ kind: corrupt-balance, channel: '#0', at: 1, msat: 0 }]\n`,
    );
    const options = { grid: ['faults[0].msat=0,-1'], seeds: 1, out: place('drill'), workers: 1 };
    const { failed, comparison } = await sweep(place('drill.yaml'), options);
    expect(failed).toEqual([
      {
        run: 'faults[0].msat=-1 seed=4',
        error: expect.stringMatching(/^money is not conserved: .*\(seed 4, event \d+\)$/),
      },
    ]);
    const rates = comparison?.cells.filter(({ metric }) => metric === 'success_rate');
    expect(rates?.map(({ values, failed: lost, count }) => [values[0], lost, count])).toEqual([
      [0, 0, 1],
      [-1, 1, 0],
    ]);
    expect(comparison?.warnings[0]).toBe('faults[0].msat=-1: its run failed: no values');
    expect(await sweep(place('drill.yaml'), options)).toMatchObject({ ran: 1, reused: 1 });
  });

  test.each([
    [
      ['routing.strategy=lnd,dowsing'],
      /^--grid routing\.strategy=lnd,dowsing: routing\.strategy: found "dowsing", expected one of/,
    ],
    [['topology.file=none.json', 'topology.generate=ring'], /^--grid/],
    [
      ['traffic.rate=1,2', 'topology.nodes=6,1'],
      /^--grid topology\.nodes=1: topology\.nodes: found 1, expected an integer from 3/,
    ],
  ])('%j is a mistake before anything runs', async (grid, message) => {
    await expect(run('never', { grid })).rejects.toThrow(message);
    expect(readdirSync(folder)).not.toContain('never');
  });
});
