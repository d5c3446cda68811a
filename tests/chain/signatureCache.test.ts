import { expect, test } from 'vitest';
import { SignatureCache } from '../../src/chain/signatureCache.ts';
import type { SignatureVerifier } from '../../src/chain/signatureCheck.ts';

/** A curve that finds good what begins with 1, and counts what it is asked. */
function countingCurve(): SignatureVerifier & { asked: number } {
  const curve = {
    asked: 0,
    verify(signature64: Uint8Array): boolean {
      curve.asked++;
      return signature64[0] === 1;
    },
  };
  return curve;
}

const signature = (byte: number, last = 0): Uint8Array => Uint8Array.of(byte, ...new Uint8Array(62), last);
const digest = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const key = (byte: number): Uint8Array => new Uint8Array(33).fill(byte);

test('a good signature goes to the curve once between mempool and block, and is then let go', () => {
  const cache = new SignatureCache();
  const curve = countingCurve();
  expect(cache.remembering(curve).verify(signature(1), digest(1), key(2))).toBe(true);
  expect(cache.remembering(curve).verify(signature(1), digest(1), key(2))).toBe(true);
  expect(cache.consuming(curve).verify(signature(1), digest(1), key(2))).toBe(true);
  expect([curve.asked, cache.verified, cache.found, cache.size]).toEqual([1, 1, 2, 0]);
  expect(cache.consuming(curve).verify(signature(1), digest(1), key(2))).toBe(true);
  expect([curve.asked, cache.size]).toEqual([2, 0]);
});

test('another digest, key or signature is another question, and a bad signature is asked again', () => {
  const cache = new SignatureCache();
  const curve = countingCurve();
  const verifier = cache.remembering(curve);
  verifier.verify(signature(1), digest(1), key(2));
  verifier.verify(signature(1), digest(2), key(2));
  verifier.verify(signature(1), digest(1), key(3));
  verifier.verify(signature(1, 9), digest(1), key(2));
  expect([curve.asked, cache.size]).toEqual([4, 4]);
  for (let i = 0; i < 2; i++) expect(verifier.verify(signature(0), digest(1), key(2))).toBe(false);
  expect([curve.asked, cache.size]).toEqual([6, 4]);
});

test('past its capacity the oldest goes first', () => {
  const cache = new SignatureCache(2);
  const curve = countingCurve();
  const verifier = cache.remembering(curve);
  for (const each of [1, 2, 3]) verifier.verify(signature(1), digest(each), key(2));
  expect(cache.size).toBe(2);
  verifier.verify(signature(1), digest(3), key(2));
  expect(curve.asked).toBe(3);
  verifier.verify(signature(1), digest(1), key(2));
  expect(curve.asked).toBe(4);
});
