/**
 * Anchors: the outputs of a commitment by which a child pays for it (BOLT 3, "`to_local_anchor` and `to_remote_anchor`
 * Output"; the shared anchor of zero-fee commitments, lightning/bolts pull request 1228).
 *
 * A wallet bumps a commitment's fee so:
 *
 *     const spend = anchorSpend(material, commitment, side);
 *     const attachment = wallet.attachFee(weightToPay(commitment, spend, feeratePerKw), feeratePerKw);
 *     const child = wallet.sign(anchorChild(spend, attachment));      // then commitment and child go as a package
 */
import { assert } from '../base/assert.ts';
import type { Sat } from '../base/units.ts';
import { p2wsh } from '../chain/script.ts';
import { SIGHASH_ALL } from '../chain/sighash.ts';
import { txidOf, weightOf, type OutPoint, type Transaction } from '../chain/transaction.ts';
import { SEQUENCE_RBF } from './claims.ts';
import { FORMAT, SHARED_ANCHOR_SCRIPT } from './commitmentFormat.ts';
import {
  signInput,
  withWitness,
  type ChannelMaterial,
  type FeeAttachment,
  type Side,
  type SignedCommitment,
} from './materialise.ts';

/** An anchor that one end can spend at once. */
export interface AnchorSpend {
  readonly outPoint: OutPoint;
  readonly valueSat: Sat;
  /** of the output */
  readonly script: Uint8Array;
  /** weight units that the input adds to its transaction, witness included */
  readonly inputWeight: number;
  /** of the child: an unconfirmed parent of version 3 takes only children of version 3 (BIP 431) */
  readonly version: 2 | 3;
  /** null for the shared anchor, which asks for no witness */
  readonly key: { readonly secret: Uint8Array; readonly witnessScript: Uint8Array } | null;
}

/** 4 × (outpoint 36 + empty script 1 + sequence 4) + witness: count 1, signature 1 + 72, script 1 + 40 */
const KEYED_INPUT_WEIGHT = 164 + 115;
/** 4 × 41 + the count of a witness without items */
const SHARED_INPUT_WEIGHT = 164 + 1;
/** 4 × (version 4 + counts 1 + 1 + lock time 4) + marker and flag 2 */
const BARE_WEIGHT = 42;

/** The anchor on a commitment that `claimant` can spend; null if there is none. */
export function anchorSpend(
  material: ChannelMaterial,
  commitment: SignedCommitment,
  claimant: Side,
): AnchorSpend | null {
  const own = claimant === commitment.owner ? 'to_local_anchor' : 'to_remote_anchor';
  const txid = txidOf(commitment.transaction);
  const { version } = FORMAT[material.format];
  for (const output of commitment.outputs) {
    const { valueSat } = output;
    const outPoint = { txid, vout: output.vout };
    if (output.kind === 'shared_anchor') {
      const inputWeight = SHARED_INPUT_WEIGHT;
      return { outPoint, valueSat, script: SHARED_ANCHOR_SCRIPT, inputWeight, version, key: null };
    }
    if (output.kind !== own) continue;
    const { witnessScript } = output;
    const key = { secret: material.secrets[claimant].funding, witnessScript };
    return { outPoint, valueSat, script: p2wsh(witnessScript), inputWeight: KEYED_INPUT_WEIGHT, version, key };
  }
  return null;
}

/**
 * The weight that a wallet has to pay for, besides its own inputs and outputs, so that the commitment and the child that
 * spends its anchor pay that fee rate together. What the commitment pays itself and the anchor's value are taken off.
 * @param feeratePerKw sat per 1000 weight units, more than 0
 */
export function weightToPay(
  commitment: Pick<SignedCommitment, 'transaction' | 'feeSat'>,
  spend: AnchorSpend,
  feeratePerKw: number,
): number {
  assert(feeratePerKw > 0, 'a child pays a fee rate above 0');
  const child = BARE_WEIGHT + spend.inputWeight;
  const paidSat = commitment.feeSat + spend.valueSat;
  // a child pays at least for itself, even where its parent needs no help
  return Math.max(child, weightOf(commitment.transaction) + child - Math.floor((paidSat * 1000) / feeratePerKw));
}

/** The child that spends an anchor, with the wallet's inputs and change attached; those are left for the wallet to sign. */
export function anchorChild(spend: AnchorSpend, attachment: FeeAttachment): Transaction {
  assert(attachment.inputs.length > 0 && attachment.outputs.length > 0, 'a child has inputs that pay and change');
  const empty = new Uint8Array(0);
  const unsigned: Transaction = {
    version: spend.version,
    inputs: [{ prevout: spend.outPoint, scriptSig: empty, sequence: SEQUENCE_RBF, witness: [] }, ...attachment.inputs],
    outputs: attachment.outputs,
    lockTime: 0,
  };
  if (spend.key === null) return unsigned;
  const { witnessScript, secret } = spend.key;
  const signature = signInput(unsigned, 0, witnessScript, spend.valueSat, secret, SIGHASH_ALL);
  return withWitness(unsigned, 0, [signature, witnessScript]);
}
