/**
 * The warm-up of a run: payments that nobody counts move the balances until their distribution stands still.
 *
 * The test: channels' shares of capacity on node1's side, looked at sixteen times in each window of so many payments, are
 * one sample a window; the balances stand still once Kolmogorov and Smirnov's distance between two windows in a row is
 * below a threshold.
 */
import { MICROS_PER_SECOND, type Micros } from '../base/time.ts';
import type { ChannelEnd } from '../channel/channelEnd.ts';
import { betweenSamples } from '../graph/graphProfile.ts';
import type { ConfirmedTransaction } from './l1.ts';
import type { WarmUpPlan } from './liquidity/liquidity.ts';
import type { SourcePlan } from './traffic/plans.ts';

/** Looks at all channels in one window. */
const LOOKS = 16;

/** What a warm-up came to. */
export interface WarmUpResult {
  readonly payments: number;
  readonly windows: number;
  /** between the last two windows; null where there were not two */
  readonly distance: number | null;
  readonly threshold: number;
  /** whether the distance fell below the threshold */
  readonly isSteady: boolean;
}

/** What a warm-up came to and took: of the run's totals, what is the chain's has it in, all else begins after it. */
export interface WarmUpTotals extends WarmUpResult {
  /** of simulated time */
  readonly seconds: number;
  readonly blocks: number;
  /** coinbases aside */
  readonly transactions: number;
  readonly feesSat: number;
  readonly messages: number;
}

/** How far a run was. */
export interface Moment {
  readonly at: Micros;
  readonly height: number;
  readonly messages: number;
}

export const BEGINNING: Moment = { at: 0 as Micros, height: 0, messages: 0 };

export const momentOf = (
  { now }: { readonly now: Micros },
  { chain }: { readonly chain: { readonly height: number } },
  { sent }: { readonly sent: number },
): Moment => ({ at: now, height: chain.height, messages: sent });

/** @param from when the network was open @param to when payments began to count @param confirmed on the chain of the run */
export function warmUpOf(
  result: WarmUpResult | null,
  from: Moment,
  to: Moment,
  confirmed: readonly ConfirmedTransaction[],
): WarmUpTotals | null {
  if (result === null) return null;
  const taken = confirmed.filter(
    ({ height, kind }) => height > from.height && height <= to.height && kind !== 'coinbase',
  );
  return {
    ...result,
    seconds: (to.at - from.at) / MICROS_PER_SECOND,
    blocks: to.height - from.height,
    transactions: taken.length,
    feesSat: taken.reduce((sum, { feeSat }) => sum + feeSat, 0),
    messages: to.messages - from.messages,
  };
}

export class WarmUp {
  readonly #plan: WarmUpPlan;
  /** by edge; null where there is no such channel */
  readonly #ends: readonly (ChannelEnd<unknown> | null)[];
  #started = 0;
  #ended = 0;
  #looks = 0;
  #windows = 0;
  #distance: number | null = null;
  #shares: number[] = [];
  #before: Float64Array | null = null;

  constructor(plan: WarmUpPlan, ends: readonly (ChannelEnd<unknown> | null)[]) {
    this.#plan = plan;
    this.#ends = ends;
  }

  /** Whether no further payment is to start. */
  get isOver(): boolean {
    return this.#isSteady || this.#started >= this.#plan.mostPayments;
  }

  get #isSteady(): boolean {
    return this.#distance !== null && this.#distance < this.#plan.threshold;
  }

  get result(): WarmUpResult {
    return {
      payments: this.#ended,
      windows: this.#windows,
      distance: this.#distance,
      threshold: this.#plan.threshold,
      isSteady: this.#isSteady,
    };
  }

  /** What the user should know; null where the balances stand still. */
  get note(): string | null {
    if (this.#isSteady) return null;
    const seen = this.#distance === null ? 'two windows were not seen' : `distance ${this.#distance.toFixed(4)}`;
    return `not steady: balances still moved after ${this.#ended} payments of warm-up (${seen}, threshold ${this.#plan.threshold})`;
  }

  /** @returns a number for the payment below those of all that count */
  paymentStarts(): number {
    return -1 - this.#started++;
  }

  /** A payment is over; those that were on their way when the warm-up was decided are not looked at. */
  paymentEnded(): void {
    this.#ended++;
    if (this.#isSteady) return;
    const inWindow = this.#ended - this.#windows * this.#plan.window;
    if (inWindow * LOOKS < (this.#looks + 1) * this.#plan.window) return;
    this.#look();
    if (++this.#looks === LOOKS) this.#endWindow();
  }

  #look(): void {
    for (let edge = 0; edge < this.#ends.length; edge += 2) {
      const end = this.#ends[edge];
      if (!end || end.phase === 'closed' || end.phase === 'opening') continue;
      const { toLocalMsat, toRemoteMsat } = end;
      // what is in flight is on neither side
      if (toLocalMsat + toRemoteMsat > 0) this.#shares.push(toLocalMsat / (toLocalMsat + toRemoteMsat));
    }
  }

  #endWindow(): void {
    const shares = Float64Array.from(this.#shares).sort();
    if (this.#before) this.#distance = betweenSamples(this.#before, shares);
    this.#before = shares;
    this.#shares = [];
    this.#looks = 0;
    this.#windows++;
  }
}

/** The same sources, without end. Recorded payments have one: scenarios with a warm-up name none. */
export const endless = (sources: readonly SourcePlan[]): SourcePlan[] =>
  sources.map((plan) => (plan.kind === 'replay' || plan.payments === 0 ? plan : { ...plan, payments: Infinity }));
