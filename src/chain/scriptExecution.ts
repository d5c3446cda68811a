/** Runs one script over a stack: Bitcoin's Script as consensus has it for scripts of the base and witness-0 versions. */
import { equalBytes } from '../base/bytes.ts';
import { OP } from './opcodes.ts';
import { type Instruction, instructionAt, minimalPushOpcode, scriptNumber } from './script.ts';
import type { ScriptError } from './scriptError.ts';
import { VERIFY } from './scriptFlags.ts';
import { isTrue, readScriptNumber } from './scriptStack.ts';
import {
  checkSignature,
  encodingError,
  type SignatureVersion,
  type SigningContext,
  withoutSignature,
} from './signatureCheck.ts';
import { BINARY_NUMBERS, bool, STACK_OPERATIONS, UNARY_NUMBERS } from './stackOperations.ts';
import { checkLockTime, checkSequence, isSequenceLockDisabled } from './timelocks.ts';

/** Bytes. */
export const MAX_SCRIPT_BYTES = 10_000;
/** Bytes of one item on the stack. */
export const MAX_ITEM_BYTES = 520;
/** Opcodes above OP_16 in a script, and keys of multisignatures. */
export const MAX_OPERATIONS = 201;
/** Items on both stacks together. */
export const MAX_STACK_ITEMS = 1000;
/** Keys of one multisignature. */
export const MAX_MULTISIG_KEYS = 20;

/** Operands of the time-lock opcodes hold 32 bits and a sign. */
const LOCK_NUMBER_BYTES = 5;

/** Taken out of Script in 2010: they fail even where they are not executed. */
// prettier-ignore
const DISABLED: ReadonlySet<number> = new Set<number>([
  OP.OP_CAT, OP.OP_SUBSTR, OP.OP_LEFT, OP.OP_RIGHT, OP.OP_INVERT, OP.OP_AND, OP.OP_OR, OP.OP_XOR,
  OP.OP_2MUL, OP.OP_2DIV, OP.OP_MUL, OP.OP_DIV, OP.OP_MOD, OP.OP_LSHIFT, OP.OP_RSHIFT,
]);

/** Runs `script` over `stack`, which it changes. @returns why it failed, or null */
export function executeScript(
  stack: Uint8Array[],
  script: Uint8Array,
  context: SigningContext,
  version: SignatureVersion,
): ScriptError | null {
  return new Execution(stack, script, context, version).run();
}

class Execution {
  readonly #stack: Uint8Array[];
  readonly #script: Uint8Array;
  readonly #context: SigningContext;
  readonly #flags: number;
  readonly #version: SignatureVersion;
  readonly #altStack: Uint8Array[] = [];
  /** one for each open OP_IF: whether its branch is taken */
  readonly #branches: boolean[] = [];
  /** how many of the branches are not taken */
  #skipped = 0;
  #operations = 0;
  /** where the script code begins: behind the last executed OP_CODESEPARATOR */
  #codeStart = 0;

  constructor(stack: Uint8Array[], script: Uint8Array, context: SigningContext, version: SignatureVersion) {
    this.#stack = stack;
    this.#script = script;
    this.#context = context;
    this.#flags = context.flags;
    this.#version = version;
  }

