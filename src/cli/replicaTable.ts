/** What `leyden run` prints of replicas: the ensemble at each count of payments. */
import { groupDigits } from '../base/units.ts';
import type { EnsemblePoint, EnsembleStatistic } from '../experiment/replicas.ts';
import { alignColumns } from './textTable.ts';

export function replicaTable(points: readonly EnsemblePoint[]): string {
  const titles = ['payments', 'replicas', 'success rate', 'p5 to p95', 'failed', 'attempts', 'fees (msat)'];
  const rows = points.map(({ payments, replicas, statistics }) => {
    const counts = [groupDigits(payments), groupDigits(replicas)];
    if (!statistics) return [...counts, '-', '-', '-', '-', '-'];
    const { successRate, failed, attempts, feesMsat } = statistics;
    const { p5, p95 } = successRate.quantiles;
    const others = [failed, attempts, feesMsat].map((each) => withInterval(each, 1));
    return [...counts, withInterval(successRate, 4), `${p5.toFixed(3)} to ${p95.toFixed(3)}`, ...others];
  });
  return `replicas: mean and 95 % interval\n${alignColumns([titles, ...rows], ['right'], '  ')}`;
}

const withInterval = ({ mean, halfWidth }: EnsembleStatistic, digits: number): string =>
  `${mean.toFixed(digits)} ± ${halfWidth === null ? '-' : halfWidth.toFixed(digits)}`;
