/** Lightning's wire format, big-endian (BOLT 1, "Fundamental Types"), read from untrusted bytes and written. */
import { fromHex, toHex } from '../../base/bytes.ts';
import { shortChannelId, type ShortChannelId } from '../../base/ids.ts';

/** A file said more than it has. */
export class BytesEnded extends Error {
  override readonly name = 'BytesEnded';
}

export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view of the next bytes. @throws BytesEnded */
  bytes(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** A 64-bit amount; past 2^53 − 1 the answer is only sure to be past it. */
  amount(): number {
    const high = this.uint32();
    return high * 2 ** 32 + this.uint32();
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** BOLT 1, "Appendix A": BigSize. A number that a shorter form could say is taken all the same. */
  bigSize(): bigint {
    const first = this.uint8();
    if (first < 0xfd) return BigInt(first);
    if (first === 0xfd) return BigInt(this.uint16());
    return first === 0xfe ? BigInt(this.uint32()) : this.uint64();
  }

  /** A node id as hexadecimal digits. */
  point(): string {
    return toHex(this.bytes(33));
  }

  shortChannelId(): ShortChannelId {
    return shortChannelIdOf(this.uint64());
  }

  #take(length: number): number {
    if (length > this.remaining) throw new BytesEnded(`byte ${this.#at}`);
    const from = this.#at;
    this.#at += length;
    return from;
  }
}

/** The id that 64 bits say. */
export const shortChannelIdOf = (packed: bigint): ShortChannelId =>
  shortChannelId(Number(packed >> 40n), Number((packed >> 16n) & 0xffffffn), Number(packed & 0xffffn));

/** Bytes that are written one after another, in as much room as they turn out to need. */
export class BytePen {
  #bytes: Uint8Array = new Uint8Array(64);
  #at = 0;

  /** What was written, in an array of its own. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#at + bytes.length;
    if (at > this.#bytes.length) {
      const wider = new Uint8Array(2 * at);
      wider.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = wider;
    }
    this.#bytes.set(bytes, this.#at);
    this.#at = at;
    return this;
  }

  hex(digits: string): this {
    return this.bytes(fromHex(digits));
  }

  uint8(value: number): this {
    return this.bytes(Uint8Array.of(value));
  }

  uint16(value: number): this {
    return this.bytes(Uint8Array.of(value >>> 8, value));
  }

  uint32(value: number): this {
    return this.bytes(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
  }

  uint64(value: bigint): this {
    return this.uint32(Number(value >> 32n)).uint32(Number(value & 0xffffffffn));
  }

  amount(value: number): this {
    return this.uint64(BigInt(value));
  }

  bigSize(value: bigint): this {
    if (value < 0xfdn) return this.uint8(Number(value));
    if (value < 0x10000n) return this.uint8(0xfd).uint16(Number(value));
    return value < 0x100000000n ? this.uint8(0xfe).uint32(Number(value)) : this.uint8(0xff).uint64(value);
  }
}
