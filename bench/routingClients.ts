/** The clients' routers and minimum-cost flow, held against the CPU time of the reference search in C. */
import { Rng } from '../src/base/random.ts';
import { micros } from '../src/base/time.ts';
import { msat, proportional } from '../src/base/units.ts';
import { type CompiledGraph, compileGraph } from '../src/graph/compiled.ts';
import { readGraphFile } from '../src/host/graphFile.ts';
import { prepareStrategy } from '../src/routing/registry.ts';
import { type PayerView, isRouteFailure } from '../src/routing/strategy.ts';
import type { Pair } from './cloth2020.ts';
import { sharedFile } from './data.ts';
import { cpuMicros, interleaved } from './measure.ts';

const GRAPH_2026 = 'data/mainnet-2026/describegraph.json.gz';
/** Routers that are held against C on the 2020 graph, and how many times its CPU time each may take. */
export const CLIENTS = { lnd: 6, ldk: 6 } as const;
/** The payment that minimum-cost flow is measured by, and how many times the CPU time of C it may take. */
const FLOW = { amountMsat: 5_000_000_000, times: 400, pairs: 30, maxParts: 100 } as const;

export interface QueryRun {
  readonly found: number;
  /** CPU time a query, µs */
  readonly micros: number;
}

/** Asks a payer that has learnt nothing for a way between every pair, under the limits of a real payment. */
export function askAll(
  name: string,
  view: PayerView,
  pairs: readonly Pair[],
  maxParts = 1,
  options: Readonly<Record<string, unknown>> = {},
): QueryRun {
  const strategy = prepareStrategy(name, options, { file: 'bench', path: '' })(Rng.fromSeed(1));
  let found = 0;
  const spent = cpuMicros(() => {
    for (const { source, target, amountMsat } of pairs) {
      const request = {
        source,
        target,
        amountMsat: msat(amountMsat),
        finalCltvExpiryDelta: 21,
        maxFeeMsat: msat(proportional(amountMsat, 50_000) + 50_000),
        maxCltvExpiryDelta: 2016,
        maxHops: 20,
        maxParts,
      };
      if (!isRouteFailure(strategy.findRoutes(request, view))) found++;
    }
  });
  return { found, micros: spent / pairs.length };
}

/** Minimum-cost flow for 5,000,000 sat on the 2026 graph. @param cMicros CPU time of a query of the reference in C */
export function flowAgainstC(cMicros: number): void {
  const file = sharedFile(GRAPH_2026);
  if (file === null) {
    console.log(`  pickhardt: skipped, no shared file ${GRAPH_2026}`);
    return;
  }
  const graph = compileGraph(readGraphFile(file).graph);
  const view: PayerView = {
    graph,
    now: micros(0),
    spendableMsat: (edge) => graph.capacityMsat[edge >> 1]!,
    inFlightMsat: () => 0,
    excludedEdges: [],
    excludedNodes: [],
  };
  const pairs = drawPairs(graph);
  // as in the reference, which leaves channels with a base fee out; and over all channels
  for (const [what, options] of [
    ['channels without a base fee', {}],
    ['all channels', { baseFeeThresholdMsat: 1e12 }],
  ] as const) {
    let found = 0;
    const [time] = interleaved(5, [
      () => {
        const run = askAll('pickhardt', view, pairs, FLOW.maxParts, options);
        found = run.found;
        return run.micros;
      },
    ]);
    const times = time!.least / cMicros;
    console.log(
      `  pickhardt, 5,000,000 sat on the 2026 graph, ${what}: ${(time!.least / 1000).toFixed(1)} ms CPU a query, ` +
        `${times.toFixed(0)} × C (target ≤ ${FLOW.times}); ${found} of ${pairs.length} found`,
    );
  }
}

/** Pairs of nodes whose channels could take the amount at both ends. */
function drawPairs(graph: CompiledGraph): Pair[] {
  const rng = Rng.fromSeed('flow pairs');
  const holds = (node: number): boolean => {
    let capacityMsat = 0;
    for (let i = graph.rowStart[node]!; i < graph.rowStart[node + 1]!; i++) {
      capacityMsat += graph.capacityMsat[graph.rowEdge[i]! >> 1]!;
    }
    return capacityMsat >= 2 * FLOW.amountMsat;
  };
  const pairs: Pair[] = [];
  while (pairs.length < FLOW.pairs) {
    const [source, target] = [rng.below(graph.nodeCount), rng.below(graph.nodeCount)];
    if (source !== target && holds(source) && holds(target))
      pairs.push({ source, target, amountMsat: FLOW.amountMsat });
  }
  return pairs;
}
