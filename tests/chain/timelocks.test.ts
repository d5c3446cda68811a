import { describe, expect, test } from 'vitest';
import { sat } from '../../src/base/units.ts';
import {
  checkLockTime,
  checkSequence,
  isFinal,
  isSequenceLockDisabled,
  type LockContext,
  medianTimePast,
  sequenceLocksPassed,
} from '../../src/chain/timelocks.ts';
import type { Transaction, Txid } from '../../src/chain/transaction.ts';

const tx = (lockTime: number, sequences: number[], version = 2): Transaction => ({
  version,
  inputs: sequences.map((sequence) => ({
    prevout: { txid: 'ab'.repeat(32) as Txid, vout: 0 },
    scriptSig: new Uint8Array(0),
    sequence,
    witness: [],
  })),
  outputs: [{ valueSat: sat(1), script: new Uint8Array(0) }],
  lockTime,
});

describe('nLockTime', () => {
  test('holds a transaction until the block after its height, or the second after its time', () => {
    expect([isFinal(tx(100, [0]), 100, 0), isFinal(tx(100, [0]), 101, 0)]).toEqual([false, true]);
    const time = 1_600_000_000;
    expect([isFinal(tx(time, [0]), 10 ** 6, time), isFinal(tx(time, [0]), 0, time + 1)]).toEqual([false, true]);
    expect([isFinal(tx(499_999_999, [0]), 5, 10 ** 9), isFinal(tx(500_000_000, [0]), 5, 10 ** 9)]).toEqual([
      false,
      true,
    ]);
  });

  test('is switched off by sequence numbers that are all final, and by being zero', () => {
    expect(isFinal(tx(100, [0xffffffff, 0xffffffff]), 1, 0)).toBe(true);
    expect(isFinal(tx(100, [0xffffffff, 0xfffffffe]), 1, 0)).toBe(false);
    expect(isFinal(tx(0, [0]), 0, 0)).toBe(true);
  });
});

describe('relative locks (BIP 68)', () => {
  // block h has median time past 1000 h
  const at = (height: number): LockContext => ({
    height,
    medianTimePastSeconds: 1000 * (height - 1),
    medianTimePastAt: (of) => 1000 * of,
  });
  const passes = (sequence: number, coinHeight: number, height: number, version = 2): boolean =>
    sequenceLocksPassed(tx(0, [sequence], version), [coinHeight], at(height));

  test('of 10 blocks: a coin of block 50 can be spent in block 60', () => {
    expect([passes(10, 50, 59), passes(10, 50, 60)]).toEqual([false, true]);
    expect(passes(0, 50, 50)).toBe(true);
    expect(passes(1, 50, 50)).toBe(false);
  });

  test('of 4 × 512 seconds: counted from the median time past of the block before the coin', () => {
    // 49,000 + 2,048 ≤ 1,000 (h − 1) from h = 53 on
    expect([passes(0x400004, 50, 52), passes(0x400004, 50, 53)]).toEqual([false, true]);
    // the first block has none before it
    expect([passes(0x400001, 0, 1), passes(0x400001, 0, 2)]).toEqual([false, true]);
  });

  test('do not bind version 1, nor an input that opts out; only 16 bits count', () => {
    expect(passes(10, 50, 51, 1)).toBe(true);
    expect(passes(0x80000000 + 10, 50, 51)).toBe(true);
    expect(passes(0xffffffff, 50, 51)).toBe(true);
    expect(passes(0x00010001, 50, 51)).toBe(true);
    // read without sign, this version is far above 2
    expect(passes(10, 50, 51, 0xffffffff)).toBe(false);
  });

  test('bind by the slowest input', () => {
    const two = tx(0, [5, 10]);
    expect(sequenceLocksPassed(two, [50, 40], at(54))).toBe(false);
    expect(sequenceLocksPassed(two, [50, 40], at(55))).toBe(true);
  });
});

test('OP_CHECKLOCKTIMEVERIFY compares like with like, on an input that is not final (BIP 65)', () => {
  expect(checkLockTime(tx(100, [0]), 0, 100)).toBe(true);
  expect(checkLockTime(tx(100, [0]), 0, 101)).toBe(false);
  expect(checkLockTime(tx(100, [0xffffffff]), 0, 100)).toBe(false);
  expect(checkLockTime(tx(500_000_000, [0]), 0, 100)).toBe(false);
  expect(checkLockTime(tx(500_000_000, [0]), 0, 500_000_000)).toBe(true);
  expect(checkLockTime(tx(0xffffffff, [0]), 0, 2 ** 32)).toBe(false);
});

test('OP_CHECKSEQUENCEVERIFY compares like with like, and looks at 16 bits and the kind (BIP 112)', () => {
  expect(checkSequence(tx(0, [144]), 0, 144)).toBe(true);
  expect(checkSequence(tx(0, [143]), 0, 144)).toBe(false);
  expect(checkSequence(tx(0, [144], 1), 0, 144)).toBe(false);
  expect(checkSequence(tx(0, [0x80000090]), 0, 144)).toBe(false);
  expect(checkSequence(tx(0, [0x400090]), 0, 144)).toBe(false);
  expect(checkSequence(tx(0, [0x400090]), 0, 0x400090)).toBe(true);
  expect(checkSequence(tx(0, [144]), 0, 2 ** 33 + 0x10000 + 144)).toBe(true);
  expect([isSequenceLockDisabled(2 ** 31), isSequenceLockDisabled(2 ** 32), isSequenceLockDisabled(144)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('the median time past is that of the last eleven blocks, in whatever order they came', () => {
  expect(medianTimePast([7])).toBe(7);
  expect(medianTimePast([7, 9])).toBe(9);
  expect(medianTimePast([5, 3, 4])).toBe(4);
  const times = [999, 998, 11, 3, 7, 1, 9, 5, 2, 10, 4, 8, 6];
  expect(medianTimePast(times)).toBe(6);
  expect(times[0]).toBe(999);
});
