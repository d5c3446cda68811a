/**
 * Merchants and consumers: some nodes sell, the others buy. A payment goes from a consumer to a merchant, both uniform;
 * a part of them goes back (wages, suppliers), so that the share decides how fast channels drain towards merchants.
 */
import type { Rng } from '../../../base/random.ts';
import type { Endpoints, Places } from '../traffic.ts';
import { uniformEndpoints } from './uniform.ts';

export interface MerchantsPlan {
  readonly kind: 'merchants';
  /** 0 … 1: of the nodes that can be paid, drawn at random; one at least */
  readonly share: number;
  /** 0 … 1: of the payments that go from a merchant to a consumer */
  readonly back: number;
}

export function merchantEndpoints(places: Places, plan: MerchantsPlan, rng: Rng, structure: Rng): Endpoints {
  const { payers, payees } = places;
  const shuffled = structure.stream('merchants').shuffle([...payees]);
  const merchants = new Set(shuffled.slice(0, Math.max(1, Math.round(plan.share * payees.length))));
  const among = (sells: boolean) => (node: number) => merchants.has(node) === sells;
  const to = uniformEndpoints(
    { ...places, payers: payers.filter(among(false)), payees: payees.filter(among(true)) },
    rng,
  );
  const from = uniformEndpoints(
    { ...places, payers: payers.filter(among(true)), payees: payees.filter(among(false)) },
    rng,
  );
  return { next: () => (plan.back > 0 && rng.unit() < plan.back ? from : to).next() };
}
