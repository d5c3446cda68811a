/** Transactions drawn as marks, those that fall on one spot as one larger mark. */
import { groupDigits } from '../../base/units.ts';
import type { ChainTransaction } from '../chainReport.ts';
import { escapeText, type Scale, shortNumber } from '../svg.ts';
import { colourClass, markPath } from './marks.ts';

/** Pixels: marks of one kind that are nearer than this are one. */
export const MARK_GRID = 3;
/** In the panel, and in a lane: past it marks are gathered more coarsely. */
export const MOST_MARKS = 2000;

/** The channel transactions on the band of fee rates. */
export function marksOnBand(transactions: readonly ChainTransaction[], time: Scale, rate: Scale): string[] {
  const places = (transaction: ChainTransaction): { x: number; y: number } => ({
    x: time(transaction.sinceStartSeconds),
    y: rate(transaction.satPerVbyte),
  });
  return clusters(transactions, places).map(({ x, y, members }) => {
    const { kind, satPerVbyte, height } = members[0]!;
    const title = `${groupDigits(members.length)} ${kind}, block ${height}, ${shortNumber(satPerVbyte)} sat/vB`;
    return mark(kind, x, y, sizeOf(members.length), title);
  });
}

export interface Cluster {
  readonly x: number;
  readonly y: number;
  readonly members: ChainTransaction[];
}

/** Transactions of a kind that fall on the same spot, each spot where its first member is; larger spots where many are. */
export function clusters(
  transactions: readonly ChainTransaction[],
  place: (transaction: ChainTransaction) => { x: number; y: number },
): Cluster[] {
  for (let grid = MARK_GRID; ; grid *= 2) {
    const found = new Map<string, Cluster>();
    for (const transaction of transactions) {
      const { x, y } = place(transaction);
      const key = `${transaction.kind} ${Math.round(x / grid)} ${Math.round(y / grid)}`;
      const cluster = found.get(key);
      if (cluster) cluster.members.push(transaction);
      else found.set(key, { x, y, members: [transaction] });
    }
    if (found.size > MOST_MARKS) continue;
    // the large ones first, so that none hides another
    return [...found.values()].sort((a, b) => b.members.length - a.members.length);
  }
}

/** Half a mark's width, in pixels: its area grows with the number, up to three times the least width. */
export const sizeOf = (count: number): number => Math.min(9, 3 * Math.sqrt(1 + count / 40));

export const mark = (kind: string, x: number, y: number, size: number, title: string): string =>
  `<path class="mark ${colourClass(kind)}" d="${markPath(kind, x, y, size)}"><title>${escapeText(title)}</title></path>`;
