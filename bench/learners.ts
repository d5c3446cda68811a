/**
 * What payers' memories weigh: every node of the 2026 graph sends its share of a million payments and learns from each
 * attempt. Ways come from random spanning trees of each sender, outcomes from its stream: what is measured is the memories.
 */
import { Rng } from '../src/base/random.ts';
import { micros, MICROS_PER_SECOND } from '../src/base/time.ts';
import { msat } from '../src/base/units.ts';
import { type CompiledGraph, compileGraph } from '../src/graph/compiled.ts';
import { readGraphFile } from '../src/host/graphFile.ts';
import { prepareStrategy } from '../src/routing/registry.ts';
import { priceRoute } from '../src/routing/route.ts';
import type { RouteOutcome, RoutingStrategy } from '../src/routing/strategy.ts';
import { sharedFile } from './data.ts';
import { usedBytes } from './measure.ts';

const GRAPH = 'data/mainnet-2026/describegraph.json.gz';
const PAYMENTS = 1_000_000;
/** Share of the other attempts that fail. */
const FAILURES = 0.4;
/** Spanning trees of a sender: another one for each attempt of a payment, of which the last succeeds. */
const TREES = 3;
const DAY_MICROS = 86_400 * MICROS_PER_SECOND;
/** The limit for all memories together, MB. */
const TARGET_MB = 2000;

const MEMORIES: readonly (readonly [name: string, options: Record<string, unknown>])[] = [
  ['lnd', {}],
  ['ldk', {}],
  ['eclair', { usePastRelayData: true }],
  ['pickhardt', {}],
];

export const learners = {
  name: 'learners',
  long: true,
  run(): Promise<void> {
    const file = sharedFile(GRAPH);
    if (file === null) console.log(`skipped: no shared file ${GRAPH}`);
    else report(compileGraph(readGraphFile(file).graph));
    return Promise.resolve();
  },
};

/** All strategies learn from the same ways; what each remembers is what is free once its payers are let go. */
function report(graph: CompiledGraph): void {
  const payers = MEMORIES.map(([name, options]) => {
    const newStrategy = prepareStrategy(name, options, { file: 'bench', path: '' });
    return { name, strategies: graph.nodeKeys.map((_, sender) => newStrategy(Rng.fromSeed(sender))) };
  });
  let outcomes = 0;
  for (let sender = 0; sender < graph.nodeCount; sender++) {
    const learning = payers.map(({ strategies }) => strategies[sender]!);
    outcomes += teach(graph, sender, learning);
  }
  console.log(`${graph.nodeCount} payers, ${PAYMENTS} payments, ${outcomes} outcomes`);
  let held = usedBytes();
  for (const { name, strategies } of payers) {
    const count = strategies.length;
    strategies.length = 0;
    const left = usedBytes();
    const megabytes = (held - left) / 1e6;
    const each = (1e3 * megabytes) / count;
    console.log(
      `${name}: ${megabytes.toFixed(0)} MB of memories (target < ${TARGET_MB}), ${each.toFixed(1)} kB a payer`,
    );
    held = left;
  }
}

/** A sender's payments, from first to last, for one payer of each strategy. @returns how many outcomes they had */
function teach(graph: CompiledGraph, sender: number, learning: readonly RoutingStrategy[]): number {
  const rng = Rng.fromSeed('learners').stream('sender', sender);
  const trees = Array.from({ length: TREES }, () => spanningTree(graph, sender, rng));
  const firstPayment = Math.round((sender * PAYMENTS) / graph.nodeCount);
  const payments = Math.round(((sender + 1) * PAYMENTS) / graph.nodeCount) - firstPayment;
  let outcomes = 0;
  for (let payment = 0; payment < payments; payment++) {
    const at = Math.floor(((payment + rng.unit()) * DAY_MICROS) / payments);
    const target = rng.below(graph.nodeCount);
    const amountMsat = msat(1000 * Math.round(rng.lognormal(10_000, 1)));
    for (const [attempt, tree] of trees.entries()) {
      const edges = wayTo(graph, tree, sender, target);
      if (edges === null) break;
      const route = priceRoute(graph, edges, amountMsat, 18);
      const fails = edges.length > 1 && attempt + 1 < TREES && rng.unit() < FAILURES;
      const failedHop = fails ? 1 + rng.below(edges.length - 1) : null;
      const failure = fails ? 'temporary_channel_failure' : null;
      const outcome: RouteOutcome = {
        route,
        graph,
        at: micros(at + attempt),
        erringHop: failedHop,
        failedHop,
        failure,
      };
      for (const payer of learning) payer.learn(outcome);
      outcomes++;
      if (!fails) break;
    }
  }
  return outcomes;
}

const queue: number[] = [];

/** The edge, disabled or not, by which each node is reached first, rows read from a place that is drawn for each; −1 where none leads there. */
function spanningTree(graph: CompiledGraph, root: number, rng: Rng): Int32Array {
  const reachedBy = new Int32Array(graph.nodeCount).fill(-1);
  queue.length = 0;
  queue.push(root);
  for (let next = 0; next < queue.length; next++) {
    const node = queue[next]!;
    const first = graph.rowStart[node]!;
    const length = graph.rowStart[node + 1]! - first;
    if (length === 0) continue;
    const turn = rng.below(length);
    for (let i = 0; i < length; i++) {
      const edge = graph.rowEdge[first + ((i + turn) % length)]! ^ 1;
      const to = graph.edgeTo[edge]!;
      if (to === root || reachedBy[to] !== -1) continue;
      reachedBy[to] = edge;
      queue.push(to);
    }
  }
  return reachedBy;
}

function wayTo(graph: CompiledGraph, tree: Int32Array, root: number, target: number): number[] | null {
  const way: number[] = [];
  for (let node = target; node !== root; node = graph.edgeFrom[tree[node]!]!) {
    if (tree[node] === -1) return null;
    way.push(tree[node]!);
  }
  return way.length === 0 ? null : way.toReversed();
}
