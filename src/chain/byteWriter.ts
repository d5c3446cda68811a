/** Writes Bitcoin's wire format, little-endian, into a buffer whose length the caller has computed. */
import { assert } from '../base/assert.ts';
import { compactSizeLength } from './compactSize.ts';

export class ByteWriter {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** @param length how many bytes will be written, exactly */
  constructor(length: number) {
    this.#bytes = new Uint8Array(length);
  }

  /** The written bytes. @throws InvariantError if the length was not met */
  finish(): Uint8Array {
    assert(this.#at === this.#bytes.length, `wrote ${this.#at} of ${this.#bytes.length} bytes`);
    return this.#bytes;
  }

  uint8(value: number): this {
    this.#bytes[this.#at++] = value;
    return this;
  }

  /** The low 32 bits of an integer, signed or not. */
  uint32(value: number): this {
    // by hand: a DataView for every short message costs more than the message
    const bytes = this.#bytes;
    bytes[this.#at++] = value;
    bytes[this.#at++] = value >>> 8;
    bytes[this.#at++] = value >>> 16;
    bytes[this.#at++] = value >>> 24;
    return this;
  }

  /** An amount in sat: 64 bits. @param value 0 … 2^53 − 1 */
  amount(value: number): this {
    return this.uint32(value % 0x100000000).uint32(Math.floor(value / 0x100000000));
  }

  bytes(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** A 256-bit id given in the order people print it. */
  id(hex: string): this {
    assert(hex.length === 64, `an id is 64 hexadecimal digits, not ${hex.length}`);
    for (let i = 0; i < 32; i++) {
      this.#bytes[this.#at + 31 - i] = (digit(hex.charCodeAt(2 * i)) << 4) | digit(hex.charCodeAt(2 * i + 1));
    }
    this.#at += 32;
    return this;
  }

  compactSize(value: number): this {
    switch (compactSizeLength(value)) {
      case 1:
        return this.uint8(value);
      case 3:
        return this.uint8(0xfd)
          .uint8(value & 0xff)
          .uint8(value >>> 8);
      case 5:
        return this.uint8(0xfe).uint32(value);
      default:
        return this.uint8(0xff).amount(value);
    }
  }

  lengthPrefixed(bytes: Uint8Array): this {
    return this.compactSize(bytes.length).bytes(bytes);
  }
}

function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = (code | 32) - 87; // a … f in either case
  assert(letter >= 10 && letter <= 15, `not a hexadecimal digit: character ${code}`);
  return letter;
}
