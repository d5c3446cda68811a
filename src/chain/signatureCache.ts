/**
 * Signatures found good, remembered from the mempool to the block, so that each is verified once (the idea is Bitcoin
 * Core's `script/sigcache.h`). A signature found bad is not remembered: nobody pays to send it twice.
 */
import { assert } from '../base/assert.ts';
import type { SignatureVerifier } from './signatureCheck.ts';

/** Enough for the signatures of several full blocks; an entry takes about 250 bytes. */
const DEFAULT_CAPACITY = 200_000;

export class SignatureCache {
  readonly #capacity: number;
  readonly #good = new Set<string>();
  #verified = 0;
  #found = 0;

  /** @param capacity entries; past it the oldest goes */
  constructor(capacity: number = DEFAULT_CAPACITY) {
    assert(Number.isInteger(capacity) && capacity >= 0, `a capacity is a count, not ${capacity}`);
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#good.size;
  }

  /** How many signatures went to the curve so far. */
  get verified(): number {
    return this.#verified;
  }

  /** How many were answered from memory so far. */
  get found(): number {
    return this.#found;
  }

  /** A verifier that asks the cache, then `curve`, and remembers what is good: for the mempool. */
  remembering(curve: SignatureVerifier): SignatureVerifier {
    return { verify: (signature64, digest32, key) => this.#verify(curve, signature64, digest32, key, true) };
  }

  /** A verifier that asks the cache, then `curve`, and lets go of what it found: for a block. */
  consuming(curve: SignatureVerifier): SignatureVerifier {
    return { verify: (signature64, digest32, key) => this.#verify(curve, signature64, digest32, key, false) };
  }

  #verify(curve: SignatureVerifier, signature64: Uint8Array, digest32: Uint8Array, key: Uint8Array, keep: boolean) {
    const entry = entryOf(signature64, digest32, key);
    if (keep ? this.#good.has(entry) : this.#good.delete(entry)) {
      this.#found++;
      return true;
    }
    this.#verified++;
    const good = curve.verify(signature64, digest32, key);
    if (good && keep && this.#capacity > 0) {
      if (this.#good.size >= this.#capacity) for (const oldest of this.#good) if (this.#good.delete(oldest)) break;
      this.#good.add(entry);
    }
    return good;
  }
}

/** All three as one text of one character a byte; signature and digest have fixed lengths, so it is unambiguous. */
const entryOf = (signature64: Uint8Array, digest32: Uint8Array, key: Uint8Array): string =>
  String.fromCharCode(...signature64, ...digest32, ...key);
