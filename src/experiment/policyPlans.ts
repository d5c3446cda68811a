/** Changes of policies, from the scenario's words to edges. */
import { seconds } from '../base/time.ts';
import { msat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { UserError } from '../base/errors.ts';
import type { GossipConfig, PolicyPlan } from '../sim/config.ts';
import { channelIndex, nodeIndex } from './references.ts';
import type { Scenario } from './scenario.ts';

/** @throws UserError for a channel or node that there isn't, or a change of nothing */
export function policyPlans(policies: Scenario['policies'], graph: CompiledGraph, file: string): PolicyPlan[] {
  return policies.map(({ at, channel, by, node, ...fields }, index) => {
    const path = `policies[${index}]`;
    const { feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, htlcMinimumMsat, htlcMaximumMsat, disabled } =
      fields;
    const change: PolicyPlan['change'] = {
      ...(feeBaseMsat === undefined ? {} : { feeBaseMsat: msat(feeBaseMsat) }),
      ...(feeProportionalMillionths === undefined ? {} : { feeProportionalMillionths }),
      ...(cltvExpiryDelta === undefined ? {} : { cltvExpiryDelta }),
      ...(htlcMinimumMsat === undefined ? {} : { htlcMinimumMsat: msat(htlcMinimumMsat) }),
      ...(htlcMaximumMsat === undefined ? {} : { htlcMaximumMsat: msat(htlcMaximumMsat) }),
      ...(disabled === undefined ? {} : { disabled }),
    };
    if (Object.keys(change).length === 0) {
      throw new UserError({
        file,
        path,
        found: 'a change of nothing',
        expected: 'a fee, a limit, a delta or disabled',
      });
    }
    return { at: seconds(at), edges: edgesOf(graph, channel, by, node, file, path), change };
  });
}

function edgesOf(
  graph: CompiledGraph,
  channel: string | undefined,
  by: 'node1' | 'node2' | undefined,
  node: string | undefined,
  file: string,
  path: string,
): number[] {
  if (channel !== undefined) {
    const first = 2 * channelIndex(graph, channel, file, `${path}.channel`);
    return [first, first + 1].filter((edge) => by === undefined || by === (edge === first ? 'node1' : 'node2'));
  }
  const index = nodeIndex(graph, node ?? '', file, `${path}.node`);
  return [...graph.rowEdge.subarray(graph.rowStart[index], graph.rowStart[index + 1])].map((edge) => edge ^ 1);
}

export function gossipConfig({ delay, grace, updates }: Scenario['gossip']): GossipConfig {
  const law = typeof delay === 'number' ? { median: delay, sigma: 0 } : delay;
  return {
    delay: { medianMicros: seconds(law.median), sigma: law.sigma },
    grace: seconds(grace),
    updates: updates && { ratePerSecond: updates.rate, sigma: updates.sigma },
  };
}
