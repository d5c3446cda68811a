import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { InvariantError } from '../../src/base/assert.ts';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { Rng } from '../../src/base/random.ts';
import { MalformedBytes } from '../../src/chain/byteReader.ts';
import {
  baseSize,
  hasWitness,
  isCoinbase,
  outPointKey,
  parseTransaction,
  parseTxid,
  serialize,
  serializeWithoutWitness,
  type Transaction,
  txidOf,
  vsizeOf,
  weightOf,
  wtxidOf,
} from '../../src/chain/transaction.ts';
import { needsShared, sharedJson } from '../shared.ts';
import { transactions } from './arbitraries.ts';

// room for a busy machine without the accelerated curve
vi.setConfig({ testTimeout: 60_000 });

// BIP 143, "Native P2WPKH": the signed transaction
const SEGWIT_HEX =
  '01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000';

describe('published vectors', () => {
  test('a signed transaction of BIP 143 reads, writes back, and has its ids and its weight', () => {
    const tx = parseTransaction(fromHex(SEGWIT_HEX));
    expect(tx).toMatchObject({ version: 1, lockTime: 17 });
    expect(tx.inputs.map(({ sequence, witness }) => [sequence, witness.length])).toEqual([
      [0xffffffee, 0],
      [0xffffffff, 2],
    ]);
    expect(tx.outputs.map(({ valueSat }) => valueSat)).toEqual([112340000, 223450000]);
    expect(toHex(serialize(tx))).toBe(SEGWIT_HEX);
    expect(txidOf(tx)).toBe('e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609');
    expect(wtxidOf(tx)).toBe('c36c38370907df2324d9ce9d149d191192f338b37665a82e78e76a12c909b762');
    expect(weightOf(tx)).toBe(3 * serializeWithoutWitness(tx).length + serialize(tx).length);
  });

  needsShared('data/vectors/bitcoin/INDEX.json')(
    'every valid transaction of Bitcoin Core has the id that the index lists',
    () => {
      interface Index {
        tx_tests: { 'tx-valid': { position: number; txid: string; inputs: number; witness: boolean }[] };
      }
      const index = sharedJson<Index>('data/vectors/bitcoin/INDEX.json').tx_tests['tx-valid'];
      const rows = sharedJson<[unknown, string, string][]>('data/vectors/bitcoin/tx-valid.json');
      expect(index).toHaveLength(120);
      for (const { position, txid, inputs, witness } of index) {
        const hex = rows[position]![1];
        const tx = parseTransaction(fromHex(hex));
        expect(txidOf(tx)).toBe(txid);
        expect(tx.inputs).toHaveLength(inputs);
        expect(hasWitness(tx)).toBe(witness);
        expect(toHex(serialize(tx))).toBe(hex);
      }
    },
  );
});

