/** `leyden bench routes GRAPH`: how fast strategies find routes, and how good they are. */
import type { Command } from 'commander';
import { GRAPH_FILE } from './graphArgument.ts';
import type { BenchFlags } from './benchTables.ts';
import { addLimitFlags } from './limitFlags.ts';

export function registerBenchCommand(program: Command): void {
  const bench = program.command('bench').description('measure');
  const command = bench
    .command('routes')
    .description('ask strategies for the same routes: CPU time, routes found, fees, hops, delay, probability, regret')
    .argument('<graph>', GRAPH_FILE)
    .option('--pairs <file>', 'the payments: CSV with the columns source, target and amount_msat')
    .option('--draw <number>', 'payments between nodes drawn at random, in place of --pairs (100)')
    .option('--amount <sat>', 'what each drawn payment brings', '50000')
    .option('--seed <number>', 'of what is drawn: payments, and by strategies that draw', '1')
    .option(
      '--strategies <names>',
      'by name or file, behind commas; options behind colons: lnd,lnd:estimator=bimodal,./my-router.ts (all)',
    )
    .option('--rounds <number>', 'of which the quickest counts', '3')
    .option('--routes <file>', 'write each route, a JSON object a line')
    .option('--json', 'print one JSON object');
  addLimitFlags(command, { fee: 'none', hops: '63', blocks: 'none', parts: '16' })
    .addHelpText(
      'after',
      `
Examples:
  leyden bench routes describegraph.json.gz --draw 200 --amount 100000
  leyden bench routes cloth-directory --pairs pairs.csv --strategies cheapest-fee,lnd,ldk --json
  leyden bench routes describegraph.json.gz --strategies lnd,./my-router.ts --routes routes.jsonl

Payers have learnt nothing, and their enabled channels hold all their capacity on their side. CPU time is that of the whole
process for one question, after a warm-up; of several rounds, in which strategies take turns, the quickest counts. "regret"
is the fee beyond that of the exact cheapest single route, "missed" what that route could pay and the strategy found no
way for, "prior" the probability if each foreign channel's liquidity is uniform, "own" what the strategy thinks. Same inputs,
same routes.`,
    )
    .action(async (graph: string, flags: BenchFlags) => {
      const { runBenchRoutes } = await import('./benchTables.ts'); // graphology is not loaded for other commands
      process.stdout.write(`${await runBenchRoutes(graph, flags)}\n`);
    });
}
