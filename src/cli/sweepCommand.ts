/** `leyden sweep SCENARIO` and `leyden merge DIR...`: many runs, and what they say together. */
import type { Command } from 'commander';
import { describe, printable, UserError } from '../base/errors.ts';
import type { FailedRun } from '../host/sweepResults.ts';
import type { Comparison } from '../experiment/comparison.ts';

interface SweepFlags {
  readonly grid: readonly string[];
  readonly seeds: string;
  readonly out: string;
  readonly workers?: string;
  readonly shard?: string;
  readonly baseline?: string;
  readonly json?: boolean;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function registerSweepCommands(program: Command): void {
  program
    .command('sweep')
    .description('run a scenario many times, varied along a grid, on all cores, and compare')
    .argument('<scenario>', 'a scenario file, YAML or JSON')
    .option('--grid <path=values>', 'vary a key of the scenario: traffic.rate=1,2,5 (may be repeated)', collect, [])
    .option('--seeds <count>', "seeds for each point of the grid, from the scenario's own on", '10')
    .requiredOption('--out <directory>', 'where results go; what is there already of this sweep is not run again')
    .option('--workers <count>', 'threads (default: one a core)')
    .option('--shard <i/n>', 'the i-th of n parts of the runs, for leyden merge')
    .option('--baseline <path=value>', 'what to compare with (default: the first value of the last axis of names)')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  leyden sweep fixtures/scenarios/quickstart.yaml --grid traffic.rate=1,2,5 --seeds 20 --out sweeps/rate
  leyden sweep my.yaml --grid routing.strategy=lnd,ldk --grid traffic.rate=1,5 --out sweeps/routers
  leyden sweep my.yaml --grid traffic.rate=1,2,5 --shard 1/4 --out parts/1

All points of the grid meet the same seeds, hence the same traffic. The directory gets a file a run, and when all are
there runs, cells and differences as tables, comparison.json and sweep.svg: the same bytes for any number of threads.
After a crash the same command goes on where it was. Exit codes: 0 done; 1 a run failed; 2 the input was wrong.`,
    )
    .action(async (scenario: string, flags: SweepFlags) => runSweep(scenario, flags));
  program
    .command('merge')
    .description('make one sweep of its parts (leyden sweep --shard i/n)')
    .argument('<directories...>', 'the directories of all parts')
    .requiredOption('--out <directory>', 'a new directory for the whole')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  leyden merge parts/1 parts/2 parts/3 parts/4 --out sweeps/rate`,
    )
    .action(async (parts: string[], flags: { readonly out: string; readonly json?: boolean }) => {
      const { mergeSweeps } = await import('../host/sweepResults.ts');
      const { failed, comparison } = mergeSweeps(parts, flags.out);
      await print(comparison, failed, flags.json === true);
    });
}

async function runSweep(scenario: string, flags: SweepFlags): Promise<void> {
  const { sweep } = await import('../host/sweep.ts');
  const { sweepBar } = await import('../host/sweepBar.ts');
  const bar = sweepBar(process.stderr);
  const options = {
    grid: flags.grid,
    seeds: parseCount('--seeds', flags.seeds, 1_000_000),
    out: flags.out,
    workers: flags.workers === undefined ? undefined : parseCount('--workers', flags.workers, 1000),
    shard: flags.shard === undefined ? undefined : parseShard(flags.shard),
    baseline: flags.baseline,
  };
  try {
    const report = await sweep(scenario, {
      ...options,
      onNote: (text) => process.stderr.write(`leyden: ${text}\n`),
      ...(bar ? { onProgress: (progress) => bar.show(progress) } : {}),
    });
    bar?.clear();
    if (report.comparison === null && flags.json !== true) {
      process.stdout.write(
        `${report.ran} runs made, ${report.reused} there already; leyden merge makes one of all parts\n`,
      );
    }
    await print(report.comparison, report.failed, flags.json === true);
  } finally {
    bar?.clear();
  }
}

async function print(comparison: Comparison | null, failed: readonly FailedRun[], json: boolean): Promise<void> {
  for (const { run, error } of failed)
    process.stderr.write(`leyden: ${printable(run, 200)}: ${printable(error, 1000)}\n`);
  if (failed.length > 0) process.exitCode = 1;
  if (json) process.stdout.write(`${JSON.stringify({ ...comparison, failed }, null, 2)}\n`);
  else if (comparison) {
    const { formatComparison } = await import('./sweepTables.ts');
    process.stdout.write(`${formatComparison(comparison)}\n`);
  }
}

function parseCount(option: string, text: string, most: number): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= most) return count;
  throw new UserError({ file: option, found: describe(text), expected: `an integer from 1 to ${most}` });
}

/** `2/8` */
function parseShard(text: string): { readonly index: number; readonly of: number } {
  const [, index, of] = /^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of && shard.of <= 1_000_000) return shard;
  throw new UserError({
    file: '--shard',
    found: describe(text),
    expected: 'a part of all: 1/4, 2/4, 3/4 or 4/4; to an index that counts from 0 add one',
  });
}
