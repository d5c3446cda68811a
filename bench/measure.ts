/** Measuring: fixed work, contenders interleaved round by round, CPU time, the least and the median of the rounds; memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Measured {
  /** least CPU time of a round, µs */
  readonly least: number;
  /** median CPU time of a round, µs */
  readonly median: number;
}

/** The CPU time, user and system, that this process spends on `work`, µs. */
export function cpuMicros(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const spent = process.cpuUsage(before);
  return spent.user + spent.system;
}

/**
 * Runs every contender once a round.
 * @param contenders each does the same work and returns the CPU time it took, µs
 * @param rounds counted after one that only warms up
 */
export function interleaved(rounds: number, contenders: readonly (() => number)[]): Measured[] {
  const times = contenders.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    contenders.forEach((contender, i) => {
      const micros = contender();
      if (round >= 0) times[i]!.push(micros);
    });
  }
  return times.map((micros) => {
    micros.sort((a, b) => a - b);
    return { least: micros[0]!, median: micros[micros.length >> 1]! };
  });
}

/** What is alive after a collection, in the heap and in buffers. */
export function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
