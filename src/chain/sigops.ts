/** Signature operations: what blocks are limited in besides weight (BIP 141, "Sigops"). */
import { OP } from './opcodes.ts';
import { instructionAt, isP2sh, isPushOnly, parseScript, witnessProgram } from './script.ts';
import { isCoinbase, type Transaction, type TxOutput } from './transaction.ts';

/** An operation outside a witness counts this often. */
export const WITNESS_SCALE_FACTOR = 4;
/** A multisignature whose number of keys is not written before it counts as this many. */
const MULTISIG_SIGOPS = 20;

/**
 * The operations written in a script, executed or not.
 * @param accurate read the number of keys before a multisignature (P2SH and witness scripts) instead of assuming 20
 */
export function countSigops(script: Uint8Array, accurate: boolean): number {
  let count = 0;
  let previous = -1;
  for (let at = 0; at < script.length;) {
    const instruction = instructionAt(script, at);
    if (instruction === null) break;
    const { opcode } = instruction;
    if (opcode === OP.OP_CHECKSIG || opcode === OP.OP_CHECKSIGVERIFY) count++;
    if (opcode === OP.OP_CHECKMULTISIG || opcode === OP.OP_CHECKMULTISIGVERIFY) {
      const known = accurate && previous >= OP.OP_1 && previous <= OP.OP_16;
      count += known ? previous - OP.OP_1 + 1 : MULTISIG_SIGOPS;
    }
    previous = opcode;
    at = instruction.end;
  }
  return count;
}

/** The operations in a transaction's own scripts, without those it spends and without witnesses. */
export function legacySigops(tx: Transaction): number {
  let count = 0;
  for (const { scriptSig } of tx.inputs) count += countSigops(scriptSig, false);
  for (const { script } of tx.outputs) count += countSigops(script, false);
  return count;
}

/** A transaction's cost (BIP 141): four for an operation outside a witness, one for one inside. */
export function sigopCost(tx: Transaction, spent: readonly TxOutput[]): number {
  let cost = legacySigops(tx) * WITNESS_SCALE_FACTOR;
  if (isCoinbase(tx)) return cost;
  for (const [index, { script }] of spent.entries()) {
    const { scriptSig, witness } = tx.inputs[index]!;
    const redeemScript = isP2sh(script) ? lastPush(scriptSig) : null;
    if (redeemScript !== null) cost += countSigops(redeemScript, true) * WITNESS_SCALE_FACTOR;
    const program = witnessProgram(redeemScript ?? script);
    if (program !== null && program.version === 0) cost += witnessSigops(program.program, witness);
  }
  return cost;
}

function witnessSigops(program: Uint8Array, witness: readonly Uint8Array[]): number {
  if (program.length === 20) return 1;
  const witnessScript = witness.at(-1);
  return program.length === 32 && witnessScript !== undefined ? countSigops(witnessScript, true) : 0;
}

/** The redeem script of a P2SH spend: what the scriptSig pushes last; null if it does not only push. */
function lastPush(scriptSig: Uint8Array): Uint8Array | null {
  if (!isPushOnly(scriptSig)) return null;
  return parseScript(scriptSig)?.at(-1)?.data ?? new Uint8Array(0);
}
