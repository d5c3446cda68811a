import { deflateRawSync, gunzipSync, gzipSync, constants } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import { UserError } from '../../src/base/errors.ts';
import { Rng } from '../../src/base/random.ts';
import { gunzip } from '../../src/io/gunzip.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Cut into pieces of that length. */
function* cut(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}
const unzip = (bytes: Uint8Array, length = 1 << 20): Uint8Array => concatBytes(...gunzip(cut(bytes, length), 'x.gz'));

/** Text-like bytes: words of an alphabet, repeated at all distances. */
function prose(length: number, seed: number): Uint8Array {
  const rng = Rng.fromSeed(seed);
  const words = Array.from({ length: 300 }, () => rng.bytes32().subarray(0, 1 + rng.below(12)));
  const out = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const word = words[Math.floor(300 * rng.unit() ** 2)]!;
    out.set(word.subarray(0, length - at), at);
    at += word.length;
  }
  return out;
}

describe('unzipping piece by piece', () => {
  test('gives back what zlib zipped, at every level and strategy, however it is cut', () => {
    const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_RLE, constants.Z_FIXED];
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(70_000).map((length) => prose(length, length)),
      fc.nat(70_000).map((length) => new Uint8Array(length)),
    );
    fc.assert(
      fc.property(
        input,
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(...strategies),
        fc.integer({ min: 1, max: 5000 }),
        (bytes, level, strategy, length) => {
          const back = unzip(gzipSync(bytes, { level, strategy }), length);
          expect(Buffer.compare(back, bytes)).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('gives pieces of bounded length, each an array of its own, whatever comes in', () => {
    const bytes = concatBytes(prose(1_000_000, 1), new Uint8Array(3_000_000), prose(1_000_000, 2));
    const pieces = [...gunzip([gzipSync(bytes)], 'x.gz')];
    expect(pieces.length).toBeGreaterThan(15);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(1 << 18);
    expect(Buffer.compare(concatBytes(...pieces), bytes)).toBe(0);
  });

  test('reads several members, and leaves what is none after them alone', () => {
    const [a, b] = [bytesOf('one, '), bytesOf('two')];
    const members = concatBytes(gzipSync(a), gzipSync(new Uint8Array(0)), gzipSync(b));
    for (const tail of [[], [0], [0, 0, 0], [1, 2, 3], [0x1f]]) {
      const file = concatBytes(members, Uint8Array.from(tail));
      for (const length of [1, 7, 1000]) expect(new TextDecoder().decode(unzip(file, length))).toBe('one, two');
    }
  });

  test('reads every field that a header may have', () => {
    const text = bytesOf('a header with everything');
    const plain = gzipSync(text);
    // time and system; two bytes extra; a name and a comment; the header's checksum
    const header = [0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 1, 2, 3, 4, 0, 3, 2, 0, 9, 9, 110, 0, 99, 0, 160, 181];
    expect(unzip(concatBytes(Uint8Array.from(header), plain.subarray(10)))).toEqual(text);
  });

  test('takes a file that is cut off anywhere, or has a bit turned, for what it is: nothing it gives is wrong', () => {
    const bytes = prose(3000, 3);
    const zipped = gzipSync(bytes);
    for (let length = 0; length < zipped.length; length++) {
      expect(() => unzip(zipped.subarray(0, length))).toThrow('gzip data that ends too early');
    }
    fc.assert(
      fc.property(fc.nat(8 * zipped.length - 1), (bit) => {
        const damaged = Uint8Array.from(zipped);
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        try {
          expect(Buffer.compare(unzip(damaged), bytes)).toBe(0); // the header's time, for one, says nothing
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('ends on any bytes at all, and where zlib finds sense it finds the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, isStored) => {
        const body = isStored ? bytes : deflateRawSync(bytes).map((byte, at) => (at % 97 === 5 ? byte ^ 4 : byte));
        const file = concatBytes(Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), body);
        let own: Uint8Array | null = null;
        try {
          own = unzip(file);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
        if (own !== null) expect(Buffer.compare(own, gunzipSync(file))).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });
});
