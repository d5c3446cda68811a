/** `leyden schema [OF]`: the JSON Schema of scenarios or validations, for editors and other programs. */
import type { Command } from 'commander';
import { UserError } from '../base/errors.ts';

export function registerSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of scenarios, with which editors complete and check them')
    .argument('[of]', 'scenario or validation, the files of fixtures/validation', 'scenario')
    .addHelpText(
      'after',
      `
Example:
  leyden schema > scenario.schema.json

A scenario beside it names it in its first line:
  # yaml-language-server: $schema=./scenario.schema.json
or, as JSON, in its key "$schema".`,
    )
    .action(async (of: string) => {
      process.stdout.write(await schemaText(of));
    });
}

/** @throws UserError if there is no schema of that */
async function schemaText(of: string): Promise<string> {
  // other commands load no schema
  if (of === 'scenario') return (await import('../io/scenarioSchema.ts')).scenarioSchemaText();
  if (of === 'validation') return (await import('../io/validationText.ts')).validationSchemaText();
  throw new UserError({ file: 'leyden schema', found: JSON.stringify(of), expected: 'scenario or validation' });
}
