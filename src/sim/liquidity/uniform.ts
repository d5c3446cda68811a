/** The opener's balance is uniform between what it has to keep and the capacity (Pickhardt et al., 2021). */
import type { LiquidityModel } from './liquidity.ts';

export const uniform: LiquidityModel = ({ capacityMsat, leastMsat, chance }) =>
  leastMsat + Math.floor(chance * (capacityMsat - leastMsat));
