import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../src/base/assert.ts';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { opcodeByName, opcodeName } from '../../src/chain/opcodes.ts';
import {
  bareMultisig,
  compileScript,
  disassemble,
  DUST_LIMIT_SAT,
  dustLimitSat,
  isPushOnly,
  minimalPush,
  nullData,
  OP,
  outputType,
  p2pkh,
  p2sh,
  p2wpkh,
  p2wsh,
  parseScript,
  pushOf,
  scriptNumber,
  witnessProgram,
} from '../../src/chain/script.ts';
import { isTrue, readScriptNumber } from '../../src/chain/scriptStack.ts';
import { countSigops } from '../../src/chain/sigops.ts';

const key = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');

describe('numbers', () => {
  test.each([
    [0, ''],
    [1, '01'],
    [-1, '81'],
    [127, '7f'],
    [128, '8000'],
    [-128, '8080'],
    [255, 'ff00'],
    [256, '0001'],
    [-32768, '008080'],
    [144, '9000'],
    [0x400001, '010040'],
    [2 ** 31, '0000008000'],
  ])('%i is written %j', (value, hex) => {
    expect(toHex(scriptNumber(value))).toBe(hex);
  });

  test('are read back, whatever their length, and are minimal', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = scriptNumber(value);
        expect(readScriptNumber(bytes, true, 8)).toBe(value === 0 ? 0 : value);
        expect(isTrue(bytes)).toBe(value !== 0);
        // one byte more than needed, the sign moved up
        const sign = (bytes.at(-1) ?? 0) & 0x80;
        const longer = Uint8Array.of(...bytes.subarray(0, -1), ...bytes.subarray(-1).map((top) => top & 0x7f), sign);
        expect(readScriptNumber(longer, false, 9)).toBe(value === 0 ? 0 : value);
        expect(readScriptNumber(longer, true, 9)).toBeNull();
      }),
    );
  });

  test('beyond four bytes are none for arithmetic, beyond their shortest form none under MINIMALDATA', () => {
    expect(readScriptNumber(fromHex('0000008000'), false)).toBeNull();
    expect(readScriptNumber(fromHex('0100'), false)).toBe(1);
    expect(readScriptNumber(fromHex('0100'), true)).toBeNull();
    expect(readScriptNumber(fromHex('80'), false)).toBe(0);
    expect(readScriptNumber(fromHex('80'), true)).toBeNull();
    expect(() => scriptNumber(2 ** 53)).toThrow(InvariantError);
    expect([fromHex('80'), fromHex('000080'), fromHex('')].some(isTrue)).toBe(false);
    expect([fromHex('8000'), fromHex('01')].every(isTrue)).toBe(true);
  });
});

describe('pushes', () => {
  test('take the shortest form at every edge', () => {
    const head = (length: number): string => toHex(minimalPush(new Uint8Array(length).fill(7)).slice(0, -length));
    expect(head(2)).toBe('02');
    expect(head(75)).toBe('4b');
    expect(head(76)).toBe('4c4c');
    expect(head(255)).toBe('4cff');
    expect(head(256)).toBe('4d0001');
    expect(head(65535)).toBe('4dffff');
    expect(head(65536)).toBe('4e00000100');
    expect(
      toHex(compileScript(new Uint8Array(0), Uint8Array.of(5), Uint8Array.of(0x81), Uint8Array.of(17), { num: 16 })),
    ).toBe('00554f011160');
    expect(toHex(pushOf(Uint8Array.of(5)))).toBe('0105');
  });

  test('what is compiled is parsed into the same steps', () => {
    const data = fc.uint8Array({ maxLength: 300 });
    const opcode = fc.constantFrom(OP.OP_DUP, OP.OP_IF, OP.OP_CHECKSIG, OP.OP_1, OP.OP_RETURN);
    fc.assert(
      fc.property(fc.array(fc.oneof(data, opcode)), (parts) => {
        const steps = parseScript(compileScript(...parts))!;
        expect(steps).toHaveLength(parts.length);
        for (const [i, part] of parts.entries()) {
          if (typeof part === 'number') expect(steps[i]!.opcode).toBe(part);
          else if (steps[i]!.data !== null) expect(toHex(steps[i]!.data)).toBe(toHex(part));
          else expect(part).toHaveLength(1);
        }
      }),
    );
  });

  test('a script that ends inside a push has no steps, and says so to people', () => {
    for (const hex of ['05aabb', '4c', '4d01', '4e000000', '4c05aa']) {
      expect(parseScript(fromHex(hex)), hex).toBeNull();
      expect(disassemble(fromHex(hex)), hex).toBe('[truncated push]');
      expect(isPushOnly(fromHex(hex))).toBe(false);
    }
    expect(disassemble(p2pkh(key))).toBe(
      'OP_DUP OP_HASH160 751e76e8199196d454941c45d1b3a323f1433bd6 OP_EQUALVERIFY OP_CHECKSIG',
    );
    expect(disassemble(compileScript(OP.OP_0, 0xba))).toBe('OP_0 OP_UNKNOWN_ba');
  });

  test('an opcode is a byte', () => {
    expect(() => compileScript(256)).toThrow(InvariantError);
    for (const [name, code] of Object.entries(OP)) expect(opcodeByName(opcodeName(code)), name).toBe(code);
    expect(opcodeByName('CHECKSIG')).toBe(OP.OP_CHECKSIG);
    expect(opcodeByName('toString')).toBeNull();
  });
});

