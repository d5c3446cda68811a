/** All is on the opener's side, as it is in a channel that was just opened by one. */
import type { LiquidityModel } from './liquidity.ts';

export const openerFunded: LiquidityModel = ({ capacityMsat }) => capacityMsat;
