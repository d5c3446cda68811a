import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterAll, describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { msat } from '../../src/base/units.ts';
import { registerBenchCommand } from '../../src/cli/benchCommand.ts';
import { type BenchFlags, runBenchRoutes } from '../../src/cli/benchTables.ts';
import { structureFault, policyFault } from '../../src/experiment/routeCheck.ts';
import { gossipView, requestOf } from '../../src/experiment/routeQuery.ts';
import { openGraph } from '../../src/host/namedGraph.ts';
import { priceRoute } from '../../src/routing/route.ts';
import { needsShared, sharedFile, sharedText } from '../shared.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/graphs/mainnet-like-1000.json', import.meta.url));
const ROUTER = fileURLToPath(new URL('../../fixtures/routers/breadth-first.ts', import.meta.url));
const CLOTH = 'data/mainnet-2020/channels_ln.csv.gz';
const PAIRS = 'bench/pairs-2020.csv';

interface Line {
  readonly strategy: string;
  readonly source: string;
  readonly target: string;
  readonly amountMsat: number;
  readonly found: boolean;
  readonly feeMsat: number | null;
  readonly channels: readonly string[] | null;
  readonly parts?: readonly { readonly amountMsat: number; readonly channels: readonly string[] }[];
}
interface Printed {
  readonly queries: number;
  readonly strategies: readonly { readonly strategy: string; readonly found: number; readonly feeMsatMean: number }[];
}

