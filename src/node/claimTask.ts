/** A claim task: something on-chain that one end is to take once its time has come, and by when. */
import type { OutPoint } from '../chain/transaction.ts';
import type { Claim } from '../channel/claims.ts';
import type { SignedHtlcTransaction } from '../channel/materialise.ts';
import type { TransactionKind } from './context.ts';

export interface ClaimTask {
  readonly kind: TransactionKind;
  readonly outPoint: OutPoint;
  readonly valueSat: number;
  /** height of the tip from which the transaction can be in the next block */
  readonly fromHeight: number;
  /** height after which another may take it; null if nobody else ever can */
  readonly deadline: number | null;
  /** how it is taken: directly, or by completing an HTLC transaction */
  readonly how:
    | { readonly claim: Claim }
    | { readonly htlcTransaction: SignedHtlcTransaction; readonly preimage: Uint8Array | null };
  /** heights of the first try and of the last bid for it; null before the first */
  bid: { readonly since: number; readonly at: number } | null;
}

/** A direct claim of an output that confirmed at a height. @param deadline as in {@link ClaimTask} */
export function directTask(
  kind: TransactionKind,
  claim: Claim,
  confirmedAt: number,
  deadline: number | null,
): ClaimTask {
  // BIP 68: a relative lock of n blocks is met in the block at confirmedAt + n, so by a tip one below that
  const relative = claim.sequence < 0x80000000 ? confirmedAt + claim.sequence - 1 : confirmedAt;
  // nLockTime: the next block's height must be past it
  const fromHeight = Math.max(relative, claim.lockTime);
  const { outPoint, valueSat } = claim;
  return { kind, outPoint, valueSat, fromHeight, deadline, how: { claim }, bid: null };
}

/** An HTLC transaction of this end's own commitment, which confirmed at a height. */
export function htlcTask(
  htlcTransaction: SignedHtlcTransaction,
  preimage: Uint8Array | null,
  confirmedAt: number,
  deadline: number | null,
): ClaimTask {
  const { kind, htlc, spends } = htlcTransaction;
  const { outPoint, valueSat } = spends;
  const fromHeight = kind === 'htlc-timeout' ? Math.max(confirmedAt, htlc.cltvExpiry) : confirmedAt;
  return { kind, outPoint, valueSat, fromHeight, deadline, how: { htlcTransaction, preimage }, bid: null };
}

/** The nearest deadline of all; null if none has one. */
export function nearestDeadline(deadlines: Iterable<number | null>): number | null {
  let nearest: number | null = null;
  for (const each of deadlines) if (each !== null && (nearest === null || each < nearest)) nearest = each;
  return nearest;
}