  run(): ScriptError | null {
    const script = this.#script;
    if (script.length > MAX_SCRIPT_BYTES) return 'SCRIPT_SIZE';
    for (let at = 0; at < script.length;) {
      const instruction = instructionAt(script, at);
      if (instruction === null) return 'BAD_OPCODE';
      at = instruction.end;
      const error = this.#step(instruction);
      if (error !== null) return error;
      if (this.#stack.length + this.#altStack.length > MAX_STACK_ITEMS) return 'STACK_SIZE';
    }
    return this.#branches.length > 0 ? 'UNBALANCED_CONDITIONAL' : null;
  }

  #step(instruction: Instruction): ScriptError | null {
    const { opcode, data } = instruction;
    if (data !== null && data.length > MAX_ITEM_BYTES) return 'PUSH_SIZE';
    if (opcode > OP.OP_16 && ++this.#operations > MAX_OPERATIONS) return 'OP_COUNT';
    if (DISABLED.has(opcode)) return 'DISABLED_OPCODE';
    if (opcode === OP.OP_CODESEPARATOR && this.#version === 'base' && this.#asks(VERIFY.CONST_SCRIPTCODE)) {
      return 'OP_CODESEPARATOR';
    }
    const executing = this.#skipped === 0;
    if (opcode >= OP.OP_IF && opcode <= OP.OP_ENDIF) return this.#conditional(opcode, executing);
    if (!executing) return null;
    if (data !== null) return this.#push(opcode, data);
    if (opcode === OP.OP_1NEGATE || (opcode >= OP.OP_1 && opcode <= OP.OP_16)) {
      this.#stack.push(scriptNumber(opcode - OP.OP_1 + 1));
      return null;
    }
    return this.#execute(instruction);
  }

  #push(opcode: number, data: Uint8Array): ScriptError | null {
    if (this.#asks(VERIFY.MINIMALDATA) && opcode !== minimalPushOpcode(data)) return 'MINIMALDATA';
    this.#stack.push(data);
    return null;
  }

  #conditional(opcode: number, executing: boolean): ScriptError | null {
    const branches = this.#branches;
    switch (opcode) {
      case OP.OP_IF:
      case OP.OP_NOTIF: {
        let taken = false;
        if (executing) {
          const condition = this.#stack.at(-1);
          if (condition === undefined) return 'UNBALANCED_CONDITIONAL';
          if (this.#version === 'witness_v0' && this.#asks(VERIFY.MINIMALIF)) {
            if (condition.length > 1 || (condition.length === 1 && condition[0] !== 1)) return 'MINIMALIF';
          }
          this.#stack.pop();
          taken = isTrue(condition) === (opcode === OP.OP_IF);
        }
        branches.push(taken);
        if (!taken) this.#skipped++;
        return null;
      }
      case OP.OP_ELSE: {
        const taken = branches.at(-1);
        if (taken === undefined) return 'UNBALANCED_CONDITIONAL';
        branches[branches.length - 1] = !taken;
        this.#skipped += taken ? 1 : -1;
        return null;
      }
      case OP.OP_ENDIF: {
        const taken = branches.pop();
        if (taken === undefined) return 'UNBALANCED_CONDITIONAL';
        if (!taken) this.#skipped--;
        return null;
      }
      default:
        return 'BAD_OPCODE'; // OP_VERIF and OP_VERNOTIF, executed or not
    }
  }

