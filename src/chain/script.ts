/** Bitcoin scripts: putting them together, taking them apart, and the output types that policy knows (BIPs 16, 141). */
import { assert } from '../base/assert.ts';
import { concatBytes, toHex } from '../base/bytes.ts';
import { type Sat, sat } from '../base/units.ts';
import { hash160, sha256 } from '../crypto/hashes.ts';
import { compactSizeLength } from './compactSize.ts';
import { OP, opcodeName } from './opcodes.ts';

export { OP } from './opcodes.ts';

/** An opcode, data to be pushed, or a number to be pushed. */
export type ScriptPart = number | Uint8Array | { readonly num: number };

/** A script of opcodes and minimal pushes. @throws InvariantError on an opcode outside 0 … 255 */
export function compileScript(...parts: readonly ScriptPart[]): Uint8Array {
  return concatBytes(
    ...parts.map((part) => {
      if (part instanceof Uint8Array) return minimalPush(part);
      if (typeof part === 'object') return minimalPush(scriptNumber(part.num));
      assert(Number.isInteger(part) && part >= 0 && part <= 0xff, `an opcode is a byte, not ${part}`);
      return Uint8Array.of(part);
    }),
  );
}

/** The shortest way to put those bytes on the stack (BIP 62 rule 3). @param data at most 2^32 − 1 bytes */
export function minimalPush(data: Uint8Array): Uint8Array {
  const opcode = minimalPushOpcode(data);
  return opcode === OP.OP_0 || opcode > OP.OP_PUSHDATA4 ? Uint8Array.of(opcode) : pushOf(data);
}

/** The opcode with which the shortest push of those bytes begins. */
export function minimalPushOpcode(data: Uint8Array): number {
  const length = data.length;
  if (length === 1 && data[0]! >= 1 && data[0]! <= 16) return OP.OP_1 - 1 + data[0]!;
  if (length === 1 && data[0] === 0x81) return OP.OP_1NEGATE;
  if (length < OP.OP_PUSHDATA1) return length;
  return length <= 0xff ? OP.OP_PUSHDATA1 : length <= 0xffff ? OP.OP_PUSHDATA2 : OP.OP_PUSHDATA4;
}

/** A push by length alone: what serialising a byte string into a script gives, OP_1 … OP_16 never used. */
export function pushOf(data: Uint8Array): Uint8Array {
  const length = data.length;
  if (length < OP.OP_PUSHDATA1) return concatBytes(Uint8Array.of(length), data);
  if (length <= 0xff) return concatBytes(Uint8Array.of(OP.OP_PUSHDATA1, length), data);
  if (length <= 0xffff) return concatBytes(Uint8Array.of(OP.OP_PUSHDATA2, length & 0xff, length >>> 8), data);
  const head = new Uint8Array(5);
  head[0] = OP.OP_PUSHDATA4;
  new DataView(head.buffer).setUint32(1, length, true);
  return concatBytes(head, data);
}

