/** The distributions of two graphs as curves in SVG: how many channels nodes have, and what channels hold. */
import type { Distribution, DistributionName, GraphProfile } from '../graph/graphProfile.ts';
import { escapeText, linearScale, logScale, logTicks, px, shortNumber, svgPage, type Scale } from './svg.ts';

/** A graph's profile, and what the user calls it. */
export interface NamedProfile {
  readonly name: string;
  readonly profile: GraphProfile;
}

/** Pixels. */
const PANEL = { width: 520, plot: 430, height: 320, left: 62, top: 64, bottom: 52 } as const;
const LEGEND = 60;
/** Points closer than that to the last are left out, pixels. */
const NEAR = 0.5;
/** The smallest share that the logarithmic panel shows. */
const LEAST_SHARE = 1e-5;

const STYLE = `
.tick { stroke: #eaeef2; }
.a, .b { stroke-width: 2; fill: none; }
.a { stroke: #0969da; }
.b { stroke: #bc4c00; stroke-dasharray: 7 3; }
@media (prefers-color-scheme: dark) {
.tick { stroke: #232a32; }
.a { stroke: #6cb6ff; }
.b { stroke: #f0883e; }
}
`;

interface Panel {
  readonly of: DistributionName;
  readonly title: string;
  /** how shares are drawn: those of at least a value, by their logarithm, or those of at most a value */
  readonly shares: 'atLeast' | 'atMost';
}

const PANELS: readonly Panel[] = [
  { of: 'channels a node', title: 'nodes with at least so many channels', shares: 'atLeast' },
  { of: 'capacity (sat)', title: 'channels with at most so many sat', shares: 'atMost' },
];

/** Two panels, a curve for each graph. What is known at some quantiles only is drawn through these. @returns a whole SVG file */
export function profilePicture(a: NamedProfile, b: NamedProfile): string {
  const [width, height] = [PANELS.length * PANEL.width, LEGEND + PANEL.top + PANEL.height + PANEL.bottom];
  return svgPage([width, height], 'channels of nodes and capacities of channels in two graphs', STYLE, [
    ...([['a', a.name, 22], ['b', b.name, 44]] as const).map(([curve, name, y]) =>
        `<path class="${curve}" d="M${PANEL.left} ${y - 4}h36"/><text x="${PANEL.left + 46}" y="${y}">${escapeText(name)}</text>`), // prettier-ignore
    ...PANELS.map(
      (panel, at) => `<g transform="translate(${at * PANEL.width} ${LEGEND})">\n${draw(panel, a, b)}\n</g>`,
    ),
  ]);
}

function draw({ of, title, shares }: Panel, a: NamedProfile, b: NamedProfile): string {
  const curves = [a, b].map(({ profile }) => pointsOf(profile.distributions[of], shares));
  const ends = curves.flatMap((points) => (points.length === 0 ? [] : [points[0]!, points.at(-1)!])); // least and most
  const values = ends.map(([value]) => value);
  if (values.length === 0) return `<text class="note" x="${PANEL.left}" y="${PANEL.top}">${of}: not known</text>`;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const { left, top, plot, height } = PANEL;
  const smallest = Math.min(1, ...ends.map(([, share]) => share));
  const x = logScale([least, Math.max(most, 2 * least)], [left, left + plot]);
  const range = [top + height, top] as const;
  const lowest = Math.min(0.5, Math.max(LEAST_SHARE, smallest));
  const y = shares === 'atMost' ? linearScale([0, 1], range) : logScale([lowest, 1], range);
  const shareTicks = shares === 'atMost' ? [0, 0.25, 0.5, 0.75, 1] : logTicks(y.domain);
  return [
    `<text class="title" x="${left}" y="${top - 14}">${title}</text>`,
    ...logTicks(x.domain).map(
      (tick) =>
        `<path class="tick" d="M${px(x(tick))} ${top}v${height}"/>` +
        `<text class="note middle" x="${px(x(tick))}" y="${top + height + 18}">${shortNumber(tick)}</text>`,
    ),
    ...shareTicks.map(
      (tick) =>
        `<path class="tick" d="M${left} ${px(y(tick))}h${plot}"/>` +
        `<text class="note end" x="${left - 6}" y="${px(y(tick) + 4)}">${shortNumber(100 * tick)} %</text>`,
    ),
    `<rect class="frame" x="${left}" y="${top}" width="${plot}" height="${height}"/>`,
    `<text class="note middle" x="${left + plot / 2}" y="${top + height + 38}">${of}</text>`,
    ...curves.map((points, at) => curve(at === 0 ? 'a' : 'b', points, x, y)),
  ].join('\n');
}

type Point = readonly [value: number, share: number];

/** Distinct values above 0 with the share of the sample that is at least, or at most, so large, from the bottom up. */
function pointsOf(distribution: Distribution | null, shares: Panel['shares']): Point[] {
  if (distribution === null) return [];
  if (distribution.kind === 'quantiles') {
    return distribution.points.flatMap(([share, value]): Point[] =>
      value > 0 && (shares === 'atMost' || share < 1) ? [[value, shares === 'atMost' ? share : 1 - share]] : [],
    );
  }
  const { sorted } = distribution;
  const first = sorted.find((value) => value > 0);
  const points: Point[] = shares === 'atMost' && first !== undefined ? [[first, 0]] : [];
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    const share = (shares === 'atMost' ? to : sorted.length - from) / sorted.length;
    if (sorted[from]! > 0) points.push([sorted[from]!, share]);
  }
  return points;
}

function curve(name: 'a' | 'b', points: readonly Point[], x: Scale, y: Scale): string {
  const kept: (readonly [number, number])[] = [];
  for (const [value, share] of points) {
    const [atX, atY] = [x(value), y(share)];
    const last = kept.at(-1);
    if (last && Math.abs(last[0] - atX) < NEAR && Math.abs(last[1] - atY) < NEAR) continue;
    kept.push([atX, atY]);
  }
  if (kept.length === 0) return '';
  return `<path class="${name}" d="M${kept.map(([atX, atY]) => `${px(atX)} ${px(atY)}`).join('L')}"/>`;
}
