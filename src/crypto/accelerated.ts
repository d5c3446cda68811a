/**
 * The curve by libsecp256k1 compiled to WebAssembly (`tiny-secp256k1`): the same bytes as the plain backend, several
 * times sooner. A host asks for it once and installs it with `useSecp256k1`.
 */
import { assert, present } from '../base/assert.ts';
import { addScalars, multiplyScalars, scalarOf } from './scalars.ts';
import { type Secp256k1, withoutHybridForm } from './secp256k1.ts';

type Library = typeof import('tiny-secp256k1');

/** The accelerated backend, or null where it cannot load (no WebAssembly, no file access, not installed). */
export async function acceleratedSecp256k1(): Promise<Secp256k1 | null> {
  try {
    return backendOver(await import('tiny-secp256k1'));
  } catch {
    return null;
  }
}

function backendOver(library: Library): Secp256k1 {
  const point = (bytes: Uint8Array): Uint8Array => {
    assert(library.isPoint(bytes) && withoutHybridForm(bytes) === bytes, 'the bytes are a point on secp256k1');
    return bytes;
  };
  return {
    name: 'tiny-secp256k1',
    publicKey(secret32) {
      scalarOf(secret32);
      return present(library.pointFromScalar(secret32, true), 'the point of a valid secret');
    },
    sign(digest32, secret32) {
      assert(digest32.length === 32, `a digest is 32 bytes, not ${digest32.length}`);
      scalarOf(secret32);
      return library.sign(digest32, secret32);
    },
    verify(signature64, digest32, publicKey) {
      const key = withoutHybridForm(publicKey);
      if (key === null || signature64.length !== 64 || digest32.length !== 32) return false;
      try {
        return library.verify(digest32, key, signature64); // not strict: high s is normalised first
      } catch {
        return false; // r or s not below n, or the key not on the curve
      }
    },
    pointAdd: (a, b) =>
      present(library.pointAdd(point(a), point(b), true), 'a sum of points is not the point at infinity'),
    pointMultiply(bytes, scalar32) {
      scalarOf(scalar32);
      return present(library.pointMultiply(point(bytes), scalar32, true), 'the multiple of a point');
    },
    scalarAdd: addScalars,
    scalarMultiply: multiplyScalars,
    isPublicKey: (bytes) => withoutHybridForm(bytes) === bytes && library.isPoint(bytes),
  };
}
