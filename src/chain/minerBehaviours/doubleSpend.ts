/**
 * The double-spend race: a miner pays somebody, and in secret mines a branch in which the same coins go elsewhere; it
 * publishes once the payment has its confirmations and the secret branch is longer (Nakamoto, Bitcoin, 2008, section 11;
 * Rosenfeld, Analysis of Hashrate-Based Double Spending, 2014).
 */
import { assert, present } from '../../base/assert.ts';
import type { Block } from '../block.ts';
import { type Transaction, txidOf } from '../transaction.ts';
import type { MinerBehaviour, MinerControl } from './behaviour.ts';
import { PublicChain } from './publicChain.ts';

/** One attempt. */
export interface DoubleSpend {
  /** what the payee sees */
  readonly payment: Transaction;
  /** spends the same coins */
  readonly conflict: Transaction;
  /** blocks, the payment's included, after which the payee delivers */
  readonly confirmations: number;
  /** blocks, 1 or more: the attempt is given up when the secret branch is this far behind */
  readonly giveUpBehind: number;
}

export interface DoubleSpendOptions {
  /** the next attempt, or null for none; asked when the last one is over */
  readonly next: (miner: MinerControl) => DoubleSpend | null;
  /** the secret branch was published and is longer, or the attempt was given up */
  readonly onEnd?: (attempt: DoubleSpend, won: boolean) => void;
}

/** Honest until an attempt comes; begins it once a first secret block lies on the public tip, as Rosenfeld supposes. */
export function doubleSpend({ next, onEnd }: DoubleSpendOptions): MinerBehaviour {
  let known: PublicChain | null = null;
  let attempt: DoubleSpend | null = null;
  /** height of the first block that may hold the payment; null before it is sent */
  let paidFrom: number | null = null;
  let secret: Block[] = [];
  /** blocks of the others since, which its own tree doesn't know */
  let unfollowed: Block[] = [];

  const ask = (miner: MinerControl): void => {
    attempt = next(miner);
    if (attempt === null) return;
    // its own pool knows the conflict alone, hence so do its blocks
    const accepted = miner.view.pool.accept(attempt.conflict);
    assert(accepted.ok, `the double spend is valid: ${accepted.ok ? '' : accepted.reason}`);
  };

  const publish = (miner: MinerControl, block: Block): void => {
    known?.hear(block);
    miner.publish(block);
  };

  const judge = (miner: MinerControl, { payment, confirmations, giveUpBehind }: DoubleSpend, from: number): void => {
    const publicChain = present(known, 'a start');
    const lead = miner.view.chain.height - publicChain.tip.height;
    if (lead > 0) {
      const block = publicChain.blockOf(txidOf(payment), from);
      const depth = block === null ? 0 : publicChain.tip.height - block.height + 1;
      if (depth >= confirmations) end(miner, true);
    } else if (-lead >= giveUpBehind) end(miner, false);
  };

  const end = (miner: MinerControl, won: boolean): void => {
    const ended = present(attempt, 'an attempt');
    if (won) for (const block of secret) publish(miner, block);
    for (const block of unfollowed) miner.follow(block);
    [secret, unfollowed, paidFrom] = [[], [], null];
    onEnd?.(ended, won);
    ask(miner);
  };

  return {
    name: 'double-spend',
    sharesView: false,
    takes: (tx) => attempt === null || txidOf(tx) !== txidOf(attempt.payment),

    onStart(miner) {
      known = new PublicChain(miner.view.chain.tip);
      ask(miner);
    },

    onFound(miner, block) {
      if (attempt === null) {
        publish(miner, block);
        ask(miner);
        return;
      }
      secret.push(block);
      if (paidFrom === null) {
        paidFrom = miner.view.chain.height;
        miner.broadcast(attempt.payment);
      }
      judge(miner, attempt, paidFrom);
    },

    onBlock(miner, block) {
      known?.hear(block);
      if (attempt !== null && paidFrom !== null) {
        unfollowed.push(block);
        judge(miner, attempt, paidFrom);
        return;
      }
      // nothing secret yet: the branch will start on this block
      miner.follow(block);
      if (attempt === null) ask(miner);
    },
  };
}

/**
 * The chance of the race (Rosenfeld, equation 1): a tie when the payee delivers counts as won, which is what a first
 * secret block mined beforehand is worth.
 * @param share the attacker's of all hash power
 * @param confirmations after which the payee delivers
 */
export function doubleSpendChance(share: number, confirmations: number): number {
  if (share >= 0.5) return 1;
  const honest = 1 - share;
  let chance = 1;
  /** C(m + z − 1, m) p^z q^m, and with p and q exchanged */
  let ahead = power(honest, confirmations);
  let behind = power(share, confirmations);
  for (let m = 0; m <= confirmations; m++) {
    chance -= ahead - behind;
    const grows = (m + confirmations) / (m + 1);
    ahead *= grows * share;
    behind *= grows * honest;
  }
  return chance;
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result *= base;
  return result;
}
