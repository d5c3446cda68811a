/**
 * Published statistics of a network as a profile to compare with: a JSON file of entries, each with a topology (degrees,
 * capacities, clustering, distances) and the policies of its enabled directions as tables of quantiles `p0` … `p100`.
 */
import { describe, UserError } from '../../base/errors.ts';
import { DISTRIBUTIONS, FACTS, type Distribution, type DistributionName, type FactName, type GraphProfile } from '../../graph/graphProfile.ts'; // prettier-ignore
import { parseJsonText } from '../jsonText.ts';

type Path = readonly string[];

/** Where an entry's topology stands: of channels with an enabled direction, or, where disabled ones are not known, of all. */
const TOPOLOGIES = ['topology_any_enabled', 'topology_all'] as const;
const TOPOLOGY = 'topology';
const POLICIES = 'policies_of_enabled_directions';

// prettier-ignore
const DISTRIBUTION_PATHS: Readonly<Record<DistributionName, Path>> = {
  'channels a node':          [TOPOLOGY, 'degree_channels', 'quantiles'],
  'peers a node':             [TOPOLOGY, 'degree_peers', 'quantiles'],
  'capacity (sat)':           [TOPOLOGY, 'channel_capacity_sat', 'quantiles'],
  'capacity of a node (sat)': [TOPOLOGY, 'node_capacity_sat', 'quantiles'],
  'base fee (msat)':          [POLICIES, 'fee_base_msat', 'quantiles'],
  'fee rate (ppm)':           [POLICIES, 'fee_ppm', 'quantiles'],
  'cltv delta (blocks)':      [POLICIES, 'cltv_delta', 'quantiles'],
  'htlc minimum (msat)':      [POLICIES, 'htlc_min_msat', 'quantiles'],
  'htlc maximum (msat)':      [POLICIES, 'htlc_max_msat', 'quantiles'],
};

// prettier-ignore
const FACT_PATHS: Readonly<Record<FactName, Path>> = {
  'nodes':                                    [TOPOLOGY, 'counts', 'nodes'],
  'channels':                                 [TOPOLOGY, 'counts', 'channels'],
  'capacity (BTC)':                           [TOPOLOGY, 'counts', 'total_capacity_btc'],
  'nodes with one peer (share)':              [TOPOLOGY, 'share_of_nodes_with_one_peer'],
  'directions enabled (share)':               [POLICIES, 'directions'],
  'mean clustering':                          [TOPOLOGY, 'clustering', 'average_local'],
  'mean distance (hops)':                     [TOPOLOGY, 'distances_in_giant', 'average_shortest_path'],
  'degree assortativity':                     [TOPOLOGY, 'assortativity_degree_peers'],
  'capacity of the 1% richest nodes (share)': [TOPOLOGY, 'node_capacity_sat', 'share_of_top_1pct_nodes'],
};

/**
 * The profile of an entry; what it does not have is null.
 * @throws UserError if the text is not JSON, or has no such entry
 */
export function statsProfile(text: string, file: string, entry: string): GraphProfile {
  const all = parseJsonText(text, file);
  const found = valueAt(all, [entry]);
  if (typeof found !== 'object' || found === null) {
    const names = typeof all === 'object' && all !== null ? Object.keys(all).slice(0, 10) : [];
    throw new UserError({
      file,
      path: entry,
      found: describe(found),
      expected: `an entry: ${names.join(', ') || 'there is none'}`,
    });
  }
  const topology = TOPOLOGIES.find((name) => valueAt(found, [name]) !== undefined) ?? TOPOLOGIES[0];
  const at = (path: Path): unknown =>
    valueAt(
      found,
      path.map((part) => (part === TOPOLOGY ? topology : part)),
    );
  const distributions = DISTRIBUTIONS.map((name) => [name, quantilesOf(at(DISTRIBUTION_PATHS[name]))]);
  const facts = FACTS.map((name) => {
    const value = at(FACT_PATHS[name]);
    return [name, typeof value === 'number' && Number.isFinite(value) ? value : null];
  });
  const profile = {
    distributions: Object.fromEntries(distributions),
    facts: Object.fromEntries(facts),
  } as GraphProfile;
  const { channels, 'directions enabled (share)': enabled } = profile.facts;
  const share = enabled === null || channels === null ? null : enabled / (2 * channels);
  return { ...profile, facts: { ...profile.facts, 'directions enabled (share)': share } };
}

/** `{ p5: 20, p50: 30, … }` as points; null if it is none. */
function quantilesOf(table: unknown): Distribution | null {
  if (typeof table !== 'object' || table === null) return null;
  const points = Object.entries(table).flatMap(([name, value]: [string, unknown]) => {
    const share = /^p(\d{1,3}(?:\.\d{1,3})?)$/.exec(name);
    return share === null || typeof value !== 'number' ? [] : [[Number(share[1]) / 100, value] as const];
  });
  return points.length === 0 ? null : { kind: 'quantiles', points };
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