/** A number as Script writes it: little-endian magnitude, sign in the top bit, zero is empty. @param value safe integer */
export function scriptNumber(value: number): Uint8Array {
  assert(Number.isSafeInteger(value), `a script number is a safe integer, not ${value}`);
  const bytes: number[] = [];
  for (let rest = Math.abs(value); rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  if (bytes.length === 0) return new Uint8Array(0);
  const sign = value < 0 ? 0x80 : 0;
  if ((bytes.at(-1)! & 0x80) !== 0) bytes.push(sign);
  else bytes[bytes.length - 1]! |= sign;
  return Uint8Array.from(bytes);
}

/** One step of a script: its opcode, and what it pushes if it is a push of bytes. */
export interface Instruction {
  readonly opcode: number;
  /** the pushed bytes (a view into the script) for opcodes up to OP_PUSHDATA4, else null */
  readonly data: Uint8Array | null;
  /** the offset of the byte after it */
  readonly end: number;
}

/** The instruction that begins at `at`, or null if the script ends inside it. */
export function instructionAt(script: Uint8Array, at: number): Instruction | null {
  const opcode = script[at]!;
  if (opcode > OP.OP_PUSHDATA4) return { opcode, data: null, end: at + 1 };
  let start = at + 1;
  let length = opcode;
  if (opcode >= OP.OP_PUSHDATA1) {
    const lengthBytes = 1 << (opcode - OP.OP_PUSHDATA1);
    if (start + lengthBytes > script.length) return null;
    length = 0;
    for (let i = lengthBytes - 1; i >= 0; i--) length = length * 256 + script[start + i]!;
    start += lengthBytes;
  }
  if (start + length > script.length) return null;
  return { opcode, data: script.subarray(start, start + length), end: start + length };
}

/** All instructions of a script, or null if it ends inside a push. */
export function parseScript(script: Uint8Array): Instruction[] | null {
  const instructions: Instruction[] = [];
  for (let at = 0; at < script.length;) {
    const instruction = instructionAt(script, at);
    if (instruction === null) return null;
    instructions.push(instruction);
    at = instruction.end;
  }
  return instructions;
}

/** A script for people: opcode names and pushed bytes in hexadecimal; what cannot be read is marked at the end. */
export function disassemble(script: Uint8Array): string {
  const words: string[] = [];
  for (let at = 0; at < script.length;) {
    const instruction = instructionAt(script, at);
    if (instruction === null) {
      words.push('[truncated push]');
      break;
    }
    const { opcode, data } = instruction;
    words.push(data === null || data.length === 0 ? opcodeName(data === null ? opcode : OP.OP_0) : toHex(data));
    at = instruction.end;
  }
  return words.join(' ');
}

/** Whether a script only pushes (BIP 16 asks it of a P2SH spend); OP_RESERVED counts as a push, as in Bitcoin Core. */
export function isPushOnly(script: Uint8Array): boolean {
  return parseScript(script)?.every((instruction) => instruction.opcode <= OP.OP_16) ?? false;
}

/** OP_0 and the SHA-256 of the witness script (BIP 141): 34 bytes. */
export const p2wsh = (witnessScript: Uint8Array): Uint8Array => compileScript(OP.OP_0, sha256(witnessScript));

/** OP_0 and the HASH160 of a compressed public key (BIP 141): 22 bytes. */
export const p2wpkh = (publicKey: Uint8Array): Uint8Array => compileScript(OP.OP_0, hash160(publicKey));

/** 25 bytes. */
export const p2pkh = (publicKey: Uint8Array): Uint8Array => p2pkhOfHash(hash160(publicKey));

/** The P2PKH script of a key's HASH160; also what BIP 143 signs when P2WPKH is spent. */
export const p2pkhOfHash = (keyHash: Uint8Array): Uint8Array =>
  compileScript(OP.OP_DUP, OP.OP_HASH160, keyHash, OP.OP_EQUALVERIFY, OP.OP_CHECKSIG);

/** BIP 16: 23 bytes. */
export const p2sh = (redeemScript: Uint8Array): Uint8Array =>
  compileScript(OP.OP_HASH160, hash160(redeemScript), OP.OP_EQUAL);

/** An output that nobody can spend, carrying data. */
export const nullData = (data: Uint8Array): Uint8Array => compileScript(OP.OP_RETURN, data);

/** A witness program (BIP 141): version 0 … 16 and 2 … 40 bytes; null if the script is none. */
export function witnessProgram(script: Uint8Array): { version: number; program: Uint8Array } | null {
  const first = script[0];
  if (first === undefined || script.length < 4 || script.length > 42 || script[1] !== script.length - 2) return null;
  if (first !== OP.OP_0 && (first < OP.OP_1 || first > OP.OP_16)) return null;
  return { version: first === OP.OP_0 ? 0 : first - OP.OP_1 + 1, program: script.subarray(2) };
}

/** HASH160, 20 bytes, EQUAL, to the byte (BIP 16). */
export const isP2sh = (script: Uint8Array): boolean =>
  script.length === 23 && script[0] === OP.OP_HASH160 && script[1] === 20 && script[22] === OP.OP_EQUAL;

/** Bitcoin Core's output types (`script/solver.h`), under their short names. */
export type OutputType =
  | 'p2pk'
  | 'p2pkh'
  | 'p2sh'
  | 'p2wpkh'
  | 'p2wsh'
  | 'p2tr'
  | 'p2a'
  | 'witness_unknown'
  | 'multisig'
  | 'nulldata'
  | 'nonstandard';

/** What kind of output a script makes. */
export function outputType(script: Uint8Array): OutputType {
  if (isP2sh(script)) return 'p2sh';
  const witness = witnessProgram(script);
  if (witness !== null) return witnessType(witness.version, witness.program);
  if (script[0] === OP.OP_RETURN) return isPushOnly(script.subarray(1)) ? 'nulldata' : 'nonstandard';
  if (isP2pkh(script)) return 'p2pkh';
  if (isP2pk(script)) return 'p2pk';
  return bareMultisig(script) === null ? 'nonstandard' : 'multisig';
}

function witnessType(version: number, program: Uint8Array): OutputType {
  if (version === 0) return program.length === 20 ? 'p2wpkh' : program.length === 32 ? 'p2wsh' : 'nonstandard';
  if (version === 1 && program.length === 32) return 'p2tr';
  if (version === 1 && program.length === 2 && program[0] === 0x4e && program[1] === 0x73) return 'p2a';
  return 'witness_unknown';
}

const isP2pkh = (script: Uint8Array): boolean =>
  script.length === 25 &&
  script[0] === OP.OP_DUP &&
  script[1] === OP.OP_HASH160 &&
  script[2] === 20 &&
  script[23] === OP.OP_EQUALVERIFY &&
  script[24] === OP.OP_CHECKSIG;

const isP2pk = (script: Uint8Array): boolean =>
  (script.length === 35 || script.length === 67) &&
  script[0] === script.length - 2 &&
  looksLikePublicKey(script.subarray(1, -1)) &&
  script.at(-1) === OP.OP_CHECKSIG;

/** The length that the first byte promises; whether the point is on the curve is not asked. */
function looksLikePublicKey(bytes: Uint8Array): boolean {
  const head = bytes[0];
  return bytes.length === 33
    ? head === 2 || head === 3
    : bytes.length === 65 && (head === 4 || head === 6 || head === 7);
}

/** How many signatures of how many keys a bare multisignature script asks for (at most 20 keys); null if it is none. */
export function bareMultisig(script: Uint8Array): { required: number; keys: Uint8Array[] } | null {
  if (script.at(-1) !== OP.OP_CHECKMULTISIG) return null;
  const parts = parseScript(script);
  if (parts === null || parts.length < 4) return null;
  const required = smallNumber(parts[0]!);
  const total = smallNumber(parts.at(-2)!);
  const keys = parts.slice(1, -2).map((part) => part.data);
  if (required === null || total === null || total !== keys.length || required < 1 || required > total) return null;
  if (total > 20 || !keys.every((key) => key !== null && looksLikePublicKey(key))) return null;
  return { required, keys: keys as Uint8Array[] };
}

/** 1 … 16 by opcode, 17 … 20 by a minimal push. */
function smallNumber({ opcode, data }: Instruction): number | null {
  if (opcode >= OP.OP_1 && opcode <= OP.OP_16) return opcode - OP.OP_1 + 1;
  return opcode === 1 && data !== null && data[0]! > 16 && data[0]! <= 20 ? data[0]! : null;
}

/** Sat per 1,000 virtual bytes at which spending an output is reckoned (Bitcoin Core `DUST_RELAY_TX_FEE`). */
export const DUST_RELAY_SAT_PER_KVB = 3000;

/**
 * The least value, in sat, that policy lets an output of that script have: what creating and spending it would cost at
 * the dust relay rate (Bitcoin Core `GetDustThreshold`; BOLT 3, "Dust Limits"). Unspendable data may be worth nothing.
 */
export function dustLimitSat(script: Uint8Array): Sat {
  if (script[0] === OP.OP_RETURN) return sat(0);
  const outputBytes = 8 + compactSizeLength(script.length) + script.length;
  // outpoint, empty script or a signature and a key, sequence; witness bytes count a quarter
  const spendBytes = witnessProgram(script) === null ? 32 + 4 + 1 + 107 + 4 : 32 + 4 + 1 + Math.floor(107 / 4) + 4;
  return sat(((outputBytes + spendBytes) * DUST_RELAY_SAT_PER_KVB) / 1000);
}

/** Dust limits by output type, in sat (BOLT 3, "Dust Limits"): what `dustLimitSat` computes for scripts of those types. */
export const DUST_LIMIT_SAT = {
  p2pkh: sat(546),
  p2sh: sat(540),
  p2wpkh: sat(294),
  p2wsh: sat(330),
  /** the longest witness program of a version to come */
  unknownSegwit: sat(354),
} as const;
