/** Replicas: copies of a world that differ in their seed alone, and what the ensemble says at given counts of payments. */
import { UserError } from '../base/errors.ts';
import { Rng } from '../base/random.ts';
import { quantiles, type Quantiles } from '../graph/quantiles.ts';
import type { TrafficConfig } from '../sim/config.ts';
import type { PaymentRecord } from '../sim/tally.ts';
import { paymentsOf } from '../sim/traffic/plans.ts';
import type { Scenario } from './scenario.ts';
import { estimate } from './statistics.ts';

/** One copy's first payments, in the order in which they started. */
export interface ReplicaRow {
  /** counted from 0, which is the run itself */
  readonly replica: number;
  readonly seed: number;
  readonly payments: number;
  readonly failed: number;
  readonly attempts: number;
  /** of those that succeeded */
  readonly feesMsat: number;
}

/** Over the copies; of one alone nothing is known but the mean. */
export interface EnsembleStatistic {
  readonly mean: number;
  /** of the mean */
  readonly standardError: number | null;
  /** half the width of the 95 % interval about the mean (Student's t) */
  readonly halfWidth: number | null;
  readonly quantiles: Quantiles;
}

/** After so many payments; a copy that came to an end before is left out. */
export interface EnsemblePoint {
  readonly payments: number;
  readonly replicas: number;
  /** null where no copy came so far */
  readonly statistics: Readonly<Record<EnsembleMetric, EnsembleStatistic>> | null;
}

export type EnsembleMetric = 'successRate' | 'failed' | 'attempts' | 'feesMsat';

/** A replica's seed: the run's own for the first, for the others from a stream of it. */
export const replicaSeed = (seed: number, replica: number): number =>
  replica === 0 ? seed : Rng.fromSeed(seed).stream('replica', replica).uint32();

/** A row for each count that the replica came to. @param at counts of payments, rising */
export function replicaRows(
  replica: number,
  seed: number,
  payments: readonly PaymentRecord[],
  at: readonly number[],
): ReplicaRow[] {
  const started = payments.toSorted((a, b) => a.id - b.id);
  return at
    .filter((count) => count <= started.length)
    .map((count) => {
      const row = { replica, seed, payments: count, failed: 0, attempts: 0, feesMsat: 0 };
      for (const { succeeded, attempts, feeMsat } of started.slice(0, count)) {
        if (!succeeded) row.failed++;
        row.attempts += attempts;
        row.feesMsat += feeMsat;
      }
      return row;
    });
}

/** @param at counts of payments, rising */
export const ensembleOf = (rows: readonly ReplicaRow[], at: readonly number[]): EnsemblePoint[] =>
  at.map((payments) => {
    const there = rows.filter((row) => row.payments === payments);
    const over = (of: (row: ReplicaRow) => number): EnsembleStatistic | null => statisticOf(there.map(of));
    const successRate = over(({ failed }) => 1 - failed / payments);
    const failed = over((row) => row.failed);
    const attempts = over((row) => row.attempts);
    const feesMsat = over((row) => row.feesMsat);
    const isThere = successRate && failed && attempts && feesMsat;
    return {
      payments,
      replicas: there.length,
      statistics: isThere ? { successRate, failed, attempts, feesMsat } : null,
    };
  });

/** Changes in the number of copies that a note tells one by one. */
const TOLD_CHANGES = 8;

/** What the user should know: where statistics are of some copies alone, which those are that had not stopped. */
export function survivalNotes(points: readonly EnsemblePoint[], copies: number): string[] {
  const fewer = points.filter(({ replicas }, index) => replicas < (points[index - 1]?.replicas ?? copies));
  if (fewer.length === 0) return [];
  const told = fewer.slice(0, TOLD_CHANGES).map(({ payments, replicas }) => `at ${payments} payments ${replicas}`);
  const more = fewer.length > told.length ? ', then fewer still' : '';
  return [
    `replicas: of ${copies} copies, ${told.join(', ')}${more}; statistics are of these alone: the others had stopped`,
  ];
}

/** @throws UserError where traffic makes fewer payments than the ensemble is to be looked at after */
export function refuseUnreached(
  { replicas }: Scenario,
  { sources }: Pick<TrafficConfig, 'sources'>,
  file: string,
): void {
  const most = sources.reduce((sum, source) => sum + paymentsOf(source), 0);
  const index = replicas?.at.findIndex((payments) => payments > most) ?? -1;
  if (index === -1) return;
  throw new UserError({
    file,
    path: `replicas.at[${index}]`,
    found: String(replicas?.at[index]),
    expected: `at most ${most}, the payments that traffic makes`,
  });
}

function statisticOf(values: readonly number[]): EnsembleStatistic | null {
  const known = estimate(values);
  const spread = quantiles(Float64Array.from(values));
  if (!known || !spread) return null;
  const { count, mean, standardDeviation, halfWidth } = known;
  const standardError = standardDeviation === null ? null : standardDeviation / Math.sqrt(count);
  return { mean, standardError, halfWidth, quantiles: spread };
}
