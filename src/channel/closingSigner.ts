/**
 * What closing negotiations ask of keys, as a port with two answers, as in `openingSigner.ts`: in ledger form nothing is
 * signed until a transaction was agreed on; eagerly, every signature is made, sent and checked.
 */
import { fromHex, toHex } from '../base/bytes.ts';
import { txidOf, type Transaction } from '../chain/transaction.ts';
import { signFunding, verifyFunding, withFundingWitness, type FundingOutput } from './fundingSpend.ts';
import { signFundingSpend, type ChannelMaterial } from './materialise.ts';

export interface ClosingSigner {
  /** This end's signature under a closing transaction: DER with its hash type. */
  sign(unsigned: Transaction): Uint8Array;
  /** Whether the other end signed it, with s in the lower half. */
  verify(unsigned: Transaction, signature: Uint8Array): boolean;
  /** The transaction with both signatures. @param signature the other end's */
  complete(unsigned: Transaction, signature: Uint8Array): Transaction;
}

/** Nothing is signed but what was agreed on; in a signature's place stands the id of what it would be under. */
export const ledgerClosingSigner = (material: ChannelMaterial): ClosingSigner => ({
  sign: (unsigned) => fromHex(txidOf(unsigned)),
  verify: (unsigned, signature) => toHex(signature) === txidOf(unsigned),
  complete: (unsigned) => signFundingSpend(material, unsigned),
});

/** Everything is made and checked. @param funding this end's key first @param secret of that key */
export const eagerClosingSigner = (funding: FundingOutput, secret: Uint8Array): ClosingSigner => ({
  sign: (unsigned) => signFunding(unsigned, funding, secret),
  verify: (unsigned, signature) => verifyFunding(unsigned, funding, funding.keys[1], signature),
  complete: (unsigned, signature) =>
    withFundingWitness(unsigned, funding, [signFunding(unsigned, funding, secret), signature]),
});
