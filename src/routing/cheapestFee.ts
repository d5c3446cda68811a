/** `cheapest-fee`: the route whose forwarding fees come to the least, of equal ones the shortest. */
import { FEE_THEN_HOPS } from './searchKernel.ts';
import { singlePath } from './singlePath.ts';
import type { RoutingStrategy } from './strategy.ts';

export const cheapestFee = (retries = false): RoutingStrategy => singlePath(FEE_THEN_HOPS, retries);
