/**
 * The cheapest-fee search and the clients' routers on the 2020 mainnet graph, against the reference in C (3,000 pairs, for the
 * cheapest fee the exact problem), and the former against graphology-shortest-path's Dijkstra (a subset of the pairs, fixed
 * weights for both).
 */
import { MultiDirectedGraph } from 'graphology';
import dijkstra from 'graphology-shortest-path/dijkstra.js';
import { type Msat, forwardingFeeMsat, msat } from '../src/base/units.ts';
import { micros } from '../src/base/time.ts';
import { CompiledGraph } from '../src/graph/compiled.ts';
import { cheapestFee } from '../src/routing/cheapestFee.ts';
import { type PayerView, isRouteFailure } from '../src/routing/strategy.ts';
import { CHANNELS_2020, type Pair, readGraph2020, readPairs2020 } from './cloth2020.ts';
import { sharedFile } from './data.ts';
import { type Measured, cpuMicros, interleaved } from './measure.ts';
import { buildReference, referenceMissing } from './reference2020.ts';
import { CLIENTS, askAll, flowAgainstC } from './routingClients.ts';

const ROUNDS = 9;
/** Every so many-th pair goes to graphology, which is slow; prime, so that the three amounts take turns. */
const EVERY = 31;

export const search = {
  name: 'search',
  run(): Promise<void> {
    if (sharedFile(CHANNELS_2020) === null) {
      console.log(`skipped: no shared file ${CHANNELS_2020}`);
    } else {
      const graph = readGraph2020();
      const pairs = readPairs2020();
      againstC(graph, pairs);
      againstGraphology(graph, pairs);
    }
    return Promise.resolve();
  },
};

/** The payer knows no more than capacities, as in the reference. */
export function openView(graph: CompiledGraph): PayerView {
  return {
    graph,
    now: micros(0),
    spendableMsat: (edge) => graph.capacityMsat[edge >> 1]!,
    inFlightMsat: () => 0,
    excludedEdges: [],
    excludedNodes: [],
  };
}

/** What each pair's source sends, fees included, or −1: without limits on fee, blocks or hops, as in the reference. */
export function sentMsat(view: PayerView, pairs: readonly Pair[]): number[] {
  const strategy = cheapestFee();
  return pairs.map(({ source, target, amountMsat }) => {
    const limits = {
      maxFeeMsat: Number.MAX_SAFE_INTEGER as Msat,
      maxCltvExpiryDelta: 2 ** 31 - 1,
      maxHops: 63,
      maxParts: 1,
    };
    const request = { source, target, amountMsat: msat(amountMsat), finalCltvExpiryDelta: 9, ...limits };
    const found = strategy.findRoutes(request, view);
    return isRouteFailure(found) ? -1 : found[0]!.amountsMsat[0]!;
  });
}

function againstC(graph: CompiledGraph, pairs: readonly Pair[]): void {
  const missing = referenceMissing();
  if (missing !== null) {
    console.log(`kernel against C: skipped, ${missing}`);
    return;
  }
  const reference = buildReference();
  try {
    const view = openView(graph);
    let ours: readonly number[] = [];
    let theirs: readonly number[] = [];
    const kernel = (): number => cpuMicros(() => (ours = sentMsat(view, pairs))) / pairs.length;
    const plainC = (): number => {
      const run = reference.run(3);
      theirs = run.sentMsat;
      return run.microsPerQuery;
    };
    const clients = Object.entries(CLIENTS).map(([name, times]) => ({ name, times, found: 0 }));
    const contenders = clients.map((client) => (): number => {
      const run = askAll(client.name, view, pairs);
      client.found = run.found;
      return run.micros;
    });
    const [kernelTime, cTime, ...clientTimes] = interleaved(ROUNDS, [kernel, plainC, ...contenders]);
    const equal = ours.filter((sent, i) => sent === theirs[i]).length;
    report('kernel', kernelTime!);
    report('reference_search.c (gcc -O3 -march=native)', cTime!);
    console.log(
      `  kernel / C: ${ratio(kernelTime!, cTime!)} of its CPU time; sent_msat equal for ${equal} of ${pairs.length}`,
    );
    clients.forEach(({ name, times, found }, i) => {
      report(`${name}, cold memory, ${found} routes`, clientTimes[i]!);
      console.log(`  ${name} / C: ${ratio(clientTimes[i]!, cTime!)} of its CPU time (target ≤ ${times})`);
    });
    flowAgainstC(cTime!.least);
  } finally {
    reference.remove();
  }
}

