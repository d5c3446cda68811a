/**
 * The opcodes that only touch the stack: a table from opcode to how deep the stack must be and what it does.
 * Comments draw the stack before and after, top to the right.
 */
import { equalBytes } from '../base/bytes.ts';
import { hash160, hash256, ripemd160, sha1, sha256 } from '../crypto/hashes.ts';
import { OP } from './opcodes.ts';
import { scriptNumber } from './script.ts';
import { FALSE, isTrue, TRUE } from './scriptStack.ts';

export interface StackOperation {
  /** how many items it needs */
  readonly depth: number;
  readonly run: (stack: Uint8Array[]) => void;
}

const top = (stack: Uint8Array[], down = 1): Uint8Array => stack[stack.length - down]!;

/** Replaces the top item. */
const replace = (change: (item: Uint8Array) => Uint8Array): StackOperation => ({
  depth: 1,
  run: (stack) => stack.push(change(stack.pop()!)),
});

/** Removes the item `down` below the top and returns it. */
const takeAt = (stack: Uint8Array[], down: number): Uint8Array => stack.splice(stack.length - down, 1)[0]!;

export const bool = (value: boolean): Uint8Array => (value ? TRUE : FALSE);

// prettier-ignore
export const STACK_OPERATIONS: ReadonlyMap<number, StackOperation> = new Map<number, StackOperation>([
  [OP.OP_2DROP,     { depth: 2, run: (s) => (s.length -= 2) }],                            // a b →
  [OP.OP_2DUP,      { depth: 2, run: (s) => s.push(top(s, 2), top(s)) }],                  // a b → a b a b
  [OP.OP_3DUP,      { depth: 3, run: (s) => s.push(top(s, 3), top(s, 2), top(s)) }],       // a b c → a b c a b c
  [OP.OP_2OVER,     { depth: 4, run: (s) => s.push(top(s, 4), top(s, 3)) }],               // a b c d → a b c d a b
  [OP.OP_2ROT,      { depth: 6, run: (s) => s.push(takeAt(s, 6), takeAt(s, 5)) }],         // a b c d e f → c d e f a b
  [OP.OP_2SWAP,     { depth: 4, run: (s) => s.push(takeAt(s, 4), takeAt(s, 3)) }],         // a b c d → c d a b
  [OP.OP_IFDUP,     { depth: 1, run: (s) => { if (isTrue(top(s))) s.push(top(s)); } }],
  [OP.OP_DEPTH,     { depth: 0, run: (s) => s.push(scriptNumber(s.length)) }],
  [OP.OP_DROP,      { depth: 1, run: (s) => s.pop() }],
  [OP.OP_DUP,       { depth: 1, run: (s) => s.push(top(s)) }],
  [OP.OP_NIP,       { depth: 2, run: (s) => takeAt(s, 2) }],                               // a b → b
  [OP.OP_OVER,      { depth: 2, run: (s) => s.push(top(s, 2)) }],                          // a b → a b a
  [OP.OP_ROT,       { depth: 3, run: (s) => s.push(takeAt(s, 3)) }],                       // a b c → b c a
  [OP.OP_SWAP,      { depth: 2, run: (s) => s.push(takeAt(s, 2)) }],                       // a b → b a
  [OP.OP_TUCK,      { depth: 2, run: (s) => s.splice(s.length - 2, 0, top(s)) }],          // a b → b a b
  [OP.OP_SIZE,      { depth: 1, run: (s) => s.push(scriptNumber(top(s).length)) }],
  [OP.OP_EQUAL,     { depth: 2, run: (s) => s.push(bool(equalBytes(s.pop()!, s.pop()!))) }],
  [OP.OP_RIPEMD160, replace(ripemd160)],
  [OP.OP_SHA1,      replace(sha1)],
  [OP.OP_SHA256,    replace(sha256)],
  [OP.OP_HASH160,   replace(hash160)],
  [OP.OP_HASH256,   replace(hash256)],
]);

/** Opcodes of one number. */
// prettier-ignore
export const UNARY_NUMBERS: ReadonlyMap<number, (a: number) => number> = new Map([
  [OP.OP_1ADD,      (a: number) => a + 1],
  [OP.OP_1SUB,      (a: number) => a - 1],
  [OP.OP_NEGATE,    (a: number) => -a],
  [OP.OP_ABS,       (a: number) => Math.abs(a)],
  [OP.OP_NOT,       (a: number) => (a === 0 ? 1 : 0)],
  [OP.OP_0NOTEQUAL, (a: number) => (a === 0 ? 0 : 1)],
] as [number, (a: number) => number][]);

/** Opcodes of two numbers: a below b on the stack. */
// prettier-ignore
export const BINARY_NUMBERS: ReadonlyMap<number, (a: number, b: number) => number> = new Map([
  [OP.OP_ADD,                (a: number, b: number) => a + b],
  [OP.OP_SUB,                (a: number, b: number) => a - b],
  [OP.OP_BOOLAND,            (a: number, b: number) => Number(a !== 0 && b !== 0)],
  [OP.OP_BOOLOR,             (a: number, b: number) => Number(a !== 0 || b !== 0)],
  [OP.OP_NUMEQUAL,           (a: number, b: number) => Number(a === b)],
  [OP.OP_NUMEQUALVERIFY,     (a: number, b: number) => Number(a === b)],
  [OP.OP_NUMNOTEQUAL,        (a: number, b: number) => Number(a !== b)],
  [OP.OP_LESSTHAN,           (a: number, b: number) => Number(a < b)],
  [OP.OP_GREATERTHAN,        (a: number, b: number) => Number(a > b)],
  [OP.OP_LESSTHANOREQUAL,    (a: number, b: number) => Number(a <= b)],
  [OP.OP_GREATERTHANOREQUAL, (a: number, b: number) => Number(a >= b)],
  [OP.OP_MIN,                (a: number, b: number) => Math.min(a, b)],
  [OP.OP_MAX,                (a: number, b: number) => Math.max(a, b)],
] as [number, (a: number, b: number) => number][]);
