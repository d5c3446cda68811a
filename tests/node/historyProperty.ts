/**
 * Nobody who is online in time loses, whatever happens (BOLT 2, 3 and 5 together): the claims of `claims.ts` over random
 * histories. `npm run soak` lives more of them, and writes the seeds at which one breaks into `failingSeeds.json`.
 */
import fc from 'fast-check';
import { marksDuring } from '../../src/base/marks.ts';
import { checkInTheEnd } from './claims.ts';
import { failingSeeds } from './failingSeeds.ts';
import { live, type Kind } from './histories.ts';

/** Holds the claims over so many histories. @returns those of the paths that were not taken */
export function pathsMissedOver(nodes: 2 | 3, kind: Kind, numRuns: number, paths: readonly string[]): string[] {
  const examples = failingSeeds()
    .filter((each) => each.nodes === nodes && each.kind === kind)
    .map(({ seed }): [number] => [seed]);
  const property = fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) =>
    checkInTheEnd(live(seed, nodes, kind).lab),
  );
  const { marks } = marksDuring(() => fc.assert(property, { numRuns, examples, endOnFailure: true }));
  return paths.filter((path) => !marks.has(path));
}