  #execute({ opcode, end }: Instruction): ScriptError | null {
    const stack = this.#stack;
    const operation = STACK_OPERATIONS.get(opcode);
    if (operation !== undefined) {
      if (stack.length < operation.depth) return 'INVALID_STACK_OPERATION';
      operation.run(stack);
      return null;
    }
    const unary = UNARY_NUMBERS.get(opcode);
    if (unary !== undefined) return this.#numbers(1, ([a]) => scriptNumber(unary(a!)));
    const binary = BINARY_NUMBERS.get(opcode);
    if (binary !== undefined) {
      const error = this.#numbers(2, ([a, b]) => scriptNumber(binary(a!, b!)));
      return error ?? (opcode === OP.OP_NUMEQUALVERIFY ? this.#verify('NUMEQUALVERIFY') : null);
    }
    switch (opcode) {
      case OP.OP_NOP:
        return null;
      case OP.OP_VERIFY:
        return this.#verify('VERIFY');
      case OP.OP_RETURN:
        return 'OP_RETURN';
      case OP.OP_TOALTSTACK:
        if (stack.length < 1) return 'INVALID_STACK_OPERATION';
        this.#altStack.push(stack.pop()!);
        return null;
      case OP.OP_FROMALTSTACK:
        if (this.#altStack.length < 1) return 'INVALID_ALTSTACK_OPERATION';
        stack.push(this.#altStack.pop()!);
        return null;
      case OP.OP_PICK:
      case OP.OP_ROLL:
        return this.#pickOrRoll(opcode);
      case OP.OP_EQUALVERIFY:
        if (stack.length < 2) return 'INVALID_STACK_OPERATION';
        stack.push(bool(equalBytes(stack.pop()!, stack.pop()!)));
        return this.#verify('EQUALVERIFY');
      case OP.OP_WITHIN:
        return this.#numbers(3, ([value, least, limit]) => bool(least! <= value! && value! < limit!));
      case OP.OP_CODESEPARATOR:
        this.#codeStart = end;
        return null;
      case OP.OP_CHECKSIG:
        return this.#checkSig();
      case OP.OP_CHECKSIGVERIFY:
        return this.#checkSig() ?? this.#verify('CHECKSIGVERIFY');
      case OP.OP_CHECKMULTISIG:
        return this.#checkMultisig();
      case OP.OP_CHECKMULTISIGVERIFY:
        return this.#checkMultisig() ?? this.#verify('CHECKMULTISIGVERIFY');
      case OP.OP_CHECKLOCKTIMEVERIFY:
        return this.#asks(VERIFY.CHECKLOCKTIMEVERIFY) ? this.#lockTime() : null;
      case OP.OP_CHECKSEQUENCEVERIFY:
        return this.#asks(VERIFY.CHECKSEQUENCEVERIFY) ? this.#sequence() : null;
      default:
        if (opcode !== OP.OP_NOP1 && (opcode < OP.OP_NOP4 || opcode > OP.OP_NOP10)) return 'BAD_OPCODE';
        return this.#asks(VERIFY.DISCOURAGE_UPGRADABLE_NOPS) ? 'DISCOURAGE_UPGRADABLE_NOPS' : null;
    }
  }

  #asks(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  #number(item: Uint8Array, longest?: number): number | null {
    return readScriptNumber(item, this.#asks(VERIFY.MINIMALDATA), longest);
  }

  /** Replaces the top `count` items, read as numbers, by what `compute` makes of them (deepest first). */
  #numbers(count: number, compute: (values: number[]) => Uint8Array): ScriptError | null {
    const stack = this.#stack;
    if (stack.length < count) return 'INVALID_STACK_OPERATION';
    const values: number[] = [];
    for (const item of stack.slice(-count)) {
      const value = this.#number(item);
      if (value === null) return 'UNKNOWN_ERROR';
      values.push(value);
    }
    stack.length -= count;
    stack.push(compute(values));
    return null;
  }

  /** Takes the top item, which must be true. */
  #verify(error: ScriptError): ScriptError | null {
    const item = this.#stack.at(-1);
    if (item === undefined) return 'INVALID_STACK_OPERATION';
    if (!isTrue(item)) return error;
    this.#stack.pop();
    return null;
  }

