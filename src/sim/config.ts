/** What a world is made from: the checked scenario in the simulator's own units. Times are µs after traffic starts. */
import type { Micros } from '../base/time.ts';
import type { Msat, Sat } from '../base/units.ts';
import type { Arrival } from '../chain/feeMarketDemand.ts';
import type { CommitmentFormat } from '../channel/limits.ts';
import type { Policy } from '../graph/channelGraph.ts';
import type { FeeUpdateConfig } from '../node/channelFees.ts';
import type { ClosingForm } from '../node/mutualClosing.ts';
import type { TransactionKind } from '../node/context.ts';
import type { LatencyPlan } from './latency/latency.ts';
import type { LiquidityPlan } from './liquidity/liquidity.ts';
import type { SourcePlan } from './traffic/plans.ts';

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
  readonly liquidity: LiquidityPlan;
  readonly opener: 'random' | 'node1' | 'node2' | 'larger';
  /** how the fee of a mutual close is found */
  readonly closing: ClosingForm;
  /** for how long an end gathers updates before it signs them; 0: not at all */
  readonly commitInterval: Micros;
  /** how openers follow the fee estimate; null: they don't */
  readonly feeUpdates: FeeUpdateConfig | null;
  /** `zero-conf`: a channel is used as soon as it is signed; `dual`: both ends fund it, in whole sat */
  readonly opening: 'v1' | 'zero-conf' | 'dual';
  readonly accepts: AcceptedTerms;
}

/** What nodes put up with in a channel that another proposes. */
export interface AcceptedTerms {
  readonly leastCapacitySat: Sat;
  readonly mostReserveMillionths: number;
  /** blocks */
  readonly mostToSelfDelay: number;
  readonly leastInFlightMsat: Msat;
  readonly mostHtlcMinimumMsat: Msat;
}

export interface ChainConfig {
  readonly blockIntervalSeconds: number;
  /** weight units that miners fill a block with at most, once traffic has started */
  readonly blockMaxWeight: number;
  /** what wallets pay for on-chain work, sat per 1000 weight units */
  readonly feeratePerKw: number;
  /** confirmations before a channel is used */
  readonly minimumDepth: number;
  readonly walletReserveSat: Sat;
  readonly maxSettlementBlocks: number;
  /** `always`: signatures that this run made itself are verified again in every block */
  readonly verify: 'once' | 'always';
  /** one at least; they behave as they are told once traffic starts, and honestly before */
  readonly miners: readonly MinerPlan[];
  /** how long blocks travel once traffic has started; null: not at all */
  readonly propagation: { readonly medianMicros: Micros; readonly sigma: number } | null;
  /** who else wants block space; null: nobody */
  readonly demand: DemandPlan | null;
  /** blocks in which nodes want to be confirmed, where a market has a price for it */
  readonly feeTarget: number;
  /** whether the background's demand is made of real transactions */
  readonly filler: boolean;
}

export type MinerBehaviourPlan =
  | { readonly kind: 'honest' }
  /** withholds blocks */
  | { readonly kind: 'selfish' }
  /** leaves out what is of these kinds */
  | { readonly kind: 'censor'; readonly transactions: readonly TransactionKind[]; readonly stubbornness: number }
  /** pays a payee that waits for that many confirmations, and takes it back */
  | {
      readonly kind: 'double-spend';
      readonly confirmations: number;
      readonly giveUpBehind: number;
      readonly amountSat: Sat;
    };

export interface MinerPlan {
  readonly name: string;
  /** in any unit */
  readonly hashPower: number;
  readonly behaviour: MinerBehaviourPlan;
}

/** Times are µs after traffic starts. */
export type DemandPlan =
  | { readonly kind: 'replay'; readonly arrivals: readonly Arrival[] }
  | {
      readonly kind: 'poisson';
      /** weight that arrives in a mean block interval, in blocks */
      readonly load: number;
      readonly bids: { readonly medianSatPerKvb: number; readonly sigma: number };
      readonly weights: { readonly medianWeight: number; readonly sigma: number };
      readonly diurnal: { readonly amplitude: number; readonly peakAt: Micros; readonly period: Micros } | null;
      readonly spikes: readonly { readonly at: Micros; readonly duration: Micros; readonly times: number }[];
    };

