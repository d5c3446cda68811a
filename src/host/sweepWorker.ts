/** One run of a sweep, in a thread of its own. A graph file is read once in each thread, and kept. */
import { RunStopped } from '../sim/worldResult.ts';
import { UserError, type Mistake } from '../base/errors.ts';
import type { Scenario } from '../experiment/scenario.ts';
import { sweepResultOf, type SweepResult } from '../experiment/sweep.ts';
import type { ChannelGraph } from '../graph/channelGraph.ts';
import { readGraphFile } from './graphFile.ts';
import { beside, checkSimulation, simulate } from './simulate.ts';

export interface SweepJob {
  readonly scenario: Scenario;
  /** what the scenario's file names are relative to */
  readonly directory: string;
}

const graphs = new Map<string, ChannelGraph>();

/** What is wrong with a scenario, as far as that is known before a world is built; null if nothing is. */
export async function checkJob({ scenario, directory }: SweepJob): Promise<Mistake | null> {
  try {
    await checkSimulation(scenario, directory, graphOf(scenario, directory));
    return null;
  } catch (error) {
    // whatever else goes wrong, the run will tell
    return error instanceof UserError ? error.mistake : null;
  }
}

/** What a thread is asked for. A run that fails is a result; anything else that goes wrong is thrown. */
export async function runJob({ scenario, directory }: SweepJob): Promise<SweepResult> {
  try {
    const graph = graphOf(scenario, directory);
    const { run } = await simulate(scenario as Parameters<typeof simulate>[0], {
      directory,
      ...(graph ? { graph } : {}),
    });
    return sweepResultOf(run);
  } catch (error) {
    if (error instanceof UserError || error instanceof RunStopped) return { error: error.message };
    throw error;
  }
}

/** What stands in the scenario's graph file; nothing where it names none. */
function graphOf({ topology: { file } }: Scenario, directory: string): ChannelGraph | undefined {
  if (file === undefined) return undefined;
  const path = beside(directory, file);
  const known = graphs.get(path);
  if (known) return known;
  const { graph } = readGraphFile(path);
  graphs.set(path, graph);
  return graph;
}
