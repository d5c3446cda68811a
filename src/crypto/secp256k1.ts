/**
 * The one door to the curve secp256k1 (SEC 2): keys, ECDSA, and the point and scalar sums of BOLT 3's key derivation.
 *
 * Two backends stand behind it, and both give the same bytes: `@noble/secp256k1` (the default, plain JavaScript, runs
 * everywhere) and the WebAssembly one of `accelerated.ts`, which a host may install once at its start.
 */
import { hashes, Point, getPublicKey, sign, utils, verify } from '@noble/secp256k1';
import { assert } from '../base/assert.ts';
import { hmacSha256, sha256 } from './hashes.ts';
import { addScalars, multiplyScalars, scalarOf } from './scalars.ts';

/**
 * What the simulator asks of the curve. A secret or a scalar is 32 bytes, big-endian, in 1 … n − 1; a point goes in
 * compressed (33 bytes) or uncompressed (65) and comes out compressed. Anything else is a defect of the caller and
 * throws InvariantError, except in `verify` and `isPublicKey`, whose arguments come from other people.
 */
export interface Secp256k1 {
  readonly name: string;
  /** The point secret × G, 33 bytes. */
  publicKey(secret32: Uint8Array): Uint8Array;
  /** r and s, 32 bytes each: nonce by RFC 6979 without extra entropy, s in the lower half. */
  sign(digest32: Uint8Array, secret32: Uint8Array): Uint8Array;
  /**
   * Whether r and s (32 bytes each) sign that digest. High s is accepted: LOW_S is policy, not consensus. The key is
   * 33 or 65 bytes, the hybrid form (SEC 1, 2.3.3, first byte 6 or 7) included. Whatever is no signature or no key gives
   * false.
   */
  verify(signature64: Uint8Array, digest32: Uint8Array, publicKey: Uint8Array): boolean;
  /** a + b, which must not be the point at infinity. */
  pointAdd(a: Uint8Array, b: Uint8Array): Uint8Array;
  /** scalar × point. */
  pointMultiply(point: Uint8Array, scalar32: Uint8Array): Uint8Array;
  /** a + b mod n, which must not be zero. */
  scalarAdd(a32: Uint8Array, b32: Uint8Array): Uint8Array;
  /** a × b mod n. */
  scalarMultiply(a32: Uint8Array, b32: Uint8Array): Uint8Array;
  /** Whether the bytes are a compressed or an uncompressed point on the curve. */
  isPublicKey(bytes: Uint8Array): boolean;
}

hashes.sha256 = sha256;
hashes.hmacSha256 = hmacSha256;

/** The backend in plain JavaScript. */
export const nobleSecp256k1: Secp256k1 = {
  name: '@noble/secp256k1',
  publicKey(secret32) {
    scalarOf(secret32);
    return getPublicKey(secret32, true);
  },
  sign(digest32, secret32) {
    assert(digest32.length === 32, `a digest is 32 bytes, not ${digest32.length}`);
    scalarOf(secret32);
    return sign(digest32, secret32, { prehash: false });
  },
  verify(signature64, digest32, publicKey) {
    const key = withoutHybridForm(publicKey);
    if (key === null || signature64.length !== 64 || digest32.length !== 32) return false;
    return verify(signature64, digest32, key, { prehash: false, lowS: false });
  },
  pointAdd(a, b) {
    const sum = pointOf(a).add(pointOf(b));
    assert(!sum.is0(), 'a sum of points is not the point at infinity');
    return sum.toBytes(true);
  },
  pointMultiply: (point, scalar32) => pointOf(point).multiply(scalarOf(scalar32), false).toBytes(true),
  scalarAdd: addScalars,
  scalarMultiply: multiplyScalars,
  isPublicKey: (bytes) => utils.isValidPublicKey(bytes),
};

let inUse: Secp256k1 = nobleSecp256k1;

/** The backend in use. */
export const secp256k1 = (): Secp256k1 => inUse;

/** Installs a backend for this process or worker. Both give the same results, so no outcome depends on it. */
export function useSecp256k1(backend: Secp256k1): void {
  inUse = backend;
}

/**
 * The key as SEC 1 writes it without the hybrid form, which neither backend reads and consensus still allows: first
 * byte 6 or 7 says at once that the point is uncompressed and whether y is even or odd. Null if the bytes are no key.
 */
export function withoutHybridForm(publicKey: Uint8Array): Uint8Array | null {
  const head = publicKey[0];
  if (publicKey.length === 33) return head === 2 || head === 3 ? publicKey : null;
  if (publicKey.length !== 65) return null;
  if (head === 4) return publicKey;
  if ((head !== 6 && head !== 7) || (publicKey[64]! & 1) !== (head & 1)) return null;
  const plain = publicKey.slice();
  plain[0] = 4;
  return plain;
}

function pointOf(bytes: Uint8Array): Point {
  assert(utils.isValidPublicKey(bytes), 'the bytes are a point on secp256k1');
  return Point.fromBytes(bytes);
}
