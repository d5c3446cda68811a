/** Bytes cut into pieces, for tests of what reads them as they come. */
import fc from 'fast-check';

/** Lengths that pieces have, in turn. */
export const pieceLengths = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 8 });

export function* inPieces(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length]!;
    yield bytes.slice(at, at + length);
    at += length;
  }
}
