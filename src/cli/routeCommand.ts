/** `leyden route GRAPH SOURCE TARGET AMOUNT_SAT`: what a strategy, or each of them, answers to one question. */
import type { Command } from 'commander';
import { GRAPH_FILE } from './graphArgument.ts';
import { addLimitFlags } from './limitFlags.ts';
import type { RouteFlags } from './routeTables.ts';

export function registerRouteCommand(program: Command): void {
  const command = program
    .command('route')
    .description("find one payment's route, or all parts of it, and print it hop by hop")
    .argument('<graph>', GRAPH_FILE)
    .argument('<source>', "who pays: a node's key, the beginning of one, its alias, or # and its index")
    .argument('<target>', 'who is paid')
    .argument('<amount>', 'what the payee is to get, in sat')
    .option('--strategy <name>', 'a strategy by name, or your own from a .ts or .js file', 'cheapest-fee')
    .option('--option <name=value>', 'an option of the strategy; may be repeated', collect, [])
    .option('--all', 'compare all strategies, with their defaults')
    .option('--seed <number>', 'of strategies that draw', '1')
    .option('--json', 'print one JSON object');
  addLimitFlags(command, { fee: '5% + 50 sat', hops: '20', blocks: '2016', parts: '16' })
    .addHelpText(
      'after',
      `
Examples:
  leyden route describegraph.json.gz ACINQ 0260fab6 50000
  leyden route describegraph.json.gz '#12' '#345' 100000 --strategy lnd --option estimator=bimodal
  leyden route cloth-directory 908 5245 100 --all
  leyden route describegraph.json.gz ACINQ Kraken 50000 --strategy ./my-router.ts

The payer has learnt nothing yet, and its enabled channels hold all their capacity on its side. "prior" is the probability
if every other channel's liquidity is uniform: 1 - amount / (capacity + 1) for each; "own" is what the strategy thinks.`,
    )
    .action(async (graph: string, source: string, target: string, amount: string, flags: RouteFlags) => {
      const { runRouteCommand } = await import('./routeTables.ts'); // graphology is not loaded for other commands
      process.stdout.write(`${await runRouteCommand(graph, source, target, amount, flags)}\n`);
    });
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
