/** Every backend of the curve against published values, then the two against each other. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { InvariantError } from '../../src/base/assert.ts';
import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { hasLowS } from '../../src/crypto/der.ts';
import { sha256 } from '../../src/crypto/hashes.ts';
import { CURVE_ORDER } from '../../src/crypto/scalars.ts';
import { nobleSecp256k1, type Secp256k1, secp256k1, useSecp256k1 } from '../../src/crypto/secp256k1.ts';

// room for a busy machine without the accelerated curve
vi.setConfig({ testTimeout: 60_000 });

const accelerated = await acceleratedSecp256k1();
const backends: Secp256k1[] = [nobleSecp256k1, ...(accelerated === null ? [] : [accelerated])];

const scalar = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));
const one = scalar(1n);
const generator = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';

test('the accelerated backend loads in Node', () => {
  expect(accelerated?.name).toBe('tiny-secp256k1');
});

test('a host installs a backend, and the door gives it out', () => {
  const before = secp256k1();
  expect(before.name).toBe('@noble/secp256k1');
  const other: Secp256k1 = { ...nobleSecp256k1, name: 'other' };
  useSecp256k1(other);
  expect(secp256k1()).toBe(other);
  useSecp256k1(before);
});

describe.each(backends)('$name', (curve) => {
  test('the keys of the secrets 1, 2 and n − 1 are G, 2G and −G (SEC 2)', () => {
    expect(toHex(curve.publicKey(one))).toBe(generator);
    expect(toHex(curve.publicKey(scalar(2n)))).toBe(
      '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5',
    );
    expect(toHex(curve.publicKey(scalar(CURVE_ORDER - 1n)))).toBe(`03${generator.slice(2)}`);
  });

  // prettier-ignore
  const deterministic: [secret: bigint, message: string, signature: string][] = [
    [1n, 'Satoshi Nakamoto', '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5'],
    [1n, 'All those moments will be lost in time, like tears in rain. Time to die...', '8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21'],
    [CURVE_ORDER - 1n, 'Satoshi Nakamoto', 'fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5'],
    [0xf8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181n, 'Alan Turing', '7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea'],
  ];
  test.each(deterministic)('RFC 6979 with low s: secret %s signs %j as published', (secret, message, signature) => {
    const digest = sha256(utf8(message));
    expect(toHex(curve.sign(digest, scalar(secret)))).toBe(signature);
    expect(curve.verify(fromHex(signature), digest, curve.publicKey(scalar(secret)))).toBe(true);
  });

  test('a high s verifies, as consensus allows, and so do uncompressed and hybrid keys', () => {
    const digest = sha256(utf8('any'));
    const secret = scalar(0xabcdefn);
    const signature = curve.sign(digest, secret);
    const s = BigInt(`0x${toHex(signature.subarray(32))}`);
    const high = Uint8Array.of(...signature.subarray(0, 32), ...scalar(CURVE_ORDER - s));
    expect(hasLowS(signature)).toBe(true);
    expect(hasLowS(high)).toBe(false);
    const key = curve.publicKey(secret);
    const uncompressed = uncompress(key);
    const odd = uncompressed[64]! & 1;
    for (const each of [signature, high]) {
      expect(curve.verify(each, digest, key)).toBe(true);
      expect(curve.verify(each, digest, uncompressed)).toBe(true);
      expect(curve.verify(each, digest, Uint8Array.of(6 + odd, ...uncompressed.subarray(1)))).toBe(true);
      expect(curve.verify(each, digest, Uint8Array.of(7 - odd, ...uncompressed.subarray(1)))).toBe(false);
      expect(curve.verify(each, sha256(utf8('other')), key)).toBe(false);
    }
  });

  test('nonsense is no signature and no key, and nothing throws', () => {
    const digest = sha256(utf8('any'));
    const key = fromHex(generator);
    const n = scalar(CURVE_ORDER);
    const zero = new Uint8Array(32);
    for (const signature of [
      [zero, zero],
      [n, one],
      [one, n],
      [zero, one],
      [one, zero],
    ]) {
      expect(curve.verify(Uint8Array.of(...signature[0]!, ...signature[1]!), digest, key)).toBe(false);
    }
    const signature = curve.sign(digest, one);
    for (const bad of [new Uint8Array(0), new Uint8Array(33), key.subarray(1), Uint8Array.of(5, ...key.subarray(1))]) {
      expect(curve.verify(signature, digest, bad)).toBe(false);
      expect(curve.isPublicKey(bad)).toBe(false);
    }
    expect(curve.verify(signature.subarray(1), digest, key)).toBe(false);
    // x = 5 has no point: 5³ + 7 is no square
    expect(curve.isPublicKey(Uint8Array.of(2, ...scalar(5n)))).toBe(false);
    expect(curve.isPublicKey(key)).toBe(true);
    expect(curve.isPublicKey(uncompress(key))).toBe(true);
  });

  test('a defective argument is a defect of the caller', () => {
    const zero = new Uint8Array(32);
    const bad = [zero, scalar(CURVE_ORDER), new Uint8Array(31)];
    for (const secret of bad) {
      expect(() => curve.publicKey(secret)).toThrow(InvariantError);
      expect(() => curve.sign(zero, secret)).toThrow(InvariantError);
      expect(() => curve.pointMultiply(fromHex(generator), secret)).toThrow(InvariantError);
      expect(() => curve.scalarAdd(one, secret)).toThrow(InvariantError);
      expect(() => curve.scalarMultiply(secret, one)).toThrow(InvariantError);
    }
    expect(() => curve.sign(new Uint8Array(31), one)).toThrow(InvariantError);
    expect(() => curve.pointAdd(fromHex(generator), fromHex(`03${generator.slice(2)}`))).toThrow(InvariantError);
    expect(() => curve.pointAdd(fromHex(generator), Uint8Array.of(2, ...scalar(5n)))).toThrow(InvariantError);
    expect(() => curve.scalarAdd(one, scalar(CURVE_ORDER - 1n))).toThrow(InvariantError);
  });

  test('points and scalars obey the same laws: (a + b)G = aG + bG and (ab)G = a(bG)', () => {
    const a = sha256(utf8('a'));
    const b = sha256(utf8('b'));
    expect(curve.publicKey(curve.scalarAdd(a, b))).toEqual(curve.pointAdd(curve.publicKey(a), curve.publicKey(b)));
    expect(curve.publicKey(curve.scalarMultiply(a, b))).toEqual(curve.pointMultiply(curve.publicKey(b), a));
    expect(curve.pointAdd(curve.publicKey(a), curve.publicKey(a))).toEqual(
      curve.pointMultiply(curve.publicKey(a), scalar(2n)),
    );
  });
});

describe('the two backends', () => {
  const [plain, fast] = [nobleSecp256k1, accelerated ?? nobleSecp256k1];
  const scalars = fc
    .oneof(
      fc.bigInt({ min: 1n, max: CURVE_ORDER - 1n }),
      fc.bigInt({ min: 1n, max: 20n }),
      fc.bigInt({ min: 1n, max: 20n }).map((d) => CURVE_ORDER - d),
    )
    .map(scalar);
  const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });

  test('give the same keys, signatures, points and scalars', () => {
    fc.assert(
      fc.property(scalars, scalars, digests, (a, b, digest) => {
        const key = plain.publicKey(a);
        expect(fast.publicKey(a)).toEqual(key);
        expect(fast.sign(digest, a)).toEqual(plain.sign(digest, a));
        expect(fast.pointMultiply(key, b)).toEqual(plain.pointMultiply(key, b));
        expect(outcome(() => fast.pointAdd(key, fast.publicKey(b)))).toEqual(
          outcome(() => plain.pointAdd(key, plain.publicKey(b))),
        );
        expect(outcome(() => fast.scalarAdd(a, b))).toEqual(outcome(() => plain.scalarAdd(a, b)));
        expect(fast.scalarMultiply(a, b)).toEqual(plain.scalarMultiply(a, b));
      }),
      { numRuns: 60 },
    );
  });

  test('give the same verdict on signatures good, bent, high and random, by keys good and bent', () => {
    const verdicts = new Map<boolean, number>();
    const change = fc.constantFrom('none', 'none', 'signature', 'key', 'digest', 'high', 'random');
    fc.assert(
      fc.property(scalars, digests, change, fc.nat(), fc.boolean(), (secret, digest, what, at, uncompressed) => {
        let signature = fast.sign(digest, secret);
        let key = fast.publicKey(secret);
        if (uncompressed) key = uncompress(key);
        if (what === 'high') {
          const s = CURVE_ORDER - BigInt(`0x${toHex(signature.subarray(32))}`);
          signature = Uint8Array.of(...signature.subarray(0, 32), ...scalar(s));
        }
        if (what === 'random') signature = Uint8Array.of(...digest, ...sha256(digest));
        const bend = (bytes: Uint8Array): Uint8Array =>
          bytes.map((byte, i) => (i === at % bytes.length ? byte ^ 1 : byte));
        if (what === 'signature') signature = bend(signature);
        if (what === 'key') key = bend(key);
        const asked = what === 'digest' ? bend(digest) : digest;
        const verdict = plain.verify(signature, asked, key);
        expect(fast.verify(signature, asked, key)).toBe(verdict);
        expect(fast.isPublicKey(key)).toBe(plain.isPublicKey(key));
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      }),
      { numRuns: 120 },
    );
    expect(verdicts.get(true)).toBeGreaterThan(20);
    expect(verdicts.get(false)).toBeGreaterThan(20);
  });
});

/** The result, or that it threw. */
function outcome<T>(work: () => T): T | 'threw' {
  try {
    return work();
  } catch {
    return 'threw';
  }
}

/** The 65-byte form, computed here from the curve's equation. */
function uncompress(key: Uint8Array): Uint8Array {
  const p = 2n ** 256n - 2n ** 32n - 977n;
  const x = BigInt(`0x${toHex(key.subarray(1))}`);
  let y = 1n;
  let base = (x ** 3n + 7n) % p;
  for (let e = (p + 1n) / 4n; e > 0n; e >>= 1n) {
    if ((e & 1n) === 1n) y = (y * base) % p;
    base = (base * base) % p;
  }
  if ((y & 1n) !== BigInt(key[0]! & 1)) y = p - y;
  return Uint8Array.of(4, ...scalar(x), ...scalar(y));
}
