/** The whole of a run as a program wants it: reads the scenario and its graph, runs it, takes the time. */
import { dirname, isAbsolute, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { UserError } from '../base/errors.ts';
import { parseDemandCsv } from '../chain/feeMarketReplay.ts';
import { acceleratedSecp256k1 } from '../crypto/accelerated.ts';
import { nobleSecp256k1, useSecp256k1 } from '../crypto/secp256k1.ts';
import { checkRun, generatedGraph, runScenario, type RunProgress, type RunResult } from '../experiment/run.ts';
import type { Scenario, ScenarioInput } from '../experiment/scenario.ts';
import { strategyFilesOf, type StrategyFiles } from '../experiment/strategyNames.ts';
import { tablesNamed, type ScenarioFiles } from '../experiment/scenarioTables.ts';
import type { Performance, RunSummary } from '../experiment/summary.ts';
import type { ChannelGraph } from '../graph/channelGraph.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { ImportReport } from '../io/graphs/graphReport.ts';
import { runIdentity } from '../io/manifest.ts';
import { readScenarioTable } from '../io/scenarioTable.ts';
import { checkScenario, parseScenario, placed } from '../io/scenarioText.ts';
import { readGraphFile } from './graphFile.ts';
import { inputHashes } from './inputHashes.ts';
import { readTextInput } from './readInput.ts';
import { checkOutDirectory, ResultsDirectory } from './resultsDirectory.ts';
import { loadStrategyFiles } from './strategyFile.ts';
import { leydenVersion } from './version.ts';

export interface SimulateOptions {
  /** replaces the scenario's seed */
  readonly seed?: number;
  /** a graph to use in place of the scenario's topology */
  readonly graph?: ChannelGraph;
  /** what the scenario's file names are relative to; left out, its own directory, or the working directory */
  readonly directory?: string;
  /** called now and then while the run goes on */
  readonly onProgress?: (progress: RunProgress) => void;
  /** a new or empty directory for the tables that the scenario asks for, `summary.json`, `manifest.json`, `scenario.yaml` */
  readonly out?: string;
  /** `accelerated` (default): WebAssembly where it loads; `noble`: @noble/secp256k1 alone. Same signatures either way */
  readonly crypto?: 'accelerated' | 'noble';
}

export type TimedSummary = RunSummary & { readonly performance: Performance };

export interface Simulation {
  readonly summary: TimedSummary;
  /** the scenario with every default, the seed replaced where one was given */
  readonly scenario: Scenario;
  /** what the import dropped or repaired; null for a generated or given graph */
  readonly importReport: ImportReport | null;
  readonly run: RunResult;
}

/**
 * Runs a scenario.
 * @param input a file's path, or the scenario itself (its `topology.file` is then relative to the working directory)
 * @throws UserError for anything wrong with the input; RunStopped where an invariant breaks
 */
export async function simulate(input: string | ScenarioInput, options: SimulateOptions = {}): Promise<Simulation> {
  const started = performance.now();
  const loaded = loadScenario(input, options.seed);
  try {
    return await simulateLoaded(loaded, input, options, started);
  } catch (error) {
    throw loaded.text === null ? error : placed(error, loaded.text, loaded.file);
  }
}

/**
 * Whether a scenario is wrong in a way that `simulate` notices before it builds the world.
 * @param directory what its file names are relative to @param given a graph to use in place of its topology
 * @throws UserError as `simulate` would
 */
export async function checkSimulation(scenario: Scenario, directory: string, given?: ChannelGraph): Promise<void> {
  const { graph, files, strategies } = await loadInputs(scenario, 'scenario', directory, given);
  checkRun(scenario, graph, { files, strategies });
}

interface Inputs {
  readonly graph: ChannelGraph;
  readonly report: ImportReport | null;
  readonly files: ScenarioFiles;
  readonly strategies: StrategyFiles;
}

/** What a scenario is run on. */
async function loadInputs(
  scenario: Scenario,
  file: string,
  directory: string,
  given: ChannelGraph | undefined,
): Promise<Inputs> {
  const strategies = await loadStrategyFiles(strategyFilesOf(scenario), (name) => beside(directory, name));
  return { ...loadGraph(scenario, file, directory, given), files: loadFiles(scenario, directory), strategies };
}

/** @param started when reading began, ms */
async function simulateLoaded(
  { scenario, file }: LoadedScenario,
  input: string | ScenarioInput,
  options: SimulateOptions,
  started: number,
): Promise<Simulation> {
  const directory = options.directory ?? (typeof input === 'string' ? dirname(input) : '.');
  const accelerated = options.crypto === 'noble' ? null : await acceleratedSecp256k1();
  useSecp256k1(accelerated ?? nobleSecp256k1);
  const { graph, report, files, strategies } = await loadInputs(scenario, file, directory, options.graph);
  const phases = { opening: 0, paying: 0, settling: 0 };
  let lap = performance.now();
  const onProgress = (progress: RunProgress): void => {
    const now = performance.now();
    phases[progress.ended] += (now - lap) / 1000;
    lap = now;
    options.onProgress?.(progress);
  };
  const results = options.out === undefined ? null : openResults(options.out, scenario, file, directory, options.graph);
  try {
    const listen = results ? { listen: (compiled: CompiledGraph) => results.listen(compiled) } : {};
    const run = runScenario(scenario, graph, { file, onProgress, files, strategies, ...listen });
    const summary = timed(run, phases, (performance.now() - started) / 1000);
    results?.finish({ summary, world: run.world, replicas: run.replicas });
    return { summary, scenario, importReport: report, run };
  } catch (error) {
    results?.abandon();
    throw error;
  }
}

/** @param phases seconds that each took @param seconds of all, reading included */
function timed(
  { summary, events }: RunResult,
  phases: Readonly<Record<RunProgress['ended'], number>>,
  seconds: number,
): TimedSummary {
  return {
    ...summary,
    performance: {
      seconds,
      openingSeconds: phases.opening,
      payingSeconds: phases.paying,
      settlingSeconds: phases.settling,
      events,
      eventsPerSecond: Math.round(events / seconds),
      // getrusage gives KiB
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    },
  };
}

/** @param graph what a program gave in place of the scenario's topology */
function openResults(
  out: string,
  scenario: Scenario,
  file: string,
  directory: string,
  graph: ChannelGraph | undefined,
): ResultsDirectory {
  checkOutDirectory(out);
  const hashes = inputHashes(scenario, (name) => beside(directory, name));
  const inputs = graph ? [{ path: 'topology', sha256: null }, ...hashes] : hashes;
  const identity = runIdentity(scenario, inputs, leydenVersion());
  return new ResultsDirectory(out, scenario, file, identity, directory);
}

interface LoadedScenario {
  readonly scenario: Scenario;
  readonly file: string;
  /** null where a program gave it */
  readonly text: string | null;
}

/** A scenario from a file or an object, with the seed replaced where one is given. */
function loadScenario(input: string | ScenarioInput, seed?: number): LoadedScenario {
  const file = typeof input === 'string' ? input : 'scenario';
  const text = typeof input === 'string' ? readTextInput(input) : null;
  const scenario = text === null ? checkScenario(input, file) : parseScenario(text, file);
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new UserError({
      file: 'seed',
      found: String(seed),
      expected: `an integer from 0 to ${Number.MAX_SAFE_INTEGER}`,
    });
  }
  return { scenario: seed === undefined ? scenario : { ...scenario, seed }, file, text };
}

function loadGraph(
  scenario: Scenario,
  file: string,
  directory: string,
  given: ChannelGraph | undefined,
): { graph: ChannelGraph; report: ImportReport | null } {
  if (given) return { graph: given, report: null };
  const generated = generatedGraph(scenario, file);
  if (generated) return { graph: generated, report: null };
  const named = scenario.topology.file;
  if (named === undefined) throw new UserError({ file, path: 'topology', found: 'no file', expected: 'a graph' });
  return readGraphFile(beside(directory, named));
}

/** What stands in the files that a scenario names, its graph aside. */
function loadFiles(scenario: Scenario, directory: string): ScenarioFiles {
  const { demand } = scenario.chain;
  const text = (named: string): string => readTextInput(beside(directory, named));
  const tables = tablesNamed(scenario).map(
    (table) => [table.file, readScenarioTable(text(table.file), table)] as const,
  );
  return {
    demand: demand !== null && 'file' in demand ? parseDemandCsv(text(demand.file), demand.file) : null,
    tables: new Map(tables),
  };
}

/** A file that a scenario names. */
export const beside = (directory: string, named: string): string =>
  isAbsolute(named) ? named : join(directory, named);
