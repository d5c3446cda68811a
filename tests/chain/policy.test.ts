/** Standardness and dust: each limit at its edge, with the value Bitcoin Core has for it. */
import { describe, expect, test } from 'vitest';
import { sat } from '../../src/base/units.ts';
import {
  checkStandard,
  checkStandardInputs,
  dustOutputs,
  feeAtRateSat,
  MAX_STANDARD_TX_WEIGHT,
  policyVsize,
} from '../../src/chain/policy.ts';
import {
  compileScript,
  dustLimitSat,
  nullData,
  OP,
  outputType,
  p2pkh,
  p2sh,
  p2wpkh,
  p2wsh,
} from '../../src/chain/script.ts';
import { type Transaction, type TxOutput, weightOf } from '../../src/chain/transaction.ts';
import { ANCHOR_SCRIPT } from './openCoins.ts';
import { keyOf, tag } from './wallet.ts';

const { publicKey } = keyOf('policy');
const nothing = new Uint8Array(0);
const program = (version: number, length: number): Uint8Array => compileScript(version, new Uint8Array(length).fill(7));
const out = (script: Uint8Array, valueSat = 100_000): TxOutput => ({ valueSat: sat(valueSat), script });
const txOf = (
  outputs: readonly TxOutput[],
  change: Partial<Transaction> = {},
  scriptSig: Uint8Array = nothing,
): Transaction => ({
  version: 2,
  inputs: [{ prevout: { txid: 'ab'.repeat(32) as never, vout: 0 }, scriptSig, sequence: 0, witness: [] }],
  outputs,
  lockTime: 0,
  ...change,
});
const multisig = (keys: number): Uint8Array =>
  compileScript(OP.OP_1, ...Array.from({ length: keys }, () => publicKey), OP.OP_1 + keys - 1, OP.OP_CHECKMULTISIG);

describe('dust', () => {
  // prettier-ignore
  const LIMITS: [type: string, script: Uint8Array, sat: number][] = [
    ['p2pkh',           p2pkh(publicKey),                                   546],
    ['p2sh',            p2sh(tag('redeem')),                                540],
    ['p2wpkh',          p2wpkh(publicKey),                                  294],
    ['p2wsh',           p2wsh(tag('script')),                               330],
    ['p2tr',            program(OP.OP_1, 32),                               330],
    ['p2a',             ANCHOR_SCRIPT,                                      240],
    ['witness_unknown', program(OP.OP_16, 40),                              354],
    ['p2pk',            compileScript(publicKey, OP.OP_CHECKSIG),           576],
    ['multisig',        multisig(3),                                        786],
    ['nulldata',        nullData(tag('data')),                              0],
  ];

  test.each(LIMITS)('%s: its limit is the least that is none', (type, script, limit) => {
    expect([outputType(script), dustLimitSat(script)]).toEqual([type, limit]);
    const values = limit === 0 ? [0] : [limit - 1, limit];
    expect(dustOutputs(txOf(values.map((value) => out(script, value))))).toEqual(limit === 0 ? [] : [0]);
  });

  test('one output may be dust, for another rule to look at; not two', () => {
    expect(checkStandard(txOf([out(ANCHOR_SCRIPT, 0), out(p2wpkh(publicKey))]))).toBeNull();
    expect(checkStandard(txOf([out(ANCHOR_SCRIPT, 0), out(p2wpkh(publicKey), 293)]))).toBe('dust');
  });
});

