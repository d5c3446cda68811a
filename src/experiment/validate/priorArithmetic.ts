/**
 * V4: what a uniform prior says of routes and flows on an example network, at first and after what earlier rounds of a
 * payment have taught (Pickhardt and Richter, arXiv 2107.05322).
 */
import { micros } from '../../base/time.ts';
import { msat } from '../../base/units.ts';
import { CompiledGraph } from '../../graph/compiled.ts';
import { LiquidityBounds } from '../../routing/flow/liquidityBounds.ts';
import { boundedProbability } from '../../routing/flow/probability.ts';
import { priceRoute } from '../../routing/route.ts';
import type { PayerView } from '../../routing/strategy.ts';
import { exactly } from './check.ts';
import { measurement } from './measurement.ts';

/** Capacities; the payer p stands before s, whose channel to it is certain. */
// prettier-ignore
const CHANNELS = [
  ['p', 's', 100], ['s', 'A', 2], ['A', 'B', 2], ['B', 'd', 4], ['s', 'X', 1], ['X', 'Y', 7], ['Y', 'd', 4], ['X', 'B', 9],
] as const;

/** The probabilities go through logarithms. */
const ROUNDING = 1e-12;

export const uniformPrior = measurement({
  name: 'uniform-prior',
  unit: null,
  parameters: {},
  plan: () => {
    const measured = { ...firstRound(), ...laterRounds() };
    return {
      label: '',
      figures: Object.keys(measured).map((name) => ({ name, theory: null, floor: ROUNDING, isExact: true })),
      run: () => Object.values(measured).map((value) => exactly(value)),
    };
  },
});

function firstRound() {
  const payer = new Payer();
  const [overB, overY] = [payer.likely('psABd', 1), payer.likely('psXYd', 1)];
  return {
    'P(one unit over A, B)': overB,
    'P(one unit over X, Y)': overY,
    'P(one unit over X, B)': payer.likely('psXBd', 1),
    'P(two units, together over B)': payer.likelyTogether('psABd', 'psXBd'),
    'P(two units, apart)': overB * overY,
  };
}

/**
 * Three units: two go over A and B and fail at B's channel to d, one arrives over X and Y. What is left goes the long way,
 * or half of it tries B – d again; of that B – d turns out to hold nothing, and the long way is tried with the last unit.
 */
function laterRounds() {
  const payer = new Payer();
  payer.arrives('psXYd', 1);
  payer.fails('psABd', 2, 'Bd');
  const second = {
    'P(second round, two units the long way)': payer.likely('psABXYd', 2),
    'P(second round, one unit each way)': payer.likelyTogether('psABXYd', 'psABd'),
  };
  payer.fails('psABd', 1, 'Bd');
  payer.arrives('psABXYd', 1);
  return { ...second, 'P(third round, one unit the long way)': payer.likely('psABXYd', 1) };
}

/** What a payer has learnt of the example. Ways are the names of their nodes. */
class Payer {
  readonly #graph = exampleGraph();
  readonly #bounds = new LiquidityBounds(1);

  /** @param taken edges that carry one unit already */
  likely(way: string, units: number, taken: readonly number[] = []): number {
    const view: PayerView = {
      graph: this.#graph,
      now: micros(0),
      spendableMsat: () => 100,
      inFlightMsat: (edge) => (taken.includes(edge) ? 1 : 0),
      excludedEdges: [],
      excludedNodes: [],
    };
    return boundedProbability(this.#route(way, units), view, this.#bounds);
  }

  /** Two units, one each way. */
  likelyTogether(way: string, other: string): number {
    const taken = edgesOf(way);
    // what the first needs of shared edges is in what both need of them; p – s is certain
    const shared = edgesOf(other).filter((edge, hop) => hop > 0 && taken.includes(edge));
    const alone = shared.reduce((product, edge) => product * this.#carriesOne(edge), 1);
    return (this.likely(way, 1) * this.likely(other, 1, taken)) / alone;
  }

  arrives(way: string, units: number): void {
    this.#learn(way, units, null);
  }

  /** @param where the two nodes between which it fails */
  fails(way: string, units: number, where: string): void {
    this.#learn(way, units, way.indexOf(where));
  }

  #learn(way: string, units: number, failedHop: number | null): void {
    const failure = failedHop === null ? null : 'temporary_channel_failure';
    const route = this.#route(way, units);
    this.#bounds.learn({ route, graph: this.#graph, at: micros(0), erringHop: failedHop, failedHop, failure });
  }

  #carriesOne(edge: number): number {
    const { leastMsat, mostMsat } = this.#bounds.look(edge, this.#graph.capacityMsat[edge >> 1]!, micros(0));
    return leastMsat >= 1 ? 1 : mostMsat / (mostMsat + 1);
  }

  #route(way: string, units: number) {
    return priceRoute(this.#graph, edgesOf(way), msat(units), 1);
  }
}

function edgesOf(way: string): number[] {
  const nodes = way.split('');
  return nodes.slice(1).map((to, hop) => {
    const from = nodes[hop]!;
    const channel = CHANNELS.findIndex(([a, b]) => (a === from && b === to) || (a === to && b === from));
    return 2 * channel + (CHANNELS[channel]![0] === from ? 0 : 1);
  });
}

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
