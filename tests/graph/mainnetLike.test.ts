import { beforeAll, describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { parseShortChannelId } from '../../src/base/ids.ts';
import { Rng } from '../../src/base/random.ts';
import type { ChannelGraph, Policy } from '../../src/graph/channelGraph.ts';
import { generateGraph } from '../../src/graph/generators/generators.ts';
import { distance as distanceOf, type Distribution } from '../../src/graph/graphProfile.ts';
import { degreeAssortativity, meanClustering, meanDistance, peerGraph } from '../../src/graph/peerGraph.ts';
import { graphStatistics, isEnabled, viewOf, type GraphStatistics } from '../../src/graph/statistics.ts';
import { readGraphFile } from '../../src/host/graphFile.ts';
import { writeLndGraph } from '../../src/io/graphs/lndGraph.ts';
import { needsShared, sharedFile } from '../shared.ts';

const MAINNET = 'data/mainnet-2026/describegraph.json.gz';
const MAINNET_NODES = 6976;

const generate = (nodes: number, seed: number | string): ChannelGraph =>
  generateGraph({ kind: 'mainnet-like', nodes }, Rng.fromSeed(seed));

describe('a mainnet-like network', () => {
  // prettier-ignore
  test.each([2, 3, 10, 50, 300, 1000, 3000, 10_000])('of %d nodes is connected, whole and in bounds', (nodes) => {
    const graph = generate(nodes, 7);
    const { components, giantNodes, degree } = graphStatistics(graph);
    expect([graph.order, components, giantNodes]).toEqual([nodes, 1, nodes]);
    expect(present(degree, 'degrees').least).toBe(1);
    const flawed = graph.filterEdges((id, { capacitySat, policy1, policy2 }, node1, node2) => {
      const ofChannel = parseShortChannelId(id) === id && node1 < node2 && (isEnabled(policy1) || isEnabled(policy2));
      const ofCapacity = Number.isSafeInteger(capacitySat) && capacitySat >= 10_000 && capacitySat <= 720_000_000;
      return !ofChannel || !ofCapacity || !isSound(policy1, capacitySat * 1000) || !isSound(policy2, capacitySat * 1000);
    });
    expect(flawed).toEqual([]);
    expect(graph.nodes().filter((key) => !/^0[23][0-9a-f]{64}$/.test(key))).toEqual([]);
    expect(new Set(graph.mapNodes((_key, { alias }) => alias)).size).toBe(nodes);
  });

  test('is the same for the same seed, and another for another', () => {
    const text = writeLndGraph(generate(200, 1));
    expect(writeLndGraph(generate(200, 1))).toBe(text);
    expect(writeLndGraph(generate(200, 2))).not.toBe(text);
  });

  test('twice as large has mainnet’s degrees', () => {
    const graph = generate(14_000, 1);
    const { components, degree, nodesWithOnePeer } = graphStatistics(graph);
    expect(components).toBe(1);
    expect(nodesWithOnePeer / 14_000).toBeCloseTo(0.472, 2);
    expect(degree).toMatchObject({ p50: 2, p75: 5 });
  });
});

function isSound(policy: Policy | null, capacityMsat: number): boolean {
  if (policy === null) return false;
  const { feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, htlcMinimumMsat, htlcMaximumMsat } = policy;
  return (
    [feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, htlcMinimumMsat, htlcMaximumMsat].every(
      (value) => Number.isSafeInteger(value) && value >= 0,
    ) &&
    feeBaseMsat <= 10_000_000 &&
    feeProportionalMillionths <= 1_000_000 &&
    cltvExpiryDelta >= 3 &&
    cltvExpiryDelta <= 2016 &&
    htlcMinimumMsat <= htlcMaximumMsat &&
    htlcMaximumMsat >= 1 &&
    htlcMaximumMsat <= capacityMsat
  );
}

/** What is compared: samples, one value a node, a channel or an enabled direction. */
type Samples = Record<'channels a node' | 'peers a node' | 'capacity' | 'node capacity' | 'base fee' | 'fee rate' | 'cltv delta' | 'htlc minimum' | 'htlc maximum / capacity', number[]>; // prettier-ignore

describe('a mainnet-like network of mainnet’s size', () => {
  const withData = needsShared(MAINNET);
  const seeds = [1, 2, 3];
  let mainnet: Described | null = null;
  let generated: Described[] = [];
  beforeAll(() => {
    const path = sharedFile(MAINNET);
    if (path === null) return;
    mainnet = described(viewOf(readGraphFile(path).graph, 'anyEnabled'));
    generated = seeds.map((seed) => described(generate(MAINNET_NODES, seed)));
  }, 180_000);

  /** Kolmogorov-Smirnov distances over three seeds that calibration must stay below. */
  // prettier-ignore
  const bounds: Record<keyof Samples, number> = {
    'channels a node': 0.01, 'peers a node': 0.01, 'capacity': 0.04, 'node capacity': 0.03,
    'base fee': 0.06, 'fee rate': 0.06, 'cltv delta': 0.05, 'htlc minimum': 0.06, 'htlc maximum / capacity': 0.06,
  };

  withData('has mainnet’s distributions', () => {
    const real = present(mainnet, 'mainnet');
    const rows = [['Kolmogorov-Smirnov distance', ...seeds.map((seed) => `seed ${seed}`), 'bound']];
    for (const [name, sample] of entriesOf(real.samples)) {
      const distances = generated.map(({ samples }) => distance(sample, samples[name]));
      rows.push([name, ...distances.map((value) => value.toFixed(4)), bounds[name].toFixed(2)]);
      for (const value of distances) expect([name, value < bounds[name]]).toEqual([name, true]);
    }
    console.log(table(rows));
  });

  withData('has mainnet’s quantiles', () => {
    const real = present(mainnet, 'mainnet');
    const shares = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
    const rows = [['mainnet, generated (seed 1)', ...shares.map((share) => `p${share * 100}`)]];
    for (const [name, sample] of entriesOf(real.samples)) {
      const at = (values: number[], share: number): string => {
        const sorted = Float64Array.from(values).sort();
        return String(Number((sorted[Math.round(share * (sorted.length - 1))] ?? 0).toPrecision(4)));
      };
      rows.push([name, ...shares.map((share) => at(sample, share))]);
      rows.push(['', ...shares.map((share) => at(present(generated[0], 'seed 1').samples[name], share))]);
    }
    console.log(table(rows));
  });

  /** [fact, how far a seed may be from mainnet] */
  // prettier-ignore
  const tolerances: [keyof Facts, number][] = [
    ['channels', 700], ['node pairs', 500], ['capacity, BTC', 400], ['share of nodes with one peer', 0.01],
    ['share of directions enabled', 0.01], ['channels enabled both ways', 700], ['mean clustering', 0.01],
    ['degree assortativity', 0.025], ['rank correlation: capacity, fewer channels of its ends', 0.1],
    ['rank correlation: channels of a node, its capacity', 0.05], ['rank correlation: fee rate, capacity', 0.06],
    ['rank correlation: base fee, fee rate', 0.1], ['share of base fees 0', 0.06], ['share of base fees 1000', 0.06],
    ['share of fee rates 0', 0.04], ['share of fee rates 1', 0.05], ['share of (1000, 1)', 0.05],
    ['share of deltas 80', 0.05], ['share of deltas 144', 0.06], ['share of deltas 40', 0.05],
    ['habit: base fee', 0.04], ['habit: fee rate', 0.08], ['habit: cltv delta', 0.03], ['habit: htlc minimum', 0.03],
    ['share of the 1% largest nodes in capacity', 0.07], ['mean distance', 0.1],
    ['share of capacity in parallel channels', 0.1],
  ];

  withData('has mainnet’s shares and correlations', () => {
    const real = present(mainnet, 'mainnet');
    const rows = [['', 'mainnet', ...seeds.map((seed) => `seed ${seed}`), 'within']];
    const print = (value: number): string => String(Number(value.toFixed(4)));
    for (const [name, tolerance] of tolerances) {
      rows.push([
        name,
        print(real.facts[name]),
        ...generated.map(({ facts }) => print(facts[name])),
        String(tolerance),
      ]);
      for (const { facts } of generated) {
        expect([name, Math.abs(facts[name] - real.facts[name]) <= tolerance]).toEqual([name, true]);
      }
    }
    console.log(table(rows));
  });
});

type Facts = ReturnType<typeof factsOf>;

interface Described {
  readonly samples: Samples;
  readonly facts: Facts;
}

function described(graph: ChannelGraph): Described {
  const samples: Samples = {
    'channels a node': [], 'peers a node': [], 'capacity': [], 'node capacity': [],
    'base fee': [], 'fee rate': [], 'cltv delta': [], 'htlc minimum': [], 'htlc maximum / capacity': [],
  }; // prettier-ignore
  const byNode = new Map<string, Policy[]>();
  const capacityOfDirection: number[] = [];
  const fewerChannels: number[] = [];
  graph.forEachNode((key) => {
    samples['channels a node'].push(graph.degree(key));
    samples['peers a node'].push(graph.neighbors(key).length);
    samples['node capacity'].push(
      graph.mapEdges(key, (_id, { capacitySat }) => Number(capacitySat)).reduce((a, b) => a + b, 0),
    );
    byNode.set(key, []);
  });
  graph.forEachEdge((_id, { capacitySat, policy1, policy2 }, node1, node2) => {
    samples.capacity.push(capacitySat);
    fewerChannels.push(Math.min(graph.degree(node1), graph.degree(node2)));
    for (const [policy, owner] of [
      [policy1, node1],
      [policy2, node2],
    ] as const) {
      // prettier-ignore
      if (!isEnabled(policy)) continue;
      samples['base fee'].push(policy.feeBaseMsat);
      samples['fee rate'].push(policy.feeProportionalMillionths);
      samples['cltv delta'].push(policy.cltvExpiryDelta);
      samples['htlc minimum'].push(policy.htlcMinimumMsat);
      samples['htlc maximum / capacity'].push(Math.round((policy.htlcMaximumMsat / capacitySat / 1000) * 1e4) / 1e4);
      capacityOfDirection.push(capacitySat);
      present(byNode.get(owner), owner).push(policy);
    }
  });
  const facts = factsOf(graph, samples, [...byNode.values()], capacityOfDirection, fewerChannels);
  return { samples, facts };
}

// oxlint-disable-next-line explicit-function-return-type -- the table's rows name the facts
function factsOf(
  graph: ChannelGraph,
  samples: Samples,
  byNode: Policy[][],
  capacityOfDirection: number[],
  fewerChannels: number[],
) {
  // prettier-ignore
  const any: GraphStatistics = graphStatistics(graph, 'anyEnabled');
  const peers = peerGraph(graph);
  const share = (sample: number[], value: number): number =>
    sample.filter((item) => item === value).length / sample.length;
  const rates = samples['fee rate'];
  const bySize = samples['node capacity'].toSorted((a, b) => b - a);
  const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
  return {
    channels: any.channels,
    'node pairs': any.nodePairs,
    'capacity, BTC': any.capacitySat / 1e8,
    'share of nodes with one peer': any.nodesWithOnePeer / any.nodes,
    'share of directions enabled': any.directionsEnabled / any.directions,
    'channels enabled both ways': graphStatistics(graph, 'bothEnabled').channels,
    'mean clustering': meanClustering(peers),
    'degree assortativity': degreeAssortativity(peers),
    'mean distance': meanDistance(peers),
    'rank correlation: capacity, fewer channels of its ends': rankCorrelation(samples.capacity, fewerChannels),
    'rank correlation: channels of a node, its capacity': rankCorrelation(
      samples['channels a node'],
      samples['node capacity'],
    ),
    'rank correlation: fee rate, capacity': rankCorrelation(rates, capacityOfDirection),
    'rank correlation: base fee, fee rate': rankCorrelation(samples['base fee'], rates),
    'share of base fees 0': share(samples['base fee'], 0),
    'share of base fees 1000': share(samples['base fee'], 1000),
    'share of fee rates 0': share(rates, 0),
    'share of fee rates 1': share(rates, 1),
    'share of (1000, 1)':
      samples['base fee'].filter((base, i) => base === 1000 && rates[i] === 1).length / rates.length,
    'share of deltas 80': share(samples['cltv delta'], 80),
    'share of deltas 144': share(samples['cltv delta'], 144),
    'share of deltas 40': share(samples['cltv delta'], 40),
    'habit: base fee': habit(byNode, (policy) => policy.feeBaseMsat),
    'habit: fee rate': habit(byNode, (policy) => policy.feeProportionalMillionths),
    'habit: cltv delta': habit(byNode, (policy) => policy.cltvExpiryDelta),
    'habit: htlc minimum': habit(byNode, (policy) => policy.htlcMinimumMsat),
    'share of capacity in parallel channels':
      sum(graph.mapEdges((_id, { capacitySat }, a, b) => (graph.edges(a, b).length > 1 ? Number(capacitySat) : 0))) /
      any.capacitySat,
    'share of the 1% largest nodes in capacity': sum(bySize.slice(0, Math.round(bySize.length / 100))) / sum(bySize),
  };
}

/** Share of directions that have their node's most frequent value, over nodes with at least five. */
function habit(byNode: Policy[][], field: (policy: Policy) => number): number {
  let kept = 0;
  let all = 0;
  for (const policies of byNode) {
    if (policies.length < 5) continue;
    const counts = new Map<number, number>();
    for (const policy of policies) counts.set(field(policy), (counts.get(field(policy)) ?? 0) + 1);
    kept += Math.max(...counts.values());
    all += policies.length;
  }
  return kept / all;
}

const rankCorrelation = (x: number[], y: number[]): number => correlation(ranks(x), ranks(y));

/** Mean ranks of equal values. */
function ranks(values: number[]): number[] {
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const out = values.map(() => 0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && order[to]!.value === order[from]!.value) to++;
    for (let k = from; k < to; k++) out[order[k]!.i] = (from + to - 1) / 2;
    from = to;
  }
  return out;
}

function correlation(x: number[], y: number[]): number {
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [i, value] of x.entries()) {
    const [dx, dy] = [value - meanX, y[i]! - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}

/** Kolmogorov and Smirnov's. */
function distance(a: number[], b: number[]): number {
  const values = (sample: number[]): Distribution => ({ kind: 'values', sorted: Float64Array.from(sample).sort() });
  return present(distanceOf(values(a), values(b)), 'a distance').value;
}

const entriesOf = (samples: Samples): [keyof Samples, number[]][] =>
  Object.entries(samples).filter((entry): entry is [keyof Samples, number[]] => Object.hasOwn(samples, entry[0]));

function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')).join('\n'); // prettier-ignore
}
