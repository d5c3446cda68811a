/**
 * Reliability diagrams as SVG: for each strategy the share of attempts that came true over the probability predicted, by
 * tenths, with 95 % intervals (E. B. Wilson, JASA 22, 1927), and below how many predictions there were.
 */
import type { CalibrationRow, ReliabilityBin } from '../experiment/calibration.ts';
import { groupDigits } from '../base/units.ts';
import { escapeText, linearScale, px, svgPage, type Scale } from './svg.ts';

/** Pixels. */
const PANEL = { width: 312, plot: 220, bars: 48, left: 52, top: 74, gap: 14, bottom: 44 } as const;
const PANELS_A_ROW = 3;
const HEIGHT = PANEL.top + PANEL.plot + PANEL.gap + PANEL.bars + PANEL.bottom;
/** Standard normal quantile of 97.5 %. */
const Z = 1.959964;

const STYLE = `
.even { stroke: #8c959f; stroke-dasharray: 4 3; }
.line { stroke: #0969da; stroke-width: 1.5; fill: none; }
.interval { stroke: #0969da; stroke-width: 1; opacity: 0.55; }
.point { fill: #0969da; }
.bar { fill: #a9b4c2; }
@media (prefers-color-scheme: dark) {
.even { stroke: #6e7985; }
.line, .interval { stroke: #6cb6ff; }
.point { fill: #6cb6ff; }
.bar { fill: #475361; }
}
`;

/** One panel a strategy; a strategy without predictions has an empty one. @returns a whole SVG file */
export function reliabilityPicture(rows: readonly CalibrationRow[]): string {
  const columns = Math.max(1, Math.min(PANELS_A_ROW, rows.length));
  const width = columns * PANEL.width;
  const height = Math.max(1, Math.ceil(rows.length / columns)) * HEIGHT;
  const panels = rows.map((row, index) => {
    const [x, y] = [(index % columns) * PANEL.width, Math.floor(index / columns) * HEIGHT];
    return `<g transform="translate(${x} ${y})">\n${panel(row)}\n</g>`;
  });
  return svgPage([width, height], 'predicted probability of attempts, and what came true', STYLE, panels);
}

function panel(row: CalibrationRow): string {
  const { left, top, plot } = PANEL;
  const x = linearScale([0, 1], [left, left + plot]);
  const y = linearScale([0, 1], [top + plot, top]);
  const seen = row.bins.filter(({ attempts }) => attempts > 0);
  const points = seen.map(({ predicted, observed }) => [px(x(predicted!)), px(y(observed!))] as const);
  return [
    `<text class="title" x="${left}" y="22">${escapeText(row.strategy, 40)}</text>`,
    `<text class="note" x="${left}" y="40">${escapeText(scores(row))}</text>`,
    `<text class="note" x="${left}" y="${top - 8}">came true</text>`,
    `<path class="even" d="M${px(x(0))} ${px(y(0))}L${px(x(1))} ${px(y(1))}"/>`,
    ...seen.map((bin) => interval(bin, x, y)),
    ...(points.length > 1 ? [`<path class="line" d="M${points.map(([a, b]) => `${a} ${b}`).join('L')}"/>`] : []),
    ...points.map(([a, b]) => `<circle class="point" cx="${a}" cy="${b}" r="3"/>`),
    `<rect class="frame" x="${left}" y="${top}" width="${plot}" height="${plot}"/>`,
    ...[0, 0.5, 1].map((at) => `<text class="note end" x="${left - 6}" y="${px(y(at) + 4)}">${100 * at} %</text>`),
    bars(row.bins, x),
  ].join('\n');
}

const scores = ({ attempts, logLoss, brier }: CalibrationRow): string =>
  logLoss === null || brier === null
    ? 'no predictions'
    : `${groupDigits(attempts)} attempts, log loss ${logLoss.toFixed(3)}, Brier ${brier.toFixed(3)}`;

/** Where the true share lies, with 95 % confidence. */
function interval({ attempts: n, predicted, observed }: ReliabilityBin, x: Scale, y: Scale): string {
  const centre = (observed! + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const reach = (Z / (1 + Z ** 2 / n)) * Math.sqrt((observed! * (1 - observed!)) / n + Z ** 2 / (4 * n ** 2));
  return `<path class="interval" d="M${px(x(predicted!))} ${px(y(centre - reach))}V${px(y(centre + reach))}"/>`;
}

/** How many predictions there were in each tenth. */
function bars(bins: readonly ReliabilityBin[], x: Scale): string {
  const most = Math.max(...bins.map(({ attempts }) => attempts));
  const base = PANEL.top + PANEL.plot + PANEL.gap + PANEL.bars;
  const tall = linearScale([0, Math.max(1, most)], [0, PANEL.bars]);
  return [
    ...bins.map(({ from, attempts }) => {
      const [begin, end] = [x(from) + 1, x(from + 1 / bins.length) - 1];
      const height = tall(attempts);
      return `<rect class="bar" x="${px(begin)}" y="${px(base - height)}" width="${px(end - begin)}" height="${px(height)}"/>`;
    }),
    `<text class="note" x="${px(x(0))}" y="${base + 16}">0 %</text>`,
    `<text class="note end" x="${px(x(1))}" y="${base + 16}">100 %</text>`,
    `<text class="note middle" x="${px(x(0.5))}" y="${base + 32}">predicted; bars: attempts, ${groupDigits(most)} at most</text>`,
  ].join('\n');
}
