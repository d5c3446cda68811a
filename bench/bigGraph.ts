/**
 * A graph of 1,000,000 nodes and 5,000,000 channels, made as columns without graphology: CPU time to build it, memory, CPU time
 * of a cheapest-fee query, and that a changed policy or a closed channel is written in place. In a process of its own, so that
 * its peak memory is its own.
 */
import { spawnSync } from 'node:child_process';
import { argv, execArgv, execPath, resourceUsage } from 'node:process';
import { fileURLToPath } from 'node:url';
import { present } from '../src/base/assert.ts';
import { Rng } from '../src/base/random.ts';
import { msat } from '../src/base/units.ts';
import { drawQueries } from '../src/experiment/routeBench.ts';
import { gossipView, requestOf, type QueryLimits } from '../src/experiment/routeQuery.ts';
import type { Policy } from '../src/graph/channelGraph.ts';
import { CompiledGraph } from '../src/graph/compiled.ts';
import { cheapestFee } from '../src/routing/cheapestFee.ts';
import { isRouteFailure } from '../src/routing/strategy.ts';
import { cpuMicros } from './measure.ts';

const NODES = 1_000_000;
const CHANNELS_A_NODE = 5;
const CHANNELS = NODES * CHANNELS_A_NODE;
const QUERIES = 40;
const UPDATES = 200_000;
const AMOUNT_MSAT = msat(100_000_000);
/** What it must keep: CPU seconds to build, CPU seconds of the slowest query, MB at the peak. */
const LIMITS = { buildSeconds: 60, querySeconds: 2, peakMb: 3000 } as const;
const QUERY_LIMITS: QueryLimits = { maxFee: null, maxHops: 20, maxCltvExpiryDelta: 2016, maxParts: 1 };

export const bigGraph = {
  name: 'big-graph',
  run(): Promise<void> {
    const child = spawnSync(execPath, [...execArgv, fileURLToPath(import.meta.url)], { stdio: 'inherit' });
    if (child.status !== 0) throw new Error('the benchmark of the big graph failed');
    return Promise.resolve();
  },
};

/**
 * Each node opens channels to ends of earlier ones, so that the rich get richer (Barabási and Albert, Science 286, 1999); prices
 * and capacities spread as on mainnet.
 */
function build(rng: Rng): CompiledGraph {
  const node1 = new Int32Array(CHANNELS);
  const node2 = new Int32Array(CHANNELS);
  for (let channel = 0; channel < CHANNELS; channel++) {
    const opener = 1 + Math.floor((channel * (NODES - 1)) / CHANNELS);
    // an end of an earlier channel, whose nodes all come before this one's opener, or the first node
    const earlier = firstOf(opener);
    const drawn = earlier === 0 ? 0 : rng.below(2 * earlier);
    node1[channel] = opener;
    node2[channel] = earlier === 0 ? 0 : (drawn & 1 ? node1 : node2)[drawn >> 1]!;
  }
  const capacityMsat = new Float64Array(CHANNELS);
  for (let channel = 0; channel < CHANNELS; channel++) {
    capacityMsat[channel] = 1000 * Math.max(20_000, Math.round(rng.lognormal(2_000_000, 1.3)));
  }
  const edges = 2 * CHANNELS;
  const [feeBaseMsat, feeProportionalMillionths] = [new Uint32Array(edges), new Uint32Array(edges)];
  const [cltvExpiryDelta, enabled] = [new Uint16Array(edges), new Uint8Array(edges).fill(1)];
  const htlcMinimumMsat = new Uint32Array(edges).fill(1000);
  const htlcMaximumMsat = new Float64Array(edges);
  for (let edge = 0; edge < edges; edge++) {
    feeBaseMsat[edge] = rng.unit() < 0.5 ? 1000 : rng.below(2000);
    feeProportionalMillionths[edge] = Math.min(20_000, Math.round(rng.lognormal(150, 1.6)));
    cltvExpiryDelta[edge] = 40 + 40 * rng.below(3);
    htlcMaximumMsat[edge] = Math.floor(0.99 * capacityMsat[edge >> 1]!);
  }
  return new CompiledGraph({
    nodeKeys: Array.from({ length: NODES }, (_, node) => `node-${node}`),
    channelIds: Array.from({ length: CHANNELS }, (_, channel) => `${1 + (channel >> 10)}x${channel & 1023}x0`),
    node1,
    node2,
    capacityMsat,
    feeBaseMsat,
    feeProportionalMillionths,
    cltvExpiryDelta,
    htlcMinimumMsat,
    htlcMaximumMsat,
    enabled,
  });
}

