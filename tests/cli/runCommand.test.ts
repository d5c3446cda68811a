import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulate, type TimedSummary } from '../../src/host/simulate.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LEYDEN = join(ROOT, 'src/cli/leyden.js');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leyden-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function leyden(...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LEYDEN, ...args], { cwd: folder, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const SMALL = `
name: small
seed: 5
topology: { generate: ring, nodes: 5 }
traffic: { payments: 30, rate: 1 }
closures:
  - { channel: '#1', at: 5, kind: unilateral }
`;

describe('leyden run', () => {
  test('gives the same digest in two processes and in this one, and another for another seed', async () => {
    const name = file('small.yaml', SMALL);
    const first = JSON.parse(leyden('run', name, '--json').out) as TimedSummary;
    const second = JSON.parse(leyden('run', name, '--json').out) as TimedSummary;
    const here = await simulate(join(folder, name), { crypto: 'noble' });
    const other = JSON.parse(leyden('run', name, '--json', '--seed', '6').out) as TimedSummary;
    expect(first.digest).toMatch(/^[0-9a-f]{64}$/);
    expect([second.digest, here.summary.digest]).toEqual([first.digest, first.digest]);
    expect(other.digest).not.toBe(first.digest);
    const { performance: _, ...rest } = first;
    const { performance: __, ...again } = here.summary;
    expect(again).toEqual(rest);
  });

  test('prints one JSON object with the promised keys, and nothing on standard error', () => {
    const { out, err, code } = leyden('run', file('small.yaml', SMALL), '--json');
    const summary = JSON.parse(out) as TimedSummary;
    expect([code, err]).toEqual([0, '']);
    expect(summary.conservation.ok).toBe(true);
    expect(summary.payments.sent).toBe(30);
    expect(summary.payments.succeeded + summary.payments.failed).toBe(30);
    expect(summary.channels.opened).toBe(5);
    expect(summary.channels.closed).toEqual({
      mutual: 4,
      unilateral: 1,
      'revoked-punished': 0,
      'revoked-unpunished': 0,
    });
    expect(summary.chain.blocks).toBeGreaterThan(100);
    expect(summary.chain.transactions).toBeGreaterThan(10);
    expect(summary.chain.feesSat).toBeGreaterThan(0);
    for (const key of ['seconds', 'events', 'eventsPerSecond', 'peakMemoryMb'] as const) {
      expect(summary.performance[key]).toBeGreaterThan(0);
    }
  });

  test('prints tables that say the same', () => {
    const name = file('small.yaml', SMALL);
    const { out, code } = leyden('run', name);
    const { digest } = JSON.parse(leyden('run', name, '--json').out) as TimedSummary;
    expect(code).toBe(0);
    expect(out).toContain(digest);
    expect(out).toContain('every msat accounted for');
    expect(out).toMatch(/closed, unilateral +1\n/);
  });

  test('writes the results, whole, and a scenario that gives the same run', () => {
    const { code, out } = leyden(
      'run',
      file('csv.yaml', `${SMALL}results: { format: csv }\n`),
      '--json',
      '--out',
      'results/one',
    );
    const { digest } = JSON.parse(out) as TimedSummary;
    const results = join(folder, 'results/one');
    expect(code).toBe(0);
    expect(readdirSync(results).toSorted()).toEqual([
      'blocks.csv',
      'manifest.json',
      'payments.csv',
      'scenario.yaml',
      'summary.json',
      'transactions.csv',
    ]);
    expect(readdirSync(join(folder, 'results'))).toEqual(['one']);
    expect((JSON.parse(readFileSync(join(results, 'summary.json'), 'utf8')) as TimedSummary).digest).toBe(digest);
    const payments = readFileSync(join(results, 'payments.csv'), 'utf8').trim().split('\n');
    expect(payments).toHaveLength(31);
    expect(new Set(payments.map((line) => line.split(',').length))).toEqual(new Set([12]));
    const again = JSON.parse(leyden('run', 'results/one/scenario.yaml', '--json').out) as TimedSummary;
    expect(again.digest).toBe(digest);
    const refused = leyden('run', 'small.yaml', '--out', 'results/one');
    expect(refused.code).toBe(2);
    expect(refused.err).toBe(
      'leyden: --out: found results/one, which is there already, expected a new or empty directory\n',
    );
  });

  test('stops with exit code 1, seed and event when the ledger is broken on purpose', () => {
    const drill = `${SMALL}faults: [{ kind: corrupt-balance, channel: '#3', at: 2, msat: -1 }]\n`;
    const { code, err, out } = leyden('run', file('drill.yaml', drill), '--out', 'drill');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^leyden: stopped: money is not conserved: channel #3.*\(seed 5, event \d+\)\n$/);
    expect(existsSync(join(folder, 'drill'))).toBe(false);
  });
});

describe('bad input', () => {
  const graph = '{"nodes":[{"pub_key":"a"},{"pub_key":"b"}],"edges":[]}';
  const zipped = gzipSync(Buffer.from(graph));
  const withGraph = (name: string): string => `topology: { file: ${name} }\n`;

  // prettier-ignore
  const cases: [what: string, scenario: () => string, message: RegExp][] = [
    ['a missing scenario',      () => 'absent.yaml', /^leyden: absent\.yaml: found no such file, expected a file\n$/],
    ['a missing graph',         () => file('a.yaml', withGraph('absent.json')), /absent\.json: found no such file/],
    ['a directory',             () => '.', /found a directory, expected a file/],
    ['a truncated gzip',        () => (file('cut.gz', zipped.subarray(0, 30)), file('b.yaml', withGraph('cut.gz'))), /cut\.gz: found gzip data that ends too early/],
    ['wrong JSON in a graph',   () => (file('bad.json', '{"nodes":[,}'), file('c.yaml', withGraph('bad.json'))), /bad\.json: line 1, column 11: found/],
    ['wrong YAML',              () => file('d.yaml', 'topology: [1, 2'), /d\.yaml: line \d+, column \d+: found no valid YAML/],
    ['an empty file',           () => file('e.yaml', ''), /e\.yaml: the scenario.*found null, expected a map of keys/],
    ['an unknown key',          () => file('f.yaml', `${SMALL}trafic: 1\n`), /f\.yaml: trafic.*found an unknown key, expected "traffic" perhaps, one of .*seed/],
    ['an unknown inner key',    () => file('g.yaml', 'topology: { generate: ring, nodes: 5 }\ntraffic:\n  paymets: 3\n'), /traffic\.paymets \(line 3, column \d+\): found an unknown key, expected "payments" perhaps, one of payments, rate/],
    ['a negative amount',       () => file('h.yaml', 'topology: { generate: ring, nodes: 5 }\ntraffic: { amount: { medianSat: -5 } }\n'), /traffic\.amount\.medianSat \(line 2, column \d+\): found -5, expected more than 0/],
    ['a negative count',        () => file('i.yaml', 'topology: { generate: ring, nodes: 5 }\ntraffic: { payments: -1 }\n'), /traffic\.payments \(line 2, column \d+\): found -1, expected at least 0/],
    ['text for a number',       () => file('j.yaml', 'topology: { generate: ring, nodes: 5 }\ntraffic: { payments: many }\n'), /traffic\.payments \(line 2, column \d+\): found "many", expected a number/],
    ['a wrong duration',        () => file('k.yaml', SMALL.replace('at: 5', 'at: soon')), /closures\[0\]\.at \(line \d, column \d+\): found "soon", expected a duration/],
    ['a wrong kind',            () => file('l.yaml', SMALL.replace('unilateral', 'sudden')), /closures\[0\]\.kind \(line \d, column \d+\): found "sudden", expected one of mutual, unilateral/],
    ['an unknown channel',      () => file('m.yaml', SMALL.replace('#1', '#99')), /closures\[0\]\.channel \(line 7, column \d+\): found "#99", expected the short channel id/],
    ['a channel closed twice',  () => file('n.yaml', `${SMALL}  - { channel: '#1', at: 9, kind: mutual }\n`), /closures\[1\]\.channel \(line 8, column \d+\): found the channel of closures\[0\] again/],
    ['an unknown generator',    () => file('o.yaml', 'topology: { generate: rings, nodes: 5 }'), /topology\.generate.*found "rings", expected "ring" perhaps, one of mainnet-like/],
    ['a generator out of range', () => file('p.yaml', 'topology: { generate: ring, nodes: 2 }'), /topology\.nodes.*found 2, expected an integer from 3/],
    ['an unknown option',       () => file('q.yaml', 'topology: { generate: ring, nodes: 5, size: 3 }'), /topology\.size.*found 3/],
    ['neither file nor generator', () => file('r.yaml', 'topology: {}'), /topology.*found an object, expected one of file/],
    ['an unknown strategy',     () => file('s.yaml', 'topology: { generate: ring, nodes: 5 }\nrouting: { strategy: dowsing }'), /routing\.strategy \(line 2, column \d+\): found "dowsing", expected one of cheapest-fee/],
    ['an unknown node in a fault', () => file('t.yaml', `${SMALL}faults: [{ kind: offline, node: bob, at: 1, for: 1 }]`), /faults\[0\]\.node \(line \d+, column \d+\): found "bob", expected the public key/],
    ['an unknown fault',        () => file('u.yaml', `${SMALL}faults: [{ kind: meteor }]`), /faults\[0\]\.kind.*found "meteor"/],
    ['10 MB of [ as scenario',  () => file('v.yaml', '['.repeat(10_000_000)), /v\.yaml: found 10000000 characters, expected a scenario of at most/],
    ['4 MB of [ as scenario',   () => file('w.yaml', '['.repeat(4_000_000)), /w\.yaml: line 1: found more than 100 brackets/],
    ['block lists without end', () => file('x.yaml', '- '.repeat(200_000)), /x\.yaml: .*found/],
    ['10 MB of [ as graph',     () => (file('deep.json', '['.repeat(10_000_000)), file('y.yaml', withGraph('deep.json'))), /deep\.json: line 1, column 101: found more than 100 lists/],
    ['a bomb of aliases',       () => file('z.yaml', `a: &a [x,x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`).join('\n')}\n`), /z\.yaml: found/],
    ['a prototype as key',      () => file('proto.yaml', `${SMALL}__proto__: { seed: 3 }\n`), /proto\.yaml: __proto__.*found an unknown key/],
    ['control characters',      () => file('ctl.yaml', `${SMALL}"\\u001b[31mred\\n": 1\n`), /ctl\.yaml: \\u\{1b\}\[31mred\\u\{a\}/],
    ['a graph without channels', () => (file('none.json', graph), file('aa.yaml', withGraph('none.json'))), /none\.json.*expected/],
    ['two miners of a name',    () => file('miners.yaml', `${SMALL}chain: { miners: [{ name: a }, { name: a }] }\n`), /chain\.miners\[1\]\.name \(line \d+, column \d+\): found "a" again, expected a name of its own/],
    ['a miner without a name',  () => file('nameless.yaml', `${SMALL}chain: { miners: [{ hashPower: 3 }] }\n`), /chain\.miners\[0\]\.name \(line \d+, column \d+\): found nothing/],
    ['hash power of nothing',   () => file('weak.yaml', `${SMALL}chain: { miners: [{ name: a, hashPower: 0 }] }\n`), /chain\.miners\[0\]\.hashPower \(line \d+, column \d+\): found 0, expected more than 0/],
    ['an unknown behaviour',    () => file('evil.yaml', `${SMALL}chain: { miners: [{ name: a, behaviour: { kind: evil } }] }\n`), /chain\.miners\[0\]\.behaviour\.kind \(line \d+, column \d+\): found "evil", expected one of honest, selfish, censor, double-spend/],
    ['fillers of nothing',      () => file('filler.yaml', `${SMALL}chain: { filler: true }\n`), /chain\.filler \(line \d+, column \d+\): found true, expected demand/],
    ['a missing record of demand', () => file('replay.yaml', `${SMALL}chain: { demand: { file: no.csv } }\n`), /no\.csv: found no such file/],
    ['a wrong record of demand', () => (file('bad.csv', '1,2\n'), file('replay2.yaml', `${SMALL}chain: { demand: { file: bad.csv } }\n`)), /bad\.csv: line 1: found "1,2", expected three values/],
    ['demand without a load',   () => file('load.yaml', `${SMALL}chain: { demand: { bid: {} } }\n`), /chain\.demand/],
    ['more money than there is', () => file('rich.yaml', 'topology: { generate: complete, nodes: 1000 }'), /topology \(line 1, column \d+\): found the network needs \d+ sat/],
  ];

  test.each(cases)('%s: one line, exit code 2, no output', (_, scenario, message) => {
    const { code, out, err } = leyden('run', scenario(), '--out', 'never');
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect([code, out]).toEqual([2, '']);
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  test.each([
    [['run', 'x', '--seed', 'seven'], /--seed: found "seven", expected an integer from 0/],
    [['run'], /missing required argument 'scenario'/],
    [['walk'], /unknown command 'walk'/],
    [['run', 'x', '--fast'], /unknown option '--fast'/],
  ])('%j: one line, exit code 2', (args, message) => {
    const { code, out, err } = leyden(...args);
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect([code, out]).toEqual([2, '']);
  });

  test('the version is the package’s', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(leyden('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test('help explains itself, with examples', () => {
    for (const args of [['--help'], ['run', '--help'], []]) {
      const { code, out } = leyden(...args);
      expect(code).toBe(0);
      expect(out).toContain('Examples:');
    }
  });
});

describe('the package', () => {
  test('is importable by its name once built, and its threads start from what was built', () => {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    execFileSync(npm, ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'pipe' });
    const program = `import { simulate } from 'leyden';
      const { summary } = await simulate({ topology: { generate: 'line', nodes: 3 }, traffic: { payments: 5 } });
      console.log(summary.conservation.ok, summary.payments.sent);`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: ROOT, encoding: 'utf8' });
    expect(out).toBe('true 5\n');

    writeFileSync(join(folder, 'line.yaml'), 'topology: { generate: line, nodes: 3 }\ntraffic: { payments: 5 }\n');
    const swept = ['sweep', 'line.yaml', '--seeds', '2', '--workers', '2', '--out', 'swept', '--json'];
    const json = execFileSync(process.execPath, [join(ROOT, 'dist/cli/main.js'), ...swept], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(JSON.parse(json)).toMatchObject({ seeds: [1, 2], failed: [] });
  });
});
