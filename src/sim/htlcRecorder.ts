/** Follows each HTLC by the messages between the two ends of its channel, and tells what became of it. */
import { toHex } from '../base/bytes.ts';
import type { Micros } from '../base/time.ts';
import type { Message } from '../node/messages.ts';
import type { HtlcRecord } from './records.ts';

type Offered = Omit<HtlcRecord, 'endedAt' | 'outcome' | 'onChain'>;

export class HtlcRecorder {
  readonly #tell: (record: HtlcRecord) => void;
  /** by the offerer's edge, then by id; in the order in which they were offered */
  readonly #pending = new Map<number, Map<number, Offered>>();
  /** the id of a payment by its hash */
  readonly #payments = new Map<string, number>();
  #hasBegun = false;

  constructor(tell: (record: HtlcRecord) => void) {
    this.#tell = tell;
  }

  /** From now on HTLCs count; those of a warm-up don't. */
  begin(): void {
    this.#hasBegun = true;
  }

  paymentStarted(paymentHash: Uint8Array, id: number): void {
    this.#payments.set(toHex(paymentHash), id);
  }

  /** No HTLC is offered for it any more. */
  paymentEnded(paymentHash: Uint8Array): void {
    this.#payments.delete(toHex(paymentHash));
  }

  /** `edge` is the sender's. An HTLC begins when it is first offered; what is sent again is nothing new. */
  sent(edge: number, message: Message, now: Micros): void {
    if (!this.#hasBegun || message.type !== 'update_add_htlc') return;
    let there = this.#pending.get(edge);
    if (!there) this.#pending.set(edge, (there = new Map()));
    const { id, amountMsat, cltvExpiry, paymentHash } = message;
    const payment = this.#payments.get(toHex(paymentHash)) ?? null;
    const before = there.get(id);
    const isAgain = before?.payment === payment && before.amountMsat === amountMsat && before.cltvExpiry === cltvExpiry;
    if (isAgain) return;
    // the other end never was bound to the one before, and a disconnection made both forget it
    this.#end(edge, id, 'failed', false, now);
    there.set(id, { edge, id, payment, amountMsat, cltvExpiry, offeredAt: now });
  }

  /** `edge` is the receiver's. An HTLC ends when its offerer hears what became of it. */
  delivered(edge: number, message: Message, now: Micros): void {
    if (message.type === 'update_fulfill_htlc') this.#end(edge, message.id, 'fulfilled', false, now);
    else if (message.type === 'update_fail_htlc' || message.type === 'update_fail_malformed_htlc')
      this.#end(edge, message.id, 'failed', false, now);
  }

  /** A transaction decided an HTLC that the end at `edge` had offered. */
  resolvedOnChain(edge: number, id: number, fulfilled: boolean, now: Micros): void {
    this.#end(edge, id, fulfilled ? 'fulfilled' : 'failed', true, now);
  }

  #end(edge: number, id: number, outcome: 'fulfilled' | 'failed', onChain: boolean, endedAt: Micros): void {
    const there = this.#pending.get(edge);
    const offered = there?.get(id);
    if (!offered) return;
    there?.delete(id);
    this.#tell({ ...offered, endedAt, outcome, onChain });
  }

  /** The run is over: tells what still waits. */
  finish(): void {
    for (const there of this.#pending.values()) {
      for (const offered of there.values())
        this.#tell({ ...offered, endedAt: null, outcome: 'pending', onChain: false });
    }
    this.#pending.clear();
  }
}
