/**
 * `k-shortest`: the k cheapest ways by a cost of choice (Yen), and of them the first, a random one, or the likeliest.
 *
 * Costs: forwarding fees, hops, blocks, or risk, the sum of −ln(1 − a/(c+1)) over foreign channels.
 */
import type { Rng } from '../base/random.ts';
import { choice, count } from './options.ts';
import { balanceFailure } from './ownChannels.ts';
import { priceRoute } from './route.ts';
import { type RoutingStrategy, requestFailure } from './strategy.ts';
import { strategyKind } from './strategyKind.ts';
import { WAY_COSTS, wayCost } from './wayCosts.ts';
import { type RankedWay, cheapestWays } from './yen.ts';

const OPTIONS = {
  k: count('ways to find', 5, 1, 100),
  cost: choice('what they are ranked by', 'fee', WAY_COSTS),
  pick: choice('which of them is taken', 'first', ['first', 'random', 'likeliest']),
} as const;

export const kShortest = strategyKind({
  summary: 'the k cheapest ways by a cost of choice, and one of them',
  source: 'Yen, Finding the k shortest loopless paths in a network, Management Science 17 (1971)',
  options: OPTIONS,
  prepare:
    ({ k, cost, pick }) =>
    (rng: Rng): RoutingStrategy => ({
      findRoutes(request, view) {
        const fault = requestFailure(request, view.graph) ?? balanceFailure({ ...request, maxParts: 1 }, view);
        if (fault !== null) return fault;
        const ways = cheapestWays(request, view, wayCost(cost, view.graph), k);
        if (ways.length === 0) return { failure: 'no-route' };
        const { edges, way } = picked(ways, pick, rng);
        const route = priceRoute(view.graph, edges, request.amountMsat, request.finalCltvExpiryDelta);
        return [{ ...route, probability: way.probability }];
      },
      learn: () => undefined,
    }),
});

function picked(ways: readonly RankedWay[], pick: 'first' | 'random' | 'likeliest', rng: Rng): RankedWay {
  switch (pick) {
    case 'first':
      return ways[0]!;
    case 'random':
      return ways[rng.below(ways.length)]!;
    case 'likeliest':
      return ways.reduce((best, each) => (each.way.probability > best.way.probability ? each : best));
  }
}
