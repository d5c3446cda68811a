/** The wall clock, for what only the outside world asks: nothing simulated depends on it. */
import { performance } from 'node:perf_hooks';

/** Unix seconds. */
export const unixSeconds = (): number => (performance.timeOrigin + performance.now()) / 1000;
