/**
 * What the opening of a channel asks of keys, as a port with two answers. In ledger form nothing is signed and nobody
 * looks: both ends' keys come from the run's seed, and what would have been signed can be made at any time
 * (`materialise.ts`). Eagerly, every point and signature is made and checked, from what an end really knows.
 */
import { present } from '../base/assert.ts';
import type { OutPoint } from '../chain/transaction.ts';
import { secp256k1 } from '../crypto/secp256k1.ts';
import { commitmentTransaction, type CommitmentContext, type UnsignedCommitment } from './commitmentTransaction.ts';
import { signFunding, verifyFunding, type FundingOutput } from './fundingSpend.ts';
import { commitmentKeys, type ChannelSecrets } from './keys.ts';
import type { AcceptChannel, OpenChannel, OpeningPoints } from './openingMessages.ts';
import { firstSpec } from './openingRules.ts';

/** What both ends know once the funding transaction exists. */
export interface OpeningFacts {
  readonly open: OpenChannel;
  readonly accept: AcceptChannel;
  readonly funding: OutPoint;
}

export interface OpeningSigner {
  /** Whether all points of a message are on the curve, in compressed form. */
  pointsAreValid(points: OpeningPoints): boolean;
  /** This end's signature under the other end's first commitment: DER with its hash type. */
  sign(facts: OpeningFacts, owner: 'opener' | 'accepter'): Uint8Array;
  /** Whether the other end signed this end's first commitment, with s in the lower half. */
  verify(facts: OpeningFacts, owner: 'opener' | 'accepter', signature: Uint8Array): boolean;
}

const NO_SIGNATURE = new Uint8Array(0);

/** Nothing is made, and everything is believed. */
export const LEDGER_OPENING_SIGNER: OpeningSigner = {
  pointsAreValid: () => true,
  sign: () => NO_SIGNATURE,
  verify: (_facts, _owner, signature) => signature.length === 0,
};

/** Everything is made and checked. @param secrets this end's */
export const eagerOpeningSigner = (secrets: ChannelSecrets): OpeningSigner => ({
  pointsAreValid({ basepoints, perCommitment }) {
    const { funding, revocationBasepoint, payment, delayedPayment, htlc } = basepoints;
    const points = [funding, revocationBasepoint, payment, delayedPayment, htlc, perCommitment(0)];
    return points.every((point) => point.length === 33 && secp256k1().isPublicKey(point));
  },
  sign: (facts, owner) =>
    signFunding(firstCommitment(facts, owner).transaction, fundingOutputOf(facts), secrets.funding),
  verify(facts, owner, signature) {
    const funding = fundingOutputOf(facts);
    const [opener, accepter] = funding.keys;
    const signedBy = owner === 'opener' ? accepter : opener;
    return verifyFunding(firstCommitment(facts, owner).transaction, funding, signedBy, signature);
  },
});

/** The funding output, the opener's key first. */
export const fundingOutputOf = ({ open, accept, funding }: OpeningFacts): FundingOutput => ({
  outPoint: funding,
  valueSat: open.fundingSat,
  keys: [open.points.basepoints.funding, accept.points.basepoints.funding],
});

/** The first commitment of an end, from what was announced alone. */
export function firstCommitment(facts: OpeningFacts, owner: 'opener' | 'accepter'): UnsignedCommitment {
  const { open, accept, funding } = facts;
  const [own, other] = owner === 'opener' ? [open, accept] : [accept, open];
  const context: CommitmentContext = {
    funding,
    capacitySat: open.fundingSat,
    format: present(open.channelType, 'the negotiated channel type').format,
    dustLimitSat: own.limits.dustLimitSat,
    toSelfDelay: other.limits.toSelfDelay,
    keys: commitmentKeys(
      own.points.basepoints,
      other.points.basepoints,
      own.points.perCommitment(0),
      owner === 'opener',
    ),
  };
  return commitmentTransaction(firstSpec(open, owner), context);
}
