/**
 * The scenario: what a user writes to say what is to be simulated, and its checked form with every default filled in.
 *
 * The schema is the reference, a file a section; `src/io/scenarioText.ts` reads YAML and JSON and turns what zod finds into
 * one clear error.
 */
import { z } from 'zod';
import { chain } from './scenario/chain.ts';
import { channels } from './scenario/channels.ts';
import { closure } from './scenario/closures.ts';
import { fault } from './scenario/faults.ts';
import { gossip, policies } from './scenario/gossip.ts';
import { latency } from './scenario/latency.ts';
import { measure } from './scenario/measure.ts';
import { replicas } from './scenario/replicas.ts';
import { results } from './scenario/results.ts';
import { opening } from './scenario/openings.ts';
import { routing } from './scenario/routing.ts';
import { splice } from './scenario/splices.ts';
import { stop } from './scenario/stop.ts';
import { topology, type TopologyInput } from './scenario/topology.ts';
import { traffic } from './scenario/traffic.ts';
import { count } from './scenario/values.ts';
import { watchtower } from './scenario/watchtowers.ts';

export const scenarioSchema = z.strictObject({
  $schema: z.string().max(4096).optional(),
  name: z.string().min(1).max(200).default('unnamed'),
  description: z.string().max(4000).optional(),
  seed: count(0, Number.MAX_SAFE_INTEGER).default(1),
  topology,
  channels: channels.prefault({}),
  chain: chain.prefault({}),
  latency: latency.prefault({}),
  traffic: traffic.prefault({}),
  routing: routing.prefault({}),
  gossip: gossip.prefault({}),
  policies,
  stop: stop.prefault({}),
  openings: z.array(opening).max(100_000).default([]),
  splices: z.array(splice).max(100_000).default([]),
  closures: z.array(closure).max(100_000).default([]),
  faults: z.array(fault).max(100_000).default([]),
  watchtowers: z.array(watchtower).max(10_000).default([]),
  settle: z
    .enum(['none', 'pending', 'all'])
    .default('all')
    .describe('at the end: stop; resolve what is closing; or close every channel mutually, too'),
  replicas,
  measure: measure.prefault({}),
  results: results.prefault({}),
  auditEvery: count(1, 1_000_000_000).default(100_000).describe('events between two whole-world audits'),
});

/** How payers find routes; what stands beside these are the options of `strategy`. */
export interface RoutingInput extends Partial<
  Pick<z.input<typeof routing>, 'strategy' | 'shares' | 'nodes' | 'options'>
> {
  readonly [option: string]: unknown;
}
/** A scenario as its author writes it. */
export type ScenarioInput = Omit<z.input<typeof scenarioSchema>, 'topology' | 'routing'> & {
  readonly topology: TopologyInput;
  readonly routing?: RoutingInput;
};
/** A scenario with every default filled in; durations in seconds. */
export type Scenario = z.output<typeof scenarioSchema>;
