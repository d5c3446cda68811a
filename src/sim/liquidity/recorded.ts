/** Balances from a file; a channel that it lacks is split at random. */
import type { LiquidityModel } from './liquidity.ts';
import { uniform } from './uniform.ts';

/** @param node1Msat by channel: what node1 has; NaN where nobody knows */
export function recorded(node1Msat: Float64Array): LiquidityModel {
  return (channel) => {
    const node1 = node1Msat[channel.channel]!;
    if (Number.isNaN(node1)) return uniform(channel);
    return channel.isOpenedByNode1 ? node1 : channel.capacityMsat - node1;
  };
}
