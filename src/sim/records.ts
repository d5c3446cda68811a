/**
 * What a run tells while it goes, record by record, for whoever keeps tables: there are too many of these to hold until
 * the end. A world without a listener makes none of them.
 */
import { present } from '../base/assert.ts';
import type { Micros } from '../base/time.ts';
import type { Msat } from '../base/units.ts';
import type { FailureName, PaymentFailure } from '../payment/failure.ts';
import type { BlockingCounts } from './blocking.ts';
import type { PaymentOrder, PaymentPart } from '../payment/outgoingPayment.ts';

/** One route that was tried: a payment's attempt, or a part of it. */
export interface AttemptRecord {
  /** id of its payment */
  readonly payment: number;
  /** counted from 1, in the order in which the payment's attempts began */
  readonly attempt: number;
  readonly startedAt: Micros;
  readonly endedAt: Micros;
  /** from payer to payee */
  readonly edges: readonly number[];
  /** what it was to deliver */
  readonly amountMsat: Msat;
  /** what it was to pay to forwarding nodes */
  readonly feeMsat: Msat;
  /** null when it went through */
  readonly failure: FailureName | null;
  /** the node that failed it, counted from the payer, who is 0; null when it went through */
  readonly erringHop: number | null;
}

/** One HTLC on one channel, told when both ends are rid of it, or at the end of the run. */
export interface HtlcRecord {
  /** the edge of its offerer */
  readonly edge: number;
  /** counts the HTLCs of an offerer on its channel, from 0 */
  readonly id: number;
  /** id of its payment; null where the scenario placed it */
  readonly payment: number | null;
  readonly amountMsat: Msat;
  /** height */
  readonly cltvExpiry: number;
  readonly offeredAt: Micros;
  /** null: it was there when the run ended */
  readonly endedAt: Micros | null;
  readonly outcome: 'fulfilled' | 'failed' | 'pending';
  /** whether a transaction decided it */
  readonly onChain: boolean;
}

/** The state of one channel at one time, as node1's commitment has it: the parts add up to the capacity. */
export interface ChannelSample {
  readonly at: Micros;
  readonly channel: number;
  readonly toNode1Msat: Msat;
  readonly toNode2Msat: Msat;
  /** HTLCs in flight, offered by either */
  readonly htlcs: number;
  readonly htlcsMsat: Msat;
}

/** HTLCs that were to be offered so far: at a hop of their routes, or over one edge. */
export interface BlockingSample extends BlockingCounts {
  readonly at: Micros;
  /** that have ended so far */
  readonly payments: number;
}

/** 1 is the payer's own channel. */
export type HopBlockingSample = BlockingSample & { readonly hop: number };
export type EdgeBlockingSample = BlockingSample & { readonly edge: number };

/** Which channels are to be looked at, and when: one of `every` and `everyPayments` is null. */
export interface SampleRequest {
  /** in the order in which each time's records come */
  readonly channels: readonly number[];
  readonly every: Micros | null;
  readonly everyPayments: number | null;
  readonly tell: (sample: ChannelSample) => void;
  /** who wants to know of HTLCs that were refused, by hop and by both edges of each channel; null: nobody */
  readonly tellBlocking: {
    readonly ofHop: (sample: HopBlockingSample) => void;
    readonly ofEdge: (sample: EdgeBlockingSample) => void;
  } | null;
}

/** Who wants to hear of what. */
export interface RunListener {
  attempt?(record: AttemptRecord): void;
  htlc?(record: HtlcRecord): void;
  readonly samples?: SampleRequest;
  /** payments begin to count: at once, or when the warm-up is over */
  measuring?(): void;
  /**
   * A payment is about to start.
   * @param sendableMsat what the node that an edge leaves can send over it now, as only an oracle knows; valid during the call
   */
  paymentStarts?(order: PaymentOrder, sendableMsat: (edge: number) => number): void;
}

/** A part of a payment has ended; those that the scenario placed are no payments of the traffic. */
export function tellAttempt(
  listener: RunListener,
  { payment, attempt, startedAt, route }: PaymentPart,
  failure: PaymentFailure | null,
  now: Micros,
): void {
  if (!listener.attempt || payment.order.id < 0) return;
  listener.attempt({
    payment: payment.order.id,
    attempt,
    startedAt,
    endedAt: now,
    edges: route.edges,
    amountMsat: present(route.amountsMsat.at(-1), 'an amount'),
    feeMsat: route.feeMsat,
    failure: failure?.name ?? null,
    erringHop: failure?.erringHop ?? null,
  });
}
