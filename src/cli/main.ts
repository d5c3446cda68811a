/**
 * The command line. Exit codes: 0 it went well; 1 a run broke an invariant or a validation missed; 2 the user's input was wrong.
 */
import { Command, CommanderError } from 'commander';
import { InvariantError } from '../base/assert.ts';
import { printable, UserError } from '../base/errors.ts';
import { leydenVersion } from '../host/version.ts';
import { RunStopped } from '../sim/worldResult.ts';
import { registerBenchCommand } from './benchCommand.ts';
import { registerChainCommand } from './chainCommand.ts';
import { registerConvertCommand } from './convertCommand.ts';
import { registerGraphCommand } from './graphCommand.ts';
import { registerInitCommand } from './initCommand.ts';
import { registerRouteCommand } from './routeCommand.ts';
import { registerRunCommand } from './runCommand.ts';
import { registerSchemaCommand } from './schemaCommand.ts';
import { registerSweepCommands } from './sweepCommand.ts';
import { registerValidateCommand } from './validateCommand.ts';

const program = new Command('leyden')
  .description('Lightning in a jar: simulate a Lightning-style payment channel network and the L1 under it.')
  .addHelpText(
    'after',
    `
Examples:
  leyden init my.yaml                                    a commented scenario to begin with
  leyden run fixtures/scenarios/quickstart.yaml          a network's whole life, and what came of it
  leyden run my.yaml --seed 7 --json                     the same as one JSON object
  leyden sweep my.yaml --grid traffic.rate=1,2,5 --out d  many runs on all cores, compared
  leyden graph describegraph.json.gz                     what a graph file holds
  leyden convert gossip_store graph.gexf                 the graph in another format
  leyden route describegraph.json.gz ACINQ '#7' 50000    one payment's route, hop by hop
  leyden bench routes describegraph.json.gz --draw 200   how fast strategies find routes, and how good
  leyden chain chain.dat --svg chain.svg                 what a run's chain holds, and a picture
  leyden validate --quick                                the simulator against theory

Each command explains itself: leyden run --help`,
  )
  .version(leydenVersion(), '--version', 'print the version')
  .exitOverride();
registerInitCommand(program);
registerRunCommand(program);
registerGraphCommand(program);
registerConvertCommand(program);
registerRouteCommand(program);
registerBenchCommand(program);
registerChainCommand(program);
registerSweepCommands(program);
registerValidateCommand(program);
registerSchemaCommand(program);
for (const command of program.commands.flatMap((each) => [each, ...each.commands]))
  command.exitOverride().configureOutput({ outputError: () => undefined });
program.configureOutput({ outputError: () => undefined });

// a reader that closes the pipe early (head, less) is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong in one line. @returns the exit code */
function report(error: unknown): number {
  if (error instanceof UserError) return say(error.message, 2);
  if (error instanceof CommanderError) {
    // help and version are answers, not mistakes
    if (error.exitCode === 0) return 0;
    return say(error.message.replace(/^error: /, '').replaceAll(/\s+/g, ' '), 2);
  }
  if (error instanceof RunStopped || error instanceof InvariantError) return say(`stopped: ${error.message}`, 1);
  return say(`a defect of leyden: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, 1);
}

function say(message: string, code: number): number {
  process.stderr.write(`leyden: ${code === 2 ? printable(message, 1000) : message}\n`);
  return code;
}
