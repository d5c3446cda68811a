/** How Script judges a signature: its encoding first, then the curve; and what of the script it signs. */
import { compareBytes, concatBytes } from '../base/bytes.ts';
import type { Sat } from '../base/units.ts';
import { hasLowS, isStrictDer, parseDerLax } from '../crypto/der.ts';
import { secp256k1 } from '../crypto/secp256k1.ts';
import { instructionAt, pushOf } from './script.ts';
import type { ScriptError } from './scriptError.ts';
import { VERIFY } from './scriptFlags.ts';
import { legacySighash, segwitSighash, SIGHASH_ALL, SIGHASH_ANYONECANPAY, SIGHASH_SINGLE } from './sighash.ts';
import type { Transaction } from './transaction.ts';

/** Scripts as they always were, and those of version-0 witnesses, which BIP 143 signs. */
export type SignatureVersion = 'base' | 'witness_v0';

/** Says whether a signature is right: the curve itself, or a cache in front of it. */
export interface SignatureVerifier {
  verify(signature64: Uint8Array, digest32: Uint8Array, publicKey: Uint8Array): boolean;
}

/** The curve itself, nothing remembered. */
export const plainVerifier: SignatureVerifier = {
  verify: (signature64, digest32, publicKey) => secp256k1().verify(signature64, digest32, publicKey),
};

/** The input being satisfied, as the signature opcodes see it. */
export interface SigningContext {
  readonly tx: Transaction;
  readonly inputIndex: number;
  /** of the output being spent */
  readonly valueSat: Sat;
  readonly flags: number;
  readonly verifier: SignatureVerifier;
}

/** What the flags find wrong with the form of a signature or its key; null if nothing. */
export function encodingError(
  signature: Uint8Array,
  publicKey: Uint8Array,
  flags: number,
  version: SignatureVersion,
): ScriptError | null {
  return signatureEncodingError(signature, flags) ?? keyEncodingError(publicKey, flags, version);
}

function signatureEncodingError(signature: Uint8Array, flags: number): ScriptError | null {
  // the empty signature is how a script says that it has none for this key
  if (signature.length === 0) return null;
  const { DERSIG, LOW_S, STRICTENC } = VERIFY;
  if ((flags & (DERSIG | LOW_S | STRICTENC)) !== 0 && !isStrictDer(signature)) return 'SIG_DER';
  if ((flags & LOW_S) !== 0) {
    const compact = parseDerLax(signature.subarray(0, -1));
    if (compact === null || !hasLowS(compact)) return 'SIG_HIGH_S';
  }
  const base = signature.at(-1)! & ~SIGHASH_ANYONECANPAY;
  if ((flags & STRICTENC) !== 0 && (base < SIGHASH_ALL || base > SIGHASH_SINGLE)) return 'SIG_HASHTYPE';
  return null;
}

function keyEncodingError(key: Uint8Array, flags: number, version: SignatureVersion): ScriptError | null {
  const compressed = key.length === 33 && (key[0] === 2 || key[0] === 3);
  const uncompressed = key.length === 65 && key[0] === 4;
  if ((flags & VERIFY.STRICTENC) !== 0 && !compressed && !uncompressed) return 'PUBKEYTYPE';
  if ((flags & VERIFY.WITNESS_PUBKEYTYPE) !== 0 && version === 'witness_v0' && !compressed) return 'WITNESS_PUBKEYTYPE';
  return null;
}

/** Whether a signature (DER, then hash type) by that key covers the transaction. A malformed one does not. */
export function checkSignature(
  context: SigningContext,
  version: SignatureVersion,
  signature: Uint8Array,
  publicKey: Uint8Array,
  scriptCode: Uint8Array,
): boolean {
  const hashType = signature.at(-1);
  if (hashType === undefined) return false;
  const compact = parseDerLax(signature.subarray(0, -1));
  if (compact === null) return false;
  const { tx, inputIndex, valueSat, verifier } = context;
  const digest =
    version === 'base'
      ? legacySighash(tx, inputIndex, scriptCode, hashType)
      : segwitSighash(tx, inputIndex, scriptCode, valueSat, hashType);
  return verifier.verify(compact, digest, publicKey);
}

/**
 * The script code without a signature's own push: the original signature hash deletes it, since a signature cannot sign
 * itself (Bitcoin Core `FindAndDelete`). Only whole instructions match, in the form a plain push has.
 */
export function withoutSignature(scriptCode: Uint8Array, signature: Uint8Array): Uint8Array {
  const push = pushOf(signature);
  const kept: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at < scriptCode.length;) {
    const next = at + push.length;
    if (next <= scriptCode.length && compareBytes(scriptCode.subarray(at, next), push) === 0) {
      kept.push(scriptCode.subarray(from, at));
      from = at = next;
      continue;
    }
    const instruction = instructionAt(scriptCode, at);
    if (instruction === null) break;
    at = instruction.end;
  }
  if (from === 0) return scriptCode;
  kept.push(scriptCode.subarray(from));
  return concatBytes(...kept);
}
