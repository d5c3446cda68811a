/** A kind of strategy as a scenario names it: what it is, its options, and how a payer gets one of its own. */
import type { Rng } from '../base/random.ts';
import { type OptionSource, type OptionTable, type OptionsOf, readOptions } from './options.ts';
import type { RoutingStrategy } from './strategy.ts';

/** Makes one payer's strategy. @param rng the payer's own stream; strategies that draw nothing leave it alone */
export type StrategyMaker = (rng: Rng) => RoutingStrategy;

export interface StrategyKind {
  /** what it does, in a line */
  readonly summary: string;
  /** what it is taken from: a paper, or a client and its commit */
  readonly source: string;
  readonly options: OptionTable;
  /**
   * Checks the options, once for all payers.
   * @throws UserError for an option that there isn't or a value that it can't have
   */
  prepare(given: Readonly<Record<string, unknown>>, source: OptionSource): StrategyMaker;
}

/** Ties a kind's options to what is made with them. @param prepare what all payers share, made once */
export function strategyKind<const Table extends OptionTable>(kind: {
  readonly summary: string;
  readonly source: string;
  readonly options: Table;
  readonly prepare: (options: OptionsOf<Table>) => StrategyMaker;
}): StrategyKind {
  return {
    summary: kind.summary,
    source: kind.source,
    options: kind.options,
    prepare: (given, source) => kind.prepare(readOptions(kind.options, given, source)),
  };
}
