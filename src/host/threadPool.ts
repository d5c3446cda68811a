/** Threads that take jobs one by one, from the sources through tsx or from what was compiled. */
import { Piscina } from 'piscina';
import type { Jobs } from './workerEntry.ts';

export interface ThreadPool {
  /** @param kind what is to be done, one of what a worker knows */
  run<Kind extends keyof Jobs>(kind: Kind, job: Parameters<Jobs[Kind]>[0]): Promise<Awaited<ReturnType<Jobs[Kind]>>>;
  close(): Promise<void>;
}

export function threadPool(threads: number): ThreadPool {
  const entry = import.meta.url.endsWith('.ts') ? './workerBoot.js' : './workerEntry.js';
  const pool = new Piscina({
    filename: new URL(entry, import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    // a thread holds the graph that it read
    idleTimeout: Infinity,
  });
  return { run: (kind, job) => pool.run(job, { name: kind }), close: () => pool.destroy() };
}
