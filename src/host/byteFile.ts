/** A file that bytes are written to, in the order in which they come. */
import { closeSync, openSync, writeSync } from 'node:fs';

export class ByteFile {
  readonly #descriptor: number;

  /** Replaces what is there. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'w');
  }

  /** The platform may take less at a time than it is given. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
