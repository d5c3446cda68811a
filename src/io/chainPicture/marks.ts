/** Marks for the kinds of channel transactions: a shape and a colour each, so that neither alone has to tell them apart. */
import { px } from '../svg.ts';

type Shape = 'circle' | 'diamond' | 'up' | 'down' | 'square' | 'cross';

/** A kind's shape and its colours on a light and on a dark page. */
// prettier-ignore
const MARKS: Readonly<Record<string, readonly [Shape, light: string, dark: string]>> = {
  'funding':            ['circle',  '#2f6fde', '#6ea8ff'],
  'mutual-close':       ['diamond', '#0f8a8a', '#38c6c6'],
  'commitment':         ['diamond', '#b87900', '#f2b93b'],
  'revoked-commitment': ['diamond', '#d1480b', '#ff8f52'],
  'anchor':             ['square',  '#7d6a58', '#c4ae98'],
  'htlc-timeout':       ['up',      '#7c3aed', '#b794ff'],
  'htlc-success':       ['down',    '#2b8a3e', '#62d27a'],
  'htlc-claim':         ['down',    '#6b7d00', '#bccb45'],
  'sweep':              ['square',  '#c0408f', '#f08fd0'],
  'penalty':            ['cross',   '#c5221f', '#ff6d66'],
};

/** For any kind that a listing names besides. */
const OTHER: readonly [Shape, string, string] = ['circle', '#6e7781', '#aeb8c2'];

const markOf = (kind: string): readonly [Shape, string, string] => (Object.hasOwn(MARKS, kind) ? MARKS[kind]! : OTHER);

/** The class that gives a mark its colour. */
export const colourClass = (kind: string): string => (Object.hasOwn(MARKS, kind) ? `k-${kind}` : 'k-unnamed');

const rule = (name: string, colour: string): string =>
  `.mark.${name} { fill: ${colour}; } .wait.${name} { stroke: ${colour}; }`;

const rules = (column: 1 | 2): string =>
  [
    ...Object.keys(MARKS).map((kind) => rule(colourClass(kind), markOf(kind)[column])),
    rule('k-unnamed', OTHER[column]),
  ].join('\n');

/** The colours as style sheets. */
export const MARK_STYLE = { light: rules(1), dark: rules(2) } as const;

/** Corners by shape, on a circle of about one. */
// prettier-ignore
const CORNERS: Readonly<Record<Exclude<Shape, 'circle'>, readonly (readonly [number, number])[]>> = {
  diamond: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
  up:      [[0, -1.2], [1.2, 0.9], [-1.2, 0.9]],
  down:    [[0, 1.2], [1.2, -0.9], [-1.2, -0.9]],
  square:  [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  cross:   [[0, -0.5], [0.7, -1.2], [1.2, -0.7], [0.5, 0], [1.2, 0.7], [0.7, 1.2],
            [0, 0.5], [-0.7, 1.2], [-1.2, 0.7], [-0.5, 0], [-1.2, -0.7], [-0.7, -1.2]],
};

/** A mark's outline around a point. @param size half its width, pixels */
export function markPath(kind: string, x: number, y: number, size: number): string {
  const [shape] = markOf(kind);
  if (shape === 'circle') {
    const arc = `a${px(size)} ${px(size)} 0 1 0`;
    return `M${px(x - size)} ${px(y)}${arc} ${px(2 * size)} 0${arc} ${px(-2 * size)} 0Z`;
  }
  return `M${CORNERS[shape].map(([dx, dy]) => `${px(x + size * dx)} ${px(y + size * dy)}`).join('L')}Z`;
}
