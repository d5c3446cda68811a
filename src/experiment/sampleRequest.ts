/** From the scenario's `results.samples` to which channels the run looks at, and when. */
import { seconds } from '../base/time.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { SampleRequest } from '../sim/records.ts';
import { channelIndex } from './references.ts';
import type { Scenario } from './scenario.ts';

/**
 * @param file the scenario's name, for errors
 * @returns null where nothing is to be sampled
 * @throws UserError if a channel is not there
 */
export function sampleRequest(
  { results: { samples } }: Scenario,
  graph: CompiledGraph,
  file: string,
): Omit<SampleRequest, 'tell' | 'tellBlocking'> | null {
  if (samples === null) return null;
  const { channels, every, everyPayments } = samples;
  return {
    channels:
      channels === 'all'
        ? Array.from({ length: graph.channelCount }, (_, index) => index)
        : channels.map((each, index) => channelIndex(graph, each, file, `results.samples.channels[${index}]`)),
    every: every === undefined ? null : seconds(every),
    everyPayments: everyPayments ?? null,
  };
}
