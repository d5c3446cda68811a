import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { msat, sat } from '../../src/base/units.ts';
import { newChannelGraph, type Policy } from '../../src/graph/channelGraph.ts';
import { quantile, quantiles } from '../../src/graph/quantiles.ts';
import { graphStatistics, viewOf, type GraphView } from '../../src/graph/statistics.ts';
import { readGraphFile } from '../../src/host/graphFile.ts';
import { needsShared, sharedFile, sharedJson } from '../shared.ts';

const MAINNET = 'data/mainnet-2026/describegraph.json.gz';

interface Published {
  readonly counts: Record<'nodes' | 'channels' | 'distinct_node_pairs' | 'total_capacity_btc', number>;
  readonly parallel_channels: { readonly max_multiplicity: number };
  readonly degree_channels: { readonly quantiles: Record<string, number> };
  readonly degree_peers: { readonly quantiles: Record<string, number> };
  readonly channel_capacity_sat: { readonly quantiles: Record<string, number> };
  readonly components: Record<'count' | 'giant_nodes' | 'giant_share', number>;
  readonly share_of_nodes_with_one_peer: number;
}

interface PublishedPolicies {
  readonly directions: number;
  readonly fee_base_msat: { readonly quantiles: Record<string, number> };
  readonly fee_ppm: { readonly quantiles: Record<string, number> };
  readonly cltv_delta: { readonly quantiles: Record<string, number> };
  readonly htlc_min_msat: { readonly quantiles: Record<string, number> };
  readonly htlc_max_msat: { readonly quantiles: Record<string, number> };
}

interface Stats {
  readonly mainnet_2026_02_03: {
    readonly topology_all: Published;
    readonly topology_any_enabled: Published;
    readonly topology_both_enabled: Published;
    readonly policies_of_enabled_directions: PublishedPolicies;
  };
}

describe('statistics of mainnet in February 2026', () => {
  const withData = needsShared(MAINNET, 'data/stats.json');
  // prettier-ignore
  const views: [GraphView, 'topology_all' | 'topology_any_enabled' | 'topology_both_enabled'][] = [
    ['all', 'topology_all'], ['anyEnabled', 'topology_any_enabled'], ['bothEnabled', 'topology_both_enabled'],
  ];
  for (const [view, name] of views) {
    withData(`are those published for the view ${view}`, () => {
      const published = sharedJson<Stats>('data/stats.json').mainnet_2026_02_03;
      const expected = published[name];
      const found = graphStatistics(readGraphFile(present(sharedFile(MAINNET), MAINNET)).graph, view);
      expect(found.nodes).toBe(expected.counts.nodes);
      expect(found.channels).toBe(expected.counts.channels);
      expect(found.nodePairs).toBe(expected.counts.distinct_node_pairs);
      expect(found.channelsPerPairMax).toBe(expected.parallel_channels.max_multiplicity);
      expect(found.capacitySat / 1e8).toBeCloseTo(expected.counts.total_capacity_btc, 2);
      expect(found.components).toBe(expected.components.count);
      expect(found.giantNodes).toBe(expected.components.giant_nodes);
      expect(found.nodesWithOnePeer / found.nodes).toBeCloseTo(expected.share_of_nodes_with_one_peer, 4);
      const policies = published.policies_of_enabled_directions;
      expect(found.directionsEnabled).toBe(view === 'bothEnabled' ? found.directions : policies.directions);
      const same = (of: object | null, theirs: { quantiles: Record<string, number> }): void => {
        const ours = new Map<string, unknown>(Object.entries(present(of, 'a sample')));
        for (const [share, value] of Object.entries(theirs.quantiles)) {
          const names: Record<string, string> = { p0: 'least', p100: 'most', n: 'count' };
          const own = ours.get(names[share] ?? share);
          if (own !== undefined)
            expect([share, Math.round(Number(own) * 100) / 100]).toEqual([share, Math.round(value * 100) / 100]);
        }
      };
      same(found.degree, expected.degree_channels);
      same(found.peers, expected.degree_peers);
      // the published mean is rounded to a thousandth
      same({ ...found.channelCapacitySat, mean: undefined }, expected.channel_capacity_sat);
      if (view === 'bothEnabled') return;
      same(found.feeBaseMsat, policies.fee_base_msat);
      same(found.feeProportionalMillionths, policies.fee_ppm);
      same(found.cltvExpiryDelta, policies.cltv_delta);
      same(found.htlcMinimumMsat, policies.htlc_min_msat);
      same(found.htlcMaximumMsat, policies.htlc_max_msat);
    });
  }

  withData('of all channels include a 99th percentile of 73.77 channels a node', () => {
    const { graph } = readGraphFile(present(sharedFile(MAINNET), MAINNET));
    expect(graphStatistics(graph).degree?.p99).toBeCloseTo(73.77, 10);
  });
});

