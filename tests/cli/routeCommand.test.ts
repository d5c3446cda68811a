import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { msat } from '../../src/base/units.ts';
import { limitsFrom } from '../../src/cli/limitFlags.ts';
import { registerRouteCommand } from '../../src/cli/routeCommand.ts';
import { runRouteCommand } from '../../src/cli/routeTables.ts';
import { strategyKinds } from '../../src/routing/registry.ts';
import { needsShared, sharedFile } from '../shared.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/graphs/mainnet-like-1000.json', import.meta.url));
const ROUTER = fileURLToPath(new URL('../../fixtures/routers/breadth-first.ts', import.meta.url));
const MAINNET = 'data/mainnet-2026/describegraph.json.gz';

const { nodes } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { nodes: { pub_key: string; alias: string }[] };
const keyOf = (index: number): string => nodes[index]!.pub_key;

interface Hop {
  readonly from: string;
  readonly to: string;
  readonly amountMsat: number;
  readonly feeMsat: number;
}
interface Printed {
  readonly found: boolean;
  readonly feeMsat: number;
  readonly routes: readonly { readonly amountMsat: number; readonly hops: readonly Hop[] }[];
}

describe('leyden route', () => {
  test('prints a route hop by hop, with its sum', async () => {
    const lines = (await runRouteCommand(FIXTURE, '#3', '#301', '50000')).split('\n');
    expect(lines[0]).toMatch(/ → .*, 50,000 sat$/);
    expect(lines[2]).toMatch(/^hop +channel +from +to +carries \(sat\) +fee \(sat\) +CLTV delta +expires in +prior$/);
    expect(lines[3]).toMatch(/^ +1 .* - +- +\d+ +-$/);
    const last = lines.at(-3)!;
    expect(last).toMatch(/ 50,000 +[\d.,]+ +\d+ +21 +[\d.]+%$/);
    expect(lines.at(-1)).toMatch(
      /^cheapest-fee: fee [\d.,]+ sat \([\d,]+ ppm\), \d+ hops, expires in \d+ blocks, probability [\d.]+%/,
    );
  });

  test('prints the same as one JSON object, whose hops are joined and whose fees add up', async () => {
    const text = await runRouteCommand(FIXTURE, keyOf(3), keyOf(120), '50000', { json: true, strategy: 'lnd' });
    const { found, feeMsat, routes } = JSON.parse(text) as Printed;
    expect(found).toBe(true);
    const [route] = routes;
    const hops = present(route, 'a route').hops;
    expect([hops[0]!.from, hops.at(-1)!.to]).toEqual([keyOf(3), keyOf(120)]);
    hops.slice(1).forEach((hop, i) => expect(hop.from).toBe(hops[i]!.to));
    expect(hops.reduce((sum, hop) => sum + hop.feeMsat, 0)).toBe(feeMsat);
    expect(hops[0]!.amountMsat).toBe(50_000_000 + feeMsat);
    expect(hops.at(-1)!.amountMsat).toBe(50_000_000);
  });

  test('compares all strategies, a file of one’s own among them', async () => {
    const text = await runRouteCommand(FIXTURE, '#3', '#301', '1000', { all: true, strategy: ROUTER });
    const rows = text.split('\n').slice(3);
    expect(rows.map((row) => row.split(/\s{2,}/)[0])).toEqual([...Object.keys(strategyKinds), ROUTER]);
    for (const row of rows) expect(row).toMatch(/ found +\d/);
  });

  test('keeps to the limits that are given', async () => {
    const refused = await runRouteCommand(FIXTURE, '#3', '#301', '1000', { maxHops: '1' });
    expect(refused.split('\n').at(-1)).toBe('cheapest-fee: no-route');
    const otherwise = { maxFee: null, maxHops: 20, maxCltvExpiryDelta: 2016, maxParts: 16 };
    expect(limitsFrom({}, otherwise)).toEqual(otherwise);
    expect(limitsFrom({ maxFee: '0.5', maxBlocks: '7' }, otherwise)).toEqual({
      ...otherwise,
      maxFee: { baseMsat: msat(500), millionths: 0 },
      maxCltvExpiryDelta: 7,
    });
    expect(limitsFrom({ maxFee: '5000ppm', maxParts: '1' }, otherwise)).toEqual({
      ...otherwise,
      maxFee: { baseMsat: msat(0), millionths: 5000 },
      maxParts: 1,
    });
  });

  test.each<[string, string, string, object, string]>([
    ['#1000', '#1', '1', {}, 'SOURCE: found "#1000", expected a node'],
    ['#0', 'nobody', '1', {}, 'TARGET: found "nobody", expected a node'],
    ['#0', '#1', '0.0001', {}, 'AMOUNT: found "0.0001", expected sat, from 0 to'],
    ['#0', '#1', '-1', {}, 'AMOUNT: found "-1", expected sat'],
    ['#0', '#1', '1', { strategy: 'best' }, '--strategy: strategy: found "best", expected one of cheapest-fee,'],
    ['#0', '#1', '1', { option: ['k=2'] }, 'found the option "k", expected one of retries'],
    ['#0', '#1', '1', { option: ['k=2'], all: true }, '--option: found it with --all, expected the defaults'],
    ['#0', '#1', '1', { seed: 'x' }, '--seed: found "x", expected an integer from 0'],
    ['#0', '#1', '1', { maxHops: '64' }, '--max-hops: found "64", expected an integer from 1 to 63'],
    ['#0', '#1', '1', { maxFee: '5 %' }, '--max-fee: found "5 %", expected sat'],
  ])('refuses what is wrong in one line: %s %s %s %o', async (source, target, amount, flags, message) => {
    await expect(runRouteCommand(FIXTURE, source, target, amount, flags)).rejects.toThrow(message);
  });

  test('is a command of the program', async () => {
    const printed: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text: string | Uint8Array): boolean => printed.push(String(text)) > 0;
    try {
      const program = new Command('leyden');
      registerRouteCommand(program);
      const strategy = ['--strategy', 'k-shortest', '--option', 'k=2', '--option', 'cost=hops'];
      await program.parseAsync(['route', FIXTURE, '#3', '#301', '1000', ...strategy], { from: 'user' });
    } finally {
      process.stdout.write = write;
    }
    const flags = { strategy: 'k-shortest', option: ['k=2', 'cost=hops'] };
    expect(printed.join('')).toBe(`${await runRouteCommand(FIXTURE, '#3', '#301', '1000', flags)}\n`);
  });

  needsShared(MAINNET)('answers on mainnet', async () => {
    const graph = present(sharedFile(MAINNET), MAINNET);
    const text = await runRouteCommand(graph, 'ACINQ', '#345', '50000', { json: true });
    expect(JSON.parse(text)).toMatchObject({ found: true, fault: null, amountMsat: 50_000_000 });
  });
});
