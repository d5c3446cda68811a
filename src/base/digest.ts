/**
 * The running digest of a run's event log: the log's bytes through a hash, so that "the same run" is one comparison.
 *
 * A record is 28 bytes, little-endian: time (float64, µs), kind (uint32), a and b (int32), x (float64). The hash is
 * given by the caller (SHA-256 in practice): a dumped log can be checked with `sha256sum`.
 */
import { toHex } from './bytes.ts';

/** An incremental hash, as `@noble/hashes` makes them. */
export interface IncrementalHash {
  update(bytes: Uint8Array): unknown;
  clone(): IncrementalHash;
  digest(): Uint8Array;
}

const RECORD_BYTES = 28;
const BUFFER_RECORDS = 2048;

export class RunDigest {
  readonly #hash: IncrementalHash;
  readonly #bytes = new Uint8Array(RECORD_BYTES * BUFFER_RECORDS);
  readonly #view = new DataView(this.#bytes.buffer);
  #used = 0;

  constructor(hash: IncrementalHash) {
    this.#hash = hash;
  }

  /** Adds one record to the log. */
  record(time: number, kind: number, a: number, b: number, x: number): void {
    const view = this.#view;
    const at = this.#used;
    view.setFloat64(at, time, true);
    view.setUint32(at + 8, kind, true);
    view.setInt32(at + 12, a, true);
    view.setInt32(at + 16, b, true);
    view.setFloat64(at + 20, x, true);
    this.#used = at + RECORD_BYTES;
    if (this.#used === this.#bytes.length) this.#flush();
  }

  /** Adds bytes (a block's hash, say) to the log. */
  append(bytes: Uint8Array): void {
    this.#flush();
    this.#hash.update(bytes);
  }

  /** The digest of the log so far, in hexadecimal; the log may go on. */
  hex(): string {
    this.#flush();
    return toHex(this.#hash.clone().digest());
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#hash.update(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
  }
}