function againstGraphology(graph: CompiledGraph, allPairs: readonly Pair[]): void {
  const pairs = allPairs.filter((_, i) => i % EVERY === 0);
  const amounts = new Set(pairs.map(({ amountMsat }) => amountMsat));
  const frozen = new Map([...amounts].map((amountMsat) => [amountMsat, freeze(graph, amountMsat)]));
  let ours: number[] = [];
  let theirs: number[] = [];
  const kernel = (): number => {
    const spent = cpuMicros(() => {
      ours = pairs.map((pair) => {
        const [sent] = sentMsat(frozen.get(pair.amountMsat)!.view, [pair]);
        return sent === -1 ? -1 : sent! - pair.amountMsat;
      });
    });
    return spent / pairs.length;
  };
  const graphology = (): number => {
    const spent = cpuMicros(() => (theirs = pairs.map((pair) => frozen.get(pair.amountMsat)!.dijkstra(pair))));
    return spent / pairs.length;
  };
  const [kernelTime, graphologyTime] = interleaved(3, [kernel, graphology]);
  const equal = ours.filter((fee, i) => fee === theirs[i]).length;
  report('kernel, fixed weights', kernelTime!);
  report('graphology-shortest-path, fixed weights', graphologyTime!);
  const faster = (graphologyTime!.least / kernelTime!.least).toFixed(0);
  console.log(`  kernel ${faster} × faster; fees equal for ${equal} of ${pairs.length} pairs`);
}

/** The graph with every fee fixed at what it is for one amount, for both searches. */
function freeze(graph: CompiledGraph, amountMsat: number): { view: PayerView; dijkstra: (pair: Pair) => number } {
  const unlimited = Number.MAX_SAFE_INTEGER;
  const usable = graph.enabled.map((enabled, edge) =>
    enabled === 1 && graph.usableMsat(edge) >= amountMsat && graph.htlcMinimumMsat[edge]! <= amountMsat ? 1 : 0,
  );
  const weights = graph.feeBaseMsat.map((feeBaseMsat, edge) =>
    forwardingFeeMsat(amountMsat, feeBaseMsat, graph.feeProportionalMillionths[edge]!),
  );
  const fixed = new CompiledGraph({
    nodeKeys: graph.nodeKeys,
    channelIds: graph.channelIds,
    node1: graph.edgeFrom.filter((_, edge) => edge % 2 === 0),
    node2: graph.edgeTo.filter((_, edge) => edge % 2 === 0),
    capacityMsat: graph.capacityMsat.map(() => unlimited),
    feeBaseMsat: weights,
    feeProportionalMillionths: weights.map(() => 0),
    cltvExpiryDelta: graph.cltvExpiryDelta,
    htlcMinimumMsat: weights.map(() => 0),
    htlcMaximumMsat: weights.map(() => unlimited),
    enabled: usable,
  });
  const view = { ...openView(fixed), spendableMsat: (edge: number) => (usable[edge] === 1 ? unlimited : 0) };

  const named = new MultiDirectedGraph<Record<string, never>, { weight: number; from: string }>();
  for (let node = 0; node < graph.nodeCount; node++) named.addNode(String(node));
  usable.forEach((isUsable, edge) => {
    const from = String(graph.edgeFrom[edge]);
    if (isUsable === 1) named.addEdge(from, String(graph.edgeTo[edge]), { weight: weights[edge]!, from });
  });
  const route = ({ source, target }: Pair): number => {
    const payer = String(source);
    const path = dijkstra.bidirectional(named, payer, String(target), (_, { weight, from }) =>
      from === payer ? 0 : weight,
    );
    if (path === null) return -1;
    let feeMsat = 0;
    for (let hop = 1; hop + 1 < path.length; hop++) {
      const parallel = named.outEdges(path[hop], path[hop + 1]);
      feeMsat += Math.min(...parallel.map((edge) => named.getEdgeAttribute(edge, 'weight')));
    }
    return feeMsat;
  };
  return { view, dijkstra: route };
}

function report(what: string, time: Measured): void {
  console.log(`  ${what}: ${time.least.toFixed(1)} µs CPU a query (least), ${time.median.toFixed(1)} (median)`);
}

const ratio = (a: Measured, b: Measured): string => (a.least / b.least).toFixed(2);
