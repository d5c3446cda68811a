/**
 * By when a node has to act on an HTLC (BOLT 2, "`cltv_expiry_delta` Selection"; BOLT 5, "HTLC Output Handling"): go
 * on-chain, claim, or fail it back. Heights are those of the tip.
 */
import { isIrrevocable } from '../channel/htlcState.ts';
import type { NodeHtlc } from './nodeChannel.ts';

/** Blocks before the expiry of a received HTLC whose preimage is known at which the node goes on-chain (BOLT 2: 2R+G+S, lnd 10). */
export const CLAIM_MARGIN_BLOCKS = 10;
/** Blocks after the expiry of an offered HTLC at which the node goes on-chain (BOLT 2's grace period G). */
export const TIMEOUT_GRACE_BLOCKS = 2;
/**
 * Blocks before the expiry of a received HTLC at which it is failed back although the one it was forwarded as is still
 * open on-chain: otherwise its offerer closes that channel too (LDK, `LATENCY_GRACE_PERIOD_BLOCKS`).
 */
export const FAIL_BACK_MARGIN_BLOCKS = 3;
/** Blocks after which what happened on-chain counts as final for an HTLC upstream (BOLT 5: "reasonable depth"). */
export const RESOLVED_DEPTH = 3;

/** Whether an HTLC is so late that its channel has to go on-chain. */
export const isOverdue = (htlc: NodeHtlc, height: number, node: PreimageSource): boolean =>
  htlc.offered
    ? height >= htlc.cltvExpiry + TIMEOUT_GRACE_BLOCKS
    : height >= htlc.cltvExpiry - CLAIM_MARGIN_BLOCKS && knownPreimage(htlc, node) !== null;

/** Whether an offered HTLC that forwards another has to be given up, to keep the channel that the other came through. */
export const mustFailBack = ({ offered, preimage, tag }: NodeHtlc, height: number): boolean =>
  offered &&
  preimage === null &&
  !tag.settled &&
  tag.upstream !== null &&
  height >= tag.upstream.htlc.cltvExpiry - FAIL_BACK_MARGIN_BLOCKS;

/**
 * The last block in which an HTLC can be claimed without another being able to: a received one before its expiry; one
 * that was forwarded before the expiry of what came in. Null where nothing presses: the payer's own.
 */
export const claimDeadline = (htlc: NodeHtlc): number | null =>
  htlc.offered ? (htlc.tag.upstream?.htlc.cltvExpiry ?? null) : htlc.cltvExpiry;

/** Who knows what an HTLC would be settled with. */
export interface PreimageSource {
  preimageToClaim(paymentHash: Uint8Array): Uint8Array | null;
}

/** What would claim a received HTLC: known as payee, or from the channel that it was forwarded to; null for nothing. */
export function knownPreimage(htlc: NodeHtlc, node: PreimageSource): Uint8Array | null {
  if (htlc.preimage) return htlc.preimage;
  // BOLT 5: an HTLC that was not locked in yet is no reason to reveal a preimage
  return isIrrevocable(htlc.state) ? node.preimageToClaim(htlc.paymentHash) : null;
}
