/** A sweep as a picture: a panel a metric, the varied number along the bottom, a line a setting of the other axes. */
import type { CellEstimate } from '../experiment/comparison.ts';
import { METRIC_MOST, METRIC_TITLES, type MetricName } from '../experiment/metrics.ts';
import type { Axis, AxisValue, SweepGrid } from '../experiment/sweep.ts';
import { escapeText, linearScale, logScale, logTicks, px, tickLabels, ticksBySteps, type Scale } from './svg.ts';

const PANELS: readonly MetricName[] = ['success_rate', 'fee_ppm', 'attempts_mean', 'latency_p50_s'];
/** px */
const PANEL = { width: 420, height: 250, left: 62, right: 16, top: 34, bottom: 44 } as const;
const HEAD = 34;
const LEGEND_LINE = 18;
/** Told apart by most people who confuse colours, too (Okabe and Ito 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#8c6d00'] as const;

/** A cell with a value. */
type Point = CellEstimate & { readonly mean: number };

const isPoint = (cell: CellEstimate): cell is Point => cell.mean !== null;

interface Series {
  readonly name: string;
  readonly colour: string;
  readonly has: (values: readonly AxisValue[]) => boolean;
}

/** @param cells as `compare` gives them @returns a whole SVG file */
export function sweepChart(title: string, { axes }: SweepGrid, cells: readonly CellEstimate[]): string {
  const along = bottomAxis(axes);
  const points = cells.filter(isPoint);
  const series = seriesOf(axes, along);
  const legend = series.length > 1 ? series : [];
  const rows = Math.ceil(legend.length / 2);
  const [width, height] = [2 * PANEL.width, HEAD + 2 * PANEL.height + rows * LEGEND_LINE + 12];
  const panels = PANELS.map((metric, index) => {
    const own = points.filter((cell) => cell.metric === metric);
    const at = `translate(${(index % 2) * PANEL.width} ${HEAD + Math.floor(index / 2) * PANEL.height})`;
    return `<g transform="${at}">${panel(metric, axes[along], along, own, series)}</g>`;
  });
  const keys = legend.map(({ name, colour }, index) => {
    const [x, y] = [
      PANEL.left + (index % 2) * PANEL.width,
      HEAD + 2 * PANEL.height + Math.floor(index / 2) * LEGEND_LINE + 8,
    ];
    const swatch = `<path d="M${x} ${y}h22" stroke="${colour}" stroke-width="2"/><circle cx="${x + 11}" cy="${y}" r="3.5" fill="${colour}"/>`;
    return `${swatch}<text x="${x + 30}" y="${y + 4}">${escapeText(name, 60)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${PANEL.left}" y="22" font-size="15" font-weight="bold">${escapeText(title, 90)}</text>`,
    `<text x="${width - PANEL.right}" y="22" text-anchor="end" fill="#666">${intervalsOf(points)}</text>`,
    ...panels,
    ...keys,
    '</svg>\n',
  ].join('\n');
}

function intervalsOf(points: readonly Point[]): string {
  if (points.some(({ from }) => from === 'batches')) return 'one run, 95 % intervals from batch means';
  return points.some(({ halfWidth }) => halfWidth !== null) ? 'means, 95 % intervals' : 'means, without intervals';
}

/** The first axis of numbers that has two of them, or else of whatever it has. -1: nothing is varied. */
function bottomAxis(axes: readonly Axis[]): number {
  const varied = ({ values }: Axis): boolean => values.length > 1;
  const numbers = axes.findIndex((axis) => varied(axis) && axis.values.every((value) => typeof value === 'number'));
  return numbers === -1 ? axes.findIndex(varied) : numbers;
}

/** One for each setting of the other axes that have several. */
function seriesOf(axes: readonly Axis[], along: number): Series[] {
  const others = axes.flatMap(({ path, values }, at) =>
    at === along || values.length < 2 ? [] : [{ path, values, at }],
  );
  const settings = others.reduce<AxisValue[][]>(
    (all, { values }) => all.flatMap((each) => values.map((value) => [...each, value])),
    [[]],
  );
  return settings.map((setting, index) => ({
    name: others.map(({ path }, at) => `${path} ${String(setting[at])}`).join(', '),
    colour: COLOURS[index % COLOURS.length]!,
    has: (values) => others.every(({ at }, position) => values[at] === setting[position]),
  }));
}

function panel(
  metric: MetricName,
  axis: Axis | undefined,
  along: number,
  cells: readonly Point[],
  series: readonly Series[],
): string {
  const { width, height, left, right, top, bottom } = PANEL;
  const title = `<text x="${left}" y="20" font-weight="bold">${escapeText(METRIC_TITLES[metric])}</text>`;
  if (cells.length === 0) return `${title}<text x="${left}" y="${top + 24}" fill="#666">no values</text>`;
  const y = linearScale(valueDomain(cells, METRIC_MOST[metric]), [height - bottom, top]);
  const x = placesOf(axis, [left + 18, width - right - 18]);
  const gap = Math.min(7, 60 / series.length);
  const lines = series.map(({ colour, has }, index) => {
    // beside each other, so that one interval does not hide another
    const shift = (index - (series.length - 1) / 2) * gap;
    const points = cells
      .filter(({ values }) => has(values))
      .map((cell) => ({ ...cell, at: x.place(cell.values[along] ?? null) + shift }));
    const path = points.map(({ at, mean }, order) => `${order === 0 ? 'M' : 'L'}${px(at)} ${px(y(mean))}`).join('');
    const bars = points.map(({ at, mean, halfWidth }) => {
      const [from, to] = intervalOf({ mean, halfWidth }, METRIC_MOST[metric]);
      const [low, high] = [y(from), y(to)];
      const bar =
        halfWidth === null ? '' : `<path d="M${px(at - 3)} ${px(high)}h6m-3 0V${px(low)}m-3 0h6" stroke="${colour}"/>`;
      return `${bar}<circle cx="${px(at)}" cy="${px(y(mean))}" r="3.5" fill="${colour}"/>`;
    });
    const line = x.ordered ? `<path d="${path}" stroke="${colour}" stroke-width="2" stroke-opacity="0.7"/>` : '';
    return `<g fill="none">${line}</g>${bars.join('')}`;
  });
  const ticks = valueTicks(y.domain);
  const labels = tickLabels(ticks);
  const grid = ticks.map((tick, index) => {
    const at = px(y(tick));
    return `<path d="M${left} ${at}H${width - right}" stroke="#ddd"/><text x="${left - 8}" y="${px(y(tick) + 4)}" text-anchor="end">${labels[index]}</text>`;
  });
  const foot = x.ticks.map(
    ({ at, text }) =>
      `<text x="${px(at)}" y="${height - bottom + 18}" text-anchor="middle">${escapeText(text, 24)}</text>`,
  );
  const name = axis
    ? `<text x="${(left + width - right) / 2}" y="${height - bottom + 35}" text-anchor="middle" fill="#666">${escapeText(axis.path, 60)}</text>`
    : '';
  return [
    title,
    ...grid,
    `<path d="M${left} ${height - bottom}H${width - right}" stroke="#888"/>`,
    ...foot,
    name,
    ...lines,
  ].join('');
}

/** Cut off where the metric ends: a share at 0 and 1. */
function intervalOf({ mean, halfWidth }: Pick<Point, 'mean' | 'halfWidth'>, most = Infinity): [number, number] {
  const [low, high] = [mean - (halfWidth ?? 0), mean + (halfWidth ?? 0)];
  return most === Infinity ? [low, high] : [Math.max(0, low), Math.min(most, high)];
}

/** All means and intervals, and a little air, which is not beyond zero or the most that there can be. */
function valueDomain(cells: readonly Point[], most = Infinity): readonly [number, number] {
  const intervals = cells.map((cell) => intervalOf(cell, most));
  const [low, high] = [Math.min(...intervals.map(([from]) => from)), Math.max(...intervals.map(([, to]) => to))];
  // what differs in its last bits only is one value
  const isOne = high - low <= 1e-9 * Math.max(1, Math.abs(high));
  const air = isOne ? Math.max(1e-6, Math.abs(high) * 0.1) : (high - low) * 0.08;
  return [low >= 0 ? Math.max(0, low - air) : low - air, high <= most ? Math.min(most, high + air) : high + air];
}

function valueTicks(domain: readonly [number, number]): number[] {
  const steps = [];
  for (let exponent = -9; exponent <= 12; exponent++)
    for (const lead of [1, 2, 5]) steps.push(Number(`${lead}e${exponent}`));
  return ticksBySteps(domain, steps, 6);
}

interface Places {
  readonly place: (value: AxisValue) => number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** whether a line between neighbours means anything */
  readonly ordered: boolean;
}

/** Numbers where they belong, on a logarithmic scale where they span decades; others side by side. */
function placesOf(axis: Axis | undefined, range: readonly [number, number]): Places {
  const values = axis?.values ?? [null];
  const numbers = values.filter((value) => typeof value === 'number');
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  if (numbers.length < values.length || numbers.length < 2 || Math.max(-least, most) > 1e300) {
    const step = (range[1] - range[0]) / values.length;
    const place = (value: AxisValue): number => range[0] + (Math.max(0, values.indexOf(value)) + 0.5) * step;
    const ticks = axis ? values.map((value) => ({ at: place(value), text: String(value) })) : [];
    return { place, ticks, ordered: false };
  }
  const isLog = least > 0 && most / least >= 20;
  const scale: Scale = isLog ? logScale([least, most], range) : linearScale([least, most], range);
  const ticks = numbers.length <= 8 ? numbers : isLog ? logTicks([least, most]) : valueTicks([least, most]);
  const labels = tickLabels(ticks);
  return {
    place: (value) => scale(Number(value)),
    ticks: ticks.map((tick, index) => ({ at: scale(tick), text: labels[index]! })),
    ordered: true,
  };
}
