/**
 * Reads Bitcoin's wire format from untrusted bytes. Whatever is wrong with them ends in one `MalformedBytes` with its
 * reason; no count is believed before the bytes for it are there.
 */
import { toHex } from '../base/bytes.ts';
import { MAX_COMPACT_SIZE } from './compactSize.ts';

export type MalformedReason =
  | 'truncated'
  | 'trailing bytes'
  | 'non-minimal compact size'
  | 'oversized count'
  | 'value out of range'
  | 'superfluous witness'
  | 'unknown optional data';

/** Bytes that are no transaction or block. */
export class MalformedBytes extends Error {
  override readonly name = 'MalformedBytes';
  readonly reason: MalformedReason;
  /** the offset at which it shows */
  readonly offset: number;

  constructor(reason: MalformedReason, offset: number) {
    super(`${reason} at byte ${offset}`);
    this.reason = reason;
    this.offset = offset;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** A copy of the next bytes, so that what is parsed does not keep the whole message alive. */
  bytes(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.slice(from, from + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A 64-bit integer that must be an amount: 0 … 2^53 − 1. */
  amount(): number {
    const at = this.#take(8);
    const high = this.#view.getUint32(at + 4, true);
    if (high >= 0x200000) this.fail('value out of range');
    return high * 0x100000000 + this.#view.getUint32(at, true);
  }

  /** A 256-bit id in the order people print it: the bytes reversed. */
  id(): string {
    const at = this.#take(32);
    return toHex(this.#bytes.slice(at, at + 32).reverse());
  }

  compactSize(): number {
    const first = this.uint8();
    if (first < 0xfd) return first;
    const at = this.#take(first === 0xfd ? 2 : first === 0xfe ? 4 : 8);
    const view = this.#view;
    const value =
      first === 0xfd
        ? view.getUint16(at, true)
        : first === 0xfe
          ? view.getUint32(at, true)
          : view.getUint32(at + 4, true) * 0x100000000 + view.getUint32(at, true);
    const least = first === 0xfd ? 0xfd : first === 0xfe ? 0x10000 : 0x100000000;
    if (value < least) this.fail('non-minimal compact size');
    if (value > MAX_COMPACT_SIZE) this.fail('oversized count');
    return value;
  }

  /** A count of things that take at least `leastBytes` each: refused at once if they cannot all be there. */
  count(leastBytes: number): number {
    const count = this.compactSize();
    if (count * leastBytes > this.remaining) this.fail('truncated');
    return count;
  }

  /** Bytes behind their length. */
  lengthPrefixed(): Uint8Array {
    return this.bytes(this.compactSize());
  }

  /** Claims that everything was read. */
  end(): void {
    if (this.remaining > 0) this.fail('trailing bytes');
  }

  fail(reason: MalformedReason): never {
    throw new MalformedBytes(reason, this.#at);
  }

  #take(length: number): number {
    if (length > this.remaining) this.fail('truncated');
    const from = this.#at;
    this.#at += length;
    return from;
  }
}
