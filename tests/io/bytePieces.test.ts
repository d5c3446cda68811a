import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BytePieces } from '../../src/io/bytePieces.ts';
import { inPieces, pieceLengths } from './pieces.ts';

test('bytes are taken, or looked at and left, in any lengths, wherever they are cut', () => {
  const step = fc.record({ length: fc.nat(90), isPeek: fc.boolean() });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), pieceLengths, fc.array(step), (bytes, lengths, steps) => {
      const pieces = new BytePieces(inPieces(bytes, lengths));
      let at = 0;
      for (const { length, isPeek } of steps) {
        expect(pieces.offset).toBe(at);
        const expected = bytes.slice(at, at + length);
        expect(isPeek ? pieces.peek(length) : pieces.take(length)).toEqual(expected);
        if (!isPeek) at += expected.length;
      }
    }),
    { numRuns: 1000 },
  );
});
