import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { sat } from '../../src/base/units.ts';
import { compileScript, OP } from '../../src/chain/script.ts';
import {
  legacySighash,
  segwitSighash,
  SIGHASH_ALL,
  SIGHASH_ANYONECANPAY,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
} from '../../src/chain/sighash.ts';
import { parseTransaction, type Transaction } from '../../src/chain/transaction.ts';
import { encodeDer } from '../../src/crypto/der.ts';
import { secp256k1 } from '../../src/crypto/secp256k1.ts';
import { needsShared, sharedJson } from '../shared.ts';
import { transactions } from './arbitraries.ts';

type LegacyRow = [hex: string, script: string, inputIndex: number, hashType: number, digest: string];

function runLegacy(rows: readonly (LegacyRow | [string])[]): number {
  let ran = 0;
  for (const row of rows) {
    if (row.length === 1) continue;
    const [hex, script, inputIndex, hashType, digest] = row;
    const found = legacySighash(parseTransaction(fromHex(hex)), inputIndex, fromHex(script), hashType);
    expect(toHex(found.toReversed())).toBe(digest);
    ran++;
  }
  return ran;
}

describe('published vectors', () => {
  needsShared('data/vectors/bitcoin/sighash-tests.json')("Bitcoin Core's 500 original digests", () => {
    expect(runLegacy(sharedJson<LegacyRow[]>('data/vectors/bitcoin/sighash-tests.json'))).toBe(500);
  });

  test("Bitcoin Core's 500 original digests, from bitcore-lib's package", () => {
    const path = createRequire(import.meta.url)
      .resolve('bitcore-lib/package.json')
      .replace('package.json', 'test/data/sighash.json');
    expect(runLegacy(JSON.parse(readFileSync(path, 'utf8')) as LegacyRow[])).toBe(500);
  });

  needsShared('data/vectors/bitcoin/bip143.json')('all digests of BIP 143, and its signatures anew', () => {
    interface Bip143 {
      sighash_vectors: {
        section: string;
        unsigned_tx: string;
        input_index: number;
        script_code: string;
        amount_satoshi: number;
        hash_type: number;
        sighash: string;
        private_key?: string;
        public_key?: string;
        signature?: string;
      }[];
    }
    let signatures = 0;
    const vectors = sharedJson<Bip143>('data/vectors/bitcoin/bip143.json').sighash_vectors;
    expect(vectors).toHaveLength(14);
    for (const vector of vectors) {
      const tx = parseTransaction(fromHex(vector.unsigned_tx));
      const code = fromHex(vector.script_code);
      const digest = segwitSighash(tx, vector.input_index, code, sat(vector.amount_satoshi), vector.hash_type);
      expect(toHex(digest), vector.section).toBe(vector.sighash);
      if (!vector.private_key || !vector.public_key || !vector.signature) continue;
      const secret = fromHex(vector.private_key);
      expect(toHex(secp256k1().publicKey(secret))).toBe(vector.public_key);
      // one signature of the BIP is not deterministic, but made to be found in a script
      if (vector.section === 'No FindAndDelete') continue;
      expect(vector.signature.startsWith(toHex(encodeDer(secp256k1().sign(digest, secret)))), vector.section).toBe(
        true,
      );
      signatures++;
    }
    expect(signatures).toBe(12);
  });
});

