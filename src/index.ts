/** The library: what `import … from 'leyden'` gives. */
export { simulate, type Simulation, type SimulateOptions, type TimedSummary } from './host/simulate.ts';
export { readGraphFile } from './host/graphFile.ts';
export { scenarioSchema, type Scenario, type ScenarioInput } from './experiment/scenario.ts';
export { generatedGraph, runScenario, type RunOptions, type RunResult } from './experiment/run.ts';
export type { ClosingSummary, Performance, RunSummary } from './experiment/summary.ts';
export { scenarioJsonSchema } from './io/scenarioSchema.ts';
export { checkScenario, parseScenario } from './io/scenarioText.ts';
export { readLndGraph, writeLndGraph } from './io/graphs/lndGraph.ts';
export { newChannelGraph, type ChannelGraph, type Policy } from './graph/channelGraph.ts';
export { compileGraph, type CompiledGraph } from './graph/compiled.ts';
export { generateGraph, generators, type TopologyOptions } from './graph/generators/generators.ts';
export { graphStatistics } from './graph/statistics.ts';
export type { PayerView, RouteOutcome, RouteRequest, RoutingStrategy } from './routing/strategy.ts';
export type { UserStrategy, UserStrategyExport, UserWay } from './experiment/userStrategy.ts';
export { routingStrategies } from './routing/registry.ts';
export { RunStopped, type Progress, type WorldResult } from './sim/worldResult.ts';
export { UserError } from './base/errors.ts';
export { InvariantError } from './base/assert.ts';
