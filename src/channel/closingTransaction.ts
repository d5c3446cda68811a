/** The closing transactions of a mutual close (BOLT 3, "Legacy Closing Transaction" and "Closing Transaction"). */
import { compareBytes } from '../base/bytes.ts';
import { msatToSat, satToMsat, type Msat, type Sat } from '../base/units.ts';
import { dustLimitSat } from '../chain/script.ts';
import { weightOf, type OutPoint, type Transaction, type TxOutput } from '../chain/transaction.ts';
import { SEQUENCE_RBF } from './claims.ts';
import { signFundingSpend, type ChannelMaterial } from './materialise.ts';
import { isDataScript } from './shutdownScript.ts';

export interface ClosingTerms {
  /** final balances by side, no HTLC being left */
  readonly balancesMsat: readonly [Msat, Msat];
  /** where each side wants its money: `scriptpubkey` of its `shutdown` */
  readonly scripts: readonly [Uint8Array, Uint8Array];
}

/** Weight of the funding input's witness: count, empty, two signatures, script. 1 + 1 + 2 × 73 + 1 + 71 */
const FUNDING_WITNESS_WEIGHT = 220;

/** What the opener offers to pay at that fee rate, in sat. */
export const closingFeeSat = (material: ChannelMaterial, terms: ClosingTerms, feeratePerKw: number): Sat =>
  feeOfClosing(closingTransaction(material, terms, 0 as Sat), feeratePerKw);

/** The fee that an unsigned closing transaction needs at that fee rate, in sat, rounded up. */
export const feeOfClosing = (unsigned: Transaction, feeratePerKw: number): Sat =>
  Math.ceil(((weightOf(unsigned) + 2 + FUNDING_WITNESS_WEIGHT) * feeratePerKw) / 1000) as Sat;

/** The closing transaction, unsigned; the opener pays the fee, and an output below dust is left out. */
export function closingTransaction(material: ChannelMaterial, terms: ClosingTerms, feeSat: Sat): Transaction {
  const outputs = ([0, 1] as const)
    .map((side) => balanceOutput(terms.balancesMsat[side], side === material.opener ? feeSat : 0, terms.scripts[side]))
    .filter((output) => output.valueSat >= dustLimitSat(output.script));
  return legacyClosingTransaction(material.funding, outputs);
}

/** The closing transaction with both ends' signatures. */
export const signedClosingTransaction = (material: ChannelMaterial, terms: ClosingTerms, feeSat: Sat): Transaction =>
  signFundingSpend(material, closingTransaction(material, terms, feeSat));

/** What is left of a balance after a fee, rounded down to whole sat; nothing where the script only carries data. */
export function balanceOutput(balanceMsat: Msat, feeSat: number, script: Uint8Array): TxOutput {
  const leftMsat = Math.max(0, balanceMsat - satToMsat(feeSat as Sat)) as Msat;
  return { valueSat: isDataScript(script) ? (0 as Sat) : msatToSat(leftMsat), script };
}

/** `closing_signed`: final at once, and not to be replaced. */
export const legacyClosingTransaction = (funding: OutPoint, outputs: readonly TxOutput[]): Transaction =>
  closing(funding, outputs, 0xffffffff, 0);

/** `closing_complete`: replaceable, with the closer's lock time. */
export const simpleClosingTransaction = (
  funding: OutPoint,
  outputs: readonly TxOutput[],
  lockTime: number,
): Transaction => closing(funding, outputs, SEQUENCE_RBF, lockTime);

function closing(funding: OutPoint, outputs: readonly TxOutput[], sequence: number, lockTime: number): Transaction {
  return {
    version: 2,
    inputs: [{ prevout: funding, scriptSig: new Uint8Array(0), sequence, witness: [] }],
    outputs: outputs.toSorted((a, b) => a.valueSat - b.valueSat || compareBytes(a.script, b.script)),
    lockTime,
  };
}
