/** Progress of a run on a terminal, one line redrawn; nothing at all where standard error is no terminal. */
import { performance } from 'node:perf_hooks';
import { formatDuration } from '../base/time.ts';
import { groupDigits } from '../base/units.ts';
import type { Progress } from '../sim/worldResult.ts';

/** ms between two drawings */
const REDRAW = 100;
const BAR = 24;

export interface ProgressBar {
  show(progress: Progress): void;
  clear(): void;
}

/** @param stream where to draw, standard error for one */
export function progressBar(stream: NodeJS.WriteStream): ProgressBar | null {
  if (!stream.isTTY) return null;
  let last = -Infinity;
  return {
    show(progress) {
      const now = performance.now();
      if (now - last < REDRAW) return;
      last = now;
      const line = formatProgress(progress);
      stream.write(`\r\u001b[2K${line.slice(0, Math.max(20, (stream.columns || 80) - 1))}`);
    },
    clear() {
      stream.write('\r\u001b[2K');
    },
  };
}

/** `paying   [███████·················] 1,234 / 5,000 payments · 2h 10m simulated · 231 blocks` */
export function formatProgress(progress: Progress): string {
  const { phase, channels, ofChannels, payments, ofPayments, now, blocks } = progress;
  const [done, all, what] =
    phase === 'opening' ? [channels, ofChannels, 'channels'] : [payments, ofPayments, 'payments'];
  const filled = Math.round((all === 0 ? 1 : done / all) * BAR);
  const bar = `[${'█'.repeat(filled)}${'·'.repeat(BAR - filled)}]`;
  const counts = `${groupDigits(done)} / ${groupDigits(all)} ${what}`;
  return `${phase.padEnd(8)} ${bar} ${counts} · ${formatDuration(now)} simulated · ${groupDigits(blocks)} blocks`;
}
