/** Threads that take jobs one by one, from the sources through tsx or from what was compiled. */
import { Piscina } from 'piscina';
import type { SweepResult } from '../experiment/sweep.ts';
import type { SweepJob } from './sweepWorker.ts';

export interface ThreadPool {
  run(job: SweepJob): Promise<SweepResult>;
  close(): Promise<void>;
}

export function threadPool(threads: number): ThreadPool {
  const entry = import.meta.url.endsWith('.ts') ? './workerBoot.js' : './sweepWorker.js';
  const pool = new Piscina<SweepJob, SweepResult>({
    filename: new URL(entry, import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    // a thread holds the graph that it read
    idleTimeout: Infinity,
  });
  return { run: (job) => pool.run(job), close: () => pool.destroy() };
}
