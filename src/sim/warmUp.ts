/** The warm-up of a run: payments that nobody counts move the balances until `steadiness.ts` finds them at rest. */
import { MICROS_PER_SECOND, type Micros } from '../base/time.ts';
import type { ChannelEnd } from '../channel/channelEnd.ts';
import type { OutgoingPayment } from '../payment/outgoingPayment.ts';
import type { ConfirmedTransaction } from './l1.ts';
import type { WarmUpPlan } from './liquidity/liquidity.ts';
import { SteadinessTest, type Steadiness } from './steadiness.ts';
import type { SourcePlan } from './traffic/plans.ts';

/** What a warm-up came to. */
export interface WarmUpResult {
  readonly payments: number;
  readonly windows: number;
  /** Kolmogorov and Smirnov's, of the balances in the last quarter and the one before; null before four windows, as the rest */
  readonly distance: number | null;
  /** share of what payments moved in the last half, or were to move, that stayed moved */
  readonly drift: number | null;
  /** by which the success rates of the last quarter and the one before differ */
  readonly success: number | null;
  readonly threshold: number;
  /** whether all three fell below the threshold */
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
  readonly #test: SteadinessTest;
  #started = 0;
  #ended = 0;

  constructor(plan: WarmUpPlan, ends: readonly (ChannelEnd<unknown> | null)[]) {
    this.#plan = plan;
    this.#test = new SteadinessTest(plan.window, ends);
  }

  /** Whether no further payment is to start. */
  get isOver(): boolean {
    return this.#isSteady || this.#started >= this.#plan.mostPayments;
  }

  get #isSteady(): boolean {
    return this.#test.found !== null && Math.max(...numbersOf(this.#test.found)) < this.#plan.threshold;
  }

  get result(): WarmUpResult {
    const { windows, found } = this.#test;
    return {
      payments: this.#ended,
      windows,
      distance: found?.distance ?? null,
      drift: found?.drift ?? null,
      success: found?.success ?? null,
      threshold: this.#plan.threshold,
      isSteady: this.#isSteady,
    };
  }

  /** What the user should know; null where the balances are at rest. */
  get note(): string | null {
    if (this.#isSteady) return null;
    const { found } = this.#test;
    const [distance, drift, success] = found ? numbersOf(found).map((each) => each.toFixed(4)) : [];
    const seen = found ? `distance ${distance}, drift ${drift}, success ${success}` : 'four windows were not seen';
    return `not steady: balances still moved after ${this.#ended} payments of warm-up (${seen}; threshold ${this.#plan.threshold})`;
  }

  /** @returns a number for the payment below those of all that count */
  paymentStarts(): number {
    return -1 - this.#started++;
  }

  /** A payment is over; those that were on their way when the warm-up was decided are not looked at. */
  paymentEnded(payment: OutgoingPayment): void {
    this.#ended++;
    if (!this.#isSteady) this.#test.paymentEnded(payment);
  }
}

const numbersOf = ({ distance, drift, success }: Steadiness): readonly number[] => [distance, drift, success];

/** The same sources, without end. Recorded payments have one: scenarios with a warm-up name none. */
export const endless = (sources: readonly SourcePlan[]): SourcePlan[] =>
  sources.map((plan) => (plan.kind === 'replay' || plan.payments === 0 ? plan : { ...plan, payments: Infinity }));