describe('outputs', () => {
  // BIP 173's and BIP 84's example key is the generator point
  test('the scripts of the generator point are the well-known ones', () => {
    expect(toHex(p2wpkh(key))).toBe('0014751e76e8199196d454941c45d1b3a323f1433bd6');
    expect(toHex(p2wsh(compileScript(key, OP.OP_CHECKSIG)))).toBe(
      '00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262',
    );
  });

  // prettier-ignore
  test.each<[type: string, script: Uint8Array, dustSat: number]>([
    ['p2pkh',           p2pkh(key),                                                         DUST_LIMIT_SAT.p2pkh],
    ['p2sh',            p2sh(key),                                                          DUST_LIMIT_SAT.p2sh],
    ['p2wpkh',          p2wpkh(key),                                                        DUST_LIMIT_SAT.p2wpkh],
    ['p2wsh',           p2wsh(key),                                                         DUST_LIMIT_SAT.p2wsh],
    ['p2tr',            compileScript(OP.OP_1, key.subarray(1)),                            330],
    ['p2a',             compileScript(OP.OP_1, fromHex('4e73')),                            240],
    ['witness_unknown', compileScript(OP.OP_16, new Uint8Array(40)),                        DUST_LIMIT_SAT.unknownSegwit],
    ['p2pk',            compileScript(key, OP.OP_CHECKSIG),                                 576],
    ['multisig',        compileScript(OP.OP_1, key, key, OP.OP_2, OP.OP_CHECKMULTISIG),     684],
    ['nulldata',        nullData(key),                                                      0],
    ['nulldata',        compileScript(OP.OP_RETURN),                                        0],
    ['nonstandard',     compileScript(OP.OP_0, new Uint8Array(21)),                         297],
    ['nonstandard',     compileScript(OP.OP_1),                                             474],
    ['nonstandard',     new Uint8Array(0),                                                  471],
    ['nonstandard',     compileScript(OP.OP_RETURN, OP.OP_DUP),                             0],
    ['nonstandard',     compileScript(OP.OP_3, key, key, OP.OP_2, OP.OP_CHECKMULTISIG),     684],
  ])('%s', (type, script, dustSat) => {
    expect(outputType(script)).toBe(type);
    expect(dustLimitSat(script)).toBe(dustSat);
  });

  test('BOLT 3 lists the same dust limits', () => {
    expect(DUST_LIMIT_SAT).toEqual({ p2pkh: 546, p2sh: 540, p2wpkh: 294, p2wsh: 330, unknownSegwit: 354 });
  });

  test('a witness program is version and 2 to 40 bytes, pushed in one byte', () => {
    expect(witnessProgram(p2wpkh(key))).toMatchObject({ version: 0, program: { length: 20 } });
    expect(witnessProgram(compileScript(OP.OP_16, new Uint8Array(2)))).toMatchObject({ version: 16 });
    for (const hex of ['', '00', '0001ff', '51', `0029${'00'.repeat(41)}`, '4f020000', '000300000000']) {
      expect(witnessProgram(fromHex(hex)), hex).toBeNull();
    }
  });

  test('signature operations are counted as written: 20 for a multisignature unless its keys are counted', () => {
    const multisig = compileScript(OP.OP_1, key, key, OP.OP_2, OP.OP_CHECKMULTISIG);
    expect([countSigops(multisig, false), countSigops(multisig, true)]).toEqual([20, 2]);
    expect(countSigops(p2pkh(key), false)).toBe(1);
    expect(bareMultisig(multisig)).toMatchObject({ required: 1, keys: { length: 2 } });
  });
});
