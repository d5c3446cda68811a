/** `leyden graph <file>`: what a graph file holds, and what its import dropped or repaired. */
import type { Command } from 'commander';
import { UserError } from '../base/errors.ts';
import type { CompareOptions } from './compareTables.ts';
import { GRAPH_FILE } from './graphArgument.ts';
import type { GraphCommandOptions } from './graphTables.ts';

export function registerGraphCommand(program: Command): void {
  program
    .command('graph')
    .description('show what a channel graph holds (sizes, degrees, capacities, fees) and what its import repaired')
    .argument('<file>', GRAPH_FILE)
    .option(
      '--compare <other>',
      'print how far the two are apart; either may be stats.json#ENTRY, published statistics',
    )
    .option('--svg <file>', 'with --compare: draw how many channels nodes have and what channels hold, in both')
    .option('--json', 'print one JSON object')
    .action(async (file: string, options: GraphCommandOptions & CompareOptions & { readonly compare?: string }) => {
      if (options.compare !== undefined) {
        const { runCompare } = await import('./compareTables.ts');
        process.stdout.write(`${runCompare(options.compare, file, options)}\n`);
        return;
      }
      if (options.svg !== undefined) {
        throw new UserError({ file: '--svg', found: 'no --compare', expected: 'two graphs to draw' });
      }
      const { runGraphCommand } = await import('./graphTables.ts'); // graphology is not loaded for other commands
      process.stdout.write(`${runGraphCommand(file, options)}\n`);
    });
}
