/** How the payers that use one strategy fared: what a scenario with several of them is run for. */
import type { PaymentRecord } from '../sim/tally.ts';
import type { RoutingPlan } from './routingPlan.ts';

export interface StrategySummary {
  readonly strategy: string;
  /** nodes that use it, whether they paid or not */
  readonly nodes: number;
  readonly sent: number;
  readonly succeeded: number;
  /** HTLCs sent, for all its payments */
  readonly attempts: number;
  /** HTLCs that went through */
  readonly parts: number;
  /** of payments that succeeded, like fees */
  readonly amountMsat: number;
  readonly feesMsat: number;
}

/** One row a strategy that a node uses. */
export function strategySummaries(
  payments: readonly PaymentRecord[],
  nodeCount: number,
  routing: RoutingPlan,
): StrategySummary[] {
  const blank = { nodes: 0, sent: 0, succeeded: 0, attempts: 0, parts: 0, amountMsat: 0, feesMsat: 0 };
  const rows = new Map(routing.names.map((strategy) => [strategy, { strategy, ...blank }]));
  for (let node = 0; node < nodeCount; node++) rows.get(routing.nameOf(node))!.nodes++;
  for (const { source, succeeded, attempts, parts, amountMsat, feeMsat } of payments) {
    const row = rows.get(routing.nameOf(source))!;
    row.sent++;
    row.attempts += attempts;
    if (!succeeded) continue;
    row.succeeded++;
    row.parts += parts;
    row.amountMsat += amountMsat;
    row.feesMsat += feeMsat;
  }
  return [...rows.values()];
}
