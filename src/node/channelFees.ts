/**
 * What a node thinks of commitments' fee rates (BOLT 2, "Updating Fees: `update_fee`"): when it asks for another, being
 * the opener, and which it accepts.
 *
 * An opener follows the fee estimate once it moved by so much, as lnd does (`shouldAdjustCommitFee`: 10 %), looking at each
 * block. With anchors a commitment only has to be relayed, its child pays for the rest: the rate is capped, as lnd's is
 * (`max-commit-fee-rate-anchors`: 10 sat per vbyte). An accepter takes what could be relayed and is at most ten times the
 * highest estimate, as Core Lightning does (`max_fee_multiplier`).
 */
import { mark } from '../base/marks.ts';
import type { ChannelEnd } from '../channel/channelEnd.ts';
import { hasAnchors } from '../channel/commitmentFormat.ts';
import type { FeePolicy } from '../channel/feeUpdates.ts';
import type { NodeContext } from './context.ts';

/** How openers follow the fee estimate. */
export interface FeeUpdateConfig {
  /** blocks within which a commitment is to confirm */
  readonly targetBlocks: number;
  /** the change that is worth an update, as a share of the rate at hand */
  readonly changeMillionths: number;
  /** the cap with anchors, sat per 1000 weight units */
  readonly anchorsMaxPerKw: number;
}

/** The least that is relayed, in sat per 1000 weight units (BOLT 3: 253, for rounding). */
export const MIN_FEERATE_PER_KW = 253;
/** An accepter's bound as a multiple of what confirms in the next block. */
const MAX_FEE_MULTIPLIER = 10;

/** What an accepter makes of fee rates now. */
export const feePolicy = (context: NodeContext): FeePolicy => ({
  feerateMinPerKw: MIN_FEERATE_PER_KW,
  feerateMaxPerKw: MAX_FEE_MULTIPLIER * Math.max(MIN_FEERATE_PER_KW, context.feeratePerKwFor(1)),
  failsOverDustExposure: true,
});

/** The fee rate that an opener asks for now, sat per 1000 weight units; null if it asks for none. */
export function feerateToAskFor(
  end: ChannelEnd<unknown>,
  { targetBlocks, changeMillionths, anchorsMaxPerKw }: FeeUpdateConfig,
  context: NodeContext,
): number | null {
  if (!end.isOpener || end.phase !== 'normal' || end.terms.format === 'zero_fee_commitments') return null;
  const capPerKw = hasAnchors(end.terms.format) ? anchorsMaxPerKw : Infinity;
  const estimate = Math.round(context.feeratePerKwFor(targetBlocks));
  const wanted = Math.max(MIN_FEERATE_PER_KW, Math.min(capPerKw, estimate));
  const current = end.feeratePerKw;
  if (Math.abs(wanted - current) * 1e6 < current * changeMillionths) return null;
  const refusal = end.feeRefusal(wanted);
  if (refusal === 'opener-cannot-pay-fee') mark('an opener that cannot pay for a higher fee rate');
  return refusal === null ? wanted : null;
}
