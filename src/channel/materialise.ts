/**
 * From a commitment specification to the signed bytes: the moment a channel's integers become Bitcoin.
 *
 * Every key is a function of the run's seed and RFC 6979 signing is deterministic, so the signatures made here are the
 * very ones that would have travelled in `commitment_signed` when the commitment was agreed on.
 */
import { assert, present } from '../base/assert.ts';
import { deriveSecret } from '../crypto/keyDerivation.ts';
import type { Sat } from '../base/units.ts';
import { SIGHASH_ALL } from '../chain/sighash.ts';
import type { OutPoint, Transaction, TxInput, TxOutput } from '../chain/transaction.ts';
import {
  commitmentTransaction,
  htlcTransactions,
  type CommitmentContext,
  type CommitmentOutput,
  type UnsignedHtlcTransaction,
} from './commitmentTransaction.ts';
import { canAttachToHtlcTransactions, FORMAT } from './commitmentFormat.ts';
import type { CommitmentSpec } from './commitmentSpec.ts';
import {
  commitmentKeys,
  perCommitmentPoint,
  type ChannelPoints,
  type ChannelSecrets,
  type CommitmentKeys,
} from './keys.ts';
import type { ChannelLimits, CommitmentFormat } from './limits.ts';
import { signFunding, signInput, withFundingWitness, withWitness, type FundingOutput } from './fundingSpend.ts';

export { signInput, withWitness };

/** The two ends of a channel: 0 is node 1, 1 is node 2. */
export type Side = 0 | 1;
export const otherSide = (side: Side): Side => (1 - side) as Side;

/** Everything about a channel that its transactions depend on besides the commitment's specification. */
export interface ChannelMaterial {
  readonly funding: OutPoint;
  readonly capacitySat: Sat;
  readonly format: CommitmentFormat;
  readonly opener: Side;
  readonly limits: readonly [ChannelLimits, ChannelLimits];
  readonly secrets: readonly [ChannelSecrets, ChannelSecrets];
  readonly points: readonly [ChannelPoints, ChannelPoints];
}

/** A commitment that its owner may broadcast, and what it needs to follow it up. */
export interface SignedCommitment {
  readonly owner: Side;
  readonly spec: CommitmentSpec;
  readonly transaction: Transaction;
  readonly outputs: readonly CommitmentOutput[];
  readonly htlcTransactions: readonly SignedHtlcTransaction[];
  readonly keys: CommitmentKeys;
  /** the owner's per-commitment point */
  readonly point: Uint8Array;
  readonly feeSat: Sat;
}

/** An HTLC transaction with the other end's signature, as `commitment_signed` carries it. */
export interface SignedHtlcTransaction extends UnsignedHtlcTransaction {
  /** DER with its hash type */
  readonly remoteSignature: Uint8Array;
}

/** The signed commitment of `owner` that says what `spec` says. */
export function materialiseCommitment(material: ChannelMaterial, owner: Side, spec: CommitmentSpec): SignedCommitment {
  return signCommitment(material, owner, spec, perCommitmentPoint(material.secrets[owner], spec.number));
}

