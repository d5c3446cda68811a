/** Long measurements in parts, one after the other, so that what is held at once stays small. */
import type { Rng } from '../../base/random.ts';

/**
 * Each part has a chain of its own, and a world if it needs one.
 * @param most a part's size
 * @param run a part of so many, with chance of its own
 * @returns what the parts gave, in order
 */
export function inParts<T>(size: number, most: number, rng: Rng, run: (size: number, rng: Rng) => T): T[] {
  return Array.from({ length: Math.ceil(size / most) }, (_, part) =>
    run(Math.min(most, size - part * most), rng.stream('chain', part)),
  );
}
