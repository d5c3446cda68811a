/** `leyden graph <file>`: what a graph file holds, and what its import dropped or repaired. */
import type { Command } from 'commander';
import type { GraphCommandOptions } from './graphTables.ts';

export function registerGraphCommand(program: Command): void {
  program
    .command('graph')
    .description('show what a channel graph holds (sizes, degrees, capacities, fees) and what its import repaired')
    .argument('<file>', "lnd's describegraph as JSON, or a directory with CLoTH's three CSV files; plain or gzip")
    .option('--json', 'print one JSON object')
    .action(async (file: string, options: GraphCommandOptions) => {
      const { runGraphCommand } = await import('./graphTables.ts'); // graphology is not loaded for other commands
      process.stdout.write(`${runGraphCommand(file, options)}\n`);
    });
}
