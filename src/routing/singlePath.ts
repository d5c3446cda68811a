/** Strategies that send the whole amount over the one way that a search calls best, and learn nothing. */
import { onOff } from './options.ts';
import { priceRoute } from './route.ts';
import { type CostWeights, HOPS_THEN_FEE, searchRoute } from './searchKernel.ts';
import { type RoutingStrategy, requestFailure } from './strategy.ts';

/** What strategies of one path have in common. */
export const singlePathOptions = {
  retries: onOff('tries what failed again within the payment, as where balances come and go', false),
};

/** A strategy that takes the route of least cost. @param retries whether it takes what failed again within a payment */
export function singlePath(weights: CostWeights, retries: boolean): RoutingStrategy {
  return {
    remembersFailures: retries,
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