describe('standardness', () => {
  test('of versions, sizes and scriptSigs', () => {
    const fine = [out(p2wsh(tag('a')))];
    expect([0, 1, 2, 3, 4].map((version) => checkStandard(txOf(fine, { version })))).toEqual([
      'version',
      null,
      null,
      null,
      'version',
    ]);
    const sized = (data: number): Transaction => txOf([...fine, out(nullData(new Uint8Array(data)), 0)]);
    const room = (MAX_STANDARD_TX_WEIGHT - weightOf(sized(70_000))) / 4;
    expect(checkStandard(sized(70_000 + room))).toBeNull();
    expect(checkStandard(sized(70_000 + room + 1))).toBe('tx-size');
    expect(checkStandard(txOf(fine, {}, new Uint8Array(1650).fill(OP.OP_1)))).toBeNull();
    expect(checkStandard(txOf(fine, {}, new Uint8Array(1651).fill(OP.OP_1)))).toBe('scriptsig-size');
    expect(checkStandard(txOf(fine, {}, compileScript(OP.OP_NOP)))).toBe('scriptsig-not-pushonly');
    // 60 bytes around an output's script: at 64 in all it could pass for two hashes of a merkle tree
    expect(checkStandard(txOf([out(nullData(new Uint8Array(3)), 0)]))).toBeNull();
    expect(checkStandard(txOf([out(ANCHOR_SCRIPT)]))).toBe('tx-size-small');
  });

  test('of outputs', () => {
    const reason = (script: Uint8Array, value = 100_000) =>
      checkStandard(txOf([out(script, value), out(p2wpkh(publicKey))]));
    expect([1, 2, 3, 4].map((keys) => reason(multisig(keys)))).toEqual([null, null, null, 'scriptpubkey']);
    expect(reason(program(OP.OP_0, 21))).toBe('scriptpubkey');
    expect(reason(program(OP.OP_16, 40))).toBeNull();
    expect(reason(nothing)).toBe('scriptpubkey');
    expect(reason(compileScript(OP.OP_RETURN, OP.OP_DUP), 0)).toBe('scriptpubkey');
    const data = (...lengths: number[]) =>
      checkStandard(txOf(lengths.map((length) => out(nullData(new Uint8Array(length)), 0))));
    // as much as its weight allows, in as many outputs (Bitcoin Core from 30 on)
    expect(data(49_000, 50_000)).toBeNull();
  });

  test('of what is spent', () => {
    const spend = (script: Uint8Array, witness: Uint8Array[], scriptSig: Uint8Array = nothing) => {
      const tx = txOf([out(p2wpkh(publicKey))], {}, scriptSig);
      const inputs = [{ ...tx.inputs[0]!, witness }];
      return checkStandardInputs({ ...tx, inputs }, [{ ...out(script), height: 1, isCoinbase: false }]);
    };
    expect(spend(ANCHOR_SCRIPT, [])).toBeNull();
    expect(spend(ANCHOR_SCRIPT, [nothing])).toBe('bad-witness-nonstandard');
    expect(spend(program(OP.OP_16, 2), [])).toBe('bad-txns-nonstandard-inputs');
    const script = (length: number) => [new Uint8Array(length)];
    expect(spend(p2wsh(tag('a')), script(3600))).toBeNull();
    expect(spend(p2wsh(tag('a')), script(3601))).toBe('bad-witness-nonstandard');
    const items = (count: number, length: number) => [
      ...Array.from({ length: count }, () => new Uint8Array(length)),
      tag('a'),
    ];
    expect(spend(p2wsh(tag('a')), items(100, 80))).toBeNull();
    expect(spend(p2wsh(tag('a')), items(101, 80))).toBe('bad-witness-nonstandard');
    expect(spend(p2wsh(tag('a')), items(1, 81))).toBe('bad-witness-nonstandard');
    const sigops = (count: number) => compileScript(...Array.from({ length: count }, () => OP.OP_CHECKSIG));
    expect(spend(p2sh(sigops(15)), [], compileScript(sigops(15)))).toBeNull();
    expect(spend(p2sh(sigops(16)), [], compileScript(sigops(16)))).toBe('bad-txns-nonstandard-inputs');
    expect(spend(p2pkh(publicKey), [nothing])).toBe('bad-witness-nonstandard');
  });
});

test('a fee at a rate is rounded up, and many signature operations make a transaction larger', () => {
  expect([0, 1, 999, 1000, 1001].map((vsize) => feeAtRateSat(1, vsize))).toEqual([0, 1, 1, 1, 2]);
  expect(feeAtRateSat(253, 4000)).toBe(1012);
  // 20 bytes an operation: 400 / 4 against 21 × 20 / 4
  expect([policyVsize(400, 20), policyVsize(400, 21), policyVsize(401, 0)]).toEqual([100, 105, 101]);
});
