/**
 * Demand split into a circulation and a rest without cycles (Sivaraman et al., Spider, NSDI 2020): a circulation can go
 * on for ever on finite channels, a directed acyclic rest can't.
 *
 * The circulation is a random cyclic order of all nodes that can pay and be paid, each paying the next; the acyclic part
 * another random order in which only earlier nodes pay later ones, uniformly. A share of the payments is drawn from the
 * first, the others from the second.
 */
import type { Rng } from '../../../base/random.ts';
import type { Endpoints, Places } from '../traffic.ts';

export interface CirculationPlan {
  readonly kind: 'circulation';
  /** 0 … 1: of the payments that are part of the circulation; 0 is acyclic demand alone */
  readonly share: number;
}

export function circulationEndpoints(
  { payers, payees }: Places,
  { share }: CirculationPlan,
  rng: Rng,
  structure: Rng,
): Endpoints {
  const paid = new Set(payees);
  const both = payers.filter((node) => paid.has(node));
  if (both.length < 2) return { next: () => null };
  const cycle = structure.stream('circulation').shuffle([...both]);
  const order = structure.stream('acyclic').shuffle([...both]);
  return {
    next() {
      if (rng.unit() < share) {
        const at = rng.below(cycle.length);
        return { source: cycle[at]!, target: cycle[(at + 1) % cycle.length]! };
      }
      const first = rng.below(order.length);
      let second = first;
      while (second === first) second = rng.below(order.length);
      return { source: order[Math.min(first, second)]!, target: order[Math.max(first, second)]! };
    },
  };
}
