/** How a mempool can be set: what Bitcoin Core's `-minrelaytxfee`, `-maxmempool` and their like are. */
import type { ChainLimits } from './mempoolLimits.ts';

/** Virtual bytes. Bitcoin Core limits memory, 300 MB, which depends on the machine; they hold about a quarter as much. */
export const DEFAULT_MAX_VSIZE = 75_000_000;
/** Seconds: two weeks (Bitcoin Core's `-mempoolexpiry`, 336 hours). */
export const DEFAULT_EXPIRY_SECONDS = 336 * 60 * 60;

export interface MempoolOptions {
  /** sat per 1,000 virtual bytes; default 1,000 */
  readonly minRelayFeeSatPerKvb?: number;
  /** sat per 1,000 virtual bytes; default 1,000 */
  readonly incrementalRelayFeeSatPerKvb?: number;
  /** whether transactions that do not signal BIP 125 can be replaced too; default yes, as Bitcoin Core from 28 on */
  readonly fullRbf?: boolean;
  /** default 25 transactions and 101,000 virtual bytes either way */
  readonly chainLimits?: ChainLimits;
  /** virtual bytes of all entries together, past which the worst go; default 75,000,000 */
  readonly maxVsize?: number;
  /** how long an entry may stay; default two weeks */
  readonly expirySeconds?: number;
  /** seconds in which the minimum fee rate of a pool that was full falls by half; default twelve hours */
  readonly feeHalfLifeSeconds?: number;
  /** `always`: every signature goes to the curve, and none is remembered for the block; default `once` */
  readonly verify?: 'once' | 'always';
}
