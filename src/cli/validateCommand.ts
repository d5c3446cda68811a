/** `leyden validate SUITE`: what the simulator measures beside what theory says. */
import type { Command } from 'commander';
import { UserError } from '../base/errors.ts';
import type { ValidateFlags } from './validateTables.ts';

const SUITES = ['chain'];

export function registerValidateCommand(program: Command): void {
  program
    .command('validate')
    .description('measure what theory knows in closed form, and print both with error and verdict')
    .argument('<suite>', 'chain: mining, double-spend races, selfish mining, forks, and what bids for block space wait')
    .option('--quick', 'small sizes: seconds in place of minutes')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  leyden validate chain --quick
  leyden validate chain --json > validation.json

Every figure is measured at two sizes with fixed seeds. It holds if at both it is within three standard errors (and the
stated floor) of theory, and if the standard error shrinks with the square root of the size. Exit codes: 0 all hold; 1 one
misses; 2 the command was wrong.`,
    )
    .action(async (suite: string, flags: ValidateFlags) => {
      if (!SUITES.includes(suite)) {
        throw new UserError({ file: 'leyden validate', found: JSON.stringify(suite), expected: SUITES.join(' or ') });
      }
      const { runValidation } = await import('./validateTables.ts'); // other commands load no experiment
      const { text, allHold } = await runValidation(flags);
      process.stdout.write(`${text}\n`);
      if (!allHold) process.exitCode = 1;
    });
}
