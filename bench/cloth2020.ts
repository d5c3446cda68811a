/** The mainnet graph of December 2020 in CLoTH's CSV files (all amounts in msat), compiled; and the pairs to route. */
import { CompiledGraph } from '../src/graph/compiled.ts';
import { sharedText } from './data.ts';

export const CHANNELS_2020 = 'data/mainnet-2020/channels_ln.csv.gz';
export const EDGES_2020 = 'data/mainnet-2020/edges_ln.csv.gz';
export const NODES_2020 = 'data/mainnet-2020/nodes_ln.csv.gz';
export const PAIRS_2020 = 'bench/pairs-2020.csv';

export interface Pair {
  source: number;
  target: number;
  amountMsat: number;
}

/** Reads the graph: node and channel ids are the files' own, so indices are those of the pairs. */
export function readGraph2020(): CompiledGraph {
  const nodes = numbers(sharedText(NODES_2020));
  const channels = numbers(sharedText(CHANNELS_2020)); // id, edge1, edge2, node1, node2, capacity
  const edges = numbers(sharedText(EDGES_2020)); // id, channel, counter edge, from, to, balance, base, ppm, minimum, cltv
  const perEdge = (): Float64Array => new Float64Array(2 * channels.length);
  const [feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, htlcMinimumMsat] = [1, 2, 3, 4].map(perEdge);
  const capacityMsat = Float64Array.from(channels, (row) => row[5]!);
  for (const row of edges) {
    const channel = row[1]!;
    const edge = 2 * channel + (row[3] === channels[channel]![3] ? 0 : 1);
    feeBaseMsat![edge] = row[6]!;
    feeProportionalMillionths![edge] = row[7]!;
    htlcMinimumMsat![edge] = row[8]!;
    cltvExpiryDelta![edge] = row[9]!;
  }
  return new CompiledGraph({
    nodeKeys: nodes.map((row) => String(row[0])),
    channelIds: channels.map((row) => String(row[0])),
    node1: channels.map((row) => row[3]!),
    node2: channels.map((row) => row[4]!),
    capacityMsat,
    feeBaseMsat: feeBaseMsat!,
    feeProportionalMillionths: feeProportionalMillionths!,
    cltvExpiryDelta: cltvExpiryDelta!,
    htlcMinimumMsat: htlcMinimumMsat!,
    htlcMaximumMsat: perEdge().map((_, edge) => capacityMsat[edge >> 1]!),
    enabled: new Uint8Array(2 * channels.length).fill(1),
  });
}

export function readPairs2020(): Pair[] {
  return numbers(sharedText(PAIRS_2020)).map(([source, target, amountMsat]) => ({
    source: source!,
    target: target!,
    amountMsat: amountMsat!,
  }));
}

/** The rows of a CSV file of integers, without its header. */
function numbers(csv: string): number[][] {
  return csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));
}
