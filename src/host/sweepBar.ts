/** Progress of a sweep on a terminal, with an estimate of what remains; nothing where standard error is no terminal. */
import { performance } from 'node:perf_hooks';
import { formatDuration, seconds } from '../base/time.ts';
import { groupDigits } from '../base/units.ts';
import { bar, redrawnLine, type RedrawnLine } from './progressBar.ts';
import type { SweepProgress } from './sweep.ts';

/** @param stream where to draw, standard error for one */
export function sweepBar(stream: NodeJS.WriteStream): RedrawnLine<SweepProgress> | null {
  const started = performance.now();
  return redrawnLine(stream, (progress) => formatSweepProgress(progress, (performance.now() - started) / 1000));
}

/** `[███████·················] 12 / 60 runs · 2m 10s left`; the estimate is from the runs of this process alone. */
export function formatSweepProgress({ done, of, ran, toRun }: SweepProgress, elapsedSeconds: number): string {
  const left = ran === 0 ? '' : ` · ${formatDuration(seconds((elapsedSeconds * (toRun - ran)) / ran))} left`;
  return `${bar(done, of)} ${groupDigits(done)} / ${groupDigits(of)} runs${left}`;
}
