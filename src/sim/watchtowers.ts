/** The watchtowers of a world: who hired which, what reaches them, and what they see of the chain. */
import { present } from '../base/assert.ts';
import type { Rng } from '../base/random.ts';
import type { Transaction } from '../chain/transaction.ts';
import { Watchtower, type TowerContext } from '../node/watchtower.ts';
import type { WatchtowerPlan } from './config.ts';
import type { Network } from './network.ts';

/** What watchtowers hold and have done. */
export interface WatchtowerTally {
  readonly towers: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly cheatsSeen: number;
}

export class Watchtowers {
  readonly #towers: readonly Watchtower[];

  /** @param rng a stream below it for each tower draws which blobs reach it */
  constructor(plans: readonly WatchtowerPlan[], network: Network, rng: Rng, context: TowerContext) {
    this.#towers = plans.map(({ client, blobShare, feeratesPerKw }, index) => {
      const tower = new Watchtower(context);
      const arrivals = rng.stream('tower', index);
      const store: Watchtower['store'] = (blob) => {
        if (arrivals.unit() < blobShare) tower.store(blob);
      };
      present(network.nodes[client], 'the client of a watchtower').towers.hire({ store }, feeratesPerKw);
      return tower;
    });
  }

  confirmed(transaction: Transaction, height: number): void {
    for (const tower of this.#towers) tower.confirmed(transaction, height);
  }

  onBlock(): void {
    for (const tower of this.#towers) tower.onBlock();
  }

  get tally(): WatchtowerTally {
    const sum = (of: (tower: Watchtower) => number): number => this.#towers.reduce((all, tower) => all + of(tower), 0);
    return {
      towers: this.#towers.length,
      blobs: sum(({ blobCount }) => blobCount),
      bytes: sum(({ bytes }) => bytes),
      cheatsSeen: sum(({ cheatsSeen }) => cheatsSeen),
    };
  }
}
