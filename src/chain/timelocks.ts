/**
 * Locks in time: nLockTime, relative locks by sequence number (BIP 68), the median time past (BIP 113), and the checks
 * behind OP_CHECKLOCKTIMEVERIFY (BIP 65) and OP_CHECKSEQUENCEVERIFY (BIP 112).
 */
import type { Transaction } from './transaction.ts';

/** Lock times below are heights, from here on Unix seconds (consensus `LOCKTIME_THRESHOLD`). */
export const LOCKTIME_THRESHOLD = 500_000_000;
/** An input with this sequence number opts out of every lock. */
export const SEQUENCE_FINAL = 0xffffffff;
/** BIP 68: with this bit the input has no relative lock. */
export const SEQUENCE_LOCKTIME_DISABLE_FLAG = 0x80000000;
/** BIP 68: with this bit the relative lock counts 512 seconds, without it blocks. */
export const SEQUENCE_LOCKTIME_TYPE_FLAG = 0x00400000;
/** BIP 68: these bits are the lock. */
export const SEQUENCE_LOCKTIME_MASK = 0x0000ffff;
/** BIP 68: a time lock's unit is 2^9 seconds. */
export const SEQUENCE_LOCKTIME_SECONDS = 512;
/** BIP 113 takes the median of this many blocks. */
export const MEDIAN_TIME_SPAN = 11;

const has = (value: number, bit: number): boolean => (value & bit) !== 0;

/**
 * Whether nLockTime lets the transaction into a block.
 * @param height of that block
 * @param timeSeconds median time past of the block before it (BIP 113)
 */
export function isFinal(tx: Transaction, height: number, timeSeconds: number): boolean {
  if (tx.lockTime === 0) return true;
  if (tx.lockTime < (tx.lockTime < LOCKTIME_THRESHOLD ? height : timeSeconds)) return true;
  return tx.inputs.every((input) => input.sequence === SEQUENCE_FINAL);
}

/** What BIP 68 must know of the chain. */
export interface LockContext {
  /** height of the block that would hold the transaction */
  readonly height: number;
  /** median time past of the block before that one, Unix seconds */
  readonly medianTimePastSeconds: number;
  /** median time past as of the block of that height, Unix seconds */
  medianTimePastAt(height: number): number;
}

/**
 * Whether the relative locks of all inputs have passed (BIP 68).
 * @param coinHeights for every input the height of the block with the output it spends; for one that is unconfirmed,
 * the height of the block that would hold both
 */
export function sequenceLocksPassed(tx: Transaction, coinHeights: readonly number[], context: LockContext): boolean {
  if (tx.version < 2) return true;
  return tx.inputs.every(({ sequence }, index) => {
    if (has(sequence, SEQUENCE_LOCKTIME_DISABLE_FLAG)) return true;
    const coinHeight = coinHeights[index]!;
    const lock = sequence & SEQUENCE_LOCKTIME_MASK;
    if (!has(sequence, SEQUENCE_LOCKTIME_TYPE_FLAG)) return coinHeight + lock <= context.height;
    // counted from the median time past of the block before the coin's
    const fromSeconds = context.medianTimePastAt(Math.max(coinHeight - 1, 0));
    return fromSeconds + lock * SEQUENCE_LOCKTIME_SECONDS <= context.medianTimePastSeconds;
  });
}

/** Whether OP_CHECKLOCKTIMEVERIFY passes: the transaction's own lock is of the same kind and not below it (BIP 65). */
export function checkLockTime(tx: Transaction, inputIndex: number, lockTime: number): boolean {
  if (tx.lockTime < LOCKTIME_THRESHOLD !== lockTime < LOCKTIME_THRESHOLD) return false;
  if (lockTime > tx.lockTime) return false;
  // a final input would switch the transaction's lock off
  return tx.inputs[inputIndex]!.sequence !== SEQUENCE_FINAL;
}

/**
 * Whether OP_CHECKSEQUENCEVERIFY passes: the input's relative lock is on, of the same kind and not below it (BIP 112).
 * @param lock up to 39 bits; only those of the mask and the kind count
 */
export function checkSequence(tx: Transaction, inputIndex: number, lock: number): boolean {
  const { sequence } = tx.inputs[inputIndex]!;
  if (tx.version < 2 || has(sequence, SEQUENCE_LOCKTIME_DISABLE_FLAG)) return false;
  const bits = lock % 0x100000000;
  if (has(bits, SEQUENCE_LOCKTIME_TYPE_FLAG) !== has(sequence, SEQUENCE_LOCKTIME_TYPE_FLAG)) return false;
  return (bits & SEQUENCE_LOCKTIME_MASK) <= (sequence & SEQUENCE_LOCKTIME_MASK);
}

/** Whether an operand of OP_CHECKSEQUENCEVERIFY switches the check off (BIP 112). @param lock up to 39 bits */
export const isSequenceLockDisabled = (lock: number): boolean =>
  has(lock % 0x100000000, SEQUENCE_LOCKTIME_DISABLE_FLAG);

/** BIP 113: the median of the last eleven block times, fewer at the start. @param timesSeconds in order of height */
export function medianTimePast(timesSeconds: readonly number[]): number {
  const last = timesSeconds.slice(-MEDIAN_TIME_SPAN).sort((a, b) => a - b);
  return last[last.length >> 1]!;
}
