/**
 * ECDSA signatures as Bitcoin writes them on the chain: DER (ITU-T X.690) of r and s, then one byte of hash type.
 *
 * Inside Leyden a signature is 64 bytes (r, s); this file is the only place that knows DER. Two readers, for consensus
 * has two: the strict one of BIP 66 and the forgiving one that consensus used before it (`DERSIG` unset).
 */
import { concatBytes, fromHex, compareBytes } from '../base/bytes.ts';

/** DER of a compact signature, without hash type: 8 to 72 bytes. @param signature64 r and s, 32 bytes each */
export function encodeDer(signature64: Uint8Array): Uint8Array {
  const r = derInteger(signature64.subarray(0, 32));
  const s = derInteger(signature64.subarray(32, 64));
  return concatBytes(Uint8Array.of(0x30, r.length + s.length), r, s);
}

/** What goes into a witness or a scriptSig: DER, then the hash type. */
export const encodeSignature = (signature64: Uint8Array, hashType: number): Uint8Array =>
  concatBytes(encodeDer(signature64), Uint8Array.of(hashType));

/**
 * Whether DER and hash type together obey BIP 66: minimal lengths, minimal and positive integers, nothing left over.
 * @param signature as it stands in the script, its hash type being the last byte
 */
export function isStrictDer(signature: Uint8Array): boolean {
  const length = signature.length;
  // 0x30 [length] 0x02 [length of r] r 0x02 [length of s] s [hash type]
  if (length < 9 || length > 73) return false;
  if (signature[0] !== 0x30 || signature[1] !== length - 3) return false;
  const lengthR = signature[3]!;
  if (5 + lengthR >= length) return false;
  const lengthS = signature[5 + lengthR]!;
  if (lengthR + lengthS + 7 !== length) return false;
  return isStrictInteger(signature, 2, lengthR) && isStrictInteger(signature, 4 + lengthR, lengthS);
}

/** An integer's tag at `at`, its length at `at + 1`: positive and without a needless leading zero. */
function isStrictInteger(bytes: Uint8Array, at: number, length: number): boolean {
  if (bytes[at] !== 0x02 || length === 0) return false;
  const first = bytes[at + 2]!;
  if ((first & 0x80) !== 0) return false;
  return !(length > 1 && first === 0 && (bytes[at + 3]! & 0x80) === 0);
}

/**
 * Reads what OpenSSL once accepted and the chain therefore holds: long-form lengths, padded integers, negative ones read
 * as positive, bytes left over. An r or s past 256 bits gives a signature that no key verifies (all zero).
 * @param der without hash type
 * @returns r and s, 32 bytes each, or null if there is no reading it
 */
export function parseDerLax(der: Uint8Array): Uint8Array | null {
  let at = 0;
  if (der[at++] !== 0x30) return null;
  // the sequence's length is not looked at, only stepped over
  if (at === der.length) return null;
  const sequenceLength = der[at++]!;
  if ((sequenceLength & 0x80) !== 0) {
    const lengthBytes = sequenceLength & 0x7f;
    if (lengthBytes > der.length - at) return null;
    at += lengthBytes;
  }
  const r = laxInteger(der, at);
  if (r === null) return null;
  const s = laxInteger(der, r.end);
  if (s === null) return null;
  const out = new Uint8Array(64);
  const bytesR = withoutLeadingZeros(der.subarray(r.start, r.end));
  const bytesS = withoutLeadingZeros(der.subarray(s.start, s.end));
  if (bytesR.length > 32 || bytesS.length > 32) return out;
  out.set(bytesR, 32 - bytesR.length);
  out.set(bytesS, 64 - bytesS.length);
  return out;
}

function laxInteger(der: Uint8Array, from: number): { start: number; end: number } | null {
  let at = from;
  if (at === der.length || der[at++] !== 0x02) return null;
  if (at === der.length) return null;
  let length = der[at++]!;
  if ((length & 0x80) !== 0) {
    let lengthBytes = length & 0x7f;
    if (lengthBytes > der.length - at) return null;
    while (lengthBytes > 0 && der[at] === 0) {
      at++;
      lengthBytes--;
    }
    if (lengthBytes >= 4) return null;
    length = 0;
    for (; lengthBytes > 0; lengthBytes--) length = length * 256 + der[at++]!;
  }
  return length > der.length - at ? null : { start: at, end: at + length };
}

const HALF_ORDER = fromHex('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0');

/** Whether s is in the lower half, as BIP 62 rule 5 and policy LOW_S ask. @param signature64 r and s, 32 bytes each */
export const hasLowS = (signature64: Uint8Array): boolean =>
  compareBytes(signature64.subarray(32, 64), HALF_ORDER) <= 0;

/** Tag, length and the shortest positive form of a big-endian integer. */
function derInteger(bytes: Uint8Array): Uint8Array {
  const digits = withoutLeadingZeros(bytes);
  const padded = digits.length === 0 || (digits[0]! & 0x80) !== 0;
  const out = new Uint8Array(2 + (padded ? 1 : 0) + digits.length);
  out[0] = 0x02;
  out[1] = out.length - 2;
  out.set(digits, out.length - digits.length);
  return out;
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at++;
  return bytes.subarray(at);
}