describe('statistics of a small graph', () => {
  //   a ===== b ----- c      d (no channel)      e --x-- f     === two channels, -x- disabled both ways
  const policy = (disabled: boolean, feeBaseMsat: number): Policy => ({
    feeBaseMsat: msat(feeBaseMsat),
    feeProportionalMillionths: 10,
    cltvExpiryDelta: 40,
    htlcMinimumMsat: msat(1),
    htlcMaximumMsat: msat(1000),
    disabled,
  });
  const graph = newChannelGraph();
  for (const key of 'abcdef') graph.addNode(key, { alias: key });
  graph.addUndirectedEdgeWithKey('1x1x1', 'a', 'b', {
    capacitySat: sat(10),
    policy1: policy(false, 1),
    policy2: policy(false, 2),
  });
  graph.addUndirectedEdgeWithKey('1x1x2', 'b', 'a', { capacitySat: sat(20), policy1: policy(false, 3), policy2: null });
  graph.addUndirectedEdgeWithKey('1x1x3', 'b', 'c', {
    capacitySat: sat(30),
    policy1: policy(true, 4),
    policy2: policy(false, 5),
  });
  graph.addUndirectedEdgeWithKey('1x1x4', 'e', 'f', {
    capacitySat: sat(40),
    policy1: policy(true, 6),
    policy2: policy(true, 7),
  });

  test('count all channels in the view of all', () => {
    expect(graphStatistics(graph)).toMatchObject({
      nodes: 5,
      nodesWithoutChannel: 1,
      channels: 4,
      nodePairs: 3,
      channelsPerPairMax: 2,
      capacitySat: 100,
      directions: 8,
      directionsEnabled: 4,
      components: 2,
      giantNodes: 3,
      nodesWithOnePeer: 4,
      degree: { count: 5, mean: 1.6, least: 1, p50: 1, p75: 2, most: 3 },
      peers: { mean: 1.2, most: 2 },
      channelCapacitySat: { mean: 25, p50: 25 },
      feeBaseMsat: { count: 4, mean: 2.75, most: 5 },
    });
  });

  test('count usable channels in the other views', () => {
    expect(viewOf(graph, 'anyEnabled').edges()).toEqual(['1x1x1', '1x1x2', '1x1x3']);
    expect(viewOf(graph, 'bothEnabled').edges()).toEqual(['1x1x1']);
    expect(graphStatistics(graph, 'bothEnabled')).toMatchObject({
      nodes: 2,
      nodesWithoutChannel: 4,
      directionsEnabled: 2,
    });
  });

  test('of an empty view are nothing, not an error', () => {
    expect(graphStatistics(newChannelGraph())).toMatchObject({ nodes: 0, channels: 0, components: 0, degree: null });
  });

  test('interpolate between neighbours', () => {
    expect(quantiles(Float64Array.of(4, 1, 3, 2))).toMatchObject({ least: 1, p25: 1.75, p50: 2.5, p75: 3.25, most: 4 });
    expect(quantile([1, 2, 3, 4, 5], 0.99)).toBeCloseTo(4.96, 12);
    expect(quantiles(new Float64Array())).toBeNull();
  });
});
