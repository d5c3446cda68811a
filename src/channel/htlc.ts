/** An HTLC as one end of a channel holds it, from its addition until it has left both commitments. */
import type { Msat } from '../base/units.ts';
import type { HtlcState } from './htlcState.ts';

/** `T` is what the node attaches to it; the channel never looks inside. */
export interface Htlc<T> {
  readonly id: number;
  /** offered by this end; received otherwise */
  readonly offered: boolean;
  readonly amountMsat: Msat;
  readonly cltvExpiry: number;
  readonly paymentHash: Uint8Array;
  state: HtlcState;
  /** set when it is fulfilled; a removal without it is a failure */
  preimage: Uint8Array | null;
  /** when this end sent its last update about it, in the order of all that it sent; 0 for none */
  sentOrder: number;
  tag: T;
}

/** HTLCs that a message brought to a resting place. */
export interface Moved<T> {
  /** irrevocably committed on both sides: a received one may now be forwarded or fulfilled */
  readonly committed: readonly Htlc<T>[];
  /** gone from both sides: an offered one that failed may now be failed upstream */
  readonly removed: readonly Htlc<T>[];
}

export const NOTHING_MOVED: Moved<never> = Object.freeze({ committed: [], removed: [] });

/** BOLT 2, `update_add_htlc`: `cltv_expiry` is a block height, so it stays below the times of `nLockTime`. */
export const CLTV_EXPIRY_BOUND = 500_000_000;

/** BOLT 4, "Failure Messages": the bit of a failure code that says that the onion was unparsable. */
export const BADONION = 0x8000;
