/** Payees that keep payments waiting: what they mean to do with each, and when its time is over. */
import { present } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import { micros } from '../base/time.ts';
import type { InvoicePolicy } from '../node/invoice.ts';
import type { LightningNode } from '../node/lightningNode.ts';
import { EventKind, type EventRef } from './events.ts';
import type { PayeeAnswer } from './traffic/traffic.ts';

interface Hold {
  readonly payee: LightningNode;
  readonly paymentHash: Uint8Array;
  readonly answer: PayeeAnswer;
}

export class Holds {
  readonly #queue: EventQueue<EventRef>;
  /** payments that will wait, or do, by hash */
  readonly #waiting = new Map<string, Hold>();
  /** those that wait, by the number that their event carries */
  readonly #timed = new Map<number, Hold>();
  #count = 0;

  constructor(queue: EventQueue<EventRef>) {
    this.#queue = queue;
  }

  /** What a payee's invoice says about a payment with that answer. */
  static policyOf({ holdMicros, fails }: PayeeAnswer): InvoicePolicy {
    if (holdMicros === 0) return fails ? 'refuse' : 'settle';
    return fails ? 'hold' : 'hold-and-claim';
  }

  /** A payment is about to start whose payee will keep it waiting. */
  expect(payee: LightningNode, paymentHash: Uint8Array, answer: PayeeAnswer): void {
    if (answer.holdMicros > 0) this.#waiting.set(toHex(paymentHash), { payee, paymentHash, answer });
  }

  /** A payment is there, and its payee holds it. */
  arrived(paymentHash: Uint8Array): void {
    const hold = this.#waiting.get(toHex(paymentHash));
    if (!hold) return;
    const number = this.#count++;
    this.#timed.set(number, hold);
    this.#queue.push(micros(this.#queue.now + hold.answer.holdMicros), EventKind.HoldEnded, number);
  }

  /** The time of a hold is over: the payee settles, or refuses. */
  over(number: number): void {
    const { payee, paymentHash, answer } = present(this.#timed.get(number), 'a hold');
    this.#timed.delete(number);
    payee.receiving.release(paymentHash, !answer.fails);
  }

  /** The payment is over. */
  forget(paymentHash: Uint8Array): void {
    this.#waiting.delete(toHex(paymentHash));
  }
}
