/** Progress of a run on a terminal, one line redrawn; nothing at all where standard error is no terminal. */
import { performance } from 'node:perf_hooks';
import { formatDuration } from '../base/time.ts';
import { groupDigits } from '../base/units.ts';
import type { RunProgress } from '../experiment/run.ts';

/** ms between two drawings */
const REDRAW = 100;
const BAR = 24;

/** A line that is drawn over and over. */
export interface RedrawnLine<T> {
  show(what: T): void;
  clear(): void;
}

/** @param stream where to draw, standard error for one */
export const progressBar = (stream: NodeJS.WriteStream): RedrawnLine<RunProgress> | null =>
  redrawnLine(stream, formatProgress);

/** `[███████·················] 12 / 60 questions` @param stream where to draw @param what is counted */
export const countBar = (stream: NodeJS.WriteStream, all: number, what: string): RedrawnLine<number> | null =>
  redrawnLine(stream, (done) => `${bar(done, all)} ${groupDigits(done)} / ${groupDigits(all)} ${what}`);

/** No wider than the terminal, no more often than the eye follows; null where the stream is no terminal. */
export function redrawnLine<T>(stream: NodeJS.WriteStream, format: (what: T) => string): RedrawnLine<T> | null {
  if (!stream.isTTY) return null;
  let last = -Infinity;
  return {
    show(what) {
      const now = performance.now();
      if (now - last < REDRAW) return;
      last = now;
      stream.write(`\r\u001b[2K${format(what).slice(0, Math.max(20, (stream.columns || 80) - 1))}`);
    },
    clear() {
      stream.write('\r\u001b[2K');
    },
  };
}

/** `paying   [███████·················] 1,234 / 5,000 payments · 2h 10m simulated · 231 blocks`; copies are counted first. */
export function formatProgress(progress: RunProgress): string {
  const { replica, ofReplicas, phase, channels, ofChannels, payments, ofPayments, now, blocks } = progress;
  const [done, all, what] =
    phase === 'opening' ? [channels, ofChannels, 'channels'] : [payments, ofPayments, 'payments'];
  // where time alone ends the traffic, nobody knows how many there will be
  const counts = `${groupDigits(done)}${all === Infinity ? '' : ` / ${groupDigits(all)}`} ${what}`;
  const copy = ofReplicas === 1 ? '' : `replica ${groupDigits(replica)} / ${groupDigits(ofReplicas)}  `;
  return `${copy}${phase.padEnd(8)} ${bar(done, all)} ${counts} · ${formatDuration(now)} simulated · ${groupDigits(blocks)} blocks`;
}

export function bar(done: number, all: number): string {
  const filled = Math.round((all === 0 ? 1 : done / all) * BAR);
  return `[${'█'.repeat(filled)}${'·'.repeat(BAR - filled)}]`;
}
