/** Bytes that come in pieces, cut anywhere, taken in other lengths: a long file that need not stand in memory whole. */
import { concatBytes } from '../base/bytes.ts';

export class BytePieces {
  readonly #pieces: Iterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;
  #offset = 0;

  constructor(pieces: Iterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#offset;
  }

  /** The next bytes; fewer only where they end. */
  take(length: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0 && this.#fill()) {
      const part = this.#piece.subarray(this.#at, this.#at + missing);
      parts.push(part);
      this.#at += part.length;
      missing -= part.length;
    }
    this.#offset += length - missing;
    return parts.length === 1 ? parts[0]! : concatBytes(...parts);
  }

  /** The next bytes, which stay to be taken; fewer only where they end. */
  peek(length: number): Uint8Array {
    const taken = this.take(length);
    this.#piece = concatBytes(taken, this.#piece.subarray(this.#at));
    this.#at = 0;
    this.#offset -= taken.length;
    return taken;
  }

  /** Whether nothing but zeros is left; takes them. */
  restIsZero(): boolean {
    for (; this.#fill(); this.#at = this.#piece.length) {
      if (!isZero(this.#piece.subarray(this.#at))) return false;
    }
    return true;
  }

  /** No more is taken: what the pieces come from may be closed. */
  close(): void {
    this.#pieces.return?.();
  }

  /** Whether there is a byte to take. */
  #fill(): boolean {
    while (this.#at >= this.#piece.length) {
      const next = this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value;
      this.#at = 0;
    }
    return true;
  }
}

/** Whether there is nothing but zeros. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
