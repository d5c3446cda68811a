/**
 * A chain as a picture (SVG): above, what block space cost over time, with the channel transactions on it; below, a lane
 * for each of their kinds with how long each waited. It needs no script, and follows the reader's light or dark.
 */
import type { ChainReport, ChainTransaction } from '../chainReport.ts';
import { escapeText } from '../svg.ts';
import { bandLegend, heading, heightAxis, rateAxis, timeAxis } from './axes.ts';
import { band, columnsOf } from './band.ts';
import { marksOnBand } from './clusters.ts';
import { laneOf, lanesOf, lanesTitle } from './lanes.ts';
import { LANE_HEIGHT, LANES_TOP, LEFT, rateScale, timeScale, WIDTH } from './layout.ts';
import { STYLE } from './style.ts';

/**
 * The picture's file.
 * @param name what the chain is called, any text
 */
export function chainPicture(report: ChainReport, transactions: readonly ChainTransaction[], name: string): string {
  const drawn = transactions.filter(({ isChannel }) => isChannel);
  const kinds = lanesOf(drawn);
  const lanesBottom = LANES_TOP + Math.max(1, kinds.length) * LANE_HEIGHT;
  const height = lanesBottom + 64;
  const time = timeScale(report);
  const rate = rateScale(transactions);
  const columns = columnsOf(report, transactions, time);

  const parts = [
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    ...heading(report, name),
    ...bandLegend(),
    ...rateAxis(rate),
    ...timeAxis(time, lanesBottom),
    ...heightAxis(report, time),
    ...band(columns, rate),
    ...marksOnBand(drawn, time, rate),
    `<text class="axis" x="12" y="${LANES_TOP - 8}">${lanesTitle(report, drawn)}</text>`,
    ...kinds.flatMap((kind, lane) => laneOf(kind, LANES_TOP + lane * LANE_HEIGHT, drawn, time)),
  ];
  if (kinds.length === 0) {
    parts.push(`<text class="note" x="${LEFT + 8}" y="${LANES_TOP + 18}">no channel transactions</text>`);
  }
  const label = `Fee rates and channel transactions of ${name}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeText(label)}">
<style>${STYLE}</style>
${parts.join('\n')}
</svg>
`;
}
