/** A lane for each kind of channel transaction: when each was mined, and how long it waited for that. */
import { groupDigits } from '../../base/units.ts';
import { CHANNEL_KINDS, type ChainReport, type ChainTransaction } from '../chainReport.ts';
import { escapeText, px, type Scale } from '../svg.ts';
import { clusters, mark, MARK_GRID, MOST_MARKS, sizeOf } from './clusters.ts';
import { LANE_HEIGHT, LEFT, RIGHT, WIDTH } from './layout.ts';
import { colourClass } from './marks.ts';

/** Kinds in the order of a channel's life, then any other that a listing names. */
export function lanesOf(transactions: readonly ChainTransaction[]): string[] {
  const there = new Set(transactions.map(({ kind }) => kind));
  return [...CHANNEL_KINDS.filter((kind) => there.has(kind)), ...[...there].filter((k) => !CHANNEL_KINDS.includes(k))];
}

/** What the lanes show, and how much of it is known. */
export function lanesTitle(report: ChainReport, transactions: readonly ChainTransaction[]): string {
  const known = transactions.filter(({ wait }) => wait !== null).length;
  const from = report.kindsFrom === 'listing' ? 'the listing and locks' : 'locks';
  const waits = known === 0 ? 'no wait is known' : `line: its wait, where known (${groupDigits(known)}, from ${from})`;
  return `channel transactions by kind · mark: its block · ${waits}`;
}

/** A lane: its kind with its mark as the legend, then a line for each wait and a mark at each block. */
export function laneOf(kind: string, top: number, all: readonly ChainTransaction[], time: Scale): string[] {
  const transactions = all.filter((transaction) => transaction.kind === kind);
  const y = top + LANE_HEIGHT / 2;
  const parts = [
    `<path class="grid" d="M${LEFT} ${px(y)}H${WIDTH - RIGHT}"/>`,
    mark(kind, 20, y, 5, kind),
    `<text class="kind" x="34" y="${px(y + 4)}">${escapeText(kind, 24)}</text>`,
    `<text class="count" x="${LEFT - 12}" y="${px(y + 4)}">${groupDigits(transactions.length)}</text>`,
  ];
  const { spans, spanOf } = spansOf(transactions, time);
  const rows = rowsOf(spans);
  const yOf = (transaction: ChainTransaction): number => y + (rows.get(spanOf(transaction)) ?? 0);
  const lines = [...spans].flatMap(([span, { from, to }]) =>
    to > from ? [`M${from} ${px(y + (rows.get(span) ?? 0))}H${to}`] : [],
  );
  if (lines.length > 0) parts.push(`<path class="wait ${colourClass(kind)}" d="${lines.join('')}"/>`);
  const places = (transaction: ChainTransaction): { x: number; y: number } => ({
    x: time(transaction.sinceStartSeconds),
    y: yOf(transaction),
  });
  for (const { x, y, members } of clusters(transactions, places)) {
    parts.push(mark(kind, x, y, sizeOf(members.length), laneTitle(members)));
  }
  return parts;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * From where to where transactions waited, in whole pixels, or in coarser steps where there are very many: what is alike
 * on the screen is drawn once.
 */
function spansOf(
  transactions: readonly ChainTransaction[],
  time: Scale,
): { spans: ReadonlyMap<string, Span>; spanOf: (transaction: ChainTransaction) => string } {
  for (let step = 1; ; step *= 2) {
    const round = (x: number): number => Math.round(x / step) * step;
    const measure = ({ sinceStartSeconds, wait }: ChainTransaction): Span => ({
      from: round(Math.max(LEFT, time(sinceStartSeconds - (wait?.seconds ?? 0)))),
      to: round(time(sinceStartSeconds)),
    });
    const spanOf = (transaction: ChainTransaction): string => Object.values(measure(transaction)).join(' ');
    const spans = new Map(transactions.map((each) => [spanOf(each), measure(each)]));
    if (spans.size <= MOST_MARKS) return { spans, spanOf };
  }
}

/** Pixels above and below a lane's middle, in the order in which waits that overlap fill it. */
const ROWS = [0, -5, 5, -10, 10] as const;

/** Where in its lane each wait goes: the first row that is free there, else the one that is free again first. */
function rowsOf(spans: ReadonlyMap<string, Span>): ReadonlyMap<string, number> {
  const freeFrom = ROWS.map(() => -Infinity);
  const rows = new Map<string, number>();
  for (const [span, { from, to }] of [...spans].sort(([, a], [, b]) => a.from - b.from || a.to - b.to)) {
    const free = freeFrom.findIndex((x) => x < from);
    const row = free >= 0 ? free : freeFrom.indexOf(Math.min(...freeFrom));
    freeFrom[row] = Math.max(freeFrom[row]!, to + MARK_GRID);
    rows.set(span, ROWS[row]!);
  }
  return rows;
}

function laneTitle(members: readonly ChainTransaction[]): string {
  const { kind, height, wait } = members[0]!;
  const waited = wait === null ? '' : `, waited ${groupDigits(wait.blocks)} blocks (known from: ${wait.source})`;
  return `${groupDigits(members.length)} ${kind}, block ${groupDigits(height)}${waited}`;
}
