/**
 * Larger nodes pay and are paid more often: payer and payee each with a chance in proportion to the capacity of their
 * channels, the payee drawn again while it is the payer.
 */
import type { Rng } from '../../../base/random.ts';
import { weightedChoice } from '../../weightedChoice.ts';
import type { Endpoints, Places } from '../traffic.ts';
import { isAble } from './able.ts';

export function capacityEndpoints({ payers, payees, capacityMsat }: Places, rng: Rng): Endpoints {
  if (!isAble(payers, payees)) return { next: () => null };
  const capacities = (nodes: readonly number[]): number[] => nodes.map((node) => capacityMsat[node]!);
  const payer = weightedChoice(capacities(payers), rng);
  const payee = weightedChoice(capacities(payees), rng);
  return {
    next() {
      const source = payers[payer()]!;
      let target = payees[payee()]!;
      while (target === source && payees.length > 1) target = payees[payee()]!;
      return { source, target };
    },
  };
}
