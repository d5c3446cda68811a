import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import { compileScript, nullData, OP, p2pkh, p2sh, p2wpkh, p2wsh } from '../../src/chain/script.ts';
import { isDataScript, isShutdownScript, shutdownViolation } from '../../src/channel/shutdownScript.ts';

const KEY = new Uint8Array(33).fill(2);
const NONE = { anySegwit: false, simpleClose: false };
const ALL = { anySegwit: true, simpleClose: true };
const witness = (version: number, length: number): Uint8Array => compileScript(version, new Uint8Array(length));

describe('the script of a `shutdown`', () => {
  // prettier-ignore
  test.each([
    // what                         script                                       always any segwit simple close
    ['P2WPKH',                      p2wpkh(KEY),                                  true,  true,  true],
    ['P2WSH',                       p2wsh(KEY),                                   true,  true,  true],
    ['a v0 program of 21 bytes',    witness(OP.OP_0, 21),                         false, false, false],
    ['P2PKH',                       p2pkh(KEY),                                   false, false, false],
    ['P2SH',                        p2sh(KEY),                                    false, false, false],
    ['a v1 program of 2 bytes',     witness(OP.OP_1, 2),                          false, true,  false],
    ['a v16 program of 40 bytes',   witness(OP.OP_16, 40),                        false, true,  false],
    ['a v1 program of 1 byte',      witness(OP.OP_1, 1),                          false, false, false],
    ['a v1 program of 41 bytes',    witness(OP.OP_1, 41),                         false, false, false],
    ['data of 5 bytes',             nullData(new Uint8Array(5)),                  false, false, false],
    ['data of 6 bytes',             nullData(new Uint8Array(6)),                  false, false, true],
    ['data of 75 bytes',            nullData(new Uint8Array(75)),                 false, false, true],
    ['data of 76 bytes',            nullData(new Uint8Array(76)),                 false, false, true],
    ['data of 80 bytes',            nullData(new Uint8Array(80)),                 false, false, true],
    ['data of 81 bytes',            nullData(new Uint8Array(81)),                 false, false, false],
    ['data and more',               concatBytes(nullData(new Uint8Array(8)), Uint8Array.of(OP.OP_1)), false, false, false],
    ['75 bytes by OP_PUSHDATA1',    concatBytes(Uint8Array.of(OP.OP_RETURN, OP.OP_PUSHDATA1, 75), new Uint8Array(75)), false, false, false],
    ['OP_RETURN alone',             Uint8Array.of(OP.OP_RETURN),                  false, false, false],
    ['nothing',                     new Uint8Array(0),                            false, false, false],
  ])('may be %s or not', (_, script, always, anySegwit, simpleClose) => {
    expect(isShutdownScript(script, NONE)).toBe(always);
    expect(isShutdownScript(script, { anySegwit: true, simpleClose: false })).toBe(anySegwit);
    expect(isShutdownScript(script, { anySegwit: false, simpleClose: true })).toBe(simpleClose);
    expect(isDataScript(script)).toBe(simpleClose && !always);
  });

  test('is the one that was committed to', () => {
    expect(shutdownViolation(p2wpkh(KEY), new Uint8Array(0), NONE)).toBeNull();
    expect(shutdownViolation(p2wpkh(KEY), p2wpkh(KEY), NONE)).toBeNull();
    expect(shutdownViolation(p2wpkh(KEY), p2wsh(KEY), ALL)).toBe('not-the-upfront-script');
    expect(shutdownViolation(p2pkh(KEY), p2pkh(KEY), ALL)).toBe('invalid-shutdown-script');
  });
});
