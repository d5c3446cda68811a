/** Strategies by name: those of the registry, and files that users wrote, which the host loads before a run. */
import type { OptionSource } from '../routing/options.ts';
import { prepareStrategy } from '../routing/registry.ts';
import type { StrategyMaker } from '../routing/strategyKind.ts';
import type { Scenario } from './scenario.ts';
import { userStrategy } from './userStrategy.ts';

/** What strategy files export by default, by the name that the user gave the file. */
export type StrategyFiles = ReadonlyMap<string, unknown>;

/** Whether a strategy's name is that of a file. */
export const isStrategyFile = (name: string): boolean => /\.[mc]?[jt]s$/.test(name);

/** The strategy files that a scenario names, each once. */
export const strategyFilesOf = ({ routing: { strategy, shares, nodes } }: Scenario): string[] =>
  [...new Set([strategy, ...Object.keys(shares), ...Object.values(nodes)])].filter(isStrategyFile);

/**
 * What makes a payer's strategy of that name: the one way from a name to a strategy.
 * @param source where the name and the options beside it were written, for errors
 * @throws UserError for a name, an option or a file's export that is none
 */
export function strategyMaker(
  name: string,
  options: Readonly<Record<string, unknown>>,
  source: OptionSource,
  files: StrategyFiles,
): StrategyMaker {
  return files.has(name) ? userStrategy(files.get(name), name, options) : prepareStrategy(name, options, source);
}