/** As {@link materialiseCommitment}, with a per-commitment point given (the test vectors fix it). */
export function signCommitment(
  material: ChannelMaterial,
  owner: Side,
  spec: CommitmentSpec,
  point: Uint8Array,
): SignedCommitment {
  const other = otherSide(owner);
  assert(spec.ownerIsOpener === (material.opener === owner), 'the specification is its owner’s');
  const keys = commitmentKeys(material.points[owner], material.points[other], point, spec.ownerIsOpener);
  const context: CommitmentContext = {
    funding: material.funding,
    capacitySat: material.capacitySat,
    format: material.format,
    dustLimitSat: material.limits[owner].dustLimitSat,
    toSelfDelay: material.limits[other].toSelfDelay,
    keys,
  };
  const unsigned = commitmentTransaction(spec, context);
  const transaction = signFundingSpend(material, unsigned.transaction);

  const othersHtlcSecret = unsigned.outputs.some((output) => output.kind === 'htlc')
    ? deriveSecret(material.secrets[other].htlc, point)
    : null;
  const hashType = FORMAT[material.format].htlcHashType;
  const htlcs = htlcTransactions(unsigned, context).map((htlc): SignedHtlcTransaction => {
    const { witnessScript, valueSat } = htlc.spends;
    const secret = present(othersHtlcSecret, 'the HTLC secret of a commitment with HTLC outputs');
    return {
      ...htlc,
      remoteSignature: signInput(htlc.transaction, 0, witnessScript, valueSat, secret, hashType),
    };
  });
  return {
    owner,
    spec,
    transaction,
    outputs: unsigned.outputs,
    htlcTransactions: htlcs,
    keys,
    point,
    feeSat: unsigned.feeSat,
  };
}

/** Signs the one input of a transaction that spends the funding output, for both ends. */
export function signFundingSpend(material: ChannelMaterial, transaction: Transaction): Transaction {
  const funding = fundingOf(material);
  const sign = (side: Side): Uint8Array => signFunding(transaction, funding, material.secrets[side].funding);
  return withFundingWitness(transaction, funding, [sign(0), sign(1)]);
}

/** The channel's funding output; its keys by side. */
export const fundingOf = ({ funding, capacitySat, points }: ChannelMaterial): FundingOutput => ({
  outPoint: funding,
  valueSat: capacitySat,
  keys: [points[0].funding, points[1].funding],
});

/** Inputs and outputs that the wallet adds to an HTLC transaction to pay its fee. */
export interface FeeAttachment {
  readonly inputs: readonly TxInput[];
  readonly outputs: readonly TxOutput[];
}

/** An HTLC transaction to complete: the preimage for HTLC-success, null for HTLC-timeout. */
export interface HtlcCompletion {
  readonly htlc: SignedHtlcTransaction;
  readonly preimage: Uint8Array | null;
}

/**
 * HTLC transactions as their owner broadcasts them. With anchors the other's signature covers one input and the output
 * of the same index, so several of one lock time go together, and a wallet's inputs may be attached; those are left for
 * the wallet to sign.
 */
export function completeHtlcTransactions(
  material: ChannelMaterial,
  commitment: SignedCommitment,
  completions: readonly HtlcCompletion[],
  attachment: FeeAttachment = { inputs: [], outputs: [] },
): Transaction {
  const first = present(completions[0], 'an HTLC transaction to complete').htlc.transaction;
  assert(
    completions.length + attachment.inputs.length === 1 || canAttachToHtlcTransactions(material.format),
    'without anchors each HTLC transaction stands alone',
  );
  const unsigned: Transaction = {
    ...first,
    inputs: [...completions.flatMap(({ htlc }) => htlc.transaction.inputs), ...attachment.inputs],
    outputs: [...completions.flatMap(({ htlc }) => htlc.transaction.outputs), ...attachment.outputs],
  };
  const secret = deriveSecret(material.secrets[commitment.owner].htlc, commitment.point);
  const empty = new Uint8Array(0);
  let signed = unsigned;
  completions.forEach(({ htlc, preimage }, index) => {
    assert(
      (htlc.kind === 'htlc-success') === (preimage !== null),
      'HTLC-success needs the preimage, HTLC-timeout none',
    );
    assert(htlc.transaction.lockTime === first.lockTime, 'HTLC transactions that go together have one lock time');
    const { witnessScript, valueSat } = htlc.spends;
    const localSignature = signInput(unsigned, index, witnessScript, valueSat, secret, SIGHASH_ALL);
    const witness = [empty, htlc.remoteSignature, localSignature, preimage ?? empty, witnessScript];
    signed = withWitness(signed, index, witness);
  });
  return signed;
}
