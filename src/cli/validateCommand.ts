/** `leyden validate [WHAT]`: what the simulator measures beside what theory says. */
import type { Command } from 'commander';
import { integerFlag } from './flags.ts';

interface ValidateFlags {
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly workers?: string;
}

export function registerValidateCommand(program: Command): void {
  program
    .command('validate')
    .description('measure what theory knows in closed form, and print both with error and verdict')
    .argument(
      '[what]',
      'constants (of BOLTs and clients), network (depletion, lifetimes, HTLC slots, priors, deadlock), chain (mining, ' +
        'double-spend races, selfish mining, forks, waiting bids), papers, or an id: V3; all if left out',
    )
    .option('--quick', 'small sizes: under two minutes')
    .option('--workers <number>', 'threads (one a core)')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  leyden validate --quick
  leyden validate V3
  leyden validate chain --json > validation.json

Every figure is measured at two sizes with fixed seeds. It holds if at both it is within three standard errors (and the
stated floor) of theory, and if the standard error shrinks with the square root of the size; constants have to be equal. Of
some hundred figures one is off by chance alone: what misses is measured once more, at four times the size, and that decides.
Exit codes: 0 all hold; 1 one misses; 2 the command was wrong.`,
    )
    .action(async (what: string | undefined, { quick = false, json = false, workers }: ValidateFlags) => {
      const threads = workers === undefined ? undefined : integerFlag(workers, '--workers', 1, 1024);
      const { runValidation } = await import('./validateTables.ts'); // other commands load no experiment
      const { text, allHold } = await runValidation(what, { quick, json, workers: threads });
      process.stdout.write(`${text}\n`);
      if (!allHold) process.exitCode = 1;
    });
}
