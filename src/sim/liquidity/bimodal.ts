/**
 * Most channels are nearly all on one side: the density of a balance x in a channel of capacity c is proportional to
 * e^(−x/s) + e^(−(c−x)/s), as lnd's bimodal estimator assumes (lnd, `routing/probability_bimodal.go`).
 *
 * Half the chance picks the side; the other half is turned into a truncated exponential by its inverse distribution.
 */
import { exp, ln } from '../../base/math.ts';
import type { LiquidityModel } from './liquidity.ts';

/** @param scale s as a share of the capacity, above 0: the larger, the nearer to uniform */
export function bimodal(scale: number): LiquidityModel {
  const within = 1 - exp(-1 / scale);
  return ({ capacityMsat, chance }) => {
    const isLow = chance < 0.5;
    const unit = isLow ? 2 * chance : 2 * chance - 1;
    const share = Math.min(1, -scale * ln(1 - unit * within));
    return Math.floor((isLow ? share : 1 - share) * capacityMsat);
  };
}
