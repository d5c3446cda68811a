/** `leyden run SCENARIO`: the main job. */
import type { Command } from 'commander';
import { integerFlag } from './flags.ts';

interface RunFlags {
  readonly seed?: string;
  readonly json?: boolean;
  readonly out?: string;
  readonly chainOut?: string;
  readonly chainListing?: string;
}

export function registerRunCommand(program: Command): void {
  program
    .command('run')
    .description('run a scenario: open the network on its L1, make the payments, close and settle, print what happened')
    .argument('<scenario>', 'a scenario file, YAML or JSON')
    .option('--seed <number>', "use this seed in place of the scenario's")
    .option('--json', 'print one JSON object')
    .option(
      '--out <directory>',
      'write tables (Parquet, or as the scenario says), summary.json and more to a new directory',
    )
    .option('--chain-out <file>', "write the run's chain as Bitcoin Core's block file (bitcoind -regtest -loadblock)")
    .option('--chain-listing <file>', "write the run's chain readably, a transaction a line")
    .addHelpText(
      'after',
      `
Examples:
  leyden run fixtures/scenarios/quickstart.yaml
  leyden run fixtures/scenarios/quickstart.yaml --seed 2
  leyden run fixtures/scenarios/quickstart.yaml --json > summary.json
  leyden run fixtures/scenarios/quickstart.yaml --out results/first
  leyden run fixtures/scenarios/quickstart.yaml --chain-out chain.dat --chain-listing chain.txt

The same scenario and seed give the same digest on every machine. Exit codes: 0 done; 1 an invariant broke (the message
names the seed and the event that replay it); 2 the input was wrong (the message says where).`,
    )
    .action(async (scenario: string, flags: RunFlags) => run(scenario, flags));
}

async function run(file: string, flags: RunFlags): Promise<void> {
  // loaded here, so that `leyden --help` stays quick
  const { simulate } = await import('../host/simulate.ts');
  const { checkOutDirectory } = await import('../host/resultsDirectory.ts');
  const { checkOutFile, writeOutFile } = await import('../host/outFile.ts');
  const { progressBar } = await import('../host/progressBar.ts');
  const { blockFile } = await import('../io/blockFile.ts');
  const { chainListing } = await import('../io/chainListing.ts');
  const seed = flags.seed === undefined ? undefined : integerFlag(flags.seed, '--seed');
  if (flags.out !== undefined) checkOutDirectory(flags.out);
  if (flags.chainOut !== undefined) checkOutFile('--chain-out', flags.chainOut, [file]);
  if (flags.chainListing !== undefined) checkOutFile('--chain-listing', flags.chainListing, [file]);
  const bar = progressBar(process.stderr);
  try {
    const simulation = await simulate(file, {
      ...(seed === undefined ? {} : { seed }),
      ...(flags.out === undefined ? {} : { out: flags.out }),
      ...(bar ? { onProgress: (progress) => bar.show(progress) } : {}),
    });
    bar?.clear();
    const { world, graph } = simulation.run;
    if (flags.chainOut !== undefined) writeOutFile('--chain-out', flags.chainOut, blockFile(world.chain));
    if (flags.chainListing !== undefined)
      writeOutFile('--chain-listing', flags.chainListing, chainListing(world, graph));
    if (flags.json === true) process.stdout.write(`${JSON.stringify(simulation.summary, null, 2)}\n`);
    else {
      const { formatRun } = await import('./runTables.ts');
      process.stdout.write(`${formatRun(simulation)}\n`);
    }
  } finally {
    bar?.clear();
  }
}
