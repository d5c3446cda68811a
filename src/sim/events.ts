/** The kinds of event in a world; the numbers are part of the event log, hence of every digest. */
import type { Message } from '../node/messages.ts';

export const EventKind = {
  /** a block is found */
  Block: 1,
  /** the next payment of the traffic starts */
  Payment: 2,
  /** a: receiving edge */
  Message: 3,
  /** a: index of the closure; b: its stage */
  Closure: 4,
  /** a: index of the fault; b: 0 begins, 1 ends */
  Fault: 5,
  /** outcome, not scheduled: a: payment; b: 1 succeeded, 0 failed; x: fee in msat */
  PaymentEnded: 6,
  /** outcome, not scheduled: a: channel */
  ChannelClosed: 7,
  /** outcome, not scheduled: a: height of a block that left the chain */
  BlockDisconnected: 8,
  /** a: payee; ref: payment hash. The time for the parts of a payment to come is up */
  PartsTimeout: 9,
  /** a payee has kept a payment waiting long enough; a: number of the hold */
  HoldEnded: 10,
  /** a: index of the opening */
  Opening: 11,
  /** a: edge. Its end has gathered updates long enough */
  BatchOver: 12,
  /** a: index of the change of policies */
  Policy: 13,
  /** a direction's fees change at random; recorded with a: edge; x: factor */
  RandomPolicy: 14,
  /** a: index of the splice */
  Splice: 15,
} as const;

/** What an event may carry besides numbers. */
export type EventRef = Message | Uint8Array;
