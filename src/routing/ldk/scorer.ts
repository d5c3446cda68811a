/**
 * LDK's ProbabilisticScorer: a penalty in msat for every channel, so that paths compare by fees and likelihood at once
 * (LDK cfee4b755, `scoring.rs`).
 *
 * penalty = base + base amount share + anti-probing + L × (multiplier + amount multiplier × amount / 2²⁰), once for the
 * present bounds and once for their history, with L = min(2, −log₁₀ p).
 */
import type { Micros } from '../../base/time.ts';
import { historicalProbability } from './history.ts';
import type { Liquidity, LiquidityMemory } from './liquidity.ts';
import { negativeLog10Times2048 } from './log10.ts';
import { successIntegers, successRatio } from './successProbability.ts';

/** Penalties are in msat. */
export interface ScorerOptions {
  readonly basePenaltyMsat: number;
  /** per 2³⁰ msat */
  readonly basePenaltyAmountMultiplierMsat: number;
  /** per unit of −log₁₀ p, of the present bounds */
  readonly liquidityPenaltyMultiplierMsat: number;
  /** per unit of −log₁₀ p and 2²⁰ msat */
  readonly liquidityPenaltyAmountMultiplierMsat: number;
  readonly historicalLiquidityPenaltyMultiplierMsat: number;
  readonly historicalLiquidityPenaltyAmountMultiplierMsat: number;
  /** for channels whose maximum HTLC tells half of the capacity or more: they are easy to probe */
  readonly antiProbingPenaltyMsat: number;
  /** for what exceeds the upper bound */
  readonly consideredImpossiblePenaltyMsat: number;
  readonly linearSuccessProbability: boolean;
}

/** Probabilities below 10⁻² are not told apart. */
const MOST_LOG10_TIMES_2048 = 2 * 2048;
/** Where less than 1/64 fails, the logarithm's table is too coarse. */
const PRECISION = 64;
const BILLIONISH = 2 ** 30;

/** @param log10Times2048 −2048 log₁₀ p */
function combined(amountMsat: number, log10Times2048: number, multiplier: number, amountMultiplier: number): number {
  const log = Math.min(log10Times2048, MOST_LOG10_TIMES_2048);
  // products pass 2^53 from some 3 × 10⁸ msat on: then the last msat may be off by one
  return Math.floor((log * multiplier) / 2048) + Math.floor((log * amountMultiplier * amountMsat) / 2 ** 31);
}

export class Scorer {
  readonly options: ScorerOptions;
  /** No penalty of a channel of which nothing is known is below these, whatever the amount; see `leastPenaltyMsat`. */
  readonly #leastUntried: number;
  readonly #leastUntriedAmount: number;

  constructor(options: ScorerOptions) {
    this.options = options;
    // no probability without a success seen is above 64/78; a step of the table (14) is left for rounding
    const log = options.linearSuccessProbability ? 0 : negativeLog10Times2048(64, 78) - 16;
    this.#leastUntried = Math.floor((log * options.historicalLiquidityPenaltyMultiplierMsat) / 2048);
    this.#leastUntriedAmount = (log * options.historicalLiquidityPenaltyAmountMultiplierMsat) / 2 ** 31;
  }

  /** What every channel costs at least. @param untried whether nothing is known of it */
  leastPenaltyMsat(amountMsat: number, untried: boolean): number {
    const base = this.#base(amountMsat);
    return untried ? base + this.#leastUntried + Math.floor(this.#leastUntriedAmount * amountMsat) : base;
  }

  /**
   * @param inFlightMsat what the payer's other HTLCs carry over the edge
   * @param htlcMaximumMsat of the edge's policy
   */
  penaltyMsat(
    liquidity: Liquidity,
    amountMsat: number,
    inFlightMsat: number,
    capacityMsat: number,
    htlcMaximumMsat: number,
  ): number {
    const { options } = this;
    const total = amountMsat + inFlightMsat;
    let penalty = this.#base(amountMsat);
    if (htlcMaximumMsat >= Math.floor(capacityMsat / 2)) penalty += options.antiProbingPenaltyMsat;
    const { liquidityPenaltyMultiplierMsat: live, liquidityPenaltyAmountMultiplierMsat: liveAmount } = options;
    if (live !== 0 || liveAmount !== 0) {
      penalty += combined(amountMsat, this.#liveLog(liquidity, total, capacityMsat), live, liveAmount);
    }
    if (total > liquidity.maxMsat) penalty += options.consideredImpossiblePenaltyMsat;
    const multiplier = options.historicalLiquidityPenaltyMultiplierMsat;
    const amountMultiplier = options.historicalLiquidityPenaltyAmountMultiplierMsat;
    if (multiplier === 0 && amountMultiplier === 0) return penalty;
    return (
      penalty + combined(amountMsat, this.#historicalLog(liquidity, total, capacityMsat), multiplier, amountMultiplier)
    );
  }

  /** How likely the edge carries an amount: by its history, or by its capacity alone. */
  probability(liquidity: Liquidity, amountMsat: number, inFlightMsat: number, capacityMsat: number): number {
    const total = amountMsat + inFlightMsat;
    if (total >= capacityMsat || total > liquidity.maxMsat) return 0;
    const historical = this.#historical(liquidity, total, capacityMsat);
    if (historical !== null) return Math.min(1, historical);
    const linear = this.options.linearSuccessProbability;
    const { numerator, denominator } = successRatio(total, 0, capacityMsat, capacityMsat, linear, true);
    return numerator / denominator;
  }

  #base(amountMsat: number): number {
    const { basePenaltyMsat, basePenaltyAmountMultiplierMsat } = this.options;
    return basePenaltyMsat + Math.floor((basePenaltyAmountMultiplierMsat * amountMsat) / BILLIONISH);
  }

  /** −2048 log₁₀ p by the present bounds. */
  #liveLog(liquidity: Liquidity, total: number, capacityMsat: number): number {
    const { minMsat, maxMsat } = liquidity;
    if (total <= minMsat) return 0;
    if (total >= maxMsat) return MOST_LOG10_TIMES_2048;
    const linear = this.options.linearSuccessProbability;
    const { numerator, denominator } = successIntegers(total, minMsat, maxMsat, capacityMsat, linear, false);
    const isCertain = denominator - numerator < Math.floor(denominator / PRECISION);
    return isCertain ? 0 : negativeLog10Times2048(numerator, denominator);
  }

  /** −2048 log₁₀ p by the history of the bounds, or as if nothing were known. */
  #historicalLog(liquidity: Liquidity, total: number, capacityMsat: number): number {
    if (total >= capacityMsat) return MOST_LOG10_TIMES_2048;
    const likely = this.#historical(liquidity, total, capacityMsat);
    if (likely !== null) return negativeLog10Times2048(Math.floor(likely * BILLIONISH) + 1, BILLIONISH);
    const linear = this.options.linearSuccessProbability;
    const { numerator, denominator } = successIntegers(total, 0, capacityMsat, capacityMsat, linear, true);
    return negativeLog10Times2048(numerator, denominator);
  }

  #historical({ lower, upper }: Liquidity, total: number, capacityMsat: number): number | null {
    if (lower === null || upper === null) return null;
    return historicalProbability(lower, upper, total, capacityMsat, this.options.linearSuccessProbability);
  }
}

/** A scorer with one payer's memory of liquidity: what the search asks. */
export interface PayerScores {
  readonly scorer: Scorer;
  readonly memory: LiquidityMemory;
  readonly now: Micros;
}
