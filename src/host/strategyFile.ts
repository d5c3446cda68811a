/**
 * Strategies by what users write for them: a name, or the path of a file of their own; with options behind colons.
 *
 * `lnd`, `lnd:estimator=bimodal`, `./my-router.ts`, `./my-router.ts:k=3`.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import { describe, UserError } from '../base/errors.ts';
import { isStrategyFile, strategyMaker, type StrategyFiles } from '../experiment/strategyNames.ts';
import { literalOf } from '../io/literal.ts';
import type { StrategyMaker } from '../routing/strategyKind.ts';
import { refuseIrregular, unreadable } from './readInput.ts';

/** A strategy as the user wrote it, and what makes it. */
export interface NamedStrategy {
  readonly name: string;
  readonly make: StrategyMaker;
}

/**
 * What `name:option=value:option=value` means; a name of its own for each.
 * @param source what it was given as, for errors: `--strategy`
 * @param more further options, as `--option` gave them
 * @throws UserError for an unknown strategy or option, or a file that is not a strategy
 */
export async function strategyFrom(text: string, source: string, more: readonly string[] = []): Promise<NamedStrategy> {
  // options are taken from the end, so that a path may have colons of its own
  const [, name = '', given = ''] = /^(.*?)((?::[A-Za-z]\w*=[^:]*)*)$/s.exec(text) ?? [];
  const options = { ...parseOptions(given.split(':').slice(1), source), ...parseOptions(more, '--option') };
  const files = await loadStrategyFiles(isStrategyFile(name) ? [name] : []);
  return { name: text, make: strategyMaker(name, options, { file: source, path: '' }, files) };
}

/**
 * What strategy files export.
 * @param names as the user wrote them @param pathOf where each is
 * @throws UserError that names the file: it isn't there, or does not load
 */
export async function loadStrategyFiles(
  names: readonly string[],
  pathOf: (name: string) => string = (name) => name,
): Promise<StrategyFiles> {
  const files = new Map<string, unknown>();
  for (const name of names) files.set(name, await exportOf(pathOf(name), name));
  return files;
}

/** @param called its name as the user wrote it */
async function exportOf(path: string, called: string): Promise<unknown> {
  try {
    refuseIrregular(called, statSync(path));
  } catch (error) {
    throw named(called, unreadable(called, error));
  }
  try {
    return await importFile(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const found = error instanceof Error ? `${error.name}: ${inOneLine(error.message)}` : describe(error);
    throw new UserError({ file: called, found, expected: 'a module that loads' });
  }
}

/** Without the stack that the platform puts into some messages. */
const inOneLine = (message: string): string => message.replace(/\s*Require stack:.*$/s, '').replaceAll('\n', ' ');

const named = (file: string, { mistake }: UserError): UserError => new UserError({ ...mistake, file });

/**
 * Imports a module, TypeScript or not, with or without a package around it. Where nothing says that it is an ES module it
 * comes as a CommonJS one, whose `default` is in the `default` of the import.
 */
async function importFile(url: string): Promise<unknown> {
  const module: unknown = await tsImport(url, import.meta.url);
  const exported = fieldOf(module, 'default');
  return fieldOf(exported, '__esModule') === true ? fieldOf(exported, 'default') : exported;
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** `['k=3', 'cost=fee', 'x=true']` as values: numbers, true and false, or text. */
function parseOptions(texts: readonly string[], source: string): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const text of texts) {
    const [, name, value] = /^([A-Za-z]\w*)=(.*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new UserError({ file: source, found: describe(text), expected: 'an option as name=value' });
    }
    options[name] = literalOf(value);
  }
  return options;
}
