/** BOLT 3, Appendix D (per-commitment secrets) and Appendix E (key derivation). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import {
  derivePublicKey,
  deriveRevocationPublicKey,
  deriveRevocationSecret,
  deriveSecret,
} from '../../src/crypto/keyDerivation.ts';
import {
  FIRST_SECRET_INDEX,
  perCommitmentSecret,
  secretIndex,
  SecretStore,
} from '../../src/crypto/perCommitmentSecrets.ts';
import { secp256k1 } from '../../src/crypto/secp256k1.ts';
import { needsShared, sharedFile, sharedJson } from '../shared.ts';

const APPENDIX_D = 'data/vectors/bolts/bolt03-appendix-d-secrets.json';
const APPENDIX_E = 'data/vectors/bolts/bolt03-appendix-e-keys.json';

interface Secrets {
  readonly generation: readonly { name: string; seed: string; I: number; output: string }[];
  readonly storage: readonly { name: string; inserts: readonly { I: number; secret: string; ok: boolean }[] }[];
}

describe('Appendix D', () => {
  needsShared(APPENDIX_D)('generation', () => {
    for (const { seed, I, output } of sharedJson<Secrets>(APPENDIX_D).generation) {
      expect(toHex(perCommitmentSecret(fromHex(seed), I))).toBe(output);
    }
  });

  const cases =
    sharedFile(APPENDIX_D) === null ? [{ name: 'every case', inserts: [] }] : sharedJson<Secrets>(APPENDIX_D).storage;
  for (const { name, inserts } of cases) {
    needsShared(APPENDIX_D)(`storage: ${name}`, () => {
      const store = new SecretStore();
      for (const { I, secret, ok } of inserts) expect(store.insert(I, fromHex(secret))).toBe(ok);
      expect(inserts.length).toBeGreaterThan(0);
    });
  }
});

needsShared(APPENDIX_E)('Appendix E', () => {
  const vector = sharedJson<Record<string, string>>(APPENDIX_E);
  const bytes = (name: string): Uint8Array => fromHex(vector[name]!);
  expect(toHex(derivePublicKey(bytes('base_point'), bytes('per_commitment_point')))).toBe(vector['localpubkey']);
  expect(toHex(deriveSecret(bytes('base_secret'), bytes('per_commitment_point')))).toBe(vector['localprivkey']);
  expect(toHex(deriveRevocationPublicKey(bytes('base_point'), bytes('per_commitment_point')))).toBe(
    vector['revocationpubkey'],
  );
  expect(toHex(deriveRevocationSecret(bytes('base_secret'), bytes('per_commitment_secret')))).toBe(
    vector['revocationprivkey'],
  );
});

test('derived secrets belong to derived public keys', () => {
  const scalar = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Uint8Array.from(bytes).fill(1, 0, 1));
  fc.assert(
    fc.property(scalar, scalar, (base, perCommitment) => {
      const curve = secp256k1();
      const point = curve.publicKey(perCommitment);
      const basepoint = curve.publicKey(base);
      expect(curve.publicKey(deriveSecret(base, point))).toEqual(derivePublicKey(basepoint, point));
      expect(curve.publicKey(deriveRevocationSecret(base, perCommitment))).toEqual(
        deriveRevocationPublicKey(basepoint, point),
      );
    }),
    { numRuns: 20 },
  );
});

test('a store gives back every secret it was told, and no other', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 1, max: 300 }), (seed, count) => {
      const store = new SecretStore();
      for (let n = 0; n < count; n++)
        expect(store.insert(secretIndex(n), perCommitmentSecret(seed, secretIndex(n)))).toBe(true);
      for (let n = 0; n < count; n++)
        expect(store.get(secretIndex(n))).toEqual(perCommitmentSecret(seed, secretIndex(n)));
      expect(store.get(secretIndex(count))).toBeNull();
      expect(secretIndex(0)).toBe(FIRST_SECRET_INDEX);
    }),
    { numRuns: 15 },
  );
});

test('a store that was written down and read again goes on where it was, in one slot for each power of two', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 200 }), (before, after) => {
      const seed = new Uint8Array(32).fill(before % 256);
      const put = (store: SecretStore, n: number): boolean =>
        store.insert(secretIndex(n), perCommitmentSecret(seed, secretIndex(n)));
      const first = new SecretStore();
      for (let n = 0; n < before; n++) expect(put(first, n)).toBe(true);
      // commitments 0 … n − 1 end in 0 … ⌊log2 n⌋ zero bits when counted from the end
      expect(first.slots().length).toBeLessThanOrEqual(before === 0 ? 0 : Math.floor(Math.log2(before)) + 1);
      const second = new SecretStore(first.slots());
      expect(second.nextIndex).toBe(secretIndex(before));
      for (let n = before; n < before + after; n++) expect(put(second, n)).toBe(true);
      for (let n = 0; n < before + after; n++) {
        expect(second.get(secretIndex(n))).toEqual(perCommitmentSecret(seed, secretIndex(n)));
      }
      expect(() => put(second, before + after + 1)).toThrow('one after the other');
    }),
    { numRuns: 15 },
  );
});

test('the last secret of all is the seed, and takes the 49th slot', () => {
  const seed = new Uint8Array(32).fill(7);
  const near = Array.from({ length: 48 }, (_, bit) => ({
    index: 2 ** bit,
    secret: perCommitmentSecret(seed, 2 ** bit),
  }));
  const store = new SecretStore(near);
  expect(store.nextIndex).toBe(0);
  expect(store.insert(0, perCommitmentSecret(seed, 0))).toBe(true);
  expect(store.slots().length).toBe(49);
  expect(store.nextIndex).toBe(-1);
  expect(store.get(0)).toEqual(seed);
  expect(store.get(123_456_789_012)).toEqual(perCommitmentSecret(seed, 123_456_789_012));
  expect(new SecretStore(near).insert(0, new Uint8Array(32).fill(8))).toBe(false);
});
