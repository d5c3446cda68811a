/**
 * Per-commitment secrets of BOLT 3: generation from a seed ("Per-commitment Secret Requirements") and storage of all
 * that were received in 49 slots ("Efficient Per-commitment Secret Storage").
 */
import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { sha256 } from './hashes.ts';

/** The index of the first commitment's secret; indices count down. */
export const FIRST_SECRET_INDEX = 2 ** 48 - 1;
const SECRET_BITS = 48;

/** The index of the secret of commitment number n (0, 1, 2 …). */
export const secretIndex = (commitmentNumber: number): number => FIRST_SECRET_INDEX - commitmentNumber;

/** Whether bit `bit` of a 48-bit index is set (bitwise operators see 32 bits only). */
const hasBit = (index: number, bit: number): boolean => Math.floor(index / 2 ** bit) % 2 === 1;

/** Flips the bits of `index` from `fromBit` − 1 down to 0 in a copy of `seed`, hashing after each (`generate_from_seed`). */
function descend(seed: Uint8Array, index: number, fromBit: number): Uint8Array {
  let value = seed;
  for (let bit = fromBit - 1; bit >= 0; bit--) {
    if (!hasBit(index, bit)) continue;
    const flipped = Uint8Array.from(value);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    value = sha256(flipped);
  }
  return value;
}

/** The secret at an index, 0 … 2^48 − 1. @param seed 32 bytes */
export const perCommitmentSecret = (seed: Uint8Array, index: number): Uint8Array => descend(seed, index, SECRET_BITS);

/** One slot of a {@link SecretStore}: the latest secret whose index ends in as many zero bits. */
export interface SecretSlot {
  readonly index: number;
  /** 32 bytes */
  readonly secret: Uint8Array;
}

/** All secrets received so far, in at most 49 slots: slot b holds the latest whose index ends in b zero bits. */
export class SecretStore {
  readonly #slots: (SecretSlot | undefined)[] = [];
  #next = FIRST_SECRET_INDEX;

  /** @param slots what a store held before its node was restarted: its `slots()` */
  constructor(slots: readonly SecretSlot[] = []) {
    for (const slot of slots) {
      this.#slots[trailingZeros(slot.index)] = slot;
      this.#next = Math.min(this.#next, slot.index - 1);
    }
  }

  /** The index of the secret that has to come next; −1 after the last of them all. */
  get nextIndex(): number {
    return this.#next;
  }

  /** What is held, 49 slots at most: all that has to be written down. */
  slots(): SecretSlot[] {
    return this.#slots.filter((slot) => slot !== undefined);
  }

  /**
   * Takes the next secret.
   * @param index `nextIndex`
   * @returns false if an earlier secret does not follow from it: the peer is cheating
   */
  insert(index: number, secret: Uint8Array): boolean {
    assert(index === this.#next, `secrets come one after the other: ${this.#next}, not ${index}`);
    const slot = trailingZeros(index);
    for (let lower = 0; lower < slot; lower++) {
      const known = this.#slots[lower];
      if (known && !equalBytes(descend(secret, known.index, slot), known.secret)) return false;
    }
    this.#slots[slot] = { index, secret };
    this.#next = index - 1;
    return true;
  }

  /** The secret at an index, or null if it was not received. */
  get(index: number): Uint8Array | null {
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const known = this.#slots[slot];
      if (!known) continue;
      const span = 2 ** slot;
      if (index >= known.index && index < known.index + span) return descend(known.secret, index, slot);
    }
    return null;
  }
}

function trailingZeros(index: number): number {
  let bit = 0;
  while (bit < SECRET_BITS && !hasBit(index, bit)) bit++;
  return bit;
}
