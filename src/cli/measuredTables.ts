/** What `leyden run` prints of what the scenario asks to measure: the oracle's tables, and how well strategies predict. */
import { printable } from '../base/errors.ts';
import { formatMsat, groupDigits } from '../base/units.ts';
import type { CalibrationRow } from '../experiment/calibration.ts';
import type { Measured, OracleSummary } from '../experiment/measures.ts';
import type { RegretSummary } from '../experiment/regret.ts';
import { alignColumns } from './textTable.ts';

/** A table each; none for what was not measured. */
export const measuredTables = ({ oracle, calibration }: Measured): string[] => [
  ...(oracle ? [oracleTable(oracle), ...oracleByStrategy(oracle)] : []),
  ...(calibration ?? []).map(calibrationTable),
];

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);

function oracleTable(oracle: RegretSummary): string {
  const { payments, verdicts, failures, succeeded, succeededLater, feeRegretMsat, attemptRegret, deliverable } = oracle;
  const failed = payments - succeeded;
  const counted = (name: string, count: number, whole: number): string[] => [
    name,
    groupDigits(count),
    percent(count, whole),
  ];
  const rows = [
    ['payments asked about', groupDigits(payments)],
    counted('could go in one part', verdicts['one-route'], payments),
    counted('only in several parts', verdicts.split, payments),
    counted('only beyond limits', verdicts['beyond-limits'], payments),
    counted('not at all', verdicts.impossible, payments),
    counted('failed', failed, payments),
    counted('  nobody could', failures.nobodyCould, failed),
    counted('  nobody within the limits', failures.beyondLimits, failed),
    counted('  only in more parts than allowed', failures.onlySplit, failed),
    counted('  this router did not', failures.routerDidNot, failed),
  ];
  if (succeededLater > 0) rows.push(counted('succeeded when channels had changed', succeededLater, payments));
  if (feeRegretMsat && attemptRegret) {
    const { feesPaidMsat, feesOfOracleMsat } = oracle;
    rows.push(['fees paid', formatMsat(feesPaidMsat), `oracle ${formatMsat(feesOfOracleMsat)}`]);
    const { mean, p50, p90 } = feeRegretMsat;
    const sat = (value: number): string => formatMsat(Math.round(value));
    rows.push(['fee regret', `mean ${sat(mean)}`, `p50 ${sat(p50)}, p90 ${sat(p90)}`]);
    rows.push(['attempt regret', `mean ${attemptRegret.mean.toFixed(2)}`, `p90 ${attemptRegret.p90.toFixed(0)}`]);
  }
  if (deliverable) {
    const { p10, p50, p90 } = deliverable;
    const times = (value: number): string => `${groupDigits(Number(value.toPrecision(3)))} ×`;
    rows.push(['deliverable, of the amount', `p50 ${times(p50)}`, `p10 ${times(p10)}, p90 ${times(p90)}`]);
  }
  return `oracle: what could have been done when payments started\n${alignColumns(rows, ['left', 'right', 'left'], '  ')}`;
}

/** What sets strategies apart; nothing where there is one. */
function oracleByStrategy({ byStrategy }: OracleSummary): string[] {
  const entries = Object.entries(byStrategy);
  if (entries.length < 2) return [];
  const mean = (spread: RegretSummary['feeRegretMsat'], say: (value: number) => string): string =>
    spread === null ? '-' : say(spread.mean);
  const rows = entries.map(([strategy, { payments, failures, feeRegretMsat, attemptRegret }]) => [
    printable(strategy, 40),
    groupDigits(payments),
    percent(failures.nobodyCould, payments),
    percent(failures.routerDidNot, payments),
    mean(feeRegretMsat, (value) => formatMsat(Math.round(value))),
    mean(attemptRegret, (value) => value.toFixed(2)),
  ]);
  const titles = ['', 'payments', 'nobody could', 'router did not', 'fee regret', 'attempt regret'];
  return [`oracle, by strategy\n${alignColumns([titles, ...rows], ['left'], '  ')}`];
}

function calibrationTable({ strategy, bins, ...row }: CalibrationRow): string {
  const title = `calibration of ${printable(strategy, 40)}: predicted probability of an attempt, and what happened`;
  const share = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`);
  const score = (value: number | null): string => value?.toFixed(4) ?? '-';
  const rows = [
    ['predicted', 'attempts', 'mean', 'came true'],
    ...bins.map(({ from, attempts, predicted, observed }) => [
      `${(100 * from).toFixed(0)} - ${(100 * from + 100 / bins.length).toFixed(0)} %`,
      groupDigits(attempts),
      share(predicted),
      share(observed),
    ]),
    ['all', groupDigits(row.attempts), share(row.predicted), share(row.observed)],
  ];
  const without = row.unpredicted > 0 ? [`attempts without a prediction ${groupDigits(row.unpredicted)}`] : [];
  const scores = [
    `log loss ${score(row.logLoss)}`,
    `Brier ${score(row.brier)} (of the constant rate ${score(row.brierOfRate)})`,
    ...without,
  ];
  if (row.attempts === 0) return `${title}\n  ${without[0] ?? 'no attempt'}`;
  return `${title}\n${alignColumns(rows, ['left'], '  ')}\n  ${scores.join('; ')}`;
}