export interface TrafficConfig {
  /** one at least; all at the same time */
  readonly sources: readonly SourcePlan[];
  /** whether a payment may start before the one before has ended and all is quiet */
  readonly overlap: boolean;
  /** no payment starts so long after the first could, or once so many have failed; null: never */
  readonly stopAfter: Micros | null;
  readonly stopAfterFailures: number | null;
  readonly maxAttempts: number;
  readonly maxFeeMillionths: number;
  readonly maxFeeBaseMsat: Msat;
  readonly maxHops: number;
  /** blocks */
  readonly maxCltvExpiryDelta: number;
  /** parts of a payment on their way at once; null: as many as the payer's client allows */
  readonly maxParts: number | null;
}

export interface GossipConfig {
  /** lognormal, drawn for each node; sigma 0: the same for all */
  readonly delay: { readonly medianMicros: Micros; readonly sigma: number };
  /** how long nodes still take what they asked for before a change */
  readonly grace: Micros;
  /** random changes of fees in the whole network */
  readonly updates: { readonly ratePerSecond: number; readonly sigma: number } | null;
}

/** A change of policies: what is not named stays. */
export interface PolicyPlan {
  readonly at: Micros;
  readonly edges: readonly number[];
  readonly change: Partial<Policy>;
}

/** HTLCs to be in flight when a channel closes. */
export interface PendingHtlcs {
  readonly from: 'closer' | 'peer';
  readonly count: number;
  readonly amountMsat: Msat;
  readonly outcome: 'claim' | 'timeout';
}

/** A channel that is opened while others pay. */
export interface OpeningPlan {
  /** it is in the graph, disabled */
  readonly channel: number;
  readonly at: Micros;
  /** 0: node1 opens it; 1: node2 */
  readonly opener: 0 | 1;
  /** the accepter's from the start */
  readonly pushMsat: Msat;
}

/** Money put into a channel, or taken out. */
export interface SplicePlan {
  readonly channel: number;
  readonly at: Micros;
  /** 0: node1 proposes it; 1: node2 */
  readonly by: 0 | 1;
  /** negative: taken out */
  readonly contributionSat: number;
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
  /** loses all that it has not written, and is away until it has started again */
  | { readonly kind: 'crash'; readonly node: number; readonly at: Micros; readonly until: Micros }
  /** a node garbles the onions that it forwards */
  | { readonly kind: 'corrupt-onion'; readonly node: number; readonly at: Micros; readonly until: Micros }
  /** the link of a channel breaks */
  | { readonly kind: 'disconnect'; readonly channel: number; readonly at: Micros; readonly until: Micros }
  /** hears nothing of its peers nor they of it, but follows the chain and acts there */
  | { readonly kind: 'unresponsive'; readonly node: number; readonly at: Micros; readonly until: Micros }
  /** HTLCs over a channel, either way, fail with probability amount / capacity */
  | {
      readonly kind: 'low-balance';
      readonly channel: number;
      readonly capacityMsat: Msat;
      readonly at: Micros;
      readonly until: Micros;
    }
  | { readonly kind: 'corrupt-balance'; readonly channel: number; readonly at: Micros; readonly msat: number };

/** A party that punishes thefts for a node while it is away. */
export interface WatchtowerPlan {
  readonly client: number;
  /** the chance, 0 … 1, that a blob reaches the tower */
  readonly blobShare: number;
  /** of the penalties that are signed beforehand, rising, sat per 1000 weight units */
  readonly feeratesPerKw: readonly number[];
}

export interface WorldConfig {
  readonly seed: number;
  /** what the user should know before the run: the first in its notes */
  readonly notes: readonly string[];
  readonly channels: ChannelConfig;
  readonly chain: ChainConfig;
  readonly latency: LatencyPlan;
  readonly traffic: TrafficConfig;
  readonly openings: readonly OpeningPlan[];
  readonly gossip: GossipConfig;
  readonly policies: readonly PolicyPlan[];
  readonly splices: readonly SplicePlan[];
  readonly closures: readonly ClosurePlan[];
  readonly faults: readonly FaultPlan[];
  readonly watchtowers: readonly WatchtowerPlan[];
  readonly settle: 'none' | 'pending' | 'all';
  readonly auditEvery: number;
}
