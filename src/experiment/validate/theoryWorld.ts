/**
 * Worlds as theory has them: real nodes, channels and a real chain, with the switches that leave out what theory leaves
 * out. Nothing costs a fee, no end keeps a reserve, messages take no time, a payment is tried once.
 */
import { msat, sat } from '../../base/units.ts';
import { newChannelGraph, type ChannelGraph, type Policy } from '../../graph/channelGraph.ts';
import { runScenario, type RunResult } from '../run.ts';
import { scenarioSchema, type ScenarioInput } from '../scenario.ts';

/** What theory calls one: far above dust, so that no HTLC is trimmed. */
export const UNIT_SAT = 1000;

/** A channel of so many units between two nodes, of which the first holds some at the beginning. */
export interface TheoryChannel {
  readonly between: readonly [string, string];
  readonly units: number;
  readonly firstHolds: number;
}

export function theoryGraph(channels: readonly TheoryChannel[]): ChannelGraph {
  const graph = newChannelGraph();
  for (const { between } of channels) {
    for (const node of between) if (!graph.hasNode(node)) graph.addNode(node, { alias: node });
  }
  channels.forEach(({ between: [first, second], units, firstHolds }, index) => {
    const capacityMsat = msat(units * UNIT_SAT * 1000);
    const policy: Policy = {
      feeBaseMsat: msat(0),
      feeProportionalMillionths: 0,
      cltvExpiryDelta: 18,
      htlcMinimumMsat: msat(1),
      htlcMaximumMsat: capacityMsat,
      disabled: false,
    };
    graph.addEdgeWithKey(`1x${index}x0`, first, second, {
      capacitySat: sat(units * UNIT_SAT),
      policy1: policy,
      policy2: { ...policy },
      balance1Msat: msat(firstHolds * UNIT_SAT * 1000),
    });
  });
  return graph;
}

type Parts = Pick<ScenarioInput, 'traffic' | 'channels' | 'stop'>;

/** Runs traffic on such channels until it is over; nothing is settled on-chain. */
export function runTheory(
  channels: readonly TheoryChannel[],
  { traffic, channels: terms, stop }: Parts,
  seed: number,
): RunResult {
  const scenario = scenarioSchema.parse({
    seed,
    topology: { generate: 'line', nodes: 2 }, // the graph is given
    channels: { format: 'zero_fee_commitments', reserveMillionths: 0, liquidity: 'graph', ...terms },
    chain: { walletReserveSat: 0 },
    latency: { law: 'constant', value: 0 },
    traffic: { maxAttempts: 1, amount: { law: 'constant', valueSat: UNIT_SAT }, ...traffic },
    stop: stop ?? {},
    settle: 'none',
  });
  return runScenario(scenario, theoryGraph(channels));
}
