/** Each end has half. */
import type { LiquidityModel } from './liquidity.ts';

export const balanced: LiquidityModel = ({ capacityMsat }) => Math.floor(capacityMsat / 2);
