/**
 * What a splice asks of keys, as a port with two answers, as in `openingSigner.ts`: in ledger form nothing is signed, for
 * both ends' keys come from the run's seed; eagerly, every signature is made, sent and checked.
 */
import type { Transaction } from '../chain/transaction.ts';
import type { ChannelLedger } from './channelLedger.ts';
import { signFunding, verifyFunding, withFundingWitness } from './fundingSpend.ts';
import { fundingOf, materialiseCommitment, otherSide, type ChannelMaterial, type Side } from './materialise.ts';
import { candidateMaterial, splicedSpec, type SpliceCandidate } from './spliceCandidate.ts';

/** `input` is in all of them the input of the splice transaction that spends the current funding output. */
export interface SpliceSigner {
  /** This end's signature under the other's commitment on a candidate: DER with its hash type. */
  signCommitment(candidate: SpliceCandidate): Uint8Array;
  /** Whether the other end signed this end's commitment on it. */
  verifyCommitment(candidate: SpliceCandidate, signature: Uint8Array): boolean;
  /** This end's signature under the input that spends the current funding output. */
  signShared(splice: Transaction, input: number): Uint8Array;
  verifyShared(splice: Transaction, input: number, signature: Uint8Array): boolean;
  /** The splice transaction with that input's witness. @param signature the other end's */
  complete(splice: Transaction, input: number, signature: Uint8Array): Transaction;
}

/** What both signers are made of. */
interface SpliceKeys {
  /** as the channel was opened */
  readonly opened: ChannelMaterial;
  /** of the funding output that is in force */
  readonly current: ChannelMaterial;
  readonly side: Side;
  readonly ledger: ChannelLedger<unknown>;
}

const NO_SIGNATURE = new Uint8Array(0);

/** Nothing is made but the witness of the transaction that goes on the chain. */
export const ledgerSpliceSigner = ({ current }: Pick<SpliceKeys, 'current'>): SpliceSigner => ({
  signCommitment: () => NO_SIGNATURE,
  verifyCommitment: (_candidate, signature) => signature.length === 0,
  signShared: () => NO_SIGNATURE,
  verifyShared: (_splice, _input, signature) => signature.length === 0,
  complete(splice, input) {
    const funding = fundingOf(current);
    const sign = (side: Side): Uint8Array => signFunding(splice, funding, current.secrets[side].funding, input);
    return withFundingWitness(splice, funding, [sign(0), sign(1)], input);
  },
});

/** Everything is made and checked. */
export function eagerSpliceSigner({ opened, current, side, ledger }: SpliceKeys): SpliceSigner {
  const other = otherSide(side);
  const commitmentOf = (candidate: SpliceCandidate, owner: Side): Transaction => {
    const ours = owner === side;
    const spec = splicedSpec(ledger.spec(ours ? 'local' : 'remote'), candidate, ours);
    return materialiseCommitment(candidateMaterial(opened, candidate), owner, spec).transaction;
  };
  const sharedSignature = (splice: Transaction, input: number): Uint8Array =>
    signFunding(splice, fundingOf(current), current.secrets[side].funding, input);
  return {
    signCommitment(candidate) {
      const material = candidateMaterial(opened, candidate);
      return signFunding(commitmentOf(candidate, other), fundingOf(material), material.secrets[side].funding);
    },
    verifyCommitment(candidate, signature) {
      const material = candidateMaterial(opened, candidate);
      const key = material.points[other].funding;
      return verifyFunding(commitmentOf(candidate, side), fundingOf(material), key, signature);
    },
    signShared: sharedSignature,
    verifyShared: (splice, input, signature) =>
      verifyFunding(splice, fundingOf(current), current.points[other].funding, signature, input),
    complete(splice, input, signature) {
      const own = sharedSignature(splice, input);
      return withFundingWitness(splice, fundingOf(current), side === 0 ? [own, signature] : [signature, own], input);
    },
  };
}
