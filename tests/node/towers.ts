/** Watchtowers in a lab. */
import type { JusticeBlob } from '../../src/node/justiceBlob.ts';
import { Watchtower } from '../../src/node/watchtower.ts';
import type { Lab } from './harness.ts';

/**
 * A tower for a node, from now on.
 * @param keeps which of the blobs reach it, by their number
 */
export function addTower(
  lab: Lab,
  client: number,
  feeratesPerKw: readonly number[],
  keeps: (blob: number) => boolean = () => true,
): Watchtower {
  const tower = new Watchtower(lab.contexts[client]!);
  let count = 0;
  const store = (blob: JusticeBlob): void => {
    if (keeps(count++)) tower.store(blob);
  };
  lab.nodes[client]!.towers.hire({ store }, feeratesPerKw);
  lab.towers.push(tower);
  return tower;
}
