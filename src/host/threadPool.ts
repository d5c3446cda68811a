/** Threads that take jobs one by one, from the sources through tsx or from what was compiled. */
import { Piscina } from 'piscina';
import type { Jobs } from './workerEntry.ts';

export interface ThreadPool<Kind extends keyof Jobs> {
  run(job: Parameters<Jobs[Kind]>[0]): Promise<Awaited<ReturnType<Jobs[Kind]>>>;
  close(): Promise<void>;
}

/** @param kind what they do, one of those that a worker knows */
export function threadPool<Kind extends keyof Jobs>(threads: number, kind: Kind): ThreadPool<Kind> {
  const entry = import.meta.url.endsWith('.ts') ? './workerBoot.js' : './workerEntry.js';
  const pool = new Piscina<Parameters<Jobs[Kind]>[0], Awaited<ReturnType<Jobs[Kind]>>>({
    filename: new URL(entry, import.meta.url).href,
    name: kind,
    minThreads: threads,
    maxThreads: threads,
    // a thread holds the graph that it read
    idleTimeout: Infinity,
  });
  return { run: (job) => pool.run(job), close: () => pool.destroy() };
}
