/**
 * What on-chain work bids, and when it bids more.
 *
 * A claim with a deadline starts at the estimate for the blocks that are left and rises with the cube of the time since
 * its first bid, up to all that is at stake for the last block in time (lnd's sweeper, `sweep/fee_function.go`, "cubic
 * delay"; its budget is half the value by default, here it is the value, for past the deadline all of it is lost):
 *
 *     rate(height) = start + (most − start) × ((height − since) / (deadline − 1 − since))³
 *
 * One without a deadline pays the estimate, and waits where that would eat it. A bid is looked at again every block in the
 * last 3 blocks before the deadline, every 3rd in the last 15, every 15th before that (LDK, `chain/package.rs`, "height
 * timer"). A replacement pays what BIP 125 asks: the fee of what it replaces and its own relay on top.
 */
import { INCREMENTAL_RELAY_FEE_SAT_PER_KVB } from '../chain/policy.ts';
import { weightOf, type Transaction } from '../chain/transaction.ts';

/** What a bid is about. */
export interface Stake {
  /** the most that it may cost, in sat: what is lost without it, less what must remain */
  readonly budgetSat: number;
  /** weight units to pay for */
  readonly weight: number;
  /** height at which the last block comes that is not too late; null if any block will do */
  readonly deadline: number | null;
  /** height of the first bid */
  readonly since: number;
}

/** The estimator's prices, in sat per 1000 weight units. */
export interface FeeRates {
  /** for the target that nodes have where nothing presses */
  readonly feeratePerKw: number;
  /** @param targetBlocks 1 … 1008; fewer blocks never cost less */
  feeratePerKwFor(targetBlocks: number): number;
}

/** Blocks: what has time without end may wait for the price of this target, the furthest that is estimated. */
const PATIENT_TARGET_BLOCKS = 1008;

/** Blocks between two looks at a bid, by the blocks that are left at most. */
// prettier-ignore
const LOOKS: readonly { readonly left: number; readonly every: number }[] = [
  { left: 3,        every: 1 },
  { left: 15,       every: 3 },
  { left: Infinity, every: 15 },
];

/**
 * The rate to bid now, in sat per 1000 weight units, within the budget.
 * @returns null where the stake is not worth even the price for those who can wait
 */
export function bidFeeratePerKw(stake: Stake, rates: FeeRates, height: number): number | null {
  const { budgetSat, weight, deadline, since } = stake;
  const most = Math.floor((budgetSat * 1000) / weight);
  const patient = rates.feeratePerKwFor(PATIENT_TARGET_BLOCKS);
  if (most < patient) return null;
  if (deadline === null) return rates.feeratePerKw <= most ? rates.feeratePerKw : patient;
  const start = Math.max(rates.feeratePerKw, rates.feeratePerKwFor(Math.max(1, deadline - height)));
  if (start >= most) return most;
  // a bid at the tip's height is for the block after it
  const position = Math.min(1, (height - since) / Math.max(1, deadline - 1 - since));
  return start + Math.floor((most - start) * position * position * position);
}

/** Whether a bid is to be looked at again. @param bidAt height of the last one */
export function isBidDue(bidAt: number, deadline: number | null, height: number): boolean {
  const left = deadline === null ? Infinity : deadline - height;
  const every = LOOKS.find((look) => left <= look.left)?.every ?? 1;
  return height - bidAt >= every;
}

/** A transaction that waits, and its fee. */
export interface Waiting {
  readonly transaction: Transaction;
  readonly feeSat: number;
}

/** Less than this, in sat, no replacement of a transaction pays (BIP 125, rules 3 and 4), if it is as heavy or lighter. */
export function leastReplacementSat({ transaction, feeSat }: Waiting): number {
  const weight = weightOf(transaction);
  // signatures of the replacement may be longer: a byte an input, a weight unit each
  const vsize = Math.ceil((weight + transaction.inputs.length) / 4);
  return feeSat + Math.ceil((vsize * INCREMENTAL_RELAY_FEE_SAT_PER_KVB) / 1000);
}

/** The least rate at which a replacement of about that weight is taken, in sat per 1000 weight units. */
export const leastReplacementPerKw = (waiting: Waiting): number =>
  Math.ceil((leastReplacementSat(waiting) * 1000) / weightOf(waiting.transaction));
