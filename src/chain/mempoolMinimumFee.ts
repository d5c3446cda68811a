/**
 * The fee rate below which a pool that was full takes nothing: it rises to what was evicted, and falls again by half
 * every twelve hours once a block has made room, faster while the pool is emptier (Bitcoin Core `CTxMemPool::GetMinFee`).
 */
import { exp, ln } from '../base/math.ts';

/** Seconds in which the minimum falls by half (Bitcoin Core `ROLLING_FEE_HALFLIFE`). */
export const ROLLING_FEE_HALF_LIFE_SECONDS = 12 * 60 * 60;
/** Seconds between which nothing is reckoned anew. */
const LEAST_STEP_SECONDS = 10;
const LN_2 = ln(2);

/** How full the pool is, virtual bytes. */
export interface Fullness {
  readonly vsize: number;
  readonly maxVsize: number;
}

export class RollingMinimumFee {
  readonly #incrementalSatPerKvb: number;
  readonly #halfLifeSeconds: number;
  #satPerKvb = 0;
  #updatedSeconds = 0;
  /** whether it may fall: not before a block has come since it last rose */
  #falls = false;

  constructor(incrementalSatPerKvb: number, halfLifeSeconds: number = ROLLING_FEE_HALF_LIFE_SECONDS) {
    this.#incrementalSatPerKvb = incrementalSatPerKvb;
    this.#halfLifeSeconds = halfLifeSeconds;
  }

  /** The minimum at that time, sat per 1,000 virtual bytes; 0 if there is none. Asking changes nothing. */
  satPerKvb(timeSeconds: number, fullness: Fullness): number {
    const rate = this.#at(timeSeconds, fullness);
    if (rate === 0) return 0;
    return this.#falls ? Math.max(Math.round(rate), this.#incrementalSatPerKvb) : Math.round(rate);
  }

  /** Reckons the fall up to that time: from here on the half-life is that of another fullness. */
  advance(timeSeconds: number, fullness: Fullness): void {
    if (!this.#falls || timeSeconds <= this.#updatedSeconds + LEAST_STEP_SECONDS) return;
    this.#satPerKvb = this.#at(timeSeconds, fullness);
    this.#updatedSeconds = timeSeconds;
  }

  /** The pool was full, and a package of that rate had to go: the next must pay more, by the price of its own relay. */
  evicted(satPerKvb: number): void {
    const next = satPerKvb + this.#incrementalSatPerKvb;
    if (next <= this.#satPerKvb) return;
    this.#satPerKvb = next;
    this.#falls = false;
  }

  blockConnected(timeSeconds: number): void {
    this.#updatedSeconds = timeSeconds;
    this.#falls = true;
  }

  #at(timeSeconds: number, { vsize, maxVsize }: Fullness): number {
    const elapsed = timeSeconds - this.#updatedSeconds;
    if (!this.#falls || this.#satPerKvb === 0 || elapsed <= LEAST_STEP_SECONDS) return this.#satPerKvb;
    const halfLife = this.#halfLifeSeconds / (vsize < maxVsize / 4 ? 4 : vsize < maxVsize / 2 ? 2 : 1);
    const rate = this.#satPerKvb * exp((-LN_2 * elapsed) / halfLife);
    return rate < this.#incrementalSatPerKvb / 2 ? 0 : rate;
  }
}
