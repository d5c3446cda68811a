/** `leyden run SCENARIO`: the main job. */
import type { Command } from 'commander';
import { UserError } from '../base/errors.ts';

interface RunFlags {
  readonly seed?: string;
  readonly json?: boolean;
  readonly out?: string;
}

export function registerRunCommand(program: Command): void {
  program
    .command('run')
    .description('run a scenario: open the network on its L1, make the payments, close and settle, print what happened')
    .argument('<scenario>', 'a scenario file, YAML or JSON')
    .option('--seed <number>', "use this seed in place of the scenario's")
    .option('--json', 'print one JSON object')
    .option('--out <directory>', 'write summary.json, payments.csv, chain.csv and scenario.yaml to a new directory')
    .addHelpText(
      'after',
      `
Examples:
  leyden run fixtures/scenarios/quickstart.yaml
  leyden run fixtures/scenarios/quickstart.yaml --seed 2
  leyden run fixtures/scenarios/quickstart.yaml --json > summary.json
  leyden run fixtures/scenarios/quickstart.yaml --out results/first

The same scenario and seed give the same digest on every machine. Exit codes: 0 done; 1 an invariant broke (the message
names the seed and the event that replay it); 2 the input was wrong (the message says where).`,
    )
    .action(async (scenario: string, flags: RunFlags) => run(scenario, flags));
}

async function run(file: string, flags: RunFlags): Promise<void> {
  // loaded here, so that `leyden --help` stays quick
  const { simulate } = await import('../host/simulate.ts');
  const { checkOutDirectory, writeResults } = await import('../host/writeResults.ts');
  const { progressBar } = await import('../host/progressBar.ts');
  const seed = parseSeed(flags.seed);
  if (flags.out !== undefined) checkOutDirectory(flags.out);
  const bar = progressBar(process.stderr);
  try {
    const simulation = await simulate(file, {
      ...(seed === undefined ? {} : { seed }),
      ...(bar ? { onProgress: (progress) => bar.show(progress) } : {}),
    });
    bar?.clear();
    if (flags.out !== undefined) writeResults(flags.out, simulation);
    if (flags.json === true) process.stdout.write(`${JSON.stringify(simulation.summary, null, 2)}\n`);
    else {
      const { formatRun } = await import('./runTables.ts');
      process.stdout.write(`${formatRun(simulation)}\n`);
    }
  } finally {
    bar?.clear();
  }
}

function parseSeed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new UserError({
    file: '--seed',
    found: JSON.stringify(text),
    expected: `an integer from 0 to ${Number.MAX_SAFE_INTEGER}`,
  });
}