/** The first channel that a node opens. */
const firstOf = (node: number): number => Math.ceil(((node - 1) * CHANNELS) / (NODES - 1));

function measure(): void {
  const rng = Rng.fromSeed('big graph');
  let graph: CompiledGraph | null = null;
  const built = cpuMicros(() => (graph = build(rng.stream('graph')))) / 1e6;
  report(present<CompiledGraph>(graph, 'a graph'), built, rng);
}

function report(graph: CompiledGraph, built: number, rng: Rng): void {
  console.log(
    `  ${graph.nodeCount} nodes, ${graph.channelCount} channels built in ${built.toFixed(1)} s CPU (limit ${LIMITS.buildSeconds}): ` +
      verdict(built < LIMITS.buildSeconds),
  );
  reportQueries(graph, rng.stream('queries'));
  reportUpdates(graph, rng.stream('updates'));
  const peakMb = resourceUsage().maxRSS / 1024; // getrusage gives KiB
  console.log(`  ${peakMb.toFixed(0)} MB at the peak (limit ${LIMITS.peakMb}): ${verdict(peakMb < LIMITS.peakMb)}`);
}

function reportQueries(graph: CompiledGraph, rng: Rng): void {
  const view = gossipView(graph);
  const strategy = cheapestFee();
  let found = 0;
  const times = drawQueries(graph, QUERIES, AMOUNT_MSAT, rng).map((query) => {
    const request = requestOf(query, QUERY_LIMITS);
    return cpuMicros(() => (found += isRouteFailure(strategy.findRoutes(request, view)) ? 0 : 1)) / 1e6;
  });
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const most = Math.max(...times);
  console.log(
    `  cheapest-fee, ${AMOUNT_MSAT / 1000} sat: ${(1000 * mean).toFixed(1)} ms CPU a query, ${(1000 * most).toFixed(0)} ms the slowest ` +
      `(limit ${1000 * LIMITS.querySeconds}), ${found} of ${QUERIES} found: ${verdict(most < LIMITS.querySeconds)}`,
  );
}

/** New policies in place, and a route that changes when its channels close. */
function reportUpdates(graph: CompiledGraph, rng: Rng): void {
  const { cells } = graph.incoming;
  const policy: Policy = {
    feeBaseMsat: msat(0),
    feeProportionalMillionths: 0,
    cltvExpiryDelta: 40,
    htlcMinimumMsat: msat(1000),
    htlcMaximumMsat: msat(1e9),
    disabled: false,
  };
  const drawn = Array.from({ length: UPDATES }, () => rng.below(graph.edgeCount));
  const updated = cpuMicros(() =>
    drawn.forEach((edge, i) =>
      graph.setPolicy(edge, { ...policy, feeBaseMsat: msat(i % 3000), feeProportionalMillionths: i % 1000 }),
    ),
  );
  const [query] = drawQueries(graph, 1, AMOUNT_MSAT, rng);
  const ask = (): readonly number[] => {
    const routes = cheapestFee().findRoutes(requestOf(query!, QUERY_LIMITS), gossipView(graph));
    return isRouteFailure(routes) ? [] : routes[0]!.edges;
  };
  const first = ask();
  const closed = cpuMicros(() => first.forEach((edge) => graph.closeChannel(edge >> 1)));
  const then = ask();
  const isOther = then.length > 0 && !then.some((edge) => first.includes(edge));
  console.log(
    `  a new policy takes ${(updated / UPDATES).toFixed(1)} µs, closing a channel ${(closed / first.length).toFixed(0)} µs (the rows of hubs are long); closed channels are avoided at ` +
      `once, in the same rows: ${verdict(isOther && cells === graph.incoming.cells)}`,
  );
}

const verdict = (isMet: boolean): string => (isMet ? 'met' : 'MISSED');

if (argv[1] === fileURLToPath(import.meta.url)) measure();
