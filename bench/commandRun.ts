/** Runs the `leyden` command in a process of its own, so that its time and peak memory are its own. */
import { spawnSync } from 'node:child_process';

import { fileURLToPath } from 'node:url';

export const LEYDEN = fileURLToPath(new URL('../src/cli/leyden.js', import.meta.url));

export interface CommandRun {
  readonly out: string;
  readonly seconds: number;
  /** user and system, all threads; null where the platform doesn't tell, as for the peak */
  readonly cpuSeconds: number | null;
  readonly peakMb: number | null;
}

/** @throws Error if the command fails */
export function leyden(...args: string[]): CommandRun {
  // the child prints its own usage when it ends: no platform lets a parent ask for one child's alone
  const usage = `const u = process.resourceUsage(), cpu = u.userCPUTime + u.systemCPUTime`;
  const hook = `process.on('exit', () => { ${usage}; require('node:fs').writeSync(2, 'peak ' + u.maxRSS + ' cpu ' + cpu) })`;
  const preload = `data:text/javascript,import{createRequire}from'node:module';const require=createRequire(process.execPath);${hook}`;
  const started = process.hrtime.bigint();
  const child = spawnSync(process.execPath, ['--import', preload, LEYDEN, ...args], {
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (child.status !== 0) throw new Error(`leyden ${args.join(' ')} failed: ${child.stderr}`);
  const [, peak, cpuMicros] = /peak (\d+) cpu (\d+)/.exec(child.stderr) ?? [];
  return {
    out: child.stdout,
    seconds,
    cpuSeconds: cpuMicros === undefined ? null : Number(cpuMicros) / 1e6,
    peakMb: peak === undefined ? null : Math.round(Number(peak) / 1024),
  };
}
