/**
 * Whether an input may spend its output: Bitcoin's script verification for bare scripts, P2SH (BIP 16) and version-0
 * witnesses (BIP 141), native or inside P2SH. Taproot (BIP 341) is not checked: under consensus it is refused by name.
 */
import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { isP2sh, isPushOnly, p2pkhOfHash, pushOf, witnessProgram } from './script.ts';
import type { ScriptError } from './scriptError.ts';
import { executeScript, MAX_ITEM_BYTES } from './scriptExecution.ts';
import { STANDARD_FLAGS, VERIFY } from './scriptFlags.ts';
import { isTrue } from './scriptStack.ts';
import { plainVerifier, type SignatureVerifier, type SigningContext } from './signatureCheck.ts';
import type { Transaction, TxOutput } from './transaction.ts';

/**
 * Verifies one input against the output it spends.
 * @param flags the rules to enforce, a sum of `VERIFY`; by default all that a mempool asks
 * @param verifier the curve, or a cache before it
 * @returns null if the input may spend it, or why not, by Bitcoin Core's name
 */
export function verifyInput(
  tx: Transaction,
  inputIndex: number,
  spent: TxOutput,
  flags: number = STANDARD_FLAGS,
  verifier: SignatureVerifier = plainVerifier,
): ScriptError | null {
  const asks = (flag: number): boolean => (flags & flag) !== 0;
  assert(asks(VERIFY.P2SH) || !asks(VERIFY.WITNESS | VERIFY.CLEANSTACK), 'WITNESS and CLEANSTACK go with P2SH');
  assert(asks(VERIFY.WITNESS) || !asks(VERIFY.CLEANSTACK), 'CLEANSTACK goes with WITNESS');
  const input = tx.inputs[inputIndex];
  assert(input !== undefined, `input ${inputIndex} of ${tx.inputs.length}`);
  const { scriptSig, witness } = input;
  const context: SigningContext = { tx, inputIndex, valueSat: spent.valueSat, flags, verifier };
  let witnessUsed = false;

  if (asks(VERIFY.SIGPUSHONLY) && !isPushOnly(scriptSig)) return 'SIG_PUSHONLY';
  let stack: Uint8Array[] = [];
  let error = executeScript(stack, scriptSig, context, 'base');
  if (error !== null) return error;
  const pushed = [...stack];
  error = executeToTrue(stack, spent.script, context);
  if (error !== null) return error;

  const native = asks(VERIFY.WITNESS) ? witnessProgram(spent.script) : null;
  if (native !== null) {
    witnessUsed = true;
    if (scriptSig.length > 0) return 'WITNESS_MALLEATED';
    error = verifyWitnessProgram(native, witness, context, false);
    if (error !== null) return error;
    stack.length = 1;
  }

  if (asks(VERIFY.P2SH) && isP2sh(spent.script)) {
    if (!isPushOnly(scriptSig)) return 'SIG_PUSHONLY';
    // the hash matched, so the scriptSig pushed at least the redeem script
    stack = pushed;
    const redeemScript = stack.pop();
    assert(redeemScript !== undefined, 'a P2SH spend pushes its redeem script');
    error = executeToTrue(stack, redeemScript, context);
    if (error !== null) return error;
    const nested = asks(VERIFY.WITNESS) ? witnessProgram(redeemScript) : null;
    if (nested !== null) {
      witnessUsed = true;
      if (!equalBytes(scriptSig, pushOf(redeemScript))) return 'WITNESS_MALLEATED_P2SH';
      error = verifyWitnessProgram(nested, witness, context, true);
      if (error !== null) return error;
      stack.length = 1;
    }
  }

  if (asks(VERIFY.CLEANSTACK) && stack.length !== 1) return 'CLEANSTACK';
  if (asks(VERIFY.WITNESS) && !witnessUsed && witness.length > 0) return 'WITNESS_UNEXPECTED';
  return null;
}

/** Runs an output's or a redeem script, which must leave a true item on top. */
function executeToTrue(stack: Uint8Array[], script: Uint8Array, context: SigningContext): ScriptError | null {
  const error = executeScript(stack, script, context, 'base');
  if (error !== null) return error;
  const top = stack.at(-1);
  return top !== undefined && isTrue(top) ? null : 'EVAL_FALSE';
}

function verifyWitnessProgram(
  { version, program }: { version: number; program: Uint8Array },
  witness: readonly Uint8Array[],
  context: SigningContext,
  nested: boolean,
): ScriptError | null {
  if (version === 0) {
    if (program.length === 32) {
      const witnessScript = witness.at(-1);
      if (witnessScript === undefined) return 'WITNESS_PROGRAM_WITNESS_EMPTY';
      if (!equalBytes(sha256(witnessScript), program)) return 'WITNESS_PROGRAM_MISMATCH';
      return executeWitness(witness.slice(0, -1), witnessScript, context);
    }
    if (program.length !== 20) return 'WITNESS_PROGRAM_WRONG_LENGTH';
    if (witness.length !== 2) return 'WITNESS_PROGRAM_MISMATCH'; // a signature and a key
    return executeWitness([...witness], p2pkhOfHash(program), context);
  }
  if (version === 1 && program.length === 32 && !nested) {
    return (context.flags & VERIFY.TAPROOT) === 0 ? null : 'TAPROOT_UNSUPPORTED';
  }
  // pay to anchor: anybody may spend it, and policy does not mind
  if (version === 1 && program.length === 2 && program[0] === 0x4e && program[1] === 0x73 && !nested) return null;
  return (context.flags & VERIFY.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM) === 0
    ? null
    : 'DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM';
}

/** BIP 141: every item within the limit, and exactly one item left, which is true. */
function executeWitness(stack: Uint8Array[], script: Uint8Array, context: SigningContext): ScriptError | null {
  if (stack.some((item) => item.length > MAX_ITEM_BYTES)) return 'PUSH_SIZE';
  const error = executeScript(stack, script, context, 'witness_v0');
  if (error !== null) return error;
  if (stack.length !== 1) return 'CLEANSTACK';
  return isTrue(stack[0]!) ? null : 'EVAL_FALSE';
}
