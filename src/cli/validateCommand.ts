/** `leyden validate [SUITE]`: what the simulator measures beside what theory says. */
import type { Command } from 'commander';
import { UserError } from '../base/errors.ts';
import type { Suite, ValidateFlags } from './validateTables.ts';

const SUITES: readonly Suite[] = ['chain', 'network'];

export function registerValidateCommand(program: Command): void {
  program
    .command('validate')
    .description('measure what theory knows in closed form, and print both with error and verdict')
    .argument(
      '[suite]',
      'network: depletion, lifetimes, HTLC slots, deadlock, priors, constants; chain: mining, double-spend races, ' +
        'selfish mining, forks, and what bids for block space wait; both if left out',
    )
    .option('--quick', 'small sizes: seconds in place of minutes')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  leyden validate --quick
  leyden validate network
  leyden validate chain --json > validation.json

Every figure is measured at two sizes with fixed seeds. It holds if at both it is within three standard errors (and the
stated floor) of theory, and if the standard error shrinks with the square root of the size; constants have to be equal. Exit codes: 0 all hold; 1 one
misses; 2 the command was wrong.`,
    )
    .action(async (named: string | undefined, flags: ValidateFlags) => {
      const suites = SUITES.filter((suite) => named === undefined || named === suite);
      if (suites.length === 0) {
        throw new UserError({ file: 'leyden validate', found: JSON.stringify(named), expected: SUITES.join(' or ') });
      }
      const { runValidation } = await import('./validateTables.ts'); // other commands load no experiment
      const { text, allHold } = await runValidation(suites, flags);
      process.stdout.write(`${text}\n`);
      if (!allHold) process.exitCode = 1;
    });
}
