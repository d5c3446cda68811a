/** Everybody pays everybody: payer and payee uniform among those that can. */
import type { Rng } from '../../../base/random.ts';
import type { Endpoints, Places } from '../traffic.ts';
import { isAble } from './able.ts';

export function uniformEndpoints({ payers, payees }: Places, rng: Rng): Endpoints {
  if (!isAble(payers, payees)) return { next: () => null };
  return {
    next() {
      const source = payers[rng.below(payers.length)]!;
      let target = payees[rng.below(payees.length)]!;
      // at most one of the payees is the payer: drawing again ends soon unless there is no other
      while (target === source && payees.length > 1) target = payees[rng.below(payees.length)]!;
      return { source, target };
    },
  };
}
