/** `leyden schema`: the scenario's JSON Schema, for editors and other programs. */
import type { Command } from 'commander';

export function registerSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of scenarios, with which editors complete and check them')
    .addHelpText(
      'after',
      `
Example:
  leyden schema > scenario.schema.json

A scenario beside it names it in its first line:
  # yaml-language-server: $schema=./scenario.schema.json
or, as JSON, in its key "$schema".`,
    )
    .action(async () => {
      const { scenarioSchemaText } = await import('../io/scenarioSchema.ts'); // other commands load no schema
      process.stdout.write(scenarioSchemaText());
    });
}
