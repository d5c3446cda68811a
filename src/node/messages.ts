/** The peer messages of BOLT 2 that travel between two ends of a channel. Those without content are one object each. */
import type { Msat } from '../base/units.ts';
import type { Txid } from '../chain/transaction.ts';
import type { ClosingSigned } from '../channel/closingNegotiation.ts';
import type { OpeningMessage } from '../channel/openingMessages.ts';
import type { Stfu } from '../channel/quiescence.ts';
import type { ChannelReestablish } from '../channel/reestablish.ts';
import type { ClosingComplete, ClosingSig } from '../channel/simpleClose.ts';
import type { SpliceMessage } from '../channel/spliceMessages.ts';
import type { Onion } from '../payment/onion.ts';
import type { PaymentFailure } from '../payment/failure.ts';

export interface UpdateAddHtlc {
  readonly type: 'update_add_htlc';
  readonly id: number;
  readonly amountMsat: Msat;
  readonly paymentHash: Uint8Array;
  readonly cltvExpiry: number;
  readonly onion: Onion;
}

export interface UpdateFulfillHtlc {
  readonly type: 'update_fulfill_htlc';
  readonly id: number;
  readonly preimage: Uint8Array;
}

export interface UpdateFailHtlc {
  readonly type: 'update_fail_htlc';
  readonly id: number;
  readonly failure: PaymentFailure;
}

export interface UpdateFailMalformedHtlc {
  readonly type: 'update_fail_malformed_htlc';
  readonly id: number;
  /** by BOLT 4; the hash of the onion that comes with it is left out, for onions here are no bytes */
  readonly failureCode: number;
}

export interface UpdateFee {
  readonly type: 'update_fee';
  /** sat per 1000 weight units */
  readonly feeratePerKw: number;
}

export interface Shutdown {
  readonly type: 'shutdown';
  /** where the sender wants its money */
  readonly script: Uint8Array;
}

export interface ErrorMessage {
  readonly type: 'error';
  readonly reason: string;
}

/** What travels while a channel is in use (BOLT 2, "Normal Operation"). */
export type UpdateMessage =
  | UpdateAddHtlc
  | UpdateFulfillHtlc
  | UpdateFailHtlc
  | UpdateFailMalformedHtlc
  | UpdateFee
  | { readonly type: 'commitment_signed' }
  | { readonly type: 'revoke_and_ack' };

/** What comes first after a disconnection (BOLT 2, "Message Retransmission"). */
export interface ChannelReestablishMessage extends ChannelReestablish {
  readonly type: 'channel_reestablish';
  /** the splice for which its sender lacks the other's signatures; null for none (BOLT 2, `next_funding`) */
  readonly nextFunding: Txid | null;
}

/** What a mutual close takes (BOLT 2, "Channel Close"). */
export type ClosingMessage = Shutdown | ClosingFeeMessage;

/** The negotiation of its fee. */
export type ClosingFeeMessage = ClosingSigned | ClosingComplete | ClosingSig;

export type Message =
  UpdateMessage | ClosingMessage | ChannelReestablishMessage | OpeningMessage | Stfu | SpliceMessage | ErrorMessage;

/** Whether a message belongs to the opening of a channel. */
export const isOpening = (message: Message): message is OpeningMessage => {
  switch (message.type) {
    case 'open_channel':
    case 'accept_channel':
    case 'open_channel2':
    case 'accept_channel2':
    case 'tx_add_input':
    case 'funding_created':
    case 'funding_signed':
    case 'channel_ready':
      return true;
    default:
      return false;
  }
};

export const COMMITMENT_SIGNED: Message = { type: 'commitment_signed' };
export const REVOKE_AND_ACK: Message = { type: 'revoke_and_ack' };

/** A number for each type, for the event log. */
export const MESSAGE_CODE = {
  update_add_htlc: 1,
  update_fulfill_htlc: 2,
  update_fail_htlc: 3,
  commitment_signed: 4,
  revoke_and_ack: 5,
  shutdown: 6,
  closing_signed: 7,
  error: 8,
  open_channel: 32,
  accept_channel: 33,
  funding_created: 34,
  funding_signed: 35,
  channel_ready: 36,
  channel_reestablish: 9,
  update_fee: 10,
  update_fail_malformed_htlc: 11,
  stfu: 37,
  open_channel2: 64,
  accept_channel2: 65,
  tx_add_input: 66,
  tx_complete: 70,
  tx_signatures: 71,
  tx_init_rbf: 72,
  tx_ack_rbf: 73,
  tx_abort: 74,
  splice_locked: 77,
  splice_init: 80,
  splice_ack: 81,
  closing_complete: 12,
  closing_sig: 13,
} as const satisfies Record<Message['type'], number>;
