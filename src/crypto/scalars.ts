/** Scalars of secp256k1: integers modulo the group order n, as 32 bytes, big-endian (SEC 2, "secp256k1"). */
import { assert } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';

/** The order of the group. */
export const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** a + b mod n. @throws InvariantError unless a, b and the sum are in 1 … n − 1 */
export const addScalars = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  scalarBytes((scalarOf(a) + scalarOf(b)) % CURVE_ORDER);

/** a × b mod n. @throws InvariantError unless a and b are in 1 … n − 1 */
export const multiplyScalars = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  scalarBytes((scalarOf(a) * scalarOf(b)) % CURVE_ORDER);

/** The integer in 32 big-endian bytes. @throws InvariantError unless it is in 1 … n − 1 */
export function scalarOf(bytes: Uint8Array): bigint {
  assert(bytes.length === 32, `a scalar is 32 bytes, not ${bytes.length}`);
  const value = BigInt(`0x${toHex(bytes)}`);
  assert(value > 0n && value < CURVE_ORDER, 'a scalar lies in 1 … n − 1');
  return value;
}

/** 32 big-endian bytes. @throws InvariantError unless `value` is in 1 … n − 1 */
function scalarBytes(value: bigint): Uint8Array {
  assert(value > 0n && value < CURVE_ORDER, 'a scalar lies in 1 … n − 1');
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  for (let i = 0; i < 4; i++) view.setBigUint64(24 - 8 * i, BigInt.asUintN(64, value >> BigInt(64 * i)));
  return out;
}
