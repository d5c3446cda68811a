/**
 * What a run tells while it goes, record by record, for whoever keeps tables: there are too many of these to hold until
 * the end. A world without a listener makes none of them.
 */
import type { Micros } from '../base/time.ts';
import type { Msat } from '../base/units.ts';
import type { PaymentOrder } from '../payment/outgoingPayment.ts';

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

/** Who wants to hear of what. */
export interface RunListener {
  htlc?(record: HtlcRecord): void;
  /**
   * A payment is about to start.
   * @param sendableMsat what the node that an edge leaves can send over it now, as only an oracle knows; valid during the call
   */
  paymentStarts?(order: PaymentOrder, sendableMsat: (edge: number) => number): void;
}
