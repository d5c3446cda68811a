/**
 * `flash`: two routers for two kinds of payments (Wang, Xu, Jin and Wang, Flash: Efficient Dynamic Routing for Offchain Networks,
 * CoNEXT 2019).
 *
 * Elephants, the few large payments, go over ways of a maximum flow (shortest augmenting ways, up to twenty), the cheapest filled
 * first: where ways share no channel, that is the optimum of Flash's linear program. Mice go over a table of four shortest
 * ways to their payee, in random order until one has room for all. Flash probes what ways have; here a payer goes by capacities
 * and by what its attempts taught.
 */
import type { Rng } from '../../base/random.ts';
import type { CompiledGraph } from '../../graph/compiled.ts';
import { LiquidityBounds } from '../flow/liquidityBounds.ts';
import { amount, count, type OptionsOf } from '../options.ts';
import { balanceFailure, sendableMsat } from '../ownChannels.ts';
import {
  type PayerView,
  type RouteOutcome,
  type RouteRequest,
  type RoutingStrategy,
  requestFailure,
} from '../strategy.ts';
import { strategyKind } from '../strategyKind.ts';
import { wayCost } from '../wayCosts.ts';
import { cheapestWays } from '../yen.ts';
import { shortestWay } from './forwardWays.ts';
import { type Allowed, firstThatFits, inOrder, sharedOut } from './sharedOut.ts';

const OPTIONS = {
  elephantSat: count('payments of this amount or more are elephants', 1_000_000, 1, 1e13),
  elephantPaths: count('ways of the flow at most', 20, 1, 100),
  micePaths: count('ways in the table for a payee', 4, 1, 20),
  keepSeconds: amount('what was learnt is forgotten after this time', 3600, 1, 1e12),
} as const;

export const flash = strategyKind({
  summary: 'maximum flow for large payments, a table of ways for small ones',
  source: 'Wang, Xu, Jin and Wang, Flash: Efficient Dynamic Routing for Offchain Networks, CoNEXT 2019',
  options: OPTIONS,
  prepare: (options) => (rng) => new FlashStrategy(options, rng),
});

class FlashStrategy implements RoutingStrategy {
  readonly remembersFailures = true;
  readonly clientMaxParts: number;
  readonly #options: OptionsOf<typeof OPTIONS>;
  readonly #rng: Rng;
  readonly #bounds: LiquidityBounds;
  /** by payee */
  readonly #table = new Map<number, number[][]>();

  constructor(options: OptionsOf<typeof OPTIONS>, rng: Rng) {
    this.#options = options;
    this.clientMaxParts = options.elephantPaths;
    this.#rng = rng;
    this.#bounds = new LiquidityBounds(options.keepSeconds);
  }

  findRoutes(request: RouteRequest, view: PayerView): ReturnType<RoutingStrategy['findRoutes']> {
    const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
    if (fault !== null) return fault;
    const isMouse = request.amountMsat < 1000 * this.#options.elephantSat || request.maxParts === 1;
    const known = isMouse ? this.#alongTable(request, view) : null;
    if (known !== null) return known;
    // one way of a flow is the shortest that carries all
    const parts = Math.min(request.maxParts, this.#options.elephantPaths);
    const ways = ({ allows }: Allowed): number[][] => this.#flowWays(request, view, allows, parts);
    const leastMsat = request.maxParts === 1 ? request.amountMsat : 1;
    return sharedOut(request, view, this.#bounds, leastMsat, ways, request.maxParts === 1 ? firstThatFits : inOrder);
  }

  learn(outcome: RouteOutcome): void {
    this.#bounds.learn(outcome);
  }

  /** One of the ways in the table, or null where none has room for all. */
  #alongTable(request: RouteRequest, view: PayerView): ReturnType<RoutingStrategy['findRoutes']> | null {
    const { target } = request;
    let ways = this.#table.get(target);
    if (ways === undefined) {
      const cost = wayCost('hops', view.graph);
      ways = cheapestWays(request, view, cost, this.#options.micePaths).map(({ edges }) => [...edges]);
      this.#table.set(target, ways);
    }
    const shuffled = this.#rng.shuffle([...ways]);
    const usable = ({ allows }: Allowed): number[][] =>
      shuffled.filter((way) => way.every(allows) && this.#room(way, view) >= request.amountMsat);
    const found = sharedOut(request, view, this.#bounds, request.amountMsat, usable, firstThatFits);
    // a table that is out of date is drawn up again when the payee is next paid
    if ('failure' in found) this.#table.delete(target);
    return 'failure' in found ? null : found;
  }

  /** What a way is expected to carry. */
  #room(edges: readonly number[], view: PayerView): number {
    return Math.min(...edges.map((edge, hop) => (hop === 0 ? sendableMsat(view, edge) : this.#most(edge, view))));
  }

  #most(edge: number, view: PayerView): number {
    const { graph, now } = view;
    const { mostMsat } = this.#bounds.look(edge, graph.capacityMsat[edge >> 1]!, now);
    return Math.min(graph.usableMsat(edge), mostMsat - view.inFlightMsat(edge));
  }

  /** Augmenting ways of a maximum flow until the amount fits, the cheapest first. */
  #flowWays(request: RouteRequest, view: PayerView, allows: (edge: number) => boolean, paths: number): number[][] {
    const { graph } = view;
    const { source, target, amountMsat } = request;
    const left = new Map<number, number>();
    const room = (edge: number): number =>
      left.get(edge) ?? (graph.edgeFrom[edge] === source ? sendableMsat(view, edge) : this.#most(edge, view));
    const least = request.maxParts === 1 ? amountMsat : 1;
    const ways: number[][] = [];
    for (let flow = 0; flow < amountMsat && ways.length < paths;) {
      const way = shortestWay(graph, source, target, (edge) => allows(edge) && room(edge) >= least);
      if (way === null) break;
      const units = Math.min(...way.map(room));
      for (const edge of way) left.set(edge, room(edge) - units);
      flow += units;
      ways.push(way);
    }
    return ways.sort((a, b) => rate(graph, a, amountMsat) - rate(graph, b, amountMsat));
  }
}

/** What a way asks for an amount, without what the fees themselves cost, msat. */
const rate = (graph: CompiledGraph, edges: readonly number[], amountMsat: number): number =>
  edges.reduce(
    (sum, edge, hop) =>
      hop === 0 ? sum : sum + graph.feeBaseMsat[edge]! + (graph.feeProportionalMillionths[edge]! * amountMsat) / 1e6,
    0,
  );
