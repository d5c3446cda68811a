/**
 * V4: what a uniform prior says of routes and flows (Pickhardt and Richter, arXiv 2107.05322, example 1), and which flows
 * all states of a triangle carry: each of its 27 as a network of its own, on which two routes are tried again and again.
 */
import { micros } from '../../base/time.ts';
import { msat } from '../../base/units.ts';
import { CompiledGraph } from '../../graph/compiled.ts';
import { LiquidityBounds } from '../../routing/flow/liquidityBounds.ts';
import { boundedProbability } from '../../routing/flow/probability.ts';
import { priceRoute } from '../../routing/route.ts';
import type { PayerView } from '../../routing/strategy.ts';
import type { Scenario } from '../scenario.ts';
import { exactly } from './check.ts';
import { measurement } from './measurement.ts';
import { runTheory } from './theoryWorld.ts';

/** Capacities; the payer p stands before s, whose channel to it is certain. */
// prettier-ignore
const CHANNELS = [
  ['p', 's', 100], ['s', 'A', 2], ['A', 'B', 2], ['B', 'd', 4], ['s', 'X', 1], ['X', 'Y', 7], ['Y', 'd', 4], ['X', 'B', 9],
] as const;

/** Rounding: the probabilities go through logarithms. */
const ROUNDING = 1e-12;
/** States of the triangle that carry 0, 1 … 4 units. */
const STATES = [5, 8, 9, 4, 1];

export const uniformPrior = measurement({
  name: 'uniform-prior',
  unit: null,
  parameters: {},
  plan: (_, { scenario }) => {
    const figure = (name: string, theory: number, floor = 0) => ({ name, theory, floor, isExact: true });
    return {
      label: '',
      figures: [
        figure('P(one unit over A, B)', 16 / 45, ROUNDING),
        figure('P(one unit over X, Y)', 7 / 20, ROUNDING),
        figure('P(one unit over X, B)', 9 / 25, ROUNDING),
        figure('P(two units, together over B)', 3 / 25, ROUNDING),
        figure('P(two units, apart)', 28 / 225, ROUNDING),
        ...STATES.map((states, units) => figure(`triangles that carry ${units}`, states)),
      ],
      run: (_, rng) => {
        const [overB, apart] = [likely('psABd', 1), likely('psXYd', 1)];
        const together = likely('psABd', 1) * likely('psXBd', 1, 'psABd');
        const flows = triangleFlows(scenario(), rng.uint32());
        const probabilities = [overB, apart, likely('psXBd', 1), together, overB * apart];
        const counts = STATES.map((_, units) => flows.filter((flow) => flow === units).length);
        return [...probabilities, ...counts].map((value) => exactly(value));
      },
    };
  },
});

function exampleGraph(): CompiledGraph {
  const keys = [...new Set(CHANNELS.flatMap(([a, b]) => [a, b]))];
  const both = (value: number): number[] => CHANNELS.flatMap(() => [value, value]);
  return new CompiledGraph({
    nodeKeys: keys,
    channelIds: CHANNELS.map(([a, b]) => `${a}${b}`),
    node1: CHANNELS.map(([a]) => keys.indexOf(a)),
    node2: CHANNELS.map(([, b]) => keys.indexOf(b)),
    capacityMsat: CHANNELS.map(([, , capacity]) => capacity),
    feeBaseMsat: both(0),
    feeProportionalMillionths: both(0),
    cltvExpiryDelta: both(1),
    htlcMinimumMsat: both(0),
    htlcMaximumMsat: both(100),
    enabled: both(1),
  });
}

/** What routing thinks of some units along a way. @param beside a way that carries one unit already */
function likely(way: string, units: number, beside = ''): number {
  const graph = exampleGraph();
  const edgesOf = (nodes: string): number[] =>
    nodes
      .slice(1)
      .split('')
      .map((to, hop) => {
        const from = nodes[hop]!;
        const channel = CHANNELS.findIndex(([a, b]) => (a === from && b === to) || (a === to && b === from));
        return 2 * channel + (CHANNELS[channel]![0] === from ? 0 : 1);
      });
  const taken = new Set(edgesOf(beside));
  const view: PayerView = {
    graph,
    now: micros(0),
    spendableMsat: () => 100,
    inFlightMsat: (edge) => (taken.has(edge) ? 1 : 0),
    excludedEdges: [],
    excludedNodes: [],
  };
  const route = priceRoute(graph, edgesOf(way), msat(units), 1);
  // what is on its way over an edge is there: the second unit is as likely as both, where the first is certain
  const given = beside === '' ? 1 : sharedProbability(graph, taken, route.edges);
  return boundedProbability(route, view, new LiquidityBounds(1)) / given;
}

/** How likely the edges that two ways share carry the first one's unit. */
function sharedProbability(graph: CompiledGraph, taken: ReadonlySet<number>, edges: readonly number[]): number {
  let product = 1;
  for (const edge of edges.slice(1)) {
    const capacity = graph.capacityMsat[edge >> 1]!;
    if (taken.has(edge)) product *= capacity / (capacity + 1);
  }
  return product;
}

/** Units that come through in each state of the triangle s – A – d, s – d with capacities of two units. */
function triangleFlows(base: Scenario, seed: number): number[] {
  const balances = [0, 1, 2];
  const states = balances.flatMap((direct) =>
    balances.flatMap((first) => balances.map((last) => [direct, first, last])),
  );
  const { world, graph } = runTheory(
    base,
    states.flatMap(([direct = 0, first = 0, last = 0], copy) => [
      { between: [`s${copy}`, `d${copy}`], units: 2, firstHolds: direct },
      { between: [`s${copy}`, `A${copy}`], units: 2, firstHolds: first },
      { between: [`A${copy}`, `d${copy}`], units: 2, firstHolds: last },
    ]),
    {
      traffic: {
        payments: states.length * 100,
        endpoints: {
          kind: 'pairs',
          pairs: states.flatMap((_, copy) => [
            { from: `s${copy}`, to: `d${copy}`, via: [] },
            { from: `s${copy}`, to: `d${copy}`, via: [`A${copy}`] },
          ]),
        },
      },
    },
    seed,
  );
  const flows = states.map(() => 0);
  for (const { source, succeeded } of world.payments) if (succeeded) flows[Number(graph.nodeKeys[source]!.slice(1))]!++;
  return flows;
}
