/**
 * The curve for properties that live thousands of histories: the accelerated backend where it loads, which remembers its
 * results, for the same keys come again in every history and the same commitment is made by each who looks at it.
 */
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { nobleSecp256k1, useSecp256k1 } from '../../src/crypto/secp256k1.ts';

/** Results that are kept before all are forgotten: some 20 MB. */
const MOST_RESULTS = 100_000;

function remembering<A extends Uint8Array[], R>(work: (...bytes: A) => R): (...bytes: A) => R {
  const results = new Map<string, R>();
  return (...bytes) => {
    const key = bytes
      .map((each) => Buffer.from(each.buffer, each.byteOffset, each.length).toString('latin1'))
      .join('|');
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = work(...bytes);
    if (results.size >= MOST_RESULTS) results.clear();
    results.set(key, result);
    return result;
  };
}

/** Installs it. */
export async function useRememberedCurve(): Promise<void> {
  const curve = (await acceleratedSecp256k1()) ?? nobleSecp256k1;
  useSecp256k1({
    ...curve,
    publicKey: remembering((secret: Uint8Array) => curve.publicKey(secret)),
    sign: remembering((digest: Uint8Array, secret: Uint8Array) => curve.sign(digest, secret)),
    verify: remembering((signature: Uint8Array, digest: Uint8Array, key: Uint8Array) =>
      curve.verify(signature, digest, key),
    ),
    pointAdd: remembering((a: Uint8Array, b: Uint8Array) => curve.pointAdd(a, b)),
    pointMultiply: remembering((point: Uint8Array, scalar: Uint8Array) => curve.pointMultiply(point, scalar)),
  });
}