describe('what a hash type covers', () => {
  const code = compileScript(OP.OP_CHECKSIG);
  const digests = (tx: Transaction, hashType: number): string[] => [
    toHex(segwitSighash(tx, 0, code, sat(5), hashType)),
    toHex(legacySighash(tx, 0, code, hashType)),
  ];
  const twoByTwo = transactions.filter((tx) => tx.inputs.length >= 2 && tx.outputs.length >= 2);
  const changed = {
    'another output': (tx: Transaction) => withOutput(tx, 1),
    'the output beside it': (tx: Transaction) => withOutput(tx, 0),
    'another input': (tx: Transaction): Transaction => ({
      ...tx,
      inputs: tx.inputs.map((input, i) =>
        i === 1 ? { ...input, prevout: { ...input.prevout, vout: input.prevout.vout ^ 1 } } : input,
      ),
    }),
    "another input's sequence": (tx: Transaction): Transaction => ({
      ...tx,
      inputs: tx.inputs.map((input, i) => (i === 1 ? { ...input, sequence: input.sequence ^ 1 } : input)),
    }),
    'the lock time': (tx: Transaction): Transaction => ({ ...tx, lockTime: tx.lockTime ^ 1 }),
  };
  const withOutput = (tx: Transaction, at: number): Transaction => ({
    ...tx,
    outputs: tx.outputs.map((output, i) =>
      i === at ? { ...output, valueSat: sat(output.valueSat === 0 ? 1 : output.valueSat - 1) } : output,
    ),
  });
  const { ALL, NONE, SINGLE, ACP } = {
    ALL: SIGHASH_ALL,
    NONE: SIGHASH_NONE,
    SINGLE: SIGHASH_SINGLE,
    ACP: SIGHASH_ANYONECANPAY,
  };

  // prettier-ignore
  test.each<[name: string, hashType: number, covers: (keyof typeof changed)[]]>([
    ['ALL',                 ALL,          ['another output', 'the output beside it', 'another input', "another input's sequence", 'the lock time']],
    ['NONE',                NONE,         ['another input', 'the lock time']],
    ['SINGLE',              SINGLE,       ['the output beside it', 'another input', 'the lock time']],
    ['ALL|ANYONECANPAY',    ALL | ACP,    ['another output', 'the output beside it', 'the lock time']],
    ['NONE|ANYONECANPAY',   NONE | ACP,   ['the lock time']],
    ['SINGLE|ANYONECANPAY', SINGLE | ACP, ['the output beside it', 'the lock time']],
  ])('%s', (_name, hashType, covers) => {
    fc.assert(
      fc.property(twoByTwo, fc.constantFrom(...(Object.keys(changed) as (keyof typeof changed)[])), (tx, what) => {
        const before = digests(tx, hashType);
        const after = digests(changed[what](tx), hashType);
        for (const i of [0, 1]) expect(before[i] !== after[i], `${what}, ${['BIP 143', 'original'][i]}`).toBe(covers.includes(what));
      }),
      { numRuns: 60 },
    );
  });

  test('the value spent is covered by BIP 143 alone', () => {
    const [tx] = fc.sample(twoByTwo, { numRuns: 1, seed: 7 }) as [Transaction];
    expect(segwitSighash(tx, 0, code, sat(5), ALL)).not.toEqual(segwitSighash(tx, 0, code, sat(6), ALL));
  });

  test('SINGLE without an output beside it signs the number one, and BIP 143 zero for the outputs', () => {
    const [tx] = fc.sample(twoByTwo, { numRuns: 1, seed: 7 }) as [Transaction];
    const alone = { ...tx, outputs: tx.outputs.slice(0, 1) };
    expect(toHex(legacySighash(alone, 1, code, SINGLE))).toBe(`01${'00'.repeat(31)}`);
    expect(segwitSighash(alone, 1, code, sat(5), SINGLE)).toEqual(
      segwitSighash({ ...alone, outputs: [] }, 1, code, sat(5), SINGLE),
    );
  });

  test('the original digest does not see OP_CODESEPARATOR, that of BIP 143 does', () => {
    const [tx] = fc.sample(twoByTwo, { numRuns: 1, seed: 7 }) as [Transaction];
    const separated = compileScript(
      OP.OP_CODESEPARATOR,
      Uint8Array.of(OP.OP_CODESEPARATOR, 9),
      OP.OP_CODESEPARATOR,
      OP.OP_CHECKSIG,
    );
    const joined = compileScript(Uint8Array.of(OP.OP_CODESEPARATOR, 9), OP.OP_CHECKSIG);
    expect(legacySighash(tx, 0, separated, ALL)).toEqual(legacySighash(tx, 0, joined, ALL));
    expect(segwitSighash(tx, 0, separated, sat(1), ALL)).not.toEqual(segwitSighash(tx, 0, joined, sat(1), ALL));
  });
});
