import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { RunDigest } from '../../src/base/digest.ts';
import { hash160, hash256, hmacSha256, newSha256, ripemd160, sha1, sha256 } from '../../src/crypto/hashes.ts';

const abc = utf8('abc');

describe('published vectors', () => {
  test('SHA-256 and SHA-1 of "abc" are those of FIPS 180-4', () => {
    expect(toHex(sha256(abc))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(toHex(sha1(abc))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  });

  test('RIPEMD-160 of "abc" is that of its authors', () => {
    expect(toHex(ripemd160(abc))).toBe('8eb208f7e05d987a9b044a8e98c6b087f15a0bfc');
  });

  test('HMAC-SHA-256 is that of RFC 4231, test case 2', () => {
    const mac = hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?'));
    expect(toHex(mac)).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });
});

test('the compound hashes are what their names say', () => {
  expect(hash256(abc)).toEqual(sha256(sha256(abc)));
  expect(hash160(abc)).toEqual(ripemd160(sha256(abc)));
});

test('the incremental hash serves the run digest: pieces and branches agree with the whole', () => {
  const digest = new RunDigest(newSha256());
  digest.append(utf8('a'));
  expect(digest.hex()).toBe(toHex(sha256(utf8('a'))));
  digest.append(utf8('bc'));
  expect(digest.hex()).toBe(toHex(sha256(abc)));
});
