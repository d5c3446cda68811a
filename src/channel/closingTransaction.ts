/** The closing transaction of a mutual close (BOLT 3, "Closing Transaction"; BOLT 2, "Closing Negotiation"). */
import { compareBytes } from '../base/bytes.ts';
import { msat, msatToSat, satToMsat, type Msat, type Sat } from '../base/units.ts';
import { dustLimitSat } from '../chain/script.ts';
import { weightOf, type Transaction } from '../chain/transaction.ts';
import { signFundingSpend, type ChannelMaterial } from './materialise.ts';

export interface ClosingTerms {
  /** final balances by side, no HTLC being left */
  readonly balancesMsat: readonly [Msat, Msat];
  /** where each side wants its money: `scriptpubkey` of its `shutdown` */
  readonly scripts: readonly [Uint8Array, Uint8Array];
}

/** Weight of the funding input's witness: count, empty, two signatures, script. 1 + 1 + 2 × 73 + 1 + 71 */
const FUNDING_WITNESS_WEIGHT = 220;

/** What the opener offers to pay at that fee rate, in sat. */
export function closingFeeSat(material: ChannelMaterial, terms: ClosingTerms, feeratePerKw: number): Sat {
  const weight = weightOf(closingTransaction(material, terms, 0 as Sat)) + 2 + FUNDING_WITNESS_WEIGHT;
  return Math.ceil((weight * feeratePerKw) / 1000) as Sat;
}

/** The closing transaction, unsigned; the opener pays the fee, and an output below dust is left out. */
export function closingTransaction(material: ChannelMaterial, terms: ClosingTerms, feeSat: Sat): Transaction {
  const outputs = ([0, 1] as const)
    .map((side) => {
      const balance = terms.balancesMsat[side];
      const pays = side === material.opener ? satToMsat(feeSat) : 0;
      return { valueSat: msatToSat(msat(Math.max(0, balance - pays))), script: terms.scripts[side] };
    })
    .filter((output) => output.valueSat >= dustLimitSat(output.script))
    .sort((a, b) => a.valueSat - b.valueSat || compareBytes(a.script, b.script));
  return {
    version: 2,
    inputs: [{ prevout: material.funding, scriptSig: new Uint8Array(0), sequence: 0xffffffff, witness: [] }],
    outputs,
    lockTime: 0,
  };
}

/** The closing transaction with both ends' signatures. */
export const signedClosingTransaction = (material: ChannelMaterial, terms: ClosingTerms, feeSat: Sat): Transaction =>
  signFundingSpend(material, closingTransaction(material, terms, feeSat));
