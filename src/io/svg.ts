/** The little that pictures in SVG need: text made safe, numbers made short, ticks at round places. */
import { printable } from '../base/errors.ts';
import { ln } from '../base/math.ts';
import { groupDigits } from '../base/units.ts';

/** Untrusted text for an element or an attribute: on one line, bounded, nothing in it markup or refused by XML. */
export function escapeText(text: string, longest = 120): string {
  return printable(text, longest)
    .replace(/[\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** What the pages of diagrams have in common, light by default, dark where the reader's system is. */
const PAGE_STYLE = `
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f; }
.page { fill: #ffffff; }
.title { font-size: 14px; font-weight: 600; }
.note { fill: #57606a; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.frame { stroke: #d0d7de; fill: none; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.page { fill: #14181d; }
.note { fill: #9aa5b1; }
.frame { stroke: #39424d; }
}
`;

/**
 * A whole SVG file: a page with diagrams.
 * @param title for who does not see it @param style beside the page's own @param parts elements
 */
export function svgPage(
  [width, height]: readonly [number, number],
  title: string,
  style: string,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${title}</title>`,
    `<style>${PAGE_STYLE}${style}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** A coordinate to a tenth of a pixel, without needless digits. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

/** `0.2`, `5`, `1,000` */
export const shortNumber = (value: number): string => groupDigits(Number(value.toPrecision(3)));

/** Numbers that stand beside each other: short, but none further from what it says than a hundredth of the least gap. */
export function tickLabels(ticks: readonly number[]): string[] {
  const sorted = ticks.toSorted((a, b) => a - b);
  const gaps = sorted.slice(1).map((tick, index) => tick - sorted[index]!);
  const most = Math.min(...gaps.filter((gap) => gap > 0)) / 100;
  const rounded = (digits: number): number[] => ticks.map((tick) => Number(tick.toPrecision(digits)));
  let digits = 3;
  // 17 are all that a number has
  while (digits < 17 && rounded(digits).some((value, index) => Math.abs(value - ticks[index]!) > most)) digits++;
  return rounded(digits).map(groupDigits);
}

/** From a domain to pixels. */
export interface Scale {
  (value: number): number;
  readonly domain: readonly [number, number];
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const perUnit = (range[1] - range[0]) / (domain[1] - domain[0] || 1);
  return Object.assign((value: number) => range[0] + (value - domain[0]) * perUnit, { domain });
}

/** Values outside the domain are drawn at its edge. @param domain positive */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = [ln(domain[0]), ln(domain[1])];
  const place = (value: number): number => {
    const at = value <= domain[0] ? 0 : value >= domain[1] ? 1 : (ln(value) - low) / (high - low);
    return range[0] + at * (range[1] - range[0]);
  };
  return Object.assign(place, { domain });
}

/** 1, 2 and 5 times the powers of ten within a positive domain; the powers alone where those are many. */
export function logTicks([low, high]: readonly [number, number]): number[] {
  const ticks: number[] = [];
  const decades = (ln(high) - ln(low)) / ln(10);
  const leads = decades > 4 ? [1] : [1, 2, 5];
  for (let exponent = -9; exponent <= 18; exponent++) {
    for (const lead of leads) {
      // read as a person writes it, so that 0.2 is 0.2
      const tick = Number(`${lead}e${exponent}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** Multiples of the first of `steps` that gives at most `most` of them; twice and more the last step if none does. */
export function ticksBySteps([low, high]: readonly [number, number], steps: readonly number[], most: number): number[] {
  let step = steps.find((each) => (high - low) / each <= most) ?? steps.at(-1)!;
  while ((high - low) / step > most) step *= 2;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  return ticks;
}
