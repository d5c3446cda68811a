/** What a node's wallet adds to a transaction that both ends of a channel build, and what it signs of it. */
import type { Sat } from '../base/units.ts';
import { p2wsh } from '../chain/script.ts';
import { outPointKey, type Transaction } from '../chain/transaction.ts';
import { SEQUENCE_RBF } from '../channel/claims.ts';
import { withWitness } from '../channel/fundingSpend.ts';
import type { DualFunding } from '../channel/opening.ts';
import {
  partWeight,
  unsignedSharedTransaction,
  type Part,
  type SharedInput,
  type SharedTransaction,
} from '../channel/sharedTransaction.ts';
import { INPUT_WITNESS_WEIGHT, type Wallet } from './wallet.ts';

/**
 * Coins for a contribution and their share of the fee, with change; they are not offered again.
 * @param weight of what this end pays for besides its coins and change
 * @param firstSerial even for the initiator, odd for the other
 * @returns null if the coins do not suffice
 */
export function walletPart(
  wallet: Wallet,
  contributionSat: Sat,
  weight: number,
  feeratePerKw: number,
  firstSerial: number,
): Part | null {
  const funded = wallet.fund(contributionSat, weight, feeratePerKw);
  if (funded === null) return null;
  const inputs = funded.coins.map(({ outPoint, valueSat }, index) => ({
    serialId: firstSerial + 2 * index,
    prevout: outPoint,
    valueSat,
    script: wallet.script,
    sequence: SEQUENCE_RBF,
    witnessWeight: INPUT_WITNESS_WEIGHT,
  }));
  const { changeSat } = funded;
  const outputs = changeSat > 0 ? [{ serialId: firstSerial, valueSat: changeSat, script: wallet.script }] : [];
  return { inputs, outputs, contributionSat };
}

/** What an end of a dual-funded opening adds. The opener pays for the funding output and what is common, too. */
export function dualPart(wallet: Wallet, { open, accepterSat }: DualFunding, role: 'opener' | 'accepter'): Part | null {
  const { fundingSat, fundingFeeratePerKw } = open;
  if (role === 'opener') {
    const nothing: Part = { inputs: [], outputs: [], contributionSat: 0 };
    const funding = { serialId: 0, valueSat: 0 as Sat, script: p2wsh(new Uint8Array(0)) };
    const weight = partWeight(
      { feeratePerKw: 0, lockTime: 0, funding, previous: null, initiator: nothing, other: nothing },
      'initiator',
    );
    return walletPart(wallet, fundingSat, weight, fundingFeeratePerKw, 2);
  }
  if (accepterSat === 0) return { inputs: [], outputs: [], contributionSat: 0 };
  return walletPart(wallet, accepterSat, 0, fundingFeeratePerKw, 1);
}

/** What spends a wallet's inputs of a transaction, by serial id. */
export const partWitnesses = (wallet: Wallet, { inputs }: Part, unsigned: Transaction): Uint8Array[][] =>
  bySerial(inputs).map((input) => wallet.witness(unsigned, indexOf(unsigned, input), input.valueSat));

/** The transaction that both fund, signed by both. @param witnesses of the accepter's inputs, by serial id */
export function signedShared(
  wallet: Wallet,
  shared: SharedTransaction,
  witnesses: readonly (readonly Uint8Array[])[],
): Transaction {
  const unsigned = unsignedSharedTransaction(shared);
  const { initiator, other } = shared;
  const all = [...partWitnesses(wallet, initiator, unsigned), ...witnesses];
  const inputs = [...bySerial(initiator.inputs), ...bySerial(other.inputs)];
  return inputs.reduce((signed, input, at) => withWitness(signed, indexOf(unsigned, input), all[at]!), unsigned);
}

const bySerial = (inputs: readonly SharedInput[]): readonly SharedInput[] =>
  inputs.toSorted((a, b) => a.serialId - b.serialId);

const indexOf = ({ inputs }: Transaction, { prevout }: SharedInput): number =>
  inputs.findIndex((input) => outPointKey(input.prevout) === outPointKey(prevout));
