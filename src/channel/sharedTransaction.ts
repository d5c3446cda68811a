/**
 * A transaction that both ends of a channel build and pay for: a dual-funded channel's funding, or a splice (BOLT 2,
 * "Interactive Transaction Construction"; BOLT 3, "Calculating Fees for Collaborative Transactions" and "Expected Weight of
 * the Funding Transaction"). What the two ends told each other is here as one value; the messages are not.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Sat } from '../base/units.ts';
import { dustLimitSat, witnessProgram } from '../chain/script.ts';
import { MAX_STANDARD_TX_WEIGHT } from '../chain/policy.ts';
import { outPointKey, txidOf, type OutPoint, type Transaction } from '../chain/transaction.ts';

/** `tx_add_input`. */
export interface SharedInput {
  /** where it stands: inputs are ordered by it. Even from the initiator, odd from the other */
  readonly serialId: number;
  readonly prevout: OutPoint;
  /** of the output that it spends */
  readonly valueSat: Sat;
  readonly script: Uint8Array;
  readonly sequence: number;
  /** weight units of its witness, the item count included */
  readonly witnessWeight: number;
}

/** `tx_add_output`. */
export interface SharedOutput {
  readonly serialId: number;
  readonly valueSat: Sat;
  readonly script: Uint8Array;
}

/** What one end adds for itself; the channel's own input and output stand apart. */
export interface Part {
  readonly inputs: readonly SharedInput[];
  readonly outputs: readonly SharedOutput[];
  /** what it puts into the channel, in sat; negative where it takes out (splices only) */
  readonly contributionSat: number;
}

/** All that was agreed on. */
export interface SharedTransaction {
  readonly feeratePerKw: number;
  readonly lockTime: number;
  /** the channel's new funding output; the initiator adds it and pays for its weight */
  readonly funding: SharedOutput;
  /** in a splice, the funding output that is spent; the initiator adds it and pays for its weight */
  readonly previous: SharedInput | null;
  readonly initiator: Part;
  readonly other: Part;
}

/** Why an end fails the negotiation when the last `tx_complete` came. */
export type SharedTransactionRefusal =
  | 'serial-id-of-wrong-parity'
  | 'serial-id-twice'
  | 'input-twice'
  | 'input-not-segwit'
  | 'sequence-not-replaceable'
  | 'output-below-dust'
  | 'funding-of-wrong-value'
  | 'outputs-over-inputs'
  | 'feerate-not-met'
  | 'too-many-inputs'
  | 'too-many-outputs'
  | 'too-heavy';

/** 4 × (version 4 + counts 1 + 1 + lock time 4) + marker and flag 2; the initiator pays for them */
const COMMON_WEIGHT = 42;
/** 4 × (outpoint 36 + empty script 1 + sequence 4) */
const INPUT_WEIGHT = 164;
/** The least that a witness counts for: a signature and a key, without the item count (BOLT 3, Appendix G). */
const LEAST_WITNESS_WEIGHT = 107;
/** So that counts take one byte. */
const MOST_INPUTS = 252;
const MOST_OUTPUTS = 252;
/** The largest sequence that signals replaceability (BIP 125). */
const MAX_REPLACEABLE_SEQUENCE = 0xfffffffd;

/** The unsigned transaction: version 2, inputs and outputs in the order of their serial ids. */
export function unsignedSharedTransaction(shared: SharedTransaction): Transaction {
  const bySerial = (a: { serialId: number }, b: { serialId: number }): number => a.serialId - b.serialId;
  return {
    version: 2,
    inputs: inputsOf(shared)
      .toSorted(bySerial)
      .map(({ prevout, sequence }) => ({ prevout, scriptSig: new Uint8Array(0), sequence, witness: [] })),
    outputs: outputsOf(shared)
      .toSorted(bySerial)
      .map(({ valueSat, script }) => ({ valueSat, script })),
    lockTime: shared.lockTime,
  };
}

/** Where a shared transaction holds the channel's funding. @param unsigned made of it */
export function sharedFundingOf({ funding }: SharedTransaction, unsigned: Transaction): OutPoint {
  const { valueSat, script } = funding;
  const vout = unsigned.outputs.findIndex((each) => each.valueSat === valueSat && equalBytes(each.script, script));
  return { txid: txidOf(unsigned), vout };
}

