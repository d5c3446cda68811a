/** What a run tells while it goes, what it leaves behind, and how it says that an invariant broke. */
import type { Micros } from '../base/time.ts';
import type { Blockchain } from '../chain/blockchain.ts';
import type { Holdings } from './auditor.ts';
import type { BlockingCounts } from './blocking.ts';
import type { ChainResult } from './chainResult.ts';
import type { SpliceTally } from './plannedSplices.ts';
import type { ConfirmedTransaction } from './l1.ts';
import type { ClosingAccount, PaymentRecord } from './tally.ts';
import type { WarmUpTotals } from './warmUp.ts';
import type { WatchtowerTally } from './watchtowers.ts';

/** What a progress bar shows. */
export interface Progress {
  readonly phase: 'opening' | 'paying' | 'settling';
  /** the phase that the time since the last report belongs to */
  readonly ended: 'opening' | 'paying' | 'settling';
  /** channels whose funding is broadcast */
  readonly channels: number;
  readonly ofChannels: number;
  readonly payments: number;
  readonly ofPayments: number;
  readonly now: Micros;
  readonly blocks: number;
  readonly events: number;
}

/** What a run leaves behind. */
export interface WorldResult {
  readonly digest: string;
  readonly events: number;
  /** since payments began to count */
  readonly messages: number;
  readonly payments: readonly PaymentRecord[];
  /** HTLCs that were to be offered for them, by hop: the first is the payer's own channel */
  readonly blocking: readonly BlockingCounts[];
  /** payments before those, which are not among them; null where there were to be none */
  readonly warmUp: WarmUpTotals | null;
  readonly channelsOpened: number;
  /** channels whose capacity can't carry a commitment */
  readonly channelsTooSmall: number;
  /** channels that one end refused, or whose funding came to nothing: how many, by reason */
  readonly channelsNotOpened: Readonly<Record<string, number>>;
  readonly splices: SpliceTally;
  /** channels opened without anchors, for they can't carry them */
  readonly channelsWithoutAnchors: number;
  readonly closings: readonly ClosingAccount[];
  readonly transactions: readonly ConfirmedTransaction[];
  readonly blocks: number;
  /** all its blocks, from the first on */
  readonly chain: Blockchain;
  readonly mining: ChainResult;
  readonly watchtowers: WatchtowerTally;
  readonly holdings: Holdings;
  readonly checks: { readonly events: number; readonly audits: number };
  /** µs of simulated time: when traffic that counts started, and the end */
  readonly openedAt: Micros;
  readonly endedAt: Micros;
  /** what planned closures could not do */
  readonly notes: readonly string[];
  /** false: something was left when `maxSettlementBlocks` had passed; null: settling was not asked for */
  readonly settled: boolean | null;
}

/** A broken invariant, with what replays it. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
  readonly seed: number;
  readonly event: number;

  constructor(seed: number, event: number, cause: Error) {
    super(`${cause.message} (seed ${seed}, event ${event})`, { cause });
    this.seed = seed;
    this.event = event;
  }
}
