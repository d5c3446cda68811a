/** Clocks, for what only the outside world asks: nothing simulated depends on them. */
import { performance } from 'node:perf_hooks';

/** Unix seconds. */
export const unixSeconds = (): number => (performance.timeOrigin + performance.now()) / 1000;

/** CPU time that this process has spent so far, in its own code and the system's, µs. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