  #pickOrRoll(opcode: number): ScriptError | null {
    const stack = this.#stack;
    if (stack.length < 2) return 'INVALID_STACK_OPERATION';
    const down = this.#number(stack.pop()!);
    if (down === null) return 'UNKNOWN_ERROR';
    if (down < 0 || down >= stack.length) return 'INVALID_STACK_OPERATION';
    const at = stack.length - 1 - down;
    const item = stack[at]!;
    if (opcode === OP.OP_ROLL) stack.splice(at, 1);
    stack.push(item);
    return null;
  }

  /** BIP 65. The operand stays on the stack. */
  #lockTime(): ScriptError | null {
    const operand = this.#stack.at(-1);
    if (operand === undefined) return 'INVALID_STACK_OPERATION';
    const lockTime = this.#number(operand, LOCK_NUMBER_BYTES);
    if (lockTime === null) return 'UNKNOWN_ERROR';
    if (lockTime < 0) return 'NEGATIVE_LOCKTIME';
    return checkLockTime(this.#context.tx, this.#context.inputIndex, lockTime) ? null : 'UNSATISFIED_LOCKTIME';
  }

  /** BIP 112. The operand stays on the stack. */
  #sequence(): ScriptError | null {
    const operand = this.#stack.at(-1);
    if (operand === undefined) return 'INVALID_STACK_OPERATION';
    const lock = this.#number(operand, LOCK_NUMBER_BYTES);
    if (lock === null) return 'UNKNOWN_ERROR';
    if (lock < 0) return 'NEGATIVE_LOCKTIME';
    if (isSequenceLockDisabled(lock)) return null;
    return checkSequence(this.#context.tx, this.#context.inputIndex, lock) ? null : 'UNSATISFIED_LOCKTIME';
  }

  /** The script that signatures sign, the given ones deleted from it outside witnesses; or why that is not allowed. */
  #scriptCode(signatures: readonly Uint8Array[]): Uint8Array | ScriptError {
    let code = this.#script.subarray(this.#codeStart);
    if (this.#version !== 'base') return code;
    for (const signature of signatures) {
      const shorter = withoutSignature(code, signature);
      if (shorter !== code && this.#asks(VERIFY.CONST_SCRIPTCODE)) return 'SIG_FINDANDDELETE';
      code = shorter;
    }
    return code;
  }

  /** signature key → whether it signs */
  #checkSig(): ScriptError | null {
    const stack = this.#stack;
    if (stack.length < 2) return 'INVALID_STACK_OPERATION';
    const key = stack.pop()!;
    const signature = stack.pop()!;
    const code = this.#scriptCode([signature]);
    if (typeof code === 'string') return code;
    const error = encodingError(signature, key, this.#flags, this.#version);
    if (error !== null) return error;
    const valid = checkSignature(this.#context, this.#version, signature, key, code);
    if (!valid && signature.length > 0 && this.#asks(VERIFY.NULLFAIL)) return 'NULLFAIL';
    stack.push(bool(valid));
    return null;
  }

  /** dummy signature… m key… n → whether each signature belongs to a key, both in the same order */
  #checkMultisig(): ScriptError | null {
    const stack = this.#stack;
    if (stack.length < 1) return 'INVALID_STACK_OPERATION';
    const keyCount = this.#number(stack.at(-1)!);
    if (keyCount === null) return 'UNKNOWN_ERROR';
    if (keyCount < 0 || keyCount > MAX_MULTISIG_KEYS) return 'PUBKEY_COUNT';
    this.#operations += keyCount;
    if (this.#operations > MAX_OPERATIONS) return 'OP_COUNT';
    if (stack.length < 1 + keyCount + 1) return 'INVALID_STACK_OPERATION';
    const signatureCount = this.#number(stack.at(-1 - keyCount - 1)!);
    if (signatureCount === null) return 'UNKNOWN_ERROR';
    if (signatureCount < 0 || signatureCount > keyCount) return 'SIG_COUNT';
    const keysAt = stack.length - 1 - keyCount;
    const signaturesAt = keysAt - 1 - signatureCount;
    // the original took one item too many off the stack, and consensus still does
    const dummyAt = signaturesAt - 1;
    if (dummyAt < 0) return 'INVALID_STACK_OPERATION';
    const keys = stack.slice(keysAt, keysAt + keyCount);
    const signatures = stack.slice(signaturesAt, signaturesAt + signatureCount);

    const code = this.#scriptCode(signatures.toReversed());
    if (typeof code === 'string') return code;
    const matched = this.#matchSignatures(signatures, keys, code);
    if (typeof matched === 'string') return matched;
    if (!matched && this.#asks(VERIFY.NULLFAIL) && signatures.some(({ length }) => length > 0)) return 'NULLFAIL';
    if (this.#asks(VERIFY.NULLDUMMY) && stack[dummyAt]!.length > 0) return 'SIG_NULLDUMMY';
    stack.length = dummyAt;
    stack.push(bool(matched));
    return null;
  }

  /** From the last of each backwards: a key that does not fit is passed over, a signature never. */
  #matchSignatures(
    signatures: readonly Uint8Array[],
    keys: readonly Uint8Array[],
    code: Uint8Array,
  ): boolean | ScriptError {
    let left = signatures.length;
    for (let keysLeft = keys.length; left > 0; keysLeft--) {
      if (left > keysLeft) return false;
      const signature = signatures[left - 1]!;
      const key = keys[keysLeft - 1]!;
      const error = encodingError(signature, key, this.#flags, this.#version);
      if (error !== null) return error;
      if (checkSignature(this.#context, this.#version, signature, key, code)) left--;
    }
    return true;
  }
}
