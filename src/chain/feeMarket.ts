/**
 * The market for block space besides the transactions that the simulation itself makes: the background's bids, by fee rate,
 * as weight alone. A block template weighs its packages against them on equal terms: what bids more goes first.
 */
import type { Micros } from '../base/time.ts';

/** What some transactions bid together. */
export interface Bid {
  /** sat per 1,000 virtual bytes */
  readonly satPerKvb: number;
  /** weight units */
  readonly weight: number;
}

/**
 * What a block template asks: how much goes into a block before a package of that rate. A package fits where this, what
 * was chosen before and itself are within the block's limit; as packages come by falling rate, it stays true of all that
 * were chosen. At equal rates the package goes first.
 */
export interface CompetingDemand {
  /** Weight units that wait with a higher bid. @param satPerKvb sat per 1,000 virtual bytes */
  weightAbove(satPerKvb: number): number;
}

/** Demand that comes with time and goes into blocks. */
export interface FeeMarket extends CompetingDemand {
  /** Lets demand arrive up to that time, with it. Time never goes back. */
  advance(to: Micros): void;
  /** What `take` would put into a block, which stays. @param weight units of room @returns the highest bid first */
  peek(weight: number): Bid[];
  /** Puts what bids most into a block. @param weight units of room @returns what went in, the highest bid first */
  take(weight: number): Bid[];
  /** Takes back what a disconnected block had. */
  putBack(bids: readonly Bid[]): void;
  /** All that waits, the highest bid first. */
  waiting(): Bid[];
}

/** Where nobody else wants block space. */
export const noDemand: FeeMarket = {
  weightAbove: () => 0,
  advance: () => undefined,
  peek: () => [],
  take: () => [],
  putBack: () => undefined,
  waiting: () => [],
};
