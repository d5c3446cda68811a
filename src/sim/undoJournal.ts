/**
 * What each block did to the books of those who listen to the chain, as steps that undo it: a block that leaves the chain
 * in a reorganisation leaves no trace in them.
 */
import { present } from '../base/assert.ts';

export class UndoJournal {
  readonly #blocks: (() => void)[][] = [];
  /** the block that is being connected; null between blocks */
  #current: (() => void)[] | null = null;

  /** Runs what a block does to the books; the steps noted meanwhile are the block's. */
  record(work: () => void): void {
    const steps: (() => void)[] = [];
    this.#current = steps;
    work();
    this.#current = null;
    this.#blocks.push(steps);
  }

  /** Notes how to undo a change that the block at hand makes; a change made between blocks stays, and its step is dropped. */
  note(undo: () => void): void {
    this.#current?.push(undo);
  }

  /** Undoes the last block, its last change first. @throws InvariantError if it was not recorded */
  undo(): void {
    const steps = present(this.#blocks.pop(), 'a recorded block');
    for (const step of steps.reverse()) step();
  }
}
