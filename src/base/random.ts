/**
 * Randomness as a tree of named streams.
 *
 * `root.stream('latency', 7)` depends only on the seed and the names on the way, never on what else was drawn: two runs
 * that differ in their routing meet exactly the same traffic. Generator: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits
 * of state hashed from the path of names by MurmurHash3's 32-bit finaliser.
 */
import { assert } from './assert.ts';
import { exp, ln } from './math.ts';

export class Rng {
  readonly #key: readonly [number, number, number, number];
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | null = null;

  private constructor(key: readonly [number, number, number, number]) {
    this.#key = key;
    this.#a = key[0];
    this.#b = key[1];
    this.#c = key[2] ^ key[3];
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** The root of a run's streams. @param seed any safe integer or text */
  static fromSeed(seed: number | string): Rng {
    return new Rng(hashKey([0x6c657964, 0x656e206a, 0x61722120, 1], `seed:${seed}`));
  }

  /** The stream of that name below this one; drawing from one never disturbs another. */
  stream(name: string, index = 0): Rng {
    return new Rng(hashKey(this.#key, `${name}#${index}`));
  }

  /** An integer in 0 … 2^32 − 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** A number in [0, 1) with 53 random bits. */
  unit(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** An integer in 0 … bound − 1, without bias. @param bound 1 … 2^32 */
  below(bound: number): number {
    assert(Number.isInteger(bound) && bound >= 1 && bound <= 4294967296, 'a bound in 1 … 2^32');
    const limit = 4294967296 - (4294967296 % bound);
    let draw = this.uint32();
    while (draw >= limit) draw = this.uint32();
    return draw % bound;
  }

  /** An exponential delay of that mean, in the mean's unit. */
  exponential(mean: number): number {
    return -mean * ln(1 - this.unit());
  }

  /** A standard normal variate (Marsaglia's polar method). */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    for (;;) {
      const u = 2 * this.unit() - 1;
      const v = 2 * this.unit() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * ln(s)) / s);
      this.#spareNormal = v * scale;
      return u * scale;
    }
  }

  /** A lognormal variate with that median and that standard deviation of its logarithm. */
  lognormal(median: number, sigma: number): number {
    return median * exp(sigma * this.normal());
  }

  /** 32 random bytes: key material that depends on the seed and the stream alone. */
  bytes32(): Uint8Array {
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    for (let i = 0; i < 32; i += 4) view.setUint32(i, this.uint32());
    return out;
  }

  /** Shuffles in place (Fisher and Yates) and returns the list. */
  shuffle<T>(list: T[]): T[] {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j]!, list[i]!];
    }
    return list;
  }
}

/** Folds a name into a 128-bit key: four lanes, each a 32-bit multiply-xorshift hash with its own start. */
function hashKey(key: readonly [number, number, number, number], name: string): [number, number, number, number] {
  let [a, b, c, d] = key;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    a = ((a << 13) | (a >>> 19)) ^ d;
    b = Math.imul(b ^ a ^ unit, 0xc2b2ae35);
    c = (Math.imul(c ^ b, 0x27d4eb2f) + unit) | 0;
    d = Math.imul(d ^ c, 0x165667b1) ^ (a >>> 15);
  }
  return [finalise(a ^ name.length), finalise(b + a), finalise(c + b), finalise(d + c)];
}

function finalise(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
