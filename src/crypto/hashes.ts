/** The hash functions of Bitcoin and Lightning, under the names Script gives them. All take and return bytes. */
import { hmac } from '@noble/hashes/hmac.js';
import { ripemd160 as nobleRipemd160, sha1 as nobleSha1 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import type { IncrementalHash } from '../base/digest.ts';

/** SHA-256 (FIPS 180-4), 32 bytes. */
export const sha256 = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => nobleSha256(bytes);

/** SHA-256 twice, 32 bytes: transaction and block ids, signature hashes, merkle nodes. */
export const hash256 = (bytes: Uint8Array): Uint8Array => nobleSha256(nobleSha256(bytes));

/** RIPEMD-160 of SHA-256, 20 bytes: what P2PKH, P2WPKH and P2SH commit to. */
export const hash160 = (bytes: Uint8Array): Uint8Array => nobleRipemd160(nobleSha256(bytes));

/** RIPEMD-160, 20 bytes: how BOLT 3's HTLC scripts carry a payment hash. */
export const ripemd160 = (bytes: Uint8Array): Uint8Array => nobleRipemd160(bytes);

/** SHA-1, 20 bytes: for OP_SHA1 alone. */
export const sha1 = (bytes: Uint8Array): Uint8Array => nobleSha1(bytes);

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export const hmacSha256 = (key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> =>
  hmac(nobleSha256, key, message);

/** A SHA-256 that takes its input in pieces, for `RunDigest`. */
export const newSha256 = (): IncrementalHash => nobleSha256.create();
