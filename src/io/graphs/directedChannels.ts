/** Channels of a file that lists each direction for itself, put together: a direction that is missing was never announced. */
import type { Sat } from '../../base/units.ts';
import type { Policy } from '../../graph/channelGraph.ts';
import type { GraphImport } from './graphImport.ts';
import type { RawPolicy } from './policyRepair.ts';

/** One direction: from its owner, whose terms these are. */
export interface Direction {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly capacityMsat: number;
  readonly terms: RawPolicy;
  readonly path: () => string;
}

interface Pair {
  readonly first: Direction;
  second: Direction | null;
}

export class DirectedChannels {
  readonly #import: GraphImport;
  readonly #pairs = new Map<string, Pair>();

  constructor(graph: GraphImport) {
    this.#import = graph;
  }

  add(direction: Direction): void {
    const pair = this.#pairs.get(direction.id);
    if (pair === undefined) this.#pairs.set(direction.id, { first: direction, second: null });
    else if (pair.second === null && direction.from === pair.first.to && direction.to === pair.first.from) {
      pair.second = direction;
    } else this.#import.remedies.add('edgeRepeated', direction.path);
  }

  /** Gives the channels to the graph: node1 is the node with the smaller name (BOLT 7, `channel_announcement`). */
  finish(): void {
    for (const [id, { first, second }] of this.#pairs) {
      const { from, to, path } = first;
      const capacitySat = this.#import.admit(id, from, to, first.capacityMsat, path);
      if (capacitySat === null) continue;
      const own = this.#policy(first, capacitySat, path);
      const other = this.#policy(second, capacitySat, path);
      if (from < to) this.#import.addChannel(id, from, to, { capacitySat, policy1: own, policy2: other }, path);
      else this.#import.addChannel(id, to, from, { capacitySat, policy1: other, policy2: own }, path);
    }
  }

  #policy(direction: Direction | null, capacitySat: Sat, path: () => string): Policy | null {
    return this.#import.policy(direction?.terms ?? null, capacitySat, direction?.path ?? path);
  }
}
