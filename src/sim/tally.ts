/** What a run counts while it goes: payments, closings, who gained and lost on-chain. */
import type { Micros } from '../base/time.ts';
import type { OutgoingPayment, PaymentFailureReason } from '../payment/outgoingPayment.ts';
import type { ClosureKind } from './config.ts';

/** A finished payment, as results show it. */
export interface PaymentRecord {
  readonly id: number;
  readonly startedAt: Micros;
  readonly endedAt: Micros;
  readonly source: number;
  readonly target: number;
  readonly amountMsat: number;
  readonly succeeded: boolean;
  /** null when it succeeded */
  readonly failure: PaymentFailureReason | null;
  /** HTLCs sent for it */
  readonly attempts: number;
  /** HTLCs that went through together; 0 where it failed */
  readonly parts: number;
  /** of the longest route that went through; 0 where it failed */
  readonly hops: number;
  /** paid to forwarding nodes; 0 otherwise */
  readonly feeMsat: number;
}

export function recordOf(payment: OutgoingPayment, now: Micros): PaymentRecord {
  const { order, settled } = payment;
  return {
    id: order.id,
    startedAt: payment.startedAt,
    endedAt: payment.endedAt ?? now,
    source: order.source,
    target: order.target,
    amountMsat: order.amountMsat,
    succeeded: payment.status === 'succeeded',
    failure: payment.failure,
    attempts: payment.attempts,
    parts: settled.length,
    hops: settled.reduce((most, { route }) => Math.max(most, route.edges.length), 0),
    feeMsat: settled.reduce((sum, { route }) => sum + route.feeMsat, 0),
  };
}

/** How a channel ended on-chain; punished means that a penalty was paid and the cheater got nothing. */
export type ClosedKind = 'mutual' | 'unilateral' | 'revoked-punished' | 'revoked-unpunished';

/** What a closing brought each end: the account of one channel. */
export interface ClosingAccount {
  readonly channel: number;
  readonly kind: ClosedKind;
  /** whether the scenario asked for it, and what for */
  readonly planned: ClosureKind | null;
  /** height of the block that spent the funding output */
  readonly height: number;
  /** what each node had a right to when it closed: balance, and the HTLCs that ended in its favour */
  readonly owedMsat: readonly [number, number];
  /** what the closing's transactions paid to each node's wallet, less what they took from it; sat */
  readonly gotSat: readonly [number, number];
  /** fees of all its transactions, whoever paid */
  readonly feesSat: number;
  readonly transactions: number;
}
