/**
 * Worlds as theory has them: real nodes, channels and a real chain, in a scenario whose switches leave out what theory
 * leaves out. Its fixture says which; channels, traffic and seed are the row's.
 */
import { assert, present } from '../../base/assert.ts';
import type { z } from 'zod';
import { generatedGraph, runScenario, type RunResult } from '../run.ts';
import { scenarioSchema, type Scenario } from '../scenario.ts';
import type { channels as channelsSchema } from '../scenario/channels.ts';
import type { traffic as trafficSchema } from '../scenario/traffic.ts';

/** What theory calls one: the constant amount that the scenario's traffic pays. @throws InvariantError if it is another law */
export function unitSat({ traffic: { amount } }: Scenario): number {
  assert(amount.law === 'constant', 'a scenario of a theory pays one unit');
  return amount.valueSat;
}

/** A channel of so many units between two nodes, of which the first holds some at the beginning. */
export interface TheoryChannel {
  readonly between: readonly [string, string];
  readonly units: number;
  readonly firstHolds: number;
}

/** A world holds what it has to say of each payment: a new one after so many. */
export const PAYMENTS_PER_WORLD = 500_000;

export interface Parts {
  readonly traffic: z.input<typeof trafficSchema>;
  readonly channels?: z.input<typeof channelsSchema>;
  readonly stop?: Scenario['stop'];
}

/** Runs a scenario with such channels, and what else is given in place of its own. */
export function runTheory(
  base: Scenario,
  channels: readonly TheoryChannel[],
  { traffic, channels: terms, stop = base.stop }: Parts,
  seed: number,
): RunResult {
  const unit = unitSat(base);
  const scenario = scenarioSchema.parse({
    ...base,
    seed,
    topology: {
      channels: channels.map(({ between: [node1, node2], units, firstHolds }) => ({
        node1,
        node2,
        capacitySat: units * unit,
        node1Sat: firstHolds * unit,
      })),
    },
    channels: { ...base.channels, ...terms },
    traffic: { ...base.traffic, ...traffic },
    stop,
  });
  return runScenario(scenario, present(generatedGraph(scenario), 'a graph of its channels'));
}