/** The weight that an end pays for. */
export function partWeight(shared: SharedTransaction, role: 'initiator' | 'other'): number {
  const { inputs, outputs } = shared[role];
  let weight = 0;
  let witnesses = 0;
  for (const { witnessWeight } of inputs) {
    weight += INPUT_WEIGHT;
    witnesses += witnessWeight;
  }
  weight += Math.max(inputs.length * LEAST_WITNESS_WEIGHT, witnesses);
  for (const { script } of outputs) weight += outputWeight(script);
  if (role === 'other') return weight;
  weight += COMMON_WEIGHT + outputWeight(shared.funding.script);
  return shared.previous === null ? weight : weight + INPUT_WEIGHT + shared.previous.witnessWeight;
}

/** The fee that an end has to pay at least, in sat, rounded up (BOLT 3, Appendix G: 609 × 253 / 1000 is 155). */
export const partFeeSat = (shared: SharedTransaction, role: 'initiator' | 'other'): Sat =>
  Math.ceil((partWeight(shared, role) * shared.feeratePerKw) / 1000) as Sat;

/** What an end's inputs leave after its outputs and its contribution to the channel: the fee it pays; negative if none. */
export function paidByPartSat({ inputs, outputs, contributionSat }: Part): number {
  let left = -contributionSat;
  for (const { valueSat } of inputs) left += valueSat;
  for (const { valueSat } of outputs) left -= valueSat;
  return left;
}

/** BOLT 2, "The `tx_complete` Message" and what `tx_add_input` and `tx_add_output` ask for; null if nothing is wrong. */
export function sharedTransactionRefusal(shared: SharedTransaction): SharedTransactionRefusal | null {
  const inputs = inputsOf(shared);
  const outputs = outputsOf(shared);
  if (inputs.length > MOST_INPUTS) return 'too-many-inputs';
  if (outputs.length > MOST_OUTPUTS) return 'too-many-outputs';
  const wrongParity = (role: 'initiator' | 'other', parity: 0 | 1): boolean =>
    [...shared[role].inputs, ...shared[role].outputs].some(({ serialId }) => serialId % 2 !== parity);
  const channels = [shared.funding, ...(shared.previous === null ? [] : [shared.previous])];
  if (wrongParity('initiator', 0) || wrongParity('other', 1) || channels.some(({ serialId }) => serialId % 2 !== 0))
    return 'serial-id-of-wrong-parity';
  for (const list of [inputs, outputs]) {
    if (new Set(list.map(({ serialId }) => serialId)).size < list.length) return 'serial-id-twice';
  }
  if (new Set(inputs.map(({ prevout }) => outPointKey(prevout))).size < inputs.length) return 'input-twice';
  if (inputs.some(({ script }) => witnessProgram(script) === null)) return 'input-not-segwit';
  if (inputs.some(({ sequence }) => sequence > MAX_REPLACEABLE_SEQUENCE)) return 'sequence-not-replaceable';
  if (outputs.some(({ valueSat, script }) => valueSat < dustLimitSat(script))) return 'output-below-dust';
  const { initiator, other, previous, funding } = shared;
  const capacitySat = (previous?.valueSat ?? 0) + initiator.contributionSat + other.contributionSat;
  if (funding.valueSat !== capacitySat) return 'funding-of-wrong-value';
  for (const role of ['initiator', 'other'] as const) {
    const paidSat = paidByPartSat(shared[role]);
    if (paidSat < 0) return 'outputs-over-inputs';
    if (paidSat < partFeeSat(shared, role)) return 'feerate-not-met';
  }
  const weight = partWeight(shared, 'initiator') + partWeight(shared, 'other');
  return weight > MAX_STANDARD_TX_WEIGHT ? 'too-heavy' : null;
}

/** Whether an end sends its `tx_signatures` first: it put in less; the whole previous funding counts as the initiator's. */
export function signsFirst(shared: SharedTransaction, role: 'initiator' | 'other', hasLowerNodeId: boolean): boolean {
  const sum = (inputs: readonly SharedInput[]): number => inputs.reduce((total, { valueSat }) => total + valueSat, 0);
  const initiatorSat = sum(shared.initiator.inputs) + (shared.previous?.valueSat ?? 0);
  const otherSat = sum(shared.other.inputs);
  const difference = role === 'initiator' ? initiatorSat - otherSat : otherSat - initiatorSat;
  return difference < 0 || (difference === 0 && hasLowerNodeId);
}

const inputsOf = ({ initiator, other, previous }: SharedTransaction): readonly SharedInput[] =>
  previous === null ? [...initiator.inputs, ...other.inputs] : [previous, ...initiator.inputs, ...other.inputs];

const outputsOf = ({ initiator, other, funding }: SharedTransaction): readonly SharedOutput[] => [
  funding,
  ...initiator.outputs,
  ...other.outputs,
];

/** 4 × (value 8 + length 1 + script) */
const outputWeight = (script: Uint8Array): number => 4 * (9 + script.length);
