/** `leyden convert IN OUT`: a graph from one format into another, with what was repaired and what was lost. */
import type { Command } from 'commander';
import type { ConvertCommandOptions } from './convertTables.ts';

export function registerConvertCommand(program: Command): void {
  program
    .command('convert')
    .description('write a channel graph in another format; what can be read: see leyden graph --help')
    .argument('<in>', 'a graph in any format, plain or gzip')
    .argument('<out>', 'the file to write, gzip if it ends in .gz; for cloth a directory')
    .option(
      '--to <format>',
      'lnd, listchannels, gossip_store, rgs, simln, cloth, gexf, graphml or edges; else by the ending of <out>: ' +
        '.json (lnd), .gexf, .graphml, .csv (edges), .lngossip (rgs), gossip_store',
    )
    .option('--json', 'print one JSON object')
    .action(async (from: string, out: string, options: ConvertCommandOptions) => {
      const { runConvertCommand } = await import('./convertTables.ts'); // graphology is not loaded for other commands
      process.stdout.write(`${runConvertCommand(from, out, options)}\n`);
    });
}
