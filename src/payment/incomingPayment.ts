/**
 * A payment at its payee (BOLT 4, "Basic Multi-Part Payments"): parts are held until they come to the total that each of
 * them names, and then taken all together; or failed all together when the time is up. One part may be the whole.
 */
import { equalBytes } from '../base/bytes.ts';
import { assert } from '../base/assert.ts';
import { seconds } from '../base/time.ts';
import type { FailureName } from './failure.ts';
import type { PaymentData } from './onion.ts';

/** How long parts are held, from the first on, for the others to come (BOLT 4: 60 s at least). */
export const MPP_TIMEOUT = seconds(60);

/** What the payee asked for. */
export interface AskedPayment {
  readonly amountMsat: number;
  readonly paymentSecret: Uint8Array;
}

/** Why the payee refuses a part by what its payer says of the whole; null if nothing is wrong with it. */
export function paymentDataFailure(asked: AskedPayment, data: PaymentData | null): FailureName | null {
  if (data === null || !equalBytes(data.paymentSecret, asked.paymentSecret))
    return 'incorrect_or_unknown_payment_details';
  // BOLT 4: up to twice the amount, so that a payer may hide it
  const isEnough = data.totalMsat >= asked.amountMsat && data.totalMsat <= 2 * asked.amountMsat;
  return isEnough ? null : 'incorrect_or_unknown_payment_details';
}

/** The parts of one payment as they come. @typeParam Part whatever settles or fails one of them */
export class IncomingPayment<Part> {
  readonly totalMsat: number;
  readonly #parts: Part[] = [];
  #receivedMsat = 0;

  /** @param totalMsat what the first part says that all bring together */
  constructor(totalMsat: number) {
    this.totalMsat = totalMsat;
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Whether all of it is there: from then on the payee may reveal the preimage, and must take every part. */
  get isComplete(): boolean {
    return this.#receivedMsat >= this.totalMsat;
  }

  /** Adds a part that nothing is wrong with. */
  add(part: Part, amountMsat: number): void {
    assert(!this.isComplete, 'no part is added to a payment that is complete');
    this.#parts.push(part);
    this.#receivedMsat += amountMsat;
  }
}
