/** Traffic: who pays whom how much, and when. The port; a file beside it for each kind. */
import type { Micros } from '../../base/time.ts';
import type { Msat } from '../../base/units.ts';

/** One payment that somebody wants to make. */
export interface Demand {
  /** µs after traffic starts */
  readonly at: Micros;
  /** nodes, as indices of the graph */
  readonly source: number;
  readonly target: number;
  readonly amountMsat: Msat;
  /** edges from payer to payee that the payment must take; null: the payer's strategy finds its way */
  readonly route: readonly number[] | null;
  readonly payee: PayeeAnswer;
}

/** What the payee does when the payment is there. */
export interface PayeeAnswer {
  /** µs that it keeps the payment waiting */
  readonly holdMicros: Micros;
  /** whether it then refuses it, in place of revealing the preimage */
  readonly fails: boolean;
}

/** A payee that reveals the preimage at once. */
export const settlesAtOnce: PayeeAnswer = { holdMicros: 0 as Micros, fails: false };

/** The port: the payments in order of time; null when there are no more. */
export interface Traffic {
  next(): Demand | null;
}

/** The nodes that a kind of traffic chooses from, and what it may know of them. */
export interface Places {
  /** nodes with a usable outgoing channel, rising */
  readonly payers: readonly number[];
  /** nodes with a usable incoming channel, rising */
  readonly payees: readonly number[];
  /** msat of all open channels, by node */
  readonly capacityMsat: Float64Array;
  /** the peers of a node, by channel */
  readonly peers: (node: number) => readonly number[];
}

/** Draws who pays whom. Null: nobody can. */
export interface Endpoints {
  next(): Pair | null;
}

export interface Pair {
  readonly source: number;
  readonly target: number;
  /** edges that the payment must take; absent: free */
  readonly route?: readonly number[];
}

/** When payments start. */
export interface Arrivals {
  /** µs from the last payment, which started at that time, to the next */
  interval(at: Micros): Micros;
}
