import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { UserError } from '../../src/base/errors.ts';
import { registerGraphCommand } from '../../src/cli/graphCommand.ts';
import { runGraphCommand } from '../../src/cli/graphTables.ts';
import { needsShared, sharedFile } from '../shared.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/graphs/mainnet-like-1000.json', import.meta.url));
const MAINNET = 'data/mainnet-2026/describegraph.json.gz';

describe('leyden graph', () => {
  test('prints aligned tables', () => {
    const [head, blank, ...lines] = runGraphCommand(FIXTURE).split('\n');
    expect(head).toMatch(/mainnet-like-1000\.json \(lnd\): kept all 1,000 nodes, all 3,\d{3} channels$/);
    expect(blank).toBe('');
    const counts = lines.slice(0, lines.indexOf(''));
    expect(counts[1]).toMatch(/^nodes +1,000 +1,000$/);
    expect(new Set(counts.map((line) => line.length)).size).toBe(1);
    const quantiles = lines.slice(lines.indexOf('') + 1, lines.lastIndexOf(''));
    expect(quantiles[0]).toMatch(/^ +mean +least +p5 +p25 +p50 +p75 +p90 +p95 +p99 +most$/);
    expect(quantiles).toHaveLength(12);
    expect(new Set(quantiles.map((line) => line.length)).size).toBe(1);
  });

  test('prints the same as one JSON object', () => {
    const printed: unknown = JSON.parse(runGraphCommand(FIXTURE, { json: true }));
    expect(printed).toMatchObject({
      report: { format: 'lnd', nodesKept: 1000, remedies: [] },
      statistics: {
        all: { nodes: 1000, components: 1, giantNodes: 1000 },
        anyEnabled: { view: 'anyEnabled', nodes: 1000 },
      },
    });
  });

  test('throws what the user did wrong, for the program to print', () => {
    expect(() => runGraphCommand('no/such/graph.json')).toThrow(UserError);
    expect(() => runGraphCommand(fileURLToPath(import.meta.url))).toThrow(
      /found a file that begins with "import \{ fileURLToPath \}…", expected lnd’s describegraph/,
    );
  });

  test('is a command of the program', async () => {
    const printed: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text: string | Uint8Array): boolean => printed.push(String(text)) > 0;
    try {
      const program = new Command('leyden');
      registerGraphCommand(program);
      await program.parseAsync(['graph', FIXTURE, '--json'], { from: 'user' });
    } finally {
      process.stdout.write = write;
    }
    expect(printed.join('')).toBe(`${runGraphCommand(FIXTURE, { json: true })}\n`);
  });

  needsShared(MAINNET)('reads mainnet', () => {
    const text = runGraphCommand(present(sharedFile(MAINNET), MAINNET));
    expect(text).toMatch(/^nodes +17,324 +6,976$/m);
    expect(text).toMatch(/^channels a node +5\.87 .* 73\.77 +1,989$/m);
  });
});
