/**
 * `fewest-hops`: the route of fewest channels, of equal ones the cheapest. A dearer node near the payee can need more
 * than a channel before it carries: its label is kept for its few hops, so a longer way through it may be missed.
 */
import { HOPS_THEN_FEE } from './searchKernel.ts';
import { singlePath } from './singlePath.ts';
import type { RoutingStrategy } from './strategy.ts';

export const fewestHops = (retries = false): RoutingStrategy => singlePath(HOPS_THEN_FEE, retries);
