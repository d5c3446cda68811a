/** How long a message takes over a link: drawn from one law for all, or fixed by channel. */
import type { Rng } from '../../base/random.ts';
import { drawerOf, type Law } from '../laws.ts';

/** µs, for the receiving edge; drawn anew for each message. */
export type Latency = (edge: number) => number;

export type LatencyPlan =
  | Law
  /** µs, by channel: the same both ways */
  | { readonly law: 'links'; readonly micros: Float64Array };

export function latencyOf(plan: LatencyPlan, rng: Rng): Latency {
  if (plan.law !== 'links') return drawerOf(plan, rng);
  const { micros } = plan;
  return (edge) => micros[edge >> 1]!;
}
