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
