/** One run of a sweep, in a thread of its own. A graph file is read once in each thread, and kept. */
import { RunStopped } from '../sim/worldResult.ts';
import { UserError } from '../base/errors.ts';
import type { Scenario } from '../experiment/scenario.ts';
import { sweepResultOf, type SweepResult } from '../experiment/sweep.ts';
import type { ChannelGraph } from '../graph/channelGraph.ts';
import { readGraphFile } from './graphFile.ts';
import { beside, simulate } from './simulate.ts';

export interface SweepJob {
  readonly scenario: Scenario;
  /** what the scenario's file names are relative to */
  readonly directory: string;
}

const graphs = new Map<string, ChannelGraph>();

/** What a thread is asked for. A run that fails is a result; anything else that goes wrong is thrown. */
export async function runJob({ scenario, directory }: SweepJob): Promise<SweepResult> {
  try {
    const { file } = scenario.topology;
    const graph = file === undefined ? {} : { graph: graphAt(beside(directory, file)) };
    const { run } = await simulate(scenario as Parameters<typeof simulate>[0], { directory, ...graph });
    return sweepResultOf(run);
  } catch (error) {
    if (error instanceof UserError || error instanceof RunStopped) return { error: error.message };
    throw error;
  }
}

function graphAt(path: string): ChannelGraph {
  const known = graphs.get(path);
  if (known) return known;
  const { graph } = readGraphFile(path);
  graphs.set(path, graph);
  return graph;
}