describe('properties', () => {
  test('what is written reads back, and sizes are told before writing', () => {
    fc.assert(
      fc.property(transactions, (tx) => {
        const bytes = serialize(tx);
        const back = parseTransaction(bytes);
        expect(back).toEqual(tx);
        expect(toHex(serialize(back))).toBe(toHex(bytes));
        expect(serializeWithoutWitness(tx)).toHaveLength(baseSize(tx));
        expect(weightOf(tx)).toBe(3 * baseSize(tx) + bytes.length);
        expect(vsizeOf(tx)).toBe(Math.ceil(weightOf(tx) / 4));
        expect(wtxidOf(tx) === txidOf(tx)).toBe(!hasWitness(tx));
      }),
      { numRuns: 500 },
    );
  });

  test('a witness changes the wtxid alone', () => {
    fc.assert(
      fc.property(transactions, fc.uint8Array({ minLength: 1 }), (tx, item) => {
        const other: Transaction = {
          ...tx,
          inputs: tx.inputs.map((input) => ({ ...input, witness: [...input.witness, item] })),
        };
        expect(txidOf(other)).toBe(txidOf(tx));
        expect(wtxidOf(other)).not.toBe(wtxidOf(tx));
      }),
    );
  });

  test('10,000 mutated transactions either read or are refused with a reason, and what reads is written as it was', () => {
    const rng = Rng.fromSeed('mutations');
    const originals = fc.sample(transactions, { numRuns: 200, seed: 1 }).map(serialize);
    const outcomes = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      const bytes = mutate(originals[i % originals.length]!, rng);
      let outcome = 'read';
      try {
        const tx = parseTransaction(bytes);
        // no inputs and outputs all the same: the one form that writing cannot tell from BIP 144's marker
        if (tx.inputs.length > 0) expect(toHex(serialize(tx))).toBe(toHex(bytes));
      } catch (error) {
        if (!(error instanceof MalformedBytes)) throw error;
        expect(error.offset).toBeLessThanOrEqual(bytes.length);
        outcome = error.reason;
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const reasons = [
      'truncated',
      'trailing bytes',
      'non-minimal compact size',
      'oversized count',
      'value out of range',
    ];
    for (const reason of ['read', ...reasons]) expect(outcomes.get(reason), reason).toBeGreaterThan(0);
  });
});

function mutate(original: Uint8Array, rng: Rng): Uint8Array {
  const bytes = original.slice();
  const at = rng.below(bytes.length);
  switch (rng.below(5)) {
    case 0:
      bytes[at]! ^= 1 << rng.below(8);
      return bytes;
    case 1:
      bytes[at] = rng.below(256);
      return bytes;
    case 2: {
      // the head of a wide count somewhere
      const head = rng.below(2) === 0 ? [0xff, 0xff, 0xff, 0xff, 0xff] : [0xfd, 1, 0];
      bytes.set(head, Math.max(0, Math.min(at, bytes.length - 5)));
      return bytes;
    }
    case 3:
      return bytes.subarray(0, at);
    default:
      return Uint8Array.of(...bytes, rng.below(256));
  }
}

describe('refusals', () => {
  const reasonOf = (hex: string): string => {
    try {
      parseTransaction(fromHex(hex));
      return 'read';
    } catch (error) {
      return error instanceof MalformedBytes ? error.reason : String(error);
    }
  };
  const out = '00'.repeat(8) + '00';
  const input = 'ab'.repeat(32) + '00000000' + '00' + 'ffffffff';

  test.each([
    ['truncated', ''],
    ['truncated', '01000000'],
    ['truncated', `01000000ff`],
    ['oversized count', `01000000ffffffffffffffffff`],
    ['oversized count', `01000000fe01000002`],
    ['truncated', `01000000fe00000002`], // 32 Mi inputs in no bytes: refused before any is read
    ['non-minimal compact size', `01000000fd0100${input}`],
    ['trailing bytes', `0100000001${input}01${out}0000000000`],
    ['value out of range', `0100000001${input}01${'ff'.repeat(8)}0000000000`],
    ['superfluous witness', `01000000000101${input}01${out}0000000000`],
    ['unknown optional data', `01000000000201${input}01${out}00000000`],
    ['read', `0100000001${input}01${out}00000000`],
  ])('%s: %s', (reason, hex) => {
    expect(reasonOf(hex)).toBe(reason);
  });

  test('an id that is none cannot be written', () => {
    const tx = parseTransaction(fromHex(`0100000001${input}01${out}00000000`));
    const bad = { ...tx, inputs: [{ ...tx.inputs[0]!, prevout: { txid: 'xy'.repeat(32) as never, vout: 0 } }] };
    expect(() => serialize(bad)).toThrow(InvariantError);
    expect(parseTxid('xy')).toBeNull();
    expect(parseTxid('AB'.repeat(32))).toBe('ab'.repeat(32));
    expect(outPointKey(tx.inputs[0]!.prevout)).toBe(`${'ab'.repeat(32)}:0`);
    expect(isCoinbase(tx)).toBe(false);
  });
});
