/** A file that bytes are written to, in the order in which they come. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

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

  /** Until it is on the disk, so that not even a machine that fails leaves it in part. */
  sync(): void {
    fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
