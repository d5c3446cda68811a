/**
 * The files that a scenario names. Wherever a key `file` stands in a scenario it names a file, relative to the
 * scenario's own; so does a routing strategy of the user's own.
 */
import type { Scenario } from './scenario.ts';
import { isStrategyFile } from './strategyNames.ts';

export interface NamedFile {
  /** where the scenario names it: `chain.demand.file` */
  readonly path: string;
  readonly name: string;
}

/** In the order of the scenario. */
export function filesOf(scenario: Scenario): NamedFile[] {
  const files: NamedFile[] = [];
  renameFiles(scenario, (name, path) => {
    files.push({ path, name });
    return name;
  });
  return files;
}

/** A copy of the scenario with those names in place of its own. */
export const renameFiles = (scenario: Scenario, rename: (name: string, path: string) => string): Scenario =>
  renameIn(scenario, '', rename) as Scenario;

function renameIn(value: unknown, path: string, rename: (name: string, path: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each, index) => renameIn(each, `${path}[${index}]`, rename));
  if (typeof value !== 'object' || value === null) return value;
  const renamed = Object.entries(value).map(([key, each]: [string, unknown]): [string, unknown] => {
    const at = path === '' ? key : `${path}.${key}`;
    return [key, namesFile(key, each) ? rename(each, at) : renameIn(each, at, rename)];
  });
  return Object.fromEntries(renamed);
}

const namesFile = (key: string, value: unknown): value is string =>
  typeof value === 'string' && (key === 'file' || (key === 'strategy' && isStrategyFile(value)));
