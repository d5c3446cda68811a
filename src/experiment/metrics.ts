/** What sweeps compare: a run's payments in one number each, and its chain. */
import { quantile } from '../graph/quantiles.ts';
import type { PaymentRecord } from '../sim/tally.ts';
import type { RunSummary } from './summary.ts';

/** In the order in which tables show them. */
export const METRICS = [
  'success_rate',
  'fee_ppm',
  'attempts_mean',
  'hops_mean',
  'latency_p50_s',
  'latency_p99_s',
  'onchain_fees_sat',
  'forced_closes',
] as const;

export type MetricName = (typeof METRICS)[number];
/** Null where a run has nothing to measure, such as the latency of no success. */
export type Metrics = Readonly<Record<MetricName, number | null>>;

/** What each is called in a picture. */
export const METRIC_TITLES: Readonly<Record<MetricName, string>> = {
  success_rate: 'payments that succeeded (share)',
  fee_ppm: 'fees paid (millionths of the amount)',
  attempts_mean: 'attempts a payment (mean)',
  hops_mean: 'hops of payments that succeeded (mean)',
  latency_p50_s: 'latency, median (s)',
  latency_p99_s: 'latency, 99th percentile (s)',
  onchain_fees_sat: 'fees paid on L1 (sat)',
  forced_closes: 'channels closed without agreement',
};

/** What none can be above: those that are shares. Like the others, they are never below 0. */
export const METRIC_MOST: Readonly<Partial<Record<MetricName, number>>> = { success_rate: 1 };

/** Those that are quantiles of the payments that succeeded, and which. */
export const METRIC_QUANTILES: Readonly<Partial<Record<MetricName, number>>> = {
  latency_p50_s: 0.5,
  latency_p99_s: 0.99,
};

export function metricsOf(summary: RunSummary, payments: readonly PaymentRecord[]): Metrics {
  const { closed } = summary.channels;
  return {
    ...paymentMetrics(payments),
    onchain_fees_sat: summary.chain.feesSat,
    forced_closes: closed.unilateral + closed['revoked-punished'] + closed['revoked-unpunished'],
  };
}

export type PaymentMetrics = Omit<Metrics, 'onchain_fees_sat' | 'forced_closes'>;

/** Of any payments: of all of a run, or of a batch of them. */
export function paymentMetrics(payments: readonly PaymentRecord[]): PaymentMetrics {
  const succeeded = payments.filter((payment) => payment.succeeded);
  const total = (of: (payment: PaymentRecord) => number, among = succeeded): number =>
    among.reduce((sum, payment) => sum + of(payment), 0);
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const latencies = succeeded.map(({ startedAt, endedAt }) => (endedAt - startedAt) / 1e6).sort((a, b) => a - b);
  const latency = (metric: MetricName): number | null =>
    latencies.length === 0 ? null : quantile(latencies, METRIC_QUANTILES[metric]!);
  const amountMsat = total((payment) => payment.amountMsat);
  return {
    success_rate: share(succeeded.length, payments.length),
    fee_ppm: share(total(({ feeMsat }) => feeMsat) * 1e6, amountMsat),
    attempts_mean: share(
      total(({ attempts }) => attempts, [...payments]),
      payments.length,
    ),
    hops_mean: share(
      total(({ hops }) => hops),
      succeeded.length,
    ),
    latency_p50_s: latency('latency_p50_s'),
    latency_p99_s: latency('latency_p99_s'),
  };
}
