/**
 * Claims: outputs of a commitment (or of its HTLC transactions) that one end can take with its own key, and the
 * transactions that take them (BOLT 3 witnesses; BOLT 5, "Unilateral Close Handling" and "Revoked Transaction Close
 * Handling").
 */
import { deriveRevocationSecret, deriveSecret } from '../crypto/keyDerivation.ts';
import { dustLimitSat, p2pkh } from '../chain/script.ts';
import { SIGHASH_ALL } from '../chain/sighash.ts';
import { txidOf, weightOf, type OutPoint, type Transaction } from '../chain/transaction.ts';
import { present } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import type { Sat } from '../base/units.ts';
import { toRemoteScripts, type CommitmentOutput } from './commitmentTransaction.ts';
import { hasAnchors } from './commitmentFormat.ts';
import type { HtlcSpec } from './commitmentSpec.ts';
import {
  otherSide,
  signInput,
  withWitness,
  type ChannelMaterial,
  type Side,
  type SignedCommitment,
} from './materialise.ts';
import { revocationSecretOf } from './keys.ts';

export type ClaimKind =
  /** the owner's own balance, after its delay */
  | 'to-local'
  /** the output of an HTLC transaction, after the same delay */
  | 'htlc-delayed'
  /** the balance of the end that did not broadcast */
  | 'to-remote'
  /** an HTLC on the other's commitment: back after expiry */
  | 'htlc-timeout-claim'
  /** an HTLC on the other's commitment: with the preimage */
  | 'htlc-preimage-claim'
  /** any output of a revoked commitment */
  | 'penalty';

/** One output that can be taken, and how. */
export interface Claim {
  readonly kind: ClaimKind;
  readonly outPoint: OutPoint;
  readonly valueSat: Sat;
  /** the witness script, or the script code where the output pays a key */
  readonly scriptCode: Uint8Array;
  readonly secret: Uint8Array;
  /** relative lock in blocks and no lock alike: what the input's sequence must be */
  readonly sequence: number;
  /** height before which it can't be taken; 0 for none */
  readonly lockTime: number;
  readonly witness: (signature: Uint8Array) => readonly Uint8Array[];
  readonly htlc: HtlcSpec | null;
}

/** Signals replaceability and lets nLockTime count, without a relative lock (BIP 125). */
export const SEQUENCE_RBF = 0xfffffffd;

const EMPTY = new Uint8Array(0);
const ONE = Uint8Array.of(1);

/** The owner's `to_local` output, once `toSelfDelay` blocks have passed; null if it was trimmed. */
export function toLocalClaim(material: ChannelMaterial, commitment: SignedCommitment): Claim | null {
  const output = commitment.outputs.find((each) => each.kind === 'to_local');
  if (output?.kind !== 'to_local') return null;
  return delayedClaim(
    'to-local',
    material,
    commitment,
    at(commitment, output),
    output.valueSat,
    output.witnessScript,
    null,
  );
}

/** The output of one of the owner's confirmed HTLC transactions, after the same delay. */
export function htlcOutputClaim(
  material: ChannelMaterial,
  commitment: SignedCommitment,
  transaction: Transaction,
  vout: number,
  htlc: HtlcSpec,
  outputScript: Uint8Array,
): Claim {
  const output = present(transaction.outputs[vout], 'the output of an HTLC transaction');
  const outPoint = { txid: txidOf(transaction), vout };
  return delayedClaim('htlc-delayed', material, commitment, outPoint, output.valueSat, outputScript, htlc);
}

function delayedClaim(
  kind: 'to-local' | 'htlc-delayed',
  material: ChannelMaterial,
  commitment: SignedCommitment,
  outPoint: OutPoint,
  valueSat: Sat,
  witnessScript: Uint8Array,
  htlc: HtlcSpec | null,
): Claim {
  return {
    kind,
    outPoint,
    valueSat,
    scriptCode: witnessScript,
    secret: deriveSecret(material.secrets[commitment.owner].delayedPayment, commitment.point),
    sequence: material.limits[otherSide(commitment.owner)].toSelfDelay,
    lockTime: 0,
    witness: (signature) => [signature, EMPTY, witnessScript],
    htlc,
  };
}

/** The other end's balance on a commitment it did not broadcast; null if it was trimmed. */
export function toRemoteClaim(material: ChannelMaterial, commitment: SignedCommitment): Claim | null {
  const output = commitment.outputs.find((each) => each.kind === 'to_remote');
  if (output?.kind !== 'to_remote') return null;
  const { valueSat, witnessScript } = output;
  return paymentClaim(material, otherSide(commitment.owner), at(commitment, output), valueSat, witnessScript);
}

/**
 * An end's balance on a commitment of the other's that it does not know, having lost its memory: the key is the same in
 * all of them (BOLT 3, "`to_remote` Output"). Null if there is none.
 */
export function unknownToRemoteClaim(
  material: ChannelMaterial,
  claimant: Side,
  transaction: Transaction,
): Claim | null {
  const { script, witnessScript } = toRemoteScripts(material.format, material.points[claimant].payment);
  const vout = transaction.outputs.findIndex((output) => equalBytes(output.script, script));
  const output = transaction.outputs[vout];
  const outPoint = { txid: txidOf(transaction), vout };
  return output ? paymentClaim(material, claimant, outPoint, output.valueSat, witnessScript) : null;
}

