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

  /**
   * Notes how to undo a change that the block at hand makes; one made between blocks stays, unless it is some block's.
   * @param depth of the block that a change between blocks is made for, 1 being the last; 0: none, and the step is dropped
   */
  note(undo: () => void, depth = 0): void {
    if (this.#current) this.#current.push(undo);
    else if (depth > 0) this.#blocks.at(-depth)?.push(undo);
  }

  /** Undoes the last block, its last change first. @throws InvariantError if it was not recorded */
  undo(): void {
    const steps = present(this.#blocks.pop(), 'a recorded block');
    for (const step of steps.reverse()) step();
  }
}
