import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { simulate } from '../../src/host/simulate.ts';
import type { Manifest } from '../../src/io/manifest.ts';
import { duckdb } from '../io/duckdb.ts';

const SCENARIO = `
name: results
seed: 3
topology: { generate: mainnet-like, nodes: 60 }
traffic: { payments: 400, rate: 20 }
results: { tables: [payments, transactions, blocks] }
closures: [{ channel: '#1', at: 5, kind: unilateral }]
`;

const folder = mkdtempSync(join(tmpdir(), 'leyden-results-'));
afterAll(() => rmSync(folder, { recursive: true }));

const place = (name: string): string => join(folder, name);
function scenario(name: string, text: string): string {
  writeFileSync(place(name), text);
  return place(name);
}
const json = <T>(file: string): T => JSON.parse(readFileSync(place(file), 'utf8')) as T;
const files = (directory: string): string[] => readdirSync(place(directory)).toSorted();

describe('the results of a run', () => {
  beforeAll(async () => {
    await simulate(scenario('s.yaml', SCENARIO), { out: place('parquet') });
    await simulate(scenario('csv.yaml', SCENARIO.replace('blocks] }', 'blocks], format: csv }')), {
      out: place('csv'),
    });
  });

  test('are the tables asked for, a summary, a manifest and the scenario, and nothing beside', () => {
    const others = ['manifest.json', 'scenario.yaml', 'summary.json'];
    expect(files('parquet')).toEqual(
      [...others, 'blocks.parquet', 'payments.parquet', 'transactions.parquet'].toSorted(),
    );
    expect(files('csv')).toEqual([...others, 'blocks.csv', 'payments.csv', 'transactions.csv'].toSorted());
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test.each(['parquet', 'csv'])('as %s: DuckDB’s sums are the summary’s', async (format) => {
    const table = (name: string): string => `'${place(`${format}/${name}.${format}`)}'`;
    const { summary } = await simulate(place('s.yaml'));
    const [payments] = await duckdb(
      `select count(*) as sent, count(*) filter (succeeded) as succeeded, sum(attempts)::bigint as attempts,
       sum(amount_msat) filter (succeeded)::bigint as amount, sum(fee_msat)::bigint as fees,
       quantile_cont((ended_us - started_us) / 1e6, 0.9) filter (succeeded) as p90 from ${table('payments')}`,
    );
    expect(payments).toEqual({
      sent: BigInt(summary.payments.sent),
      succeeded: BigInt(summary.payments.succeeded),
      attempts: BigInt(summary.payments.attempts),
      amount: BigInt(summary.payments.amountMsat),
      fees: BigInt(summary.payments.feesMsat),
      p90: expect.closeTo(summary.payments.latencySeconds?.p90 ?? NaN, 9),
    });
    const byKind = await duckdb(
      `select kind, count(*) as count, sum(weight)::bigint as weight, sum(fee_sat)::bigint as fees
       from ${table('transactions')} where kind <> 'coinbase' group by kind`,
    );
    const expected = Object.entries(summary.chain.byKind).map(([kind, { count, weight, feesSat }]) => [
      kind,
      { kind, count: BigInt(count), weight: BigInt(weight), fees: BigInt(feesSat) },
    ]);
    expect(Object.fromEntries(byKind.map((row) => [row['kind'], row]))).toEqual(Object.fromEntries(expected));
    const [blocks] = await duckdb(`select max(height) as tip, sum(fees_sat)::bigint as fees from ${table('blocks')}`);
    expect(Number(blocks?.['tip'])).toBe(summary.chain.blocks);
    expect(blocks?.['fees']).toBe(BigInt(summary.chain.feesSat));
  });

  test('HTLCs: each payment’s path is there, and what forwarding nodes kept is the fees', async () => {
    const text = SCENARIO.replace('[payments, transactions, blocks]', '[payments, htlcs]').replace(
      'unilateral',
      'mutual',
    );
    const { summary } = await simulate(scenario('h.yaml', text), { out: place('htlcs') });
    const [payments, htlcs] = ['payments', 'htlcs'].map((name) => `'${place(`htlcs/${name}.parquet`)}'`);
    const paths = await duckdb(
      `select p.id, p.hops, count(*) as htlcs, p.fee_msat as fee,
       max(h.amount_msat) - min(h.amount_msat) as kept, bool_and(h.ended_us > h.offered_us) as forward
       from ${payments} p join ${htlcs} h on h.payment = p.id and h.outcome = 'fulfilled' group by all`,
    );
    expect(paths).toHaveLength(summary.payments.succeeded);
    for (const { hops, htlcs: count, fee, kept, forward } of paths) {
      expect([count, kept, forward]).toEqual([BigInt(Number(hops)), fee, true]);
    }
    const [others] = await duckdb(
      `select count(*) filter (outcome = 'pending') as pending, count(*) filter (payment is null) as unknown,
       count(*) filter (outcome = 'failed') as failed from ${htlcs}`,
    );
    expect(others).toEqual({ pending: 0n, unknown: 0n, failed: expect.any(BigInt) });
    expect(Number(others?.['failed'])).toBeGreaterThan(0);
  });

  test('attempts: each payment has as many as it says, and what went through adds up to what was paid', async () => {
    const text =
      `${SCENARIO.replace('[payments, transactions, blocks]', '[payments, attempts]')}routing: { strategy: pickhardt }
`.replace('rate: 20', 'rate: 20, maxParts: 4, amount: { medianSat: 400000 }');
    const { summary } = await simulate(scenario('a.yaml', text), { out: place('attempts') });
    const [payments, attempts] = ['payments', 'attempts'].map((name) => `'${place(`attempts/${name}.parquet`)}'`);
    const [sums] = await duckdb(
      `with a as (select payment, count(*) as n, max(attempt) as last, count(*) filter (succeeded) as parts,
         sum(amount_msat) filter (succeeded)::bigint as amount, coalesce(sum(fee_msat) filter (succeeded), 0)::bigint as fee,
         bool_and(len(string_split(route, ' ')) = hops and ended_us >= started_us) as whole from ${attempts} group by payment)
       select count(*) as payments, bool_and(a.n = p.attempts and a.last = a.n and a.parts = p.parts and a.fee = p.fee_msat
         and a.whole and (not p.succeeded or a.amount = p.amount_msat)) as fits, max(a.parts) as most
       from ${payments} p left join a on a.payment = p.id where p.attempts > 0`,
    );
    expect(sums).toMatchObject({ fits: true });
    expect(Number(sums?.['most'])).toBeGreaterThan(1);
    const [all] = await duckdb(
      `select count(*) as n, count(*) filter (failure is not null) as failed from ${attempts}`,
    );
    expect(all?.['n']).toBe(BigInt(summary.payments.attempts));
    expect(Number(all?.['failed'])).toBeGreaterThan(0);
  });

  test('replicas: a row a copy, the same bytes for the same seed, and DuckDB’s means are the summary’s', async () => {
    const text = `
seed: 3
topology: { generate: ring, nodes: 5 }
traffic: { payments: 30, rate: 20, amount: { medianSat: 500000, sigma: 1 } }
replicas: { count: 5, at: [10, 30] }
results: { tables: [] }
settle: none`;
    const file = scenario('replicas.yaml', text);
    const { summary } = await simulate(file, { out: place('replicas') });
    await simulate(file, { out: place('replicas-again') });
    expect(files('replicas')).toEqual(['manifest.json', 'replicas.parquet', 'scenario.yaml', 'summary.json']);
    const bytes = (out: string): Buffer => readFileSync(place(`${out}/replicas.parquet`));
    expect(bytes('replicas-again').equals(bytes('replicas'))).toBe(true);
    const rows = await duckdb(
      `select payments, count(distinct seed)::int as n, avg(failed) as failed, stddev_samp(failed) / sqrt(count(*)) as error
       from '${place('replicas/replicas.parquet')}' group by payments order by payments`,
    );
    const expected = summary.replicas?.map(({ payments, statistics }) => ({
      payments,
      n: 5,
      failed: expect.closeTo(statistics?.failed.mean ?? NaN, 9) as number,
      error: expect.closeTo(statistics?.failed.standardError ?? NaN, 9) as number,
    }));
    expect(rows).toEqual(expected);
  });

  test('samples: at even times or every k payments, each channel’s money adds up to its capacity, and the run is the same', async () => {
    const digests: string[] = [];
    const sampled = async (out: string, samples: string): Promise<object[]> => {
      const text = SCENARIO.replace('[payments, transactions, blocks]', `[], samples: ${samples}`).replace(
        'unilateral',
        'mutual',
      );
      const { summary } = await simulate(scenario(`${out}.yaml`, text), { out: place(out) });
      digests.push(summary.digest);
      expect(files(out)).toEqual(['channel_samples.parquet', 'manifest.json', 'scenario.yaml', 'summary.json']);
      return duckdb(
        `select channel, count(*)::int as n, count(distinct at_us)::int as times, count(distinct to_node1_msat) > 1 as moves,
           count(distinct to_node1_msat + to_node2_msat + htlcs_msat)::int as totals, max(htlcs) > 0 as busy,
           (max(at_us) - min(at_us))::double / 1e6 as span
         from '${place(`${out}/channel_samples.parquet`)}' group by channel order by channel`,
      );
    };
    const byTime = await sampled('times', "{ channels: ['#0', '#3'], every: 100ms }");
    expect(byTime).toHaveLength(2);
    for (const row of byTime) expect(row).toMatchObject({ totals: 1, moves: true, busy: true });
    const byPayments = await sampled('counts', '{ everyPayments: 50 }');
    expect(byPayments.length).toBeGreaterThan(50);
    // the beginning, and 400 / 50
    expect(byPayments.filter((row) => 'n' in row && row.n === 9).length).toBeGreaterThan(50);
    expect((byPayments as { totals: number }[]).every(({ totals }) => totals === 1)).toBe(true);
    expect(new Set(digests).size).toBe(1);
    const wrong = scenario(
      'w.yaml',
      SCENARIO.replace('blocks] }', "blocks], samples: { channels: ['#9999'], every: 1s } }"),
    );
    await expect(simulate(wrong, { out: place('wrong') })).rejects.toThrow(
      /results\.samples\.channels\[0\] \(line 6, column \d+\): found "#9999"/,
    );
  });

  test('samples of blocking: by hop and by channel the same HTLCs, in the end the summary’s', async () => {
    const text = SCENARIO.replace(
      '[payments, transactions, blocks]',
      '[], samples: { everyPayments: 50, blocking: true }',
    );
    const { summary } = await simulate(scenario('b.yaml', text), { out: place('blocking') });
    expect(files('blocking').filter((name) => name.startsWith('blocking'))).toEqual([
      'blocking_by_channel.parquet',
      'blocking_by_hop.parquet',
    ]);
    const sums = (table: string): Promise<object[]> =>
      duckdb(
        `select payments, sum(asked)::int as asked, sum(refused)::int as refused,
           sum(insufficient_balance)::int as balance, sum(fee_insufficient)::int as fee
         from '${place(`blocking/${table}.parquet`)}' group by payments order by payments`,
      );
    const byHop = await sums('blocking_by_hop');
    expect(byHop).toHaveLength(8);
    expect((await sums('blocking_by_channel')).slice(1)).toEqual(byHop);
    const last = await duckdb(
      `select hop, asked, refused from '${place('blocking/blocking_by_hop.parquet')}' where payments = 400 order by hop`,
    );
    expect(last).toEqual(summary.blocking.map(({ hop, asked, refused }) => ({ hop, asked, refused })));
    expect(summary.blocking.some(({ refused }) => refused > 0)).toBe(true);
  });

  test('HTLCs that the chain decides, and those that the run leaves behind, are told as such', async () => {
    const text = `
topology: { generate: ring, nodes: 4 }
channels: { liquidity: balanced }
traffic: { payments: 3 }
results: { tables: [htlcs], format: csv }
closures:
  - channel: '#0'
    at: 5
    kind: unilateral
    pending:
      - { from: peer, count: 2, amountSat: 20000, outcome: claim }
      - { from: closer, amountSat: 30000, outcome: timeout }
`;
    await simulate(scenario('c.yaml', text), { out: place('claims') });
    await simulate(
      scenario(
        'n.yaml',
        `${text}settle: none
`,
      ),
      { out: place('left') },
    );
    const counts = (out: string): Promise<object[]> =>
      duckdb(`select outcome, on_chain, count(*)::int as n, bool_and(ended_us is null) as never
              from '${place(`${out}/htlcs.csv`)}' where payment is null group by all order by outcome`);
    expect(await counts('claims')).toEqual([
      { outcome: 'failed', on_chain: true, n: 1, never: false },
      { outcome: 'fulfilled', on_chain: true, n: 2, never: false },
    ]);
    expect(await counts('left')).toEqual([{ outcome: 'pending', on_chain: false, n: 3, never: true }]);
  });

  test('are the same bytes for the same run, wherever they are', async () => {
    mkdirSync(place('else where'));
    writeFileSync(place('else where/t.yaml'), SCENARIO);
    await simulate(place('else where/t.yaml'), { out: place('else where/out') });
    for (const name of files('parquet').filter((file) => file !== 'summary.json')) {
      expect(readFileSync(place(`else where/out/${name}`)), name).toEqual(readFileSync(place(`parquet/${name}`)));
    }
    const { performance: _, ...first } = json<Record<string, unknown>>('parquet/summary.json');
    const { performance: __, ...again } = json<Record<string, unknown>>('else where/out/summary.json');
    expect(again).toEqual(first);
  });

  test('say what they are the results of, and neither when nor where they were made', async () => {
    const { summary } = await simulate(place('s.yaml'));
    const manifest = json<Manifest>('parquet/manifest.json');
    expect(manifest).toMatchObject({ leyden: expect.stringMatching(/^\d+\.\d+\.\d+/), formatVersion: 2, seed: 3 });
    expect(manifest.digest).toBe(summary.digest);
    expect(manifest.scenarioSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(manifest.tables['payments']).toEqual({ file: 'payments.parquet', rows: 400 });
    expect(JSON.stringify(manifest)).not.toContain(folder);
    expect(json<Manifest>('csv/manifest.json').scenarioSha256).not.toBe(manifest.scenarioSha256);
  });

  test('hash the files that went into the run, and lead back to them', async () => {
    const line = `{"nodes":[{"pub_key":"a"},{"pub_key":"b"}],"edges":[{"channel_id":"1","chan_point":"${'0'.repeat(64)}:0",
      "node1_pub":"a","node2_pub":"b","capacity":"5000000","node1_policy":{"time_lock_delta":40,"min_htlc":"1",
      "fee_base_msat":"1000","fee_rate_milli_msat":"1","disabled":false,"max_htlc_msat":"5000000000"},"node2_policy":null}]}`;
    writeFileSync(place('line.json.gz'), gzipSync(line));
    const text = 'topology: { file: line.json.gz }\ntraffic: { payments: 5 }\n';
    await simulate(scenario('file.yaml', text), { out: place('deep/er/out') });
    const { inputs, digest, scenario: kept } = json<Manifest>('deep/er/out/manifest.json');
    expect(inputs).toEqual([{ path: 'topology.file', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(kept.topology).toEqual({ file: 'line.json.gz' });
    expect((await simulate(place('deep/er/out/scenario.yaml'))).summary.digest).toBe(digest);
    writeFileSync(place('line.json.gz'), gzipSync(`${line} `));
    await simulate(place('file.yaml'), { out: place('changed') });
    expect(json<Manifest>('changed/manifest.json').inputs).not.toEqual(inputs);
  });

  test('are not there at all if the run stops', async () => {
    const drill = `${SCENARIO}faults: [{ kind: corrupt-balance, channel: '#3', at: 2, msat: -1 }]\n`;
    await expect(simulate(scenario('drill.yaml', drill), { out: place('drill') })).rejects.toThrow('not conserved');
    expect(readdirSync(folder).filter((name) => name.includes('drill'))).toEqual(['drill.yaml']);
  });

  test('clear away what a killed run left of them, and nothing that may be something else', async () => {
    // no process has a number so large
    const lost = (name: string, file: string): void => {
      mkdirSync(place(`${name}-999999999`));
      writeFileSync(place(`${name}-999999999/${file}`), '');
    };
    lost('.again', 'payments.parquet');
    lost('.again-b', 'payments.parquet');
    mkdirSync(place(`.again-${process.ppid}`));
    await simulate(place('s.yaml'), { out: place('again') });
    const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith('.again'));
    expect(left().toSorted()).toEqual(['.again-b-999999999', `.again-${process.ppid}`].toSorted());
    lost('.other', 'thesis.tex');
    await simulate(place('s.yaml'), { out: place('other') });
    expect(files('.other-999999999')).toEqual(['thesis.tex']);
    for (const name of [...left(), '.other-999999999']) rmSync(place(name), { recursive: true });
  });

  test('never replace what is there', async () => {
    await expect(simulate(place('s.yaml'), { out: place('csv') })).rejects.toThrow(UserError);
    await expect(simulate(place('s.yaml'), { out: place('s.yaml/x') })).rejects.toThrow(UserError);
  });
});