/** @param script null where the output pays the key itself */
function paymentClaim(
  material: ChannelMaterial,
  claimant: Side,
  outPoint: OutPoint,
  valueSat: Sat,
  script: Uint8Array | null,
): Claim {
  const key = material.points[claimant].payment;
  return {
    kind: 'to-remote',
    outPoint,
    valueSat,
    scriptCode: script ?? p2pkh(key),
    secret: material.secrets[claimant].payment,
    sequence: script ? 1 : SEQUENCE_RBF,
    lockTime: 0,
    witness: (signature) => [signature, script ?? key],
    htlc: null,
  };
}

/**
 * An HTLC output on the other's commitment, taken directly.
 * @param preimage for an HTLC that the owner offered; null to take one back that the claimant offered, after its expiry
 */
export function htlcClaim(
  material: ChannelMaterial,
  commitment: SignedCommitment,
  output: Extract<CommitmentOutput, { kind: 'htlc' }>,
  preimage: Uint8Array | null,
): Claim {
  const { witnessScript, htlc } = output;
  return {
    kind: preimage ? 'htlc-preimage-claim' : 'htlc-timeout-claim',
    outPoint: at(commitment, output),
    valueSat: output.valueSat,
    scriptCode: witnessScript,
    secret: deriveSecret(material.secrets[otherSide(commitment.owner)].htlc, commitment.point),
    sequence: hasAnchors(material.format) ? 1 : SEQUENCE_RBF,
    lockTime: preimage ? 0 : htlc.cltvExpiry,
    witness: (signature) => [signature, preimage ?? EMPTY, witnessScript],
    htlc,
  };
}

/** The revocation key's secret for a revoked commitment: the victim's basepoint secret and the revealed secret. */
const penaltySecret = (material: ChannelMaterial, commitment: SignedCommitment): Uint8Array =>
  deriveRevocationSecret(
    material.secrets[otherSide(commitment.owner)].revocationBasepoint,
    revocationSecretOf(material.secrets[commitment.owner], commitment.spec.number),
  );

/** The cheater's balance and every HTLC output of a revoked commitment. `to_remote` is the victim's anyway. */
export function penaltyClaims(material: ChannelMaterial, commitment: SignedCommitment): Claim[] {
  const secret = penaltySecret(material, commitment);
  const claims: Claim[] = [];
  for (const output of commitment.outputs) {
    if (output.kind !== 'to_local' && output.kind !== 'htlc') continue;
    const { witnessScript } = output;
    const proof = output.kind === 'to_local' ? ONE : commitment.keys.revocation;
    claims.push({
      kind: 'penalty',
      outPoint: at(commitment, output),
      valueSat: output.valueSat,
      scriptCode: witnessScript,
      secret,
      sequence: SEQUENCE_RBF,
      lockTime: 0,
      witness: (signature) => [signature, proof, witnessScript],
      htlc: output.kind === 'htlc' ? output.htlc : null,
    });
  }
  return claims;
}

/** The output of an HTLC transaction that the cheater made of a revoked commitment. */
export function secondStagePenaltyClaim(
  material: ChannelMaterial,
  commitment: SignedCommitment,
  transaction: Transaction,
  vout: number,
  htlc: HtlcSpec,
  outputScript: Uint8Array,
): Claim {
  return {
    kind: 'penalty',
    outPoint: { txid: txidOf(transaction), vout },
    valueSat: present(transaction.outputs[vout], 'the output of an HTLC transaction').valueSat,
    scriptCode: outputScript,
    secret: penaltySecret(material, commitment),
    sequence: SEQUENCE_RBF,
    lockTime: 0,
    witness: (signature) => [signature, ONE, outputScript],
    htlc,
  };
}

/**
 * One transaction that takes all those claims to `destination`.
 * @param feeratePerKw sat per 1000 weight units
 * @returns null where fee and dust limit would eat it all
 */
export function sweepTransaction(
  claims: readonly Claim[],
  destination: Uint8Array,
  feeratePerKw: number,
): Transaction | null {
  const total = claims.reduce((sum, claim) => sum + claim.valueSat, 0);
  const valueSat = total - Math.ceil((sweepWeight(claims, destination) * feeratePerKw) / 1000);
  if (valueSat < dustLimitSat(destination)) return null;
  const unsigned = unsignedSweep(claims, destination, valueSat as Sat);
  let signed = unsigned;
  claims.forEach((claim, index) => {
    const signature = signInput(unsigned, index, claim.scriptCode, claim.valueSat, claim.secret, SIGHASH_ALL);
    signed = withWitness(signed, index, claim.witness(signature));
  });
  return signed;
}

/** Weight units that a sweep pays for: with the longest signatures there are, so that it is never too little. */
export const sweepWeight = (claims: readonly Claim[], destination: Uint8Array): number =>
  weightOf(unsignedSweep(claims, destination, 0 as Sat));

const unsignedSweep = (claims: readonly Claim[], destination: Uint8Array, valueSat: Sat): Transaction => ({
  version: 2,
  inputs: claims.map((claim) => ({
    prevout: claim.outPoint,
    scriptSig: EMPTY,
    sequence: claim.sequence,
    witness: claim.witness(new Uint8Array(72)),
  })),
  outputs: [{ valueSat, script: destination }],
  lockTime: claims.reduce((latest, claim) => Math.max(latest, claim.lockTime), 0),
});

const at = (commitment: SignedCommitment, output: CommitmentOutput): OutPoint => ({
  txid: txidOf(commitment.transaction),
  vout: output.vout,
});
