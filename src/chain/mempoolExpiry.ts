/** Entries by the time they came, so that those which have stayed too long are found without a look at the others. */
import type { MempoolEntry } from './mempoolEntry.ts';

/** So many entries that have left may linger before they are swept out. */
const SLACK = 1024;

export class ExpiryQueue {
  #entries: MempoolEntry[] = [];
  #head = 0;

  /** @param entry whose time is not before that of the last */
  push(entry: MempoolEntry): void {
    this.#entries.push(entry);
  }

  /**
   * Takes out the entries that came before a time.
   * @param isHere whether an entry is still in the pool
   * @param size of the pool: when most of the queue has left it, the queue is swept
   */
  before(timeSeconds: number, isHere: (entry: MempoolEntry) => boolean, size: number): MempoolEntry[] {
    const expired: MempoolEntry[] = [];
    for (let entry = this.#entries[this.#head]; entry !== undefined && entry.timeSeconds < timeSeconds;) {
      if (isHere(entry)) expired.push(entry);
      entry = this.#entries[++this.#head];
    }
    if (this.#entries.length > 2 * size + SLACK) {
      this.#entries = this.#entries.slice(this.#head).filter(isHere);
      this.#head = 0;
    }
    return expired;
  }
}
