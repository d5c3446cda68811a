import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../src/base/bytes.ts';
import { encodeDer, encodeSignature, hasLowS, isStrictDer, parseDerLax } from '../../src/crypto/der.ts';

const coreData = createRequire(import.meta.url)
  .resolve('bitcore-lib/package.json')
  .replace('package.json', 'test/data/bitcoind/');
const coreRows = (name: string): string[] =>
  (JSON.parse(readFileSync(`${coreData}${name}`, 'utf8')) as string[]).filter((row) => /^[0-9a-fA-F]+$/.test(row));

describe('published vectors', () => {
  test("Bitcoin Core's canonical signatures are strict DER", () => {
    const rows = coreRows('sig_canonical.json');
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(isStrictDer(fromHex(row)), row).toBe(true);
  });

  test("Bitcoin Core's other signatures are not, but for the one whose hash type alone is unknown", () => {
    const rows = coreRows('sig_noncanonical.json').filter((row) => row.length % 2 === 0);
    const accepted = rows.filter((row) => isStrictDer(fromHex(row)));
    expect(rows.length).toBeGreaterThanOrEqual(13);
    expect(accepted.map((row) => row.slice(-2))).toEqual(['11']);
  });
});

const signatures = fc
  .array(fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), leadingZeros()), { minLength: 2, maxLength: 2 })
  .map(([r, s]) => concatBytes(r!, s!));

function leadingZeros(): fc.Arbitrary<Uint8Array> {
  return fc
    .uint8Array({ minLength: 0, maxLength: 31 })
    .map((rest) => concatBytes(new Uint8Array(32 - rest.length), rest));
}

test('what is encoded is strict, at most 72 bytes, and reads back', () => {
  fc.assert(
    fc.property(signatures, fc.constantFrom(1, 2, 3, 0x81), (signature, hashType) => {
      const encoded = encodeSignature(signature, hashType);
      expect(isStrictDer(encoded)).toBe(true);
      expect(encoded.at(-1)).toBe(hashType);
      expect(encodeDer(signature).length).toBeLessThanOrEqual(72);
      expect(parseDerLax(encodeDer(signature))).toEqual(signature);
    }),
  );
});

test('the lax reader never throws, and agrees with the strict one wherever that accepts', () => {
  let strict = 0;
  fc.assert(
    fc.property(signatures, fc.nat(), fc.nat(255), fc.boolean(), (signature, at, byte, change) => {
      const encoded = encodeSignature(signature, 1);
      const bent = encoded.map((old, i) => (change && i === at % encoded.length ? byte : old));
      const read = parseDerLax(bent.subarray(0, -1));
      if (!isStrictDer(bent)) return;
      strict++;
      expect(read).not.toBeNull();
      if (toHex(read!) !== '00'.repeat(64)) expect(encodeSignature(read!, bent.at(-1)!)).toEqual(bent);
    }),
    { numRuns: 1000 },
  );
  expect(strict).toBeGreaterThan(300);
});

test('the lax reader takes what OpenSSL once took: long lengths, padding, negative integers, bytes left over', () => {
  const plain = parseDerLax(fromHex('3006020101020102'));
  expect(toHex(plain!)).toBe(`${'01'.padStart(64, '0')}${'02'.padStart(64, '0')}`);
  for (const odd of [
    '308106020101020102', // the sequence's length in long form
    '30810602810101020102', // an integer's length in long form
    '3008020300000102010299', // padded r, a byte left over, and a wrong length
  ]) {
    expect(parseDerLax(fromHex(odd)), odd).toEqual(plain);
  }
  expect(toHex(parseDerLax(fromHex('3006020181020102'))!).slice(62, 64)).toBe('81'); // negative, read as positive
  expect(parseDerLax(fromHex('30060201010201'))).toBeNull(); // s is cut off
  expect(parseDerLax(new Uint8Array(0))).toBeNull();
  // r of 33 bytes: a signature that nothing verifies
  const wide = fromHex(`3026022101${'00'.repeat(32)}020101`);
  expect(toHex(parseDerLax(wide)!)).toBe('00'.repeat(64));
});

test('half the order is the highest low s', () => {
  const half = fromHex('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0');
  const above = half.map((byte, i) => (i === 31 ? byte + 1 : byte));
  expect(hasLowS(concatBytes(new Uint8Array(32), half))).toBe(true);
  expect(hasLowS(concatBytes(new Uint8Array(32), above))).toBe(false);
});
