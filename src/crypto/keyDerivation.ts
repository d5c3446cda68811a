/**
 * Key derivation of BOLT 3, "Key Derivation": per-commitment keys from basepoints, and the revocation key that is
 * complete only when both sides' secrets are.
 */
import { concatBytes, utf8 } from '../base/bytes.ts';
import { hmacSha256, sha256 } from './hashes.ts';
import { secp256k1 } from './secp256k1.ts';

/** SHA256(perCommitmentPoint ‖ basepoint) */
const tweak = (perCommitmentPoint: Uint8Array, basepoint: Uint8Array): Uint8Array =>
  sha256(concatBytes(perCommitmentPoint, basepoint));

/** `basepoint + SHA256(perCommitmentPoint ‖ basepoint) × G`: localpubkey, local_htlcpubkey, local_delayedpubkey. */
export function derivePublicKey(basepoint: Uint8Array, perCommitmentPoint: Uint8Array): Uint8Array {
  const curve = secp256k1();
  return curve.pointAdd(basepoint, curve.publicKey(tweak(perCommitmentPoint, basepoint)));
}

/** The secret behind {@link derivePublicKey}. */
export function deriveSecret(basepointSecret: Uint8Array, perCommitmentPoint: Uint8Array): Uint8Array {
  const curve = secp256k1();
  return curve.scalarAdd(basepointSecret, tweak(perCommitmentPoint, curve.publicKey(basepointSecret)));
}

/** `revocationBasepoint × SHA256(rb ‖ pcp) + perCommitmentPoint × SHA256(pcp ‖ rb)` */
export function deriveRevocationPublicKey(revocationBasepoint: Uint8Array, perCommitmentPoint: Uint8Array): Uint8Array {
  const curve = secp256k1();
  return curve.pointAdd(
    curve.pointMultiply(revocationBasepoint, tweak(revocationBasepoint, perCommitmentPoint)),
    curve.pointMultiply(perCommitmentPoint, tweak(perCommitmentPoint, revocationBasepoint)),
  );
}

/** The secret behind {@link deriveRevocationPublicKey}: needs the other side's revealed per-commitment secret. */
export function deriveRevocationSecret(
  revocationBasepointSecret: Uint8Array,
  perCommitmentSecret: Uint8Array,
): Uint8Array {
  const curve = secp256k1();
  const revocationBasepoint = curve.publicKey(revocationBasepointSecret);
  const perCommitmentPoint = curve.publicKey(perCommitmentSecret);
  return curve.scalarAdd(
    curve.scalarMultiply(revocationBasepointSecret, tweak(revocationBasepoint, perCommitmentPoint)),
    curve.scalarMultiply(perCommitmentSecret, tweak(perCommitmentPoint, revocationBasepoint)),
  );
}

/**
 * A secret of the run's own: HMAC-SHA256(master, name). Not of a BOLT; it makes every key of a run a function of the
 * seed and of what the key is for. (The chance of a value outside the group is 2^-128.)
 */
export const namedSecret = (master: Uint8Array, name: string): Uint8Array => hmacSha256(master, utf8(name));
