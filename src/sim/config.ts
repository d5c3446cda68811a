/** What a world is made from: the checked scenario in the simulator's own units. Times are µs after traffic starts. */
import type { Micros } from '../base/time.ts';
import type { Msat, Sat } from '../base/units.ts';
import type { CommitmentFormat } from '../channel/limits.ts';

export interface ChannelConfig {
  readonly format: CommitmentFormat;
  /** sat per 1000 weight units */
  readonly feeratePerKw: number;
  /** blocks */
  readonly toSelfDelay: number;
  readonly reserveMillionths: number;
  readonly dustLimitSat: Sat;
  readonly maxAcceptedHtlcs: number;
  readonly maxHtlcValueInFlightMillionths: number;
  readonly htlcMinimumMsat: Msat;
  readonly maxDustHtlcExposureMsat: Msat;
  readonly liquidity: 'uniform' | 'balanced' | 'opener';
  readonly opener: 'random' | 'node1' | 'node2' | 'larger';
}

export interface ChainConfig {
  readonly blockIntervalSeconds: number;
  /** what wallets pay for on-chain work, sat per 1000 weight units */
  readonly feeratePerKw: number;
  /** confirmations before a channel is used */
  readonly minimumDepth: number;
  readonly walletReserveSat: Sat;
  readonly maxSettlementBlocks: number;
}

export interface TrafficConfig {
  readonly payments: number;
  readonly ratePerSecond: number;
  readonly medianMsat: number;
  /** standard deviation of the amount's logarithm */
  readonly sigma: number;
  readonly maxAttempts: number;
  readonly maxFeeMillionths: number;
  readonly maxFeeBaseMsat: Msat;
  readonly maxHops: number;
  /** blocks */
  readonly maxCltvExpiryDelta: number;
}

/** HTLCs to be in flight when a channel closes. */
export interface PendingHtlcs {
  readonly from: 'closer' | 'peer';
  readonly count: number;
  readonly amountMsat: Msat;
  readonly outcome: 'claim' | 'timeout';
}

export type ClosureKind = 'mutual' | 'unilateral' | 'revoked' | 'revoked-unpunished';

export interface ClosurePlan {
  readonly channel: number;
  readonly at: Micros;
  readonly kind: ClosureKind;
  /** 0: node1 closes, or cheats; 1: node2 */
  readonly by: 0 | 1;
  readonly pending: readonly PendingHtlcs[];
}

export type FaultPlan =
  | { readonly kind: 'offline'; readonly node: number; readonly at: Micros; readonly until: Micros }
  | { readonly kind: 'corrupt-balance'; readonly channel: number; readonly at: Micros; readonly msat: number };

export interface WorldConfig {
  readonly seed: number;
  readonly channels: ChannelConfig;
  readonly chain: ChainConfig;
  readonly latency: { readonly medianMicros: number; readonly sigma: number };
  readonly traffic: TrafficConfig;
  readonly closures: readonly ClosurePlan[];
  readonly faults: readonly FaultPlan[];
  readonly settle: 'none' | 'pending' | 'all';
  readonly auditEvery: number;
}
