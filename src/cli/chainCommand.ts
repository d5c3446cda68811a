/** `leyden chain FILE`: what a chain holds, as a table, as JSON and as a picture. */
import type { Command } from 'commander';
import type { ChainCommandOptions } from './chainTables.ts';

export function registerChainCommand(program: Command): void {
  program
    .command('chain')
    .description('show what a block file holds: blocks, fee rates, channel transactions by kind, how long they waited')
    .argument(
      '<file>',
      'a regtest block file, as `leyden run --chain-out` writes it and `bitcoind -loadblock` reads it',
    )
    .option('--listing <file>', "the same run's listing (`leyden run --chain-listing`): its kinds and waits count")
    .option('--verify', 'verify every signature, too; everything else is always checked')
    .option('--json', 'print one JSON object')
    .option('--svg <file>', 'draw the fee rates over time with the channel transactions and their waits')
    .addHelpText(
      'after',
      `
Examples:
  leyden run my.yaml --chain-out my.blocks --chain-listing my.txt
  leyden chain my.blocks                                  kinds as the scripts show them
  leyden chain my.blocks --listing my.txt --svg my.svg    kinds and waits as the run knew them
  leyden chain my.blocks --verify --json

Every block is validated: proof of work, merkle roots, witness commitments, locks, scripts and amounts. Exit codes: 0 the
chain is good; 2 it is not, or could not be read (the message says where).`,
    )
    .action(async (file: string, options: ChainCommandOptions) => {
      const { runChainCommand } = await import('./chainTables.ts'); // the chain is not loaded for other commands
      process.stdout.write(`${await runChainCommand(file, options)}\n`);
    });
}
