/** `leyden init [FILE]`: a commented scenario to begin with. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { UserError } from '../base/errors.ts';
import { checkOutFile, writeOutFile } from '../host/outFile.ts';
import { starterScenario } from '../io/starterScenario.ts';

export function registerInitCommand(program: Command): void {
  program
    .command('init')
    .description('write a commented scenario to begin with; a file that is there stays as it is')
    .argument('[file]', 'its name', 'scenario.yaml')
    .action((file: string) => {
      writeStarter(file);
      process.stdout.write(`wrote ${file}; now: leyden run ${file}\n`);
    });
}

/** @throws UserError if there is something of that name, or it can't be written */
export function writeStarter(file: string): void {
  const found = 'a file of that name';
  if (file !== '' && existsSync(file)) throw new UserError({ file, found, expected: 'a name that is free' });
  checkOutFile('leyden init', file);
  writeOutFile('leyden init', file, [starterScenario.replace('leyden run FILE', `leyden run ${file}`)]);
}
