/** What block space cost over time: percentiles of each block's fee rates as a band, with the median in it. */
import { type ChainReport, type ChainTransaction, feeRates, type FeeRates } from '../chainReport.ts';
import { px, type Scale } from '../svg.ts';
import { LEFT } from './layout.ts';

/** Pixels: blocks that would be narrower share a column. */
const NARROWEST_COLUMN = 2;

/** Blocks side by side with what was paid in them; null where they hold no transaction. */
export interface Column {
  readonly from: number;
  readonly to: number;
  readonly rates: FeeRates | null;
}

/** The columns of a chain, from the picture's left edge on. */
export function columnsOf(report: ChainReport, transactions: readonly ChainTransaction[], time: Scale): Column[] {
  const columns: Column[] = [];
  const end = time(time.domain[1]);
  let from = LEFT;
  let next = 0;
  let own: ChainTransaction[] = [];
  for (const { height, timeSeconds } of report.perBlock) {
    for (; transactions[next] !== undefined && transactions[next]!.height <= height; next++) {
      own.push(transactions[next]!);
    }
    const to = Math.min(end, time(timeSeconds - report.startSeconds));
    if (to - from < NARROWEST_COLUMN) continue;
    columns.push({ from, to, rates: feeRates(own) });
    from = to;
    own = [];
  }
  if (own.length > 0) columns.push({ from, to: from + NARROWEST_COLUMN, rates: feeRates(own) });
  return columns;
}

/** Between two percentiles a step of area for each column, broken where nothing was paid. */
export function band(columns: readonly Column[], rate: Scale): string[] {
  const area = (low: 'p10' | 'p25', high: 'p90' | 'p75'): string =>
    runsOf(columns)
      .map((run) => {
        const there = run.map(({ to, rates }) => `V${px(rate(rates[high]) - 1)}H${px(to)}`).join('');
        const back = run.toReversed().map(({ from, rates }) => `V${px(rate(rates[low]) + 1)}H${px(from)}`);
        return `M${px(run[0]!.from)} ${px(rate(run[0]!.rates[low]))}${there}${back.join('')}Z`;
      })
      .join('');
  const median = runsOf(columns)
    .map((run) => {
      const steps = run.map(({ to, rates }) => `V${px(rate(rates.p50))}H${px(to)}`).join('');
      return `M${px(run[0]!.from)} ${px(rate(run[0]!.rates.p50))}${steps}`;
    })
    .join('');
  return [
    `<path class="outer" d="${area('p10', 'p90')}"/>`,
    `<path class="inner" d="${area('p25', 'p75')}"/>`,
    `<path class="median" d="${median}"/>`,
  ];
}

type PaidColumn = Column & { readonly rates: FeeRates };

function runsOf(columns: readonly Column[]): PaidColumn[][] {
  const runs: PaidColumn[][] = [[]];
  for (const { from, to, rates } of columns) {
    if (rates !== null) runs.at(-1)!.push({ from, to, rates });
    else if (runs.at(-1)!.length > 0) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}
