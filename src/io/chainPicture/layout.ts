/** Where things stand in the picture of a chain, in pixels, and the scales that put them there. */
import type { ChainReport, ChainTransaction } from '../chainReport.ts';
import { linearScale, logScale, type Scale } from '../svg.ts';

export const WIDTH = 1040;
/** The panel and the lanes lie between these margins; names of axes and lanes stand left of them. */
export const LEFT = 196;
export const RIGHT = 24;
export const PANEL_TOP = 92;
export const PANEL_HEIGHT = 260;
export const LANES_TOP = PANEL_TOP + PANEL_HEIGHT + 40;
export const LANE_HEIGHT = 34;

/** Seconds. */
const LEAST_SPAN = 60;

/** Seconds since the first block, from the block before the first with a transaction to the last with one. */
export function timeScale(report: ChainReport): Scale {
  const { perBlock, startSeconds } = report;
  const isFull = (block: { transactions: number }): boolean => block.transactions > 0;
  const first = perBlock.findIndex(isFull);
  const last = perBlock.findLastIndex(isFull);
  const at = (index: number): number => (perBlock[index]?.timeSeconds ?? startSeconds) - startSeconds;
  const from = first < 0 ? 0 : at(first - 1);
  const to = first < 0 ? at(perBlock.length - 1) : at(last);
  const end = Math.max(to, from + LEAST_SPAN);
  // a margin, so that no mark stands on the edge
  return linearScale([from, end + (end - from) / 100], [LEFT, WIDTH - RIGHT]);
}

/** Sat per virtual byte, low below and high above. */
export const rateScale = (transactions: readonly ChainTransaction[]): Scale =>
  logScale(rateDomain(transactions), [PANEL_TOP + PANEL_HEIGHT, PANEL_TOP]);

/** All rates, and at least one power of ten around them. */
function rateDomain(transactions: readonly ChainTransaction[]): readonly [number, number] {
  let [low, high] = [Infinity, 0];
  for (const { satPerVbyte } of transactions) {
    if (satPerVbyte <= 0) continue;
    low = Math.min(low, satPerVbyte);
    high = Math.max(high, satPerVbyte);
  }
  if (high === 0) [low, high] = [1, 10];
  const spread = Math.sqrt(Math.max(1.3, 10 / (high / low)));
  return [low / spread, high * spread];
}
