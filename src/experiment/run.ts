/** A run: from a checked scenario and its graph to what happened. No file, no clock: the host adds both. */
import { UserError } from '../base/errors.ts';
import { Rng } from '../base/random.ts';
import type { ChannelGraph } from '../graph/channelGraph.ts';
import { compileGraph, type CompiledGraph } from '../graph/compiled.ts';
import { generateGraph, type TopologyOptions } from '../graph/generators/generators.ts';
import { OffChainOnly } from '../node/channelCloser.ts';
import { SupplyExceeded } from '../sim/opening.ts';
import type { RunListener } from '../sim/records.ts';
import { World } from '../sim/world.ts';
import { RunStopped, type Progress, type WorldResult } from '../sim/worldResult.ts';
import { generatedTerms } from './generatedTerms.ts';
import { Measures } from './measures.ts';
import { withPlannedChannels } from './plannedChannels.ts';
import { ensembleOf, refuseUnreached, replicaRows, replicaSeed, survivalNotes, type ReplicaRow } from './replicas.ts';
import { routingPlan } from './routingPlan.ts';
import { listedGraph } from './listedGraph.ts';
import { sampleRequest } from './sampleRequest.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioFiles } from './scenarioTables.ts';
import type { StrategyFiles } from './strategyNames.ts';
import { summarise, type RunSummary } from './summary.ts';
import { checkTheory, freeForwarding, offChainOnly } from './theorySwitches.ts';
import { worldConfig } from './worldConfig.ts';

export interface RunOptions {
  /** what the user calls the scenario, for errors */
  readonly file?: string;
  readonly onProgress?: (progress: RunProgress) => void;
  /** what stands in the files that the scenario names */
  readonly files?: ScenarioFiles;
  /** what the strategy files that the scenario names export */
  readonly strategies?: StrategyFiles;
  /** asked for once the graph is there: who hears of records while the run goes on */
  readonly listen?: (graph: CompiledGraph) => RunListener;
}

/** How far a run is: one copy of the world, or of so many one after the other. */
export interface RunProgress extends Progress {
  /** counted from 1 */
  readonly replica: number;
  readonly ofReplicas: number;
}

export interface RunResult {
  readonly summary: RunSummary;
  readonly world: WorldResult;
  /** names of nodes and channels by index; its channels are closed as the run closed them */
  readonly graph: CompiledGraph;
  /** by replica, then by count of payments; none where the scenario asks for none */
  readonly replicas: readonly ReplicaRow[];
  /** of all copies */
  readonly events: number;
}

/** The graph that a scenario generates or lists; null where it names a file, which the caller reads. */
export function generatedGraph(scenario: Scenario, file = 'scenario'): ChannelGraph | null {
  const { generate, channels, seed, file: _, ...rest } = scenario.topology;
  if (channels !== undefined) return listedGraph(channels, file);
  if (generate === undefined) return null;
  const { terms, numbers } = generatedTerms(rest);
  // the schema has checked that these are the generator's options
  const options = { kind: generate, ...numbers } as TopologyOptions;
  const rng = Rng.fromSeed(seed ?? scenario.seed).stream('topology');
  return generateGraph(options, rng, terms, { file, path: 'topology' });
}

/**
 * Runs a scenario on a graph to its end.
 * @throws UserError where the scenario doesn't fit the graph; RunStopped where an invariant breaks
 */
export function runScenario(scenario: Scenario, channelGraph: ChannelGraph, options: RunOptions = {}): RunResult {
  if (scenario.replicas === null) return runOnce(scenario, channelGraph, options);
  const { count, at } = scenario.replicas;
  const { listen: _, ...quiet } = options;
  const run = runOnce(scenario, channelGraph, options, { replica: 1, ofReplicas: count });
  const replicas = replicaRows(0, scenario.seed, run.world.payments, at);
  let { events } = run;
  for (let replica = 1; replica < count; replica++) {
    const seed = replicaSeed(scenario.seed, replica);
    const copy = runOnce({ ...scenario, seed }, channelGraph, quiet, { replica: replica + 1, ofReplicas: count });
    replicas.push(...replicaRows(replica, seed, copy.world.payments, at));
    events += copy.events;
  }
  const ensemble = ensembleOf(replicas, at);
  const notes = [...run.summary.notes, ...survivalNotes(ensemble, count)];
  return { ...run, summary: { ...run.summary, replicas: ensemble, notes }, replicas, events };
}

/** All that `runScenario` finds wrong before it builds a world. @throws UserError */
export function checkRun(scenario: Scenario, channelGraph: ChannelGraph, options: RunOptions = {}): void {
  prepare(scenario, channelGraph, options);
}

interface Prepared {
  readonly graph: CompiledGraph;
  readonly capacitySat: number;
  readonly config: ReturnType<typeof worldConfig>;
  readonly routing: ReturnType<typeof routingPlan>;
}

function prepare(scenario: Scenario, channelGraph: ChannelGraph, options: RunOptions): Prepared {
  const file = options.file ?? 'scenario';
  const graph = compileGraph(withPlannedChannels(channelGraph, scenario, file));
  const capacitySat = graph.capacityMsat.reduce((sum, capacityMsat) => sum + capacityMsat / 1000, 0);
  if (scenario.channels.forwarding === 'free') freeForwarding(graph);
  const config = worldConfig(scenario, graph, file, { ...options.files, graph: channelGraph });
  checkTheory(config, graph, file);
  refuseUnreached(scenario, config.traffic, file);
  sampleRequest(scenario, graph, file); // a mistake, whether somebody samples or not
  return { graph, capacitySat, config, routing: routingPlan(scenario, graph, file, options.strategies) };
}

function runOnce(
  scenario: Scenario,
  channelGraph: ChannelGraph,
  options: RunOptions,
  copy = { replica: 1, ofReplicas: 1 },
): RunResult {
  const file = options.file ?? 'scenario';
  const { graph, capacitySat, config, routing } = prepare(scenario, channelGraph, options);
  const measures = new Measures(scenario, graph, routing);
  const listener = { ...options.listen?.(graph), ...measures.listener };
  try {
    const result = new World(config, graph, measures.strategyOf, listener).run((progress) =>
      options.onProgress?.({ ...progress, ...copy }),
    );
    const measured = measures.result(result.payments);
    const summary = summarise(scenario, graph, capacitySat, result, routing, measured);
    return { summary, world: result, graph, replicas: [], events: result.events };
  } catch (error) {
    if (error instanceof RunStopped && error.cause instanceof OffChainOnly)
      throw offChainOnly(error.cause, graph, file);
    if (!(error instanceof SupplyExceeded)) throw error;
    throw new UserError({
      file,
      path: 'topology',
      found: error.message,
      expected: 'a network that the chain can fund',
    });
  }
}
