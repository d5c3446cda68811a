/** The `leyden` command with the CPU time of each of its threads, read from Linux's `/proc` while it runs. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { LEYDEN } from './commandRun.ts';

export interface ThreadTimes {
  readonly seconds: number;
  /** CPU time, user and system, s: of the thread that everything starts in */
  readonly main: number;
  /** of all others, the busiest first: workers, then V8's compilers and collectors; none where there is no `/proc` */
  readonly others: readonly number[];
}

/** What `/proc` counts in: a hundredth of a second on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;
/** Between two looks, ms: a thread that ends before the next one has worked little since. */
const LOOK_EVERY = 50;

/** @throws Error if the command fails */
export async function threadTimes(...args: string[]): Promise<ThreadTimes> {
  const started = process.hrtime.bigint();
  const child = spawn(process.execPath, [LEYDEN, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ticks = new Map<string, number>();
  while (child.exitCode === null) {
    look(child.pid!, ticks);
    await Promise.race([ended, wait(LOOK_EVERY)]);
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if ((await ended) !== 0) throw new Error(`leyden ${args.join(' ')} failed`);
  const [main = 0, ...others] = [...ticks.values()].map((each) => each / TICKS_A_SECOND);
  return { seconds, main, others: others.toSorted((a, b) => b - a) };
}

/** Notes what each thread has used by now; the first of them has the process's own number. */
function look(pid: number, ticks: Map<string, number>): void {
  try {
    const folder = `/proc/${pid}/task`;
    for (const thread of readdirSync(folder)) {
      // past the name, which may hold anything: state, then eleven numbers, then user and system time (proc(5))
      const [, fields = ''] = /\) (.*)$/s.exec(readFileSync(`${folder}/${thread}/stat`, 'utf8')) ?? [];
      const [user, system] = fields.split(' ').slice(11, 13).map(Number);
      ticks.set(thread, (user ?? 0) + (system ?? 0));
    }
  } catch {
    // a thread that has just ended, or no Linux
  }
}