describe('leyden bench routes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-bench-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const routes = join(folder, 'routes.jsonl');
  const pairs = (text: string): string => {
    const path = join(folder, 'pairs.csv');
    writeFileSync(path, text);
    return path;
  };
  const printed = async (flags: BenchFlags, graph = FIXTURE): Promise<Printed> =>
    JSON.parse(await runBenchRoutes(graph, { rounds: '1', ...flags, json: true })) as Printed;
  const lines = (): Line[] =>
    readFileSync(routes, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);

  test('prints a row a strategy, a file of one’s own among them', async () => {
    const text = await runBenchRoutes(FIXTURE, { draw: '10', rounds: '2', strategies: `cheapest-fee,lnd,${ROUTER}` });
    expect(text).toMatch(/^1,000 nodes, 3,\d{3} channels; 10 payments, of which .* the quickest of 2 rounds\n\n/);
    const rows = text.split('\n').slice(2);
    expect(rows[1]).toMatch(/^ +mean +p50 +p99 +found +missed +mean +mean +hops +parts +mean +prior +own$/);
    expect(rows.slice(2, 5).map((row) => row.split(/\s{2,}/)[0])).toEqual(['cheapest-fee', 'lnd', ROUTER]);
  });

  test('writes routes that the public graph lets through, the same ones every time', async () => {
    const strategies = 'cheapest-fee,ldk,cln-xpay,flash';
    const flags = { draw: '16', amount: '1000000', routes, seed: '5' };
    const { strategies: rows, queries } = await printed({ ...flags, strategies });
    const first = lines();
    expect(queries).toBe(16);
    expect(first).toHaveLength(64);
    const { graph } = openGraph(FIXTURE);
    const view = gossipView(graph);
    const limits = { maxFee: null, maxHops: 63, maxCltvExpiryDelta: 2 ** 31 - 1, maxParts: 16 };
    const seen = { whole: 0, split: 0, none: 0 };
    for (const { source, target, amountMsat, found, feeMsat, channels, parts } of first) {
      seen[found ? (parts ? 'split' : 'whole') : 'none']++;
      if (!found) continue;
      const [from, to] = [graph.nodeIndex.get(source)!, graph.nodeIndex.get(target)!];
      const ways = parts ?? [{ amountMsat, channels: present(channels, 'channels') }];
      const priced = ways.map((way) => {
        let node = from;
        const edges = way.channels.map((id) => {
          const edge = 2 * graph.channelIndex.get(id)!;
          const leaving = graph.edgeFrom[edge] === node ? edge : edge + 1;
          node = graph.edgeTo[leaving]!;
          return leaving;
        });
        return priceRoute(graph, edges, msat(way.amountMsat), 21);
      });
      const request = requestOf({ source: from, target: to, amountMsat: msat(amountMsat) }, limits);
      expect(structureFault(request, view, priced)).toBe(null);
      expect(policyFault(request, view, priced)).toBe(null);
      // a strategy may grant a node more than it asks
      expect(feeMsat!).toBeGreaterThanOrEqual(priced.reduce((sum, route) => sum + route.feeMsat, 0));
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
    for (const { strategy, found, feeMsatMean } of rows) {
      const ours = first.filter((line) => line.strategy === strategy && line.found);
      expect(ours).toHaveLength(found);
      expect(ours.reduce((sum, line) => sum + line.feeMsat!, 0) / found).toBeCloseTo(feeMsatMean, 6);
    }
    await printed({ ...flags, strategies: strategies.split(',').toReversed().join(), rounds: '2' });
    const again = lines();
    for (const { strategy } of rows) {
      const of = (all: readonly Line[]): Line[] => all.filter((line) => line.strategy === strategy);
      expect(of(again)).toEqual(of(first));
    }
  });

  test('takes payments from a file, by whatever names its nodes', async () => {
    const { graph } = openGraph(FIXTURE);
    const key = graph.nodeKeys[120]!;
    const path = pairs(`amount_msat,source,target\n1000000,#3,${key}\n5,${key},#3\n`);
    expect(await printed({ pairs: path, strategies: 'cheapest-fee', routes })).toMatchObject({ queries: 2 });
    expect(lines()).toMatchObject([
      { source: graph.nodeKeys[3], target: key, amountMsat: 1_000_000, found: true },
      { source: key, target: graph.nodeKeys[3], amountMsat: 5 },
    ]);
  });

  test.each<[BenchFlags, string]>([
    [{ pairs: 'no/such.csv' }, 'no/such.csv: found no such file'],
    [{ pairs: 'x', draw: '1' }, '--draw: found it with --pairs, expected one of both'],
    [{ draw: '0' }, '--draw: found "0", expected an integer from 1'],
    [{ rounds: '0' }, '--rounds: found "0", expected an integer from 1'],
    [{ strategies: 'lnd,best' }, '--strategies: strategy: found "best", expected one of'],
    [{ strategies: '' }, '--strategies: strategy: found "", expected one of'],
    [{ routes: '' }, '--routes: found an empty name'],
    [{ routes: FIXTURE }, 'which the command reads'],
  ])('refuses what is wrong in one line: %o', async (flags, message) => {
    await expect(runBenchRoutes(FIXTURE, flags)).rejects.toThrow(message);
  });

  test.each([
    ['source,target\n#1,#2\n', 'line 1: found "source,target", without amount_msat, expected the columns'],
    ['source,target,amount_msat\n', 'found no payment'],
    ['source,target,amount_msat\n#1,#2000,5\n', 'line 2, target: found "#2000", expected a node'],
    ['source,target,amount_msat\n#1,#2,5\n#1,#2,-5\n', 'line 3, amount_msat: found "-5", expected a non-negative'],
    ['source,target,amount_msat\n#1,#2,9007199254740992\n', 'line 2, amount_msat: found "9007199254740992"'],
  ])('refuses pairs that are none, by file and line: %j', async (text, message) => {
    const path = pairs(text);
    await expect(runBenchRoutes(FIXTURE, { pairs: path })).rejects.toThrow(`${path}: ${message}`);
  });

  test('is a command of the program', async () => {
    const texts: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text: string | Uint8Array): boolean => texts.push(String(text)) > 0;
    try {
      const program = new Command('leyden');
      registerBenchCommand(program);
      const flags = ['--draw', '3', '--strategies', 'fewest-hops', '--max-hops', '2', '--json'];
      await program.parseAsync(['bench', 'routes', FIXTURE, ...flags], { from: 'user' });
    } finally {
      process.stdout.write = write;
    }
    expect(JSON.parse(texts.join(''))).toMatchObject({ queries: 3, strategies: [{ strategy: 'fewest-hops' }] });
  });

  needsShared(CLOTH, PAIRS)('reads the directory of CLoTH, whose pairs are numbers of its own', async () => {
    const graph = join(present(sharedFile(CLOTH), CLOTH), '..');
    const path = pairs(sharedText(PAIRS).split('\n').slice(0, 31).join('\n'));
    const { strategies, queries } = await printed({ pairs: path, strategies: 'cheapest-fee', routes }, graph);
    expect(queries).toBe(30);
    expect(strategies[0]!.found).toBeGreaterThan(15);
    expect(lines()[0]).toMatchObject({ source: '908', target: '5245', amountMsat: 100_000, found: true, feeMsat: 1 });
  });
});
