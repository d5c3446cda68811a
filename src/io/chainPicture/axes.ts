/** Title, axes with their units, and what the band's colours mean. */
import { formatDuration, seconds } from '../../base/time.ts';
import { groupDigits } from '../../base/units.ts';
import type { ChainReport } from '../chainReport.ts';
import { escapeText, logTicks, px, type Scale, shortNumber, ticksBySteps } from '../svg.ts';
import { LEFT, PANEL_HEIGHT, PANEL_TOP, RIGHT, WIDTH } from './layout.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

export function heading(report: ChainReport, name: string): string[] {
  const span = formatDuration(seconds(Math.max(0, report.endSeconds - report.startSeconds)));
  const facts = `${groupDigits(report.blocks)} blocks in ${span} of simulated time, ${groupDigits(report.transactions)} transactions`;
  return [
    `<text class="title" x="12" y="28">${escapeText(name, 90)}</text>`,
    `<text class="note" x="12" y="48">${escapeText(facts)}</text>`,
  ];
}

/** What the band means, at the top on the right. */
export function bandLegend(): string[] {
  const entries: readonly (readonly [string, string, number])[] = [
    ['outer', '10–90 % of block space', 176],
    ['inner', '25–75 %', 82],
    ['median', 'median', 70],
  ];
  let x = WIDTH - RIGHT;
  return entries.toReversed().flatMap(([name, text, width]) => {
    x -= width;
    const swatch =
      name === 'median'
        ? `<path class="median" d="M${x} 24h16"/>`
        : `<rect class="${name}" x="${x}" y="18" width="16" height="12"/>`;
    return [swatch, `<text class="note" x="${x + 22}" y="28">${text}</text>`];
  });
}

export function rateAxis(rate: Scale): string[] {
  const ticks = logTicks(rate.domain).flatMap((tick) => {
    const y = px(rate(tick));
    return [
      `<path class="grid" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/>`,
      `<text class="axis end" x="${LEFT - 8}" y="${px(rate(tick) + 4)}">${shortNumber(tick)}</text>`,
    ];
  });
  const middle = PANEL_TOP + PANEL_HEIGHT / 2;
  const turned = `transform="rotate(-90 ${LEFT - 56} ${middle})"`;
  return [
    ...ticks,
    `<text class="axis middle" x="${LEFT - 56}" y="${middle}" ${turned}>fee rate (sat/vB, logarithmic)</text>`,
  ];
}

// prettier-ignore
const TIME_STEPS = [
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
  DAY, 2 * DAY, 5 * DAY, 10 * DAY, 20 * DAY, 50 * DAY, 100 * DAY,
];

export function timeAxis(time: Scale, bottom: number): string[] {
  const [from, to] = time.domain;
  const [unit, name] =
    to - from > 4 * DAY ? [DAY, 'days'] : to - from > 3 * HOUR ? [HOUR, 'hours'] : [MINUTE, 'minutes'];
  const ticks = ticksBySteps(time.domain, TIME_STEPS, 10).flatMap((tick) => {
    const x = px(time(tick));
    return [
      `<path class="grid" d="M${x} ${PANEL_TOP}V${bottom}"/>`,
      `<text class="axis middle" x="${x}" y="${bottom + 18}">${shortNumber(tick / unit)}</text>`,
    ];
  });
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  return [
    ...ticks,
    `<text class="axis middle" x="${middle}" y="${bottom + 40}">simulated time since the first block (${name})</text>`,
  ];
}

/** The blocks at round heights, above the panel. */
export function heightAxis({ perBlock, startSeconds }: ChainReport, time: Scale): string[] {
  const x = (index: number): number => time(perBlock[index]!.timeSeconds - startSeconds);
  const seen = [...perBlock.keys()].filter((index) => x(index) >= LEFT && x(index) <= WIDTH - RIGHT);
  const heights = [perBlock[seen[0] ?? 0]?.height ?? 0, perBlock[seen.at(-1) ?? 0]?.height ?? 0] as const;
  let last = LEFT - 100;
  const ticks = ticksBySteps(heights, HEIGHT_STEPS, 14).flatMap((height) => {
    const at = perBlock[height - 1] === undefined ? last : x(height - 1);
    if (at - last < 34) return [];
    last = at;
    return [
      `<path class="tick" d="M${px(at)} ${PANEL_TOP}v-5"/>`,
      `<text class="axis middle" x="${px(at)}" y="${PANEL_TOP - 9}">${groupDigits(height)}</text>`,
    ];
  });
  return [
    ...ticks,
    `<text class="axis end" x="${LEFT - 24}" y="${PANEL_TOP - 9}">block height</text>`,
    `<rect class="frame" x="${LEFT}" y="${PANEL_TOP}" width="${WIDTH - RIGHT - LEFT}" height="${PANEL_HEIGHT}"/>`,
  ];
}

// prettier-ignore
const HEIGHT_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];
