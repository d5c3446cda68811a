/** Strategies that send the whole amount over the one way that a search calls best, and learn nothing. */
import { priceRoute } from './route.ts';
import { type CostWeights, HOPS_THEN_FEE, searchRoute } from './searchKernel.ts';
import { type RoutingStrategy, requestFailure } from './strategy.ts';

/** A strategy that takes the route of least cost. */
export function singlePath(weights: CostWeights): RoutingStrategy {
  return {
    findRoutes(request, view) {
      const fault = requestFailure(request, view.graph);
      if (fault !== null) return fault;
      let found = searchRoute(request, view, weights);
      // the cheapest labels broke a limit on hops or blocks: a shorter way may keep both
      if (!Array.isArray(found) && found.limited && weights !== HOPS_THEN_FEE) {
        found = searchRoute(request, view, HOPS_THEN_FEE);
      }
      if (!Array.isArray(found)) return { failure: found.failure };
      return [priceRoute(view.graph, found, request.amountMsat, request.finalCltvExpiryDelta)];
    },
    learn: () => undefined,
  };
}
